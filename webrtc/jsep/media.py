"""What one side says of the media in one section, as a value. RFC 9429 §5.2.1, §5.10."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from webrtc.engine import Kind
from webrtc.jsep.bundle import transport_index
from webrtc.sdp import Direction, MediaDescription, SessionDescription
from webrtc.sdp.attributes import ExtMap
from webrtc.sdp.codecs import Codec
from webrtc.sdp.fields import Bandwidth, ConnectionInformation
from webrtc.sdp.grammar import Line
from webrtc.sdp.sources import Msid, Rid, Simulcast, SsrcGroup

PROFILE: Final = "UDP/TLS/RTP/SAVPF"
PROFILES: Final = frozenset(
    {
        "RTP/AVP",
        "RTP/AVPF",
        "RTP/SAVP",
        "RTP/SAVPF",
        "TCP/DTLS/RTP/SAVP",
        "TCP/DTLS/RTP/SAVPF",
        "UDP/TLS/RTP/SAVP",
        PROFILE,
    }
)
"""What an offer may call DTLS-SRTP; a fingerprint says that it means that. RFC 9429 §5.1.2."""
NO_STREAM: Final = "-"
"""In `a=msid`: the track is in no stream."""
NO_SIMULCAST: Final = Simulcast()

_SHARE_OF_AS, _OVERHEAD_OF_AS = 0.95, 16_000  # bits per second: RFC 9429 §5.9


class MediaSource(NamedTuple):
    """An RTP source that a description announces."""

    ssrc: int
    cname: str | None = None
    msid: Msid | None = None
    """Where a section has several tracks, as the form before RFC 8830 could: that of this one."""


@dataclass(frozen=True, slots=True)
class MediaTerms:
    """An audio or video section: of an offer or an answer, of ours or of the peer's.

    What it is read from and what it is written as say the same.
    """

    kind: Kind
    direction: Direction
    """As the author sees it."""
    codecs: tuple[Codec, ...]
    """The preferred one first, under the payload types that the author receives them with."""
    protocol: str = PROFILE
    extensions: tuple[ExtMap, ...] = ()
    msids: tuple[Msid, ...] = ()
    sources: tuple[MediaSource, ...] = ()
    groups: tuple[SsrcGroup, ...] = ()
    rids: tuple[Rid, ...] = ()
    simulcast: Simulcast = NO_SIMULCAST
    bandwidth: int | None = None
    """The most that the author wants to receive, in bits per second."""
    max_packet_time: int | None = None
    """Longest packet of audio, in milliseconds."""
    mux_only: bool = False
    """Whether RTCP has no other way than beside RTP. RFC 8858."""
    reduced_size: bool = False
    """Whether RTCP packets need not be compound. RFC 5506."""
    receiver_times: bool = False
    """Whether a receiver may measure round trips by extended reports. RFC 3611 §5.1."""
    mixed: bool = False
    """Whether header extensions of both forms may be mixed. RFC 8285 §6."""
    cryptex: bool = False
    """Whether header extensions are encrypted. RFC 9335 §4."""

    @property
    def stream_ids(self) -> tuple[str, ...] | None:
        """The streams of the track, each once; None where nothing is said of streams.

        What then takes its place is one stream for all such tracks of a connection.
        """
        msids = self.msids or tuple(each.msid for each in self.sources[:1] if each.msid)
        if not msids:
            return None
        return tuple(dict.fromkeys(m.stream_id for m in msids if m.stream_id != NO_STREAM))

    @property
    def repairs(self) -> dict[int, int]:
        """The source of retransmissions for each source that has one. RFC 4588 §8.8."""
        pairs = (each.ssrcs for each in self.groups if each.semantics == "FID")
        return {each[0]: each[1] for each in pairs if len(each) == 2}


def carries_media(description: SessionDescription, index: int) -> bool:
    """Whether a section is for audio or video that can be encrypted, and is not rejected.

    That takes a fingerprint: keys in `a=crypto` are never used.
    """
    media = description.media[index]
    if media.rejected or media.kind not in {"audio", "video"} or media.protocol not in PROFILES:
        return False
    source = description.media[transport_index(description, index, answer=False)]
    return bool(description.fingerprints(media) or source.fingerprints)


def read_media(description: SessionDescription, media: MediaDescription) -> MediaTerms:
    """Read an audio or video section of `description`. Raises nothing: what is odd is left out."""
    return MediaTerms(
        kind="audio" if media.kind == "audio" else "video",
        direction=description.direction(media),
        codecs=tuple(media.codecs),
        protocol=media.protocol,
        extensions=tuple(description.extmaps(media)),
        msids=tuple(media.msids),
        sources=tuple(MediaSource(each.ssrc, each.cname, each.msid) for each in media.sources),
        groups=tuple(media.ssrc_groups),
        rids=tuple(media.rids),
        simulcast=media.simulcast or NO_SIMULCAST,
        bandwidth=_bandwidth(media),
        max_packet_time=media.max_packet_time,
        mux_only=media.has("rtcp-mux-only"),
        reduced_size=media.rtcp_rsize or description.has("rtcp-rsize"),
        receiver_times="rcvr-rtt" in " ".join(media.get_all("rtcp-xr")),
        mixed=media.extmap_allow_mixed or description.extmap_allow_mixed,
        cryptex=media.has("cryptex") or description.has("cryptex"),
    )


def write_media(terms: MediaTerms) -> MediaDescription:
    """The section that says this, without its mid and its transport."""
    media = MediaDescription(terms.kind, 9, terms.protocol)
    media.append(Line("c", str(ConnectionInformation())))
    if terms.bandwidth is not None:
        media.append(Line("b", str(Bandwidth("TIAS", terms.bandwidth))))
    media.add(terms.direction)
    for msid in terms.msids:
        media.add("msid", msid)
    media.add("rtcp-mux")
    told = {
        "rtcp-mux-only": terms.mux_only,
        "rtcp-rsize": terms.reduced_size,
        "cryptex": terms.cryptex,
    }
    for name in (name for name, is_told in told.items() if is_told):
        media.add(name)
    if terms.receiver_times:
        media.add("rtcp-xr", "rcvr-rtt=all")
    if terms.max_packet_time is not None:
        media.add("maxptime", terms.max_packet_time)
    for codec in terms.codecs:
        media.add_codec(codec)
    for extension in terms.extensions:
        media.add("extmap", extension)
    _write_sources(media, terms)
    return media


def _write_sources(media: MediaDescription, terms: MediaTerms) -> None:
    for rid in terms.rids:
        media.add("rid", rid)
    if terms.simulcast != NO_SIMULCAST:
        media.add("simulcast", terms.simulcast)
    for group in terms.groups:
        media.add("ssrc-group", group)
    for source in terms.sources:
        media.add_source(source.ssrc, source.cname or "", source.msid)


def _bandwidth(media: MediaDescription) -> int | None:
    told = {each.type: each.value for each in reversed(media.bandwidths)}
    if "TIAS" in told or "AS" not in told:
        return told.get("TIAS")
    return max(0, int(told["AS"] * 1000 * _SHARE_OF_AS) - _OVERHEAD_OF_AS)
