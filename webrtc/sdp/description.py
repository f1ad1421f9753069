"""A whole session description. RFC 8866, RFC 9429 §5 for what WebRTC makes of it."""

from collections.abc import Callable, Container, Iterable
from typing import Self

from webrtc.errors import SdpError
from webrtc.sdp.attributes import (
    Direction,
    ExtMap,
    Fingerprint,
    Group,
    Setup,
    parse_ice_options,
    parse_ice_pwd,
    parse_ice_ufrag,
    parse_max_message_size,
    parse_mid,
    parse_sctp_init,
    parse_sctp_port,
)
from webrtc.sdp.fields import (
    ConnectionInformation,
    Origin,
    RepeatTime,
    TimeDescription,
    TimeZone,
)
from webrtc.sdp.grammar import Attribute, Limits, Line, shorten, split_line, split_lines
from webrtc.sdp.media import MediaDescription
from webrtc.sdp.section import Section

DEFAULT_LIMITS = Limits()

_HEAD = "vos"
_SESSION_TYPES = frozenset("iuepcbtrzkam")
_MEDIA_TYPES = frozenset("icbkam")


def _parse_version(value: str) -> None:
    if value != "0":
        raise SdpError(f"unknown version: {shorten(value)}")


# Malformed, these make a description unusable. All others are ignored where they are read.
_FIELDS: dict[str, Callable[[str], object]] = {
    "v": _parse_version,
    "o": Origin.parse,
    "c": ConnectionInformation.parse,
    "t": TimeDescription.parse,
    "r": RepeatTime.parse,
    "z": TimeZone.parse_all,
}
_ATTRIBUTES: dict[str, Callable[[str], object]] = {
    "fingerprint": Fingerprint.parse,
    "group": Group.parse,
    "ice-pwd": parse_ice_pwd,
    "ice-ufrag": parse_ice_ufrag,
    "max-message-size": parse_max_message_size,
    "mid": parse_mid,
    "sctp-init": parse_sctp_init,
    "sctp-port": parse_sctp_port,
    "setup": Setup.parse,
}


