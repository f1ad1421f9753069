"""RTP codecs of a media description: rtpmap, fmtp and rtcp-fb. RFC 8866 §6.6, RFC 4585 §4.2."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from webrtc.errors import SdpError
from webrtc.sdp.grammar import Attribute, parse_token, parse_uint, shorten
from webrtc.sdp.h264 import profile

MAX_CLOCK_RATE = 1_000_000
MAX_CHANNELS = 32
MAX_FEEDBACK = 64
"""Feedback types kept for one codec; further ones are ignored."""


class RtpMap(NamedTuple):
    """`a=rtpmap`: what a payload type stands for."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int | None = None

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of `a=rtpmap`. A clock rate of 0 is malformed."""
        number, _, encoding = value.strip(" ").partition(" ")
        name, *numbers = encoding.strip(" ").split("/")
        if len(numbers) not in {1, 2}:
            raise SdpError(f"malformed rtpmap: {shorten(value)}")
        return cls(
            parse_payload_type(number),
            parse_token(name, "encoding name"),
            parse_uint(numbers[0], MAX_CLOCK_RATE, "clock rate", minimum=1),
            parse_uint(numbers[1], MAX_CHANNELS, "channels", minimum=1) if numbers[1:] else None,
        )

    def __str__(self) -> str:
        text = f"{self.payload_type} {self.name}/{self.clock_rate}"
        return text if self.channels is None else f"{text}/{self.channels}"


class RtcpFeedback(NamedTuple):
    """`a=rtcp-fb`: a feedback message that may be sent."""

    payload_type: int | None
    """None for `*`: every codec."""
    type: str
    """`nack`, `nack pli`, `ccm fir`, `transport-cc`, `ack ccfb` …"""

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of `a=rtcp-fb`."""
        number, _, feedback = value.strip(" ").partition(" ")
        if not feedback.strip(" "):
            raise SdpError(f"malformed rtcp-fb: {shorten(value)}")
        return cls(None if number == "*" else parse_payload_type(number), feedback.strip(" "))

    def __str__(self) -> str:
        return f"{'*' if self.payload_type is None else self.payload_type} {self.type}"


class Fmtp(NamedTuple):
    """`a=fmtp`: parameters of one format."""

    payload_type: int
    parameters: str
    """As it was written; `parse_parameters` takes it apart."""

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read the value of `a=fmtp`."""
        number, _, parameters = value.strip(" ").partition(" ")
        return cls(parse_payload_type(number), parameters.strip(" "))

    def __str__(self) -> str:
        return f"{self.payload_type} {self.parameters}"


@dataclass(frozen=True, slots=True)
class Codec:
    """One codec with all that its media description says of it."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int | None = None
    fmtp: str = ""
    feedback: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, str]:
        """The fmtp taken apart; names in lower case."""
        return parse_parameters(self.fmtp)

    def matches(self, other: "Codec") -> bool:
        """Whether both are the same codec, whatever their payload types. RFC 3264 §6.1.

        Names compare without case, H.264 by profile and packetization mode, VP9, AV1 and H.265 by
        profile. Which codec an `rtx` or `red` belongs to is not compared: payload types differ.
        """
        return self.identity == other.identity

    @property
    def identity(self) -> tuple[str | int | None, ...]:
        """What is equal for codecs that match, and for no others."""
        name = self.name.lower()
        return name, self.clock_rate, self.channels or 1, *_decisive(self, name)

    def attributes(self) -> list[Attribute]:
        """The lines that declare the codec."""
        rtpmap = RtpMap(self.payload_type, self.name, self.clock_rate, self.channels)
        lines = [Attribute("rtpmap", str(rtpmap))]
        lines += [
            Attribute("rtcp-fb", str(RtcpFeedback(self.payload_type, type_)))
            for type_ in self.feedback
        ]
        if self.fmtp:
            lines.append(Attribute("fmtp", str(Fmtp(self.payload_type, self.fmtp))))
        return lines


_DECISIVE = {
    "h264": (("packetization-mode", "0"),),  # RFC 6184 §8.1
    "h265": (("profile-id", "1"), ("tier-flag", "0"), ("tx-mode", "SRST")),  # RFC 7798 §7.1
    "vp9": (("profile-id", "0"),),  # RFC 9628 §6
    "av1": (("profile", "0"),),
}

STATIC = {
    0: RtpMap(0, "PCMU", 8000),
    3: RtpMap(3, "GSM", 8000),
    8: RtpMap(8, "PCMA", 8000),
    9: RtpMap(9, "G722", 8000),
    13: RtpMap(13, "CN", 8000),
}
"""Payload types that need no rtpmap. RFC 3551 §6."""


def _decisive(codec: Codec, name: str) -> tuple[str | None, ...]:
    """Parameters that make two codecs of one name different ones."""
    if name not in _DECISIVE:
        return ()
    parameters = codec.parameters
    values = tuple(parameters.get(key, default) for key, default in _DECISIVE[name])
    if name == "h264":
        return (profile(parameters.get("profile-level-id")), *values)
    return values


def parse_payload_type(text: str) -> int:
    """Read a payload type."""
    return parse_uint(text, 127, "payload type")


def parse_parameters(fmtp: str) -> dict[str, str]:
    """Take an fmtp apart; the first of two equal names counts, a name without `=` has ""."""
    parameters: dict[str, str] = {}
    for part in fmtp.split(";"):
        name, _, value = part.strip(" ").partition("=")
        if name:
            parameters.setdefault(name.strip(" ").lower(), value.strip(" "))
    return parameters


def assemble(
    formats: Sequence[str],
    rtpmaps: Sequence[RtpMap],
    fmtps: Sequence[Fmtp],
    feedbacks: Sequence[RtcpFeedback],
) -> list[Codec]:
    """Join what the lines say, in the order of `formats`, which is the order of preference.

    A format without (well-formed) rtpmap and without static meaning is left out.
    """
    maps = {rtpmap.payload_type: rtpmap for rtpmap in reversed(rtpmaps)}
    parameters = {fmtp.payload_type: fmtp.parameters for fmtp in reversed(fmtps)}
    feedback: dict[int | None, dict[str, None]] = {}
    for line in feedbacks:
        kept = feedback.setdefault(line.payload_type, {})
        if len(kept) < MAX_FEEDBACK:
            kept[line.type] = None
    codecs: dict[int, Codec] = {}
    for text in formats:
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else -1
        rtpmap = maps.get(number) or STATIC.get(number)
        if rtpmap is not None and number not in codecs:
            types = feedback.get(None, {}) | feedback.get(number, {})
            codecs[number] = Codec(*rtpmap, parameters.get(number, ""), tuple(types))
    return list(codecs.values())
