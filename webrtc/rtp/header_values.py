"""The values of header extension elements, and the URIs that name them.

Decoders raise DecodeError for a value of another length; encoders raise ValueError for what does
not fit.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from webrtc.errors import DecodeError

MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID: Final = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID: Final = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
AUDIO_LEVEL: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
CSRC_AUDIO_LEVEL: Final = "urn:ietf:params:rtp-hdrext:csrc-audio-level"
TIME_OFFSET: Final = "urn:ietf:params:rtp-hdrext:toffset"
VIDEO_ORIENTATION: Final = "urn:3gpp:video-orientation"
_GOOGLE: Final = "http://www.webrtc.org/experiments/rtp-hdrext/"
ABS_SEND_TIME: Final = _GOOGLE + "abs-send-time"
ABS_CAPTURE_TIME: Final = _GOOGLE + "abs-capture-time"
PLAYOUT_DELAY: Final = _GOOGLE + "playout-delay"
VIDEO_CONTENT_TYPE: Final = _GOOGLE + "video-content-type"
VIDEO_TIMING: Final = _GOOGLE + "video-timing"
COLOR_SPACE: Final = _GOOGLE + "color-space"
INBAND_CN: Final = _GOOGLE + "inband-cn"
CORRUPTION_DETECTION: Final = _GOOGLE + "corruption-detection"
VIDEO_LAYERS_ALLOCATION: Final = _GOOGLE + "video-layers-allocation00"
TRANSPORT_CC: Final = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
DEPENDENCY_DESCRIPTOR: Final = (
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
)

SILENCE: Final = 127
"""The lowest audio level, in -dBov: RFC 6464 §3."""
_MAX_SAMPLES: Final = 13
_ABS_TIME: Final = struct.Struct("!Q")
_ABS_TIME_OFFSET: Final = struct.Struct("!Qq")
_TIMING: Final = struct.Struct("!B6H")
_CODE_POINTS: Final = struct.Struct("!4B")
_MASTERING: Final = struct.Struct("!HH8HHH")
_PLAYOUT_UNIT: Final = 0.01
_PLAYOUT_MAX: Final = 0xFFF


def encode_text(value: str) -> bytes:
    """A mid or rid. RFC 7941 §4: 1 to 255 bytes."""
    data = value.encode()
    if not 1 <= len(data) <= 0xFF:
        raise ValueError(f"header extension text of {len(data)} bytes")
    return data


def decode_text(value: bytes) -> str:
    """A mid or rid."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise DecodeError(f"header extension text {value[:16].hex()}") from None


def encode_abs_send_time(ntp: int) -> bytes:
    """24 bits, seconds modulo 64 with 18 bits of fraction, of a 64-bit NTP time."""
    return (ntp >> 14 & 0xFFFFFF).to_bytes(3, "big")


def decode_abs_send_time(value: bytes) -> float:
    """Seconds modulo 64."""
    _check("abs-send-time", value, 3)
    return int.from_bytes(value, "big") / (1 << 18)


def encode_transport_sequence(number: int) -> bytes:
    """A transport-wide number. draft-holmer-rmcat-transport-wide-cc-extensions-01 §2."""
    return (number & 0xFFFF).to_bytes(2, "big")


def decode_transport_sequence(value: bytes) -> int:
    """16 bits. A request for feedback behind them, as version 2 has it, is left."""
    if len(value) not in {2, 4}:
        raise DecodeError(f"transport-wide number of {len(value)} bytes")
    return value[0] << 8 | value[1]


class AudioLevel(NamedTuple):
    """How loud the sound of a packet is. RFC 6464 §3."""

    level: int
    """In -dBov: 0 is the loudest, 127 silence."""
    voice: bool = False
    """Whether the source believes it is speech."""

    @classmethod
    def decode(cls, value: bytes) -> Self:
        if not value:
            raise DecodeError("audio level without a value")
        return cls(value[0] & 0x7F, value[0] > 0x7F)  # the two-byte form may pad it: RFC 6464 §4

    def encode(self) -> bytes:
        return _byte("audio level", self.level, 0x7F, self.voice)


