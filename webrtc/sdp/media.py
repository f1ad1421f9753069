"""One m= section of a description. RFC 8866 §5.14."""

import re
from collections.abc import Iterable, Sequence
from typing import Self

from webrtc.errors import SdpError
from webrtc.ice.candidate import Candidate
from webrtc.rtp.header_values import TRANSPORT_CC
from webrtc.sdp.attributes import (
    DEFAULT_MAX_MESSAGE_SIZE,
    Direction,
    ExtMap,
    Fingerprint,
    SctpMap,
    Setup,
    parse_ice_options,
    parse_ice_pwd,
    parse_ice_ufrag,
    parse_max_message_size,
    parse_mid,
    parse_sctp_init,
    parse_sctp_port,
)
from webrtc.sdp.candidate import format_candidate, parse_candidate
from webrtc.sdp.codecs import Codec, Fmtp, RtcpFeedback, RtpMap, assemble
from webrtc.sdp.fields import ConnectionInformation
from webrtc.sdp.grammar import (
    Attribute,
    Line,
    parse_token,
    parse_uint,
    require_safe,
    shorten,
    split_words,
)
from webrtc.sdp.section import Section, parse_each
from webrtc.sdp.sources import Msid, Rid, Simulcast, Source, SsrcGroup, collect_sources

MAX_CANDIDATES = 64
"""Candidates used of one section; further ones are ignored."""

DATA_PROTOCOLS = frozenset({"UDP/DTLS/SCTP", "TCP/DTLS/SCTP", "DTLS/SCTP"})
RTP_PROTOCOLS = frozenset(
    f"{transport}RTP/{profile}"
    for transport in ("", "UDP/TLS/", "TCP/TLS/", "TCP/DTLS/")
    for profile in ("SAVP", "SAVPF")
)
"""The profiles of RFC 9429 §5.1.2 that encrypt. DTLS-SRTP and feedback are used with each."""

_NO_ADDRESS = Line("c", str(ConnectionInformation()))
_MAX_PACKET_TIME = 10_000
_MAX_FRAME_RATE = 1000.0
_DECIMAL = re.compile(r"[0-9]{1,9}\.?[0-9]{0,9}")


