"""Opus. RFC 7587, and the packets themselves: RFC 6716 §3."""

from typing import Final

from webrtc.errors import DecodeError
from webrtc.rtp.payload.whole import whole_format

OPUS: Final = whole_format("opus", 48000, 2)

# By configuration number, in ticks of 48 kHz. RFC 6716 §3.1, table 2.
_FRAME_TICKS: Final = (480, 960, 1920, 2880) * 3 + (480, 960) * 2 + (120, 240, 480, 960) * 4
_LONGEST: Final = 5760


def duration(data: bytes) -> int:
    """How long a packet sounds, in ticks of its 48 kHz clock, by its first bytes.

    Raises DecodeError for a packet without frames, or longer than 120 ms. RFC 6716 §3.2.
    """
    if not data:
        raise DecodeError("opus packet of 0 bytes")
    count = (1, 2, 2, 0)[data[0] & 3]
    if not count:
        if len(data) < 2:
            raise DecodeError("opus packet without its count of frames")
        count = data[1] & 0x3F
    ticks = count * _FRAME_TICKS[data[0] >> 3]
    if not 0 < ticks <= _LONGEST:
        raise DecodeError(f"opus packet of {count} frames, {ticks / 48:g} ms")
    return ticks


def is_stereo(data: bytes) -> bool:
    """Whether a packet has two channels. Decoders give either as the caller wants it."""
    return len(data) > 0 and bool(data[0] & 4)


def is_silence(data: bytes) -> bool:
    """Whether the encoder found nothing to say (DTX) and would rather send nothing.

    Its packet has no more than the first byte and the count of frames. RFC 7587 §3.1.3.
    """
    return 0 < len(data) <= 2