class SessionDescription(Section):
    """The session-level lines and the media descriptions under them.

    It knows the grammar and which level counts, not the rules of offer and answer.
    """

    def __init__(
        self, lines: Iterable[Line | Attribute] = (), media: Iterable[MediaDescription] = ()
    ) -> None:
        super().__init__(lines)
        self.media = list(media)
        """The media descriptions in order. The list may be changed."""

    @classmethod
    def jsep(cls, origin: Origin, media: Iterable[MediaDescription] = ()) -> Self:
        """Start a description as RFC 9429 §5.2.1 wants it: v=, o=, s= and t=, no attribute."""
        lines = [Line("v", "0"), Line("o", str(origin)), Line("s", "-"), Line("t", "0 0")]
        return cls(lines, media)

    @classmethod
    def parse(cls, text: str, limits: Limits = DEFAULT_LIMITS) -> Self:
        """Read a description.

        Raises SdpError, with the number of the line if it is one line's fault. After that, reading
        any property of the description or its media raises nothing.
        """
        texts = split_lines(text, limits)
        description = cls()
        section: Section = description
        for number, line_text in enumerate(texts, 1):
            try:
                section = description._read(section, line_text, number, limits)
            except SdpError as error:
                raise SdpError(str(error), number) from None
        if len(texts) < len(_HEAD):
            raise SdpError(f"{_HEAD[len(texts)]}= line expected", len(texts) + 1)
        return description

    def __str__(self) -> str:
        return "\r\n".join([*self._lines, "".join(map(str, self.media))])

    def __repr__(self) -> str:
        return f"<SessionDescription {shorten(self.field('o') or '')}, {len(self.media)} media>"

    @property
    def origin(self) -> Origin:
        """The o= line. Raises SdpError when there is none."""
        return Origin.parse(self.field("o") or "")

    @property
    def session_name(self) -> str:
        """The s= line."""
        return self.field("s") or ""

    @property
    def uri(self) -> str | None:
        """The u= line."""
        return self.field("u")

    @property
    def emails(self) -> list[str]:
        """The e= lines."""
        return self.fields("e")

    @property
    def phones(self) -> list[str]:
        """The p= lines."""
        return self.fields("p")

    @property
    def times(self) -> list[TimeDescription]:
        """The t= lines."""
        return [TimeDescription.parse(value) for value in self.fields("t")]

    @property
    def repeat_times(self) -> list[RepeatTime]:
        """The r= lines."""
        return [RepeatTime.parse(value) for value in self.fields("r")]

    @property
    def time_zones(self) -> list[TimeZone]:
        """The adjustments of the z= line."""
        value = self.field("z")
        return [] if value is None else TimeZone.parse_all(value)

    @property
    def ice_lite(self) -> bool:
        """Whether the author is an ICE lite agent. RFC 8839 §5.3."""
        return self.has("ice-lite")

    @property
    def msid_semantics(self) -> list[str]:
        """The `a=msid-semantic` lines, which announce what everybody does: `WMS *`."""
        return [value.strip(" ") for value in self.get_all("msid-semantic")]

    def groups(self, semantics: str | None = None) -> list[Group]:
        """The groups in order, all or those with `semantics`, which are written in capitals."""
        groups = [Group.parse(value) for value in self.get_all("group")]
        return [group for group in groups if semantics in {None, group.semantics.upper()}]

    def media_of(self, mid: str) -> MediaDescription | None:
        """The first media description with this mid."""
        return next((media for media in self.media if media.mid == mid), None)

    def direction(self, media: MediaDescription) -> Direction:
        """Direction in effect; sendrecv when no level gives one."""
        return media.direction or self._direction() or Direction.SENDRECV

    def ice_ufrag(self, media: MediaDescription) -> str | None:
        """`a=ice-ufrag` in effect."""
        return media.ice_ufrag or self._parsed("ice-ufrag", parse_ice_ufrag)

    def ice_pwd(self, media: MediaDescription) -> str | None:
        """`a=ice-pwd` in effect."""
        return media.ice_pwd or self._parsed("ice-pwd", parse_ice_pwd)

    def ice_options(self, media: MediaDescription) -> tuple[str, ...]:
        """`a=ice-options` in effect."""
        return media.ice_options or self._parsed("ice-options", parse_ice_options) or ()

    def end_of_candidates(self, media: MediaDescription) -> bool:
        """Whether no candidate follows for `media`. At session level it speaks for all."""
        return media.end_of_candidates or self.has("end-of-candidates")

    def fingerprints(self, media: MediaDescription) -> list[Fingerprint]:
        """Fingerprints in effect: those of the section, else those of the session."""
        return media.fingerprints or self._fingerprints()

    def setup(self, media: MediaDescription) -> Setup | None:
        """`a=setup` in effect."""
        return media.setup or self._parsed("setup", Setup.parse)

    def tls_id(self, media: MediaDescription) -> str | None:
        """`a=tls-id` in effect."""
        return media.tls_id or self.get("tls-id")

    def extmaps(self, media: MediaDescription) -> list[ExtMap]:
        """Header extensions of the section, then those given for the whole session."""
        return media.extmaps + self._extmaps()

    def _read(self, section: Section, text: str, number: int, limits: Limits) -> Section:
        """Take the next line in; returns the section that the line after it belongs to."""
        kind, name, value = split_line(text)
        if kind == "a" and number > len(_HEAD):
            parsed: object = None
            if (parse := _ATTRIBUTES.get(name)) is not None:
                if value is None:
                    raise SdpError(f"attribute {text} without a value")
                parsed = parse(value.strip(" "))
            count = section.accept_attribute(text, name, value, parsed)
        else:
            allowed: Container[str] = _SESSION_TYPES if section is self else _MEDIA_TYPES
            if number <= len(_HEAD):
                allowed = _HEAD[number - 1]
            if kind not in allowed:
                raise SdpError(f"{kind}= line out of place")
            if kind == "m":
                return self._begin_media(value or "", limits)
            count = self._read_field(section, text, kind, value or "")
        if count > limits.repeats:
            raise SdpError(f"more than {limits.repeats} lines of one kind")
        return section

    def _read_field(self, section: Section, text: str, kind: str, value: str) -> int:
        if kind == "r" and self.field("t") is None:
            raise SdpError("repeat time without a time")
        if (parse := _FIELDS.get(kind)) is not None:
            parse(value)
        return section.accept_field(text, kind, value)

    def _begin_media(self, value: str, limits: Limits) -> MediaDescription:
        if len(self.media) == limits.media:
            raise SdpError(f"more than {limits.media} media descriptions")
        media = MediaDescription.parse_name(value, limits.formats)
        self.media.append(media)
        return media