class MediaDescription(Section):
    """An m= line with what follows it, as given here: nothing is taken from the session level.

    The effective values are in `SessionDescription`.
    """

    def __init__(
        self,
        kind: str,
        port: int,
        protocol: str,
        formats: Sequence[str] = (),
        lines: Iterable[Line | Attribute] = (),
        *,
        port_count: int = 1,
    ) -> None:
        super().__init__(lines)
        self.kind = kind
        """`audio`, `video` or `application`; other kinds are kept too."""
        self.port = port
        """9 before a candidate is chosen; 0 rejects, unless the section is `bundle_only`."""
        self.port_count = port_count
        self.protocol = protocol
        self.formats = list(formats)
        """Payload types in order of preference, or `webrtc-datachannel`."""

    @classmethod
    def data(cls, *, sctp_port: int = 5000, max_message_size: int | None = None) -> Self:
        """Section for data channels, without transport. `max_message_size` 0 means no limit."""
        media = cls("application", 9, "UDP/DTLS/SCTP", ["webrtc-datachannel"], [_NO_ADDRESS])
        media.add("sctp-port", sctp_port)
        if max_message_size is not None:
            media.add("max-message-size", max_message_size)
        return media

    @classmethod
    def rtp(cls, kind: str, codecs: Iterable[Codec] = ()) -> Self:
        """Section for audio or video with these codecs, without transport."""
        media = cls(kind, 9, "UDP/TLS/RTP/SAVPF", [], [_NO_ADDRESS])
        media.add("rtcp-mux").add("rtcp-rsize")
        for codec in codecs:
            media.add_codec(codec)
        return media

    @classmethod
    def parse_name(cls, value: str, max_formats: int = 256) -> Self:
        """Read the value of an m= line."""
        kind, _, rest = value.partition(" ")
        words = split_words(rest)
        if len(words) < 2:
            raise SdpError(f"media line of too few fields: {shorten(value)}")
        port_text, protocol, *formats = words
        if len(formats) > max_formats:
            raise SdpError(f"{len(formats)} formats, at most {max_formats} are accepted")
        port, slash, count = port_text.partition("/")
        return cls(
            parse_token(kind, "media kind"),
            parse_uint(port, 65535, "port"),
            protocol,
            formats,
            port_count=parse_uint(count, 65535, "port count", minimum=1) if slash else 1,
        )

    def __str__(self) -> str:
        lines = [f"m={require_safe(self.media_name)}", *self._lines, ""]
        return "\r\n".join(lines)

    def __repr__(self) -> str:
        return f"<MediaDescription {shorten(self.media_name)}>"

    @property
    def media_name(self) -> str:
        """Value of the m= line."""
        port = str(self.port) if self.port_count == 1 else f"{self.port}/{self.port_count}"
        return " ".join((self.kind, port, self.protocol, *self.formats))

    @property
    def is_data(self) -> bool:
        """Whether this is a section for data channels. RFC 8841 §4."""
        return self.kind == "application" and self.protocol in DATA_PROTOCOLS

    @property
    def is_rtp(self) -> bool:
        """Whether this is audio or video under a secure profile: plain RTP/AVP is not."""
        return self.kind in {"audio", "video"} and self.protocol in RTP_PROTOCOLS

    @property
    def rejected(self) -> bool:
        """Whether the section is refused: port 0, which under `bundle_only` means another thing."""
        return self.port == 0 and not self.bundle_only

    @property
    def mid(self) -> str | None:
        return self._parsed("mid", parse_mid)

    @property
    def direction(self) -> Direction | None:
        return self._direction()

    @property
    def ice_ufrag(self) -> str | None:
        return self._parsed("ice-ufrag", parse_ice_ufrag)

    @property
    def ice_pwd(self) -> str | None:
        return self._parsed("ice-pwd", parse_ice_pwd)

    @property
    def ice_options(self) -> tuple[str, ...] | None:
        """`trickle`, `ice2`, `renomination` …; None without the line."""
        return self._parsed("ice-options", parse_ice_options)

    @property
    def candidates(self) -> list[Candidate]:
        """The first `MAX_CANDIDATES` that are understood; others are ignored. RFC 8839 §5.1."""
        return parse_each(parse_candidate, self.get_all("candidate"), MAX_CANDIDATES)

    @property
    def end_of_candidates(self) -> bool:
        """Whether no candidate follows. RFC 8840 §8.2."""
        return self.has("end-of-candidates")

    @property
    def fingerprints(self) -> list[Fingerprint]:
        return self._fingerprints()

    @property
    def setup(self) -> Setup | None:
        return self._parsed("setup", Setup.parse)

    @property
    def tls_id(self) -> str | None:
        """`a=tls-id`: changes with the DTLS association. RFC 8842 §4."""
        return self.get("tls-id")

    @property
    def bundle_only(self) -> bool:
        return self.has("bundle-only")

    @property
    def sctp_port(self) -> int | None:
        """From `a=sctp-port`, else from the older `a=sctpmap`."""
        if self.has("sctp-port"):
            return self._parsed("sctp-port", parse_sctp_port)
        maps = parse_each(SctpMap.parse, self.get_all("sctpmap"), 1)
        return maps[0].port if maps else None

    @property
    def max_message_size(self) -> int | None:
        """Largest message that may be sent to the author; 65536 when absent, None: no limit."""
        size = self._parsed("max-message-size", parse_max_message_size)
        return DEFAULT_MAX_MESSAGE_SIZE if size is None else size or None

    @property
    def sctp_init(self) -> bytes | None:
        """INIT chunk in `a=sctp-init`. draft-hancke-tsvwg-snap §4."""
        return self._parsed("sctp-init", parse_sctp_init)

    @property
    def rtcp_mux(self) -> bool:
        return self.has("rtcp-mux")

    @property
    def rtcp_rsize(self) -> bool:
        return self.has("rtcp-rsize")

    @property
    def codecs(self) -> list[Codec]:
        """The codecs in order of preference; malformed lines are ignored."""
        return assemble(
            self.formats,
            parse_each(RtpMap.parse, self.get_all("rtpmap")),
            parse_each(Fmtp.parse, self.get_all("fmtp")),
            parse_each(RtcpFeedback.parse, self.get_all("rtcp-fb")),
        )

    def codec(self, payload_type: int) -> Codec | None:
        """The codec with this payload type."""
        return next((codec for codec in self.codecs if codec.payload_type == payload_type), None)

    def payload_type(self, codec: Codec) -> int | None:
        """Payload type under which this section has `codec`. See `Codec.matches`."""
        return next((own.payload_type for own in self.codecs if own.matches(codec)), None)

    @property
    def extmaps(self) -> list[ExtMap]:
        """RTP header extensions; malformed lines are ignored."""
        return self._extmaps()

    @property
    def msids(self) -> list[Msid]:
        """Streams of the track; malformed lines are ignored."""
        return parse_each(Msid.parse, self.get_all("msid"))

    @property
    def sources(self) -> list[Source]:
        """RTP sources announced by `a=ssrc`."""
        return collect_sources(self.get_all("ssrc"))

    @property
    def ssrc_groups(self) -> list[SsrcGroup]:
        """Groups of sources; malformed lines are ignored."""
        return parse_each(SsrcGroup.parse, self.get_all("ssrc-group"))

    @property
    def rids(self) -> list[Rid]:
        """Encodings, one for each id; malformed lines are ignored. RFC 8851 §6."""
        rids = parse_each(Rid.parse, self.get_all("rid"))
        return list({rid.id: rid for rid in reversed(rids)}.values())[::-1]

    @property
    def simulcast(self) -> Simulcast | None:
        """`a=simulcast`; a malformed one is ignored. RFC 8853 §5.2."""
        lines = parse_each(Simulcast.parse, self.get_all("simulcast"), 1)
        return lines[0] if lines else None

    @property
    def packet_time(self) -> int | None:
        """`a=ptime` in milliseconds, 1 … 10000; anything else is ignored."""
        return self._milliseconds("ptime")

    @property
    def max_packet_time(self) -> int | None:
        """`a=maxptime` in milliseconds, 1 … 10000; anything else is ignored."""
        return self._milliseconds("maxptime")

    @property
    def frame_rate(self) -> float | None:
        """`a=framerate`, above 0 and at most 1000; anything else is ignored."""
        value = self.get("framerate") or ""
        if not _DECIMAL.fullmatch(value):
            return None
        rate = float(value)
        return rate if 0 < rate <= _MAX_FRAME_RATE else None

    def set_direction(self, direction: Direction) -> Self:
        """Replace the direction."""
        for other in Direction:
            self.remove(other)
        return self.add(direction)

    def set_ice_credentials(self, ufrag: str, pwd: str) -> Self:
        """Replace the ICE credentials."""
        return self.replace("ice-ufrag", ufrag).replace("ice-pwd", pwd)

    def add_candidate(self, candidate: Candidate) -> Self:
        """Add a candidate."""
        return self.add("candidate", format_candidate(candidate).removeprefix("candidate:"))

    def add_codec(self, codec: Codec) -> Self:
        """Add a codec to the formats and its lines to the section."""
        self.formats.append(str(codec.payload_type))
        for attribute in codec.attributes():
            self.append(attribute)
        return self

    def add_source(self, ssrc: int, cname: str, msid: Msid | None = None) -> Self:
        """Announce an RTP source."""
        self.add("ssrc", f"{ssrc} cname:{cname}")
        return self if msid is None else self.add("ssrc", f"{ssrc} msid:{msid}")

    def add_transport_cc(self, identifier: int) -> Self:
        """Announce transport-wide sequence numbers, and feedback on them for every codec."""
        self.add("extmap", ExtMap(identifier, TRANSPORT_CC))
        for payload_type in self.formats:
            self.add("rtcp-fb", f"{payload_type} transport-cc")
        return self

    def _milliseconds(self, name: str) -> int | None:
        try:
            return parse_uint(self.get(name) or "", _MAX_PACKET_TIME, name, minimum=1)
        except SdpError:
            return None