def decode_csrc_audio_levels(value: bytes) -> tuple[int, ...]:
    """Levels in -dBov, in the order of the CSRCs. RFC 6465 §3."""
    if not 1 <= len(value) <= 15:
        raise DecodeError(f"{len(value)} CSRC audio levels")
    return tuple(level & 0x7F for level in value)


def encode_csrc_audio_levels(levels: Sequence[int]) -> bytes:
    """Inverse of `decode_csrc_audio_levels`."""
    if not 1 <= len(levels) <= 15:
        raise ValueError(f"{len(levels)} CSRC audio levels")
    return b"".join(_byte("audio level", level, 0x7F) for level in levels)


class VideoOrientation(NamedTuple):
    """How a picture is to be turned before it is shown. 3GPP TS 26.114 §7.4.5."""

    rotation: int = 0
    """Degrees clockwise that the receiver turns it: 0, 90, 180, 270."""
    flip: bool = False
    back_camera: bool = False

    @classmethod
    def decode(cls, value: bytes) -> Self:
        _check("video orientation", value, 1)
        bits = value[0]
        return cls((bits & 3) * 90, bool(bits & 4), bool(bits & 8))

    def encode(self) -> bytes:
        if self.rotation not in {0, 90, 180, 270}:
            raise ValueError(f"video orientation of {self.rotation} degrees")
        return bytes((self.rotation // 90 | self.flip << 2 | self.back_camera << 3,))


def decode_time_offset(value: bytes) -> int:
    """Ticks of the RTP clock between timestamp and sending. RFC 5450 §3."""
    _check("transmission time offset", value, 3)
    return int.from_bytes(value, "big", signed=True)


def encode_time_offset(ticks: int) -> bytes:
    """Inverse of `decode_time_offset`."""
    try:
        return ticks.to_bytes(3, "big", signed=True)
    except OverflowError:
        raise ValueError(f"transmission time offset of {ticks} ticks") from None


class PlayoutDelay(NamedTuple):
    """Bounds for the delay of the receiver's buffer, in seconds, in steps of 10 ms."""

    least: float
    most: float

    @classmethod
    def decode(cls, value: bytes) -> Self:
        _check("playout delay", value, 3)
        both = int.from_bytes(value, "big")
        return cls((both >> 12) * _PLAYOUT_UNIT, (both & _PLAYOUT_MAX) * _PLAYOUT_UNIT)

    def encode(self) -> bytes:
        least, most = round(self.least / _PLAYOUT_UNIT), round(self.most / _PLAYOUT_UNIT)
        if not 0 <= least <= most <= _PLAYOUT_MAX:
            raise ValueError(f"playout delay of {self.least} s to {self.most} s")
        return (least << 12 | most).to_bytes(3, "big")


class AbsCaptureTime(NamedTuple):
    """When a frame was captured, by the clock of who captured it."""

    ntp: int
    """64 bits, seconds since 1900 in the upper 32."""
    clock_offset: int | None = None
    """What the sender's clock is ahead of the capturer's: 32.32 bits of seconds, signed."""

    @classmethod
    def decode(cls, value: bytes) -> Self:
        if len(value) == _ABS_TIME.size:
            return cls(*_ABS_TIME.unpack(value))
        _check("absolute capture time", value, _ABS_TIME_OFFSET.size)
        return cls(*_ABS_TIME_OFFSET.unpack(value))

    def encode(self) -> bytes:
        try:
            if self.clock_offset is None:
                return _ABS_TIME.pack(self.ntp)
            return _ABS_TIME_OFFSET.pack(self.ntp, self.clock_offset)
        except struct.error as error:
            raise ValueError(f"absolute capture time: {error}") from None


class VideoTiming(NamedTuple):
    """Where the time of a frame went, in ms since its capture. 0 stands for what is not known."""

    flags: int
    encode_start: int
    encode_finish: int
    packetized: int
    left_pacer: int
    network_1: int = 0
    network_2: int = 0

    @classmethod
    def decode(cls, value: bytes) -> Self:
        _check("video timing", value, _TIMING.size)
        return cls(*_TIMING.unpack(value))

    def encode(self) -> bytes:
        try:
            return _TIMING.pack(*self)
        except struct.error as error:
            raise ValueError(f"video timing: {error}") from None


def decode_content_type(value: bytes) -> int:
    """0 for a camera, 1 for a screen in the lowest bit; the rest is for experiments."""
    _check("video content type", value, 1)
    return value[0]


def encode_content_type(value: int) -> bytes:
    """Inverse of `decode_content_type`."""
    return _byte("video content type", value, 0xFF)


def decode_inband_cn(value: bytes) -> int | None:
    """Level of the comfort noise in -dBov, or None when the packet has none."""
    _check("inband comfort noise", value, 1)
    return value[0] & 0x7F if value[0] > 0x7F else None


def encode_inband_cn(level: int | None) -> bytes:
    """Inverse of `decode_inband_cn`."""
    return b"\0" if level is None else _byte("comfort noise level", level, 0x7F, True)  # noqa: FBT003


@dataclass(frozen=True, slots=True)
class ColorSpace:
    """What the numbers of a picture mean as colours. ITU-T H.273 has the code points."""

    primaries: int
    transfer: int
    matrix: int
    range_and_siting: int
    """Range in bits 4 and 5, horizontal and vertical chroma siting below."""
    mastering: tuple[int, ...] | None = None
    """HDR: luminance most and least, x and y of three primaries and white, MaxCLL, MaxFALL."""

    @classmethod
    def decode(cls, value: bytes) -> Self:
        if len(value) == 4:
            return cls(value[0], value[1], value[2], value[3])
        _check("colour space", value, 4 + _MASTERING.size)
        mastering = _MASTERING.unpack_from(value, 4)
        return cls(value[0], value[1], value[2], value[3], mastering)

    def encode(self) -> bytes:
        try:
            head = _CODE_POINTS.pack(
                self.primaries, self.transfer, self.matrix, self.range_and_siting
            )
            return head if self.mastering is None else head + _MASTERING.pack(*self.mastering)
        except struct.error as error:
            raise ValueError(f"colour space: {error}") from None


@dataclass(frozen=True, slots=True)
class CorruptionDetection:
    """Samples of a picture before it was encoded, to be compared with what was decoded."""

    sequence_index: int
    """7 bits of the index of the samples in their sequence."""
    most_significant: bool = False
    """Whether those are the upper bits of it, to begin with, and not the lower ones."""
    deviation: int = 0
    """Of the filter, in units of 40/255 pixels; 8 bits."""
    luma_threshold: int = 0
    chroma_threshold: int = 0
    """Differences that mean nothing; 4 bits each."""
    samples: bytes = b""
    """13 at most. Without any the message only tells the index."""

    @classmethod
    def decode(cls, value: bytes) -> Self:
        if len(value) not in {1, *range(4, 4 + _MAX_SAMPLES)}:
            raise DecodeError(f"corruption detection of {len(value)} bytes")
        index, most_significant = value[0] & 0x7F, value[0] > 0x7F
        if len(value) == 1:
            return cls(index, most_significant)
        return cls(index, most_significant, value[1], value[2] >> 4, value[2] & 0x0F, value[3:])

    def encode(self) -> bytes:
        head = _byte("sequence index", self.sequence_index, 0x7F, self.most_significant)
        if not self.samples:
            return head
        if len(self.samples) > _MAX_SAMPLES or not 0 <= self.chroma_threshold <= 0x0F:
            raise ValueError(f"{len(self.samples)} samples, threshold {self.chroma_threshold}")
        head += _byte("deviation", self.deviation, 0xFF)
        luma = _byte("threshold", self.luma_threshold, 0x0F)[0]
        return head + bytes((luma << 4 | self.chroma_threshold,)) + self.samples


def _check(name: str, value: bytes, size: int) -> None:
    if len(value) != size:
        raise DecodeError(f"{name} of {len(value)} bytes")


def _byte(name: str, value: int, largest: int, high: bool = False) -> bytes:  # noqa: FBT001, FBT002 (a bit)
    if not 0 <= value <= largest:
        raise ValueError(f"{name} {value}")
    return bytes((value | high << 7,))
