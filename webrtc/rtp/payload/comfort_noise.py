"""Comfort noise: how loud silence is, and of what colour. RFC 3389."""

from dataclasses import dataclass
from typing import Final, Self

from webrtc.errors import DecodeError
from webrtc.rtp.payload.whole import whole_format

CN: Final = whole_format("CN", 8000, sound=False)
# §3.2: 8 bits for what is between -1 and 1.
_STEP: Final = 258 / 32768
_ZERO: Final = 127


@dataclass(frozen=True, slots=True)
class ComfortNoise:
    """What a payload of comfort noise says."""

    level: int
    """In -dBov, 0 to 127: the larger, the more silent."""
    reflection: tuple[float, ...] = ()
    """The reflection coefficients of an all-pole model, between -1 and 1; none for white noise."""

    @classmethod
    def decode(cls, payload: bytes) -> Self:
        """Take a payload. Raises DecodeError for an empty one, or one with a coefficient of 1."""
        if not payload:
            raise DecodeError("comfort noise of 0 bytes")
        if 0xFF in payload[1:]:
            raise DecodeError("comfort noise with a reflection coefficient of 255")
        # The highest bit is unused, and 0: §3.1.
        return cls(payload[0] & 0x7F, tuple(_STEP * (each - _ZERO) for each in payload[1:]))

    def encode(self) -> bytes:
        """The payload. Raises ValueError for what is out of range."""
        quantized = [round(each / _STEP) + _ZERO for each in self.reflection]
        if not 0 <= self.level <= 127 or any(not 0 <= each <= 254 for each in quantized):
            raise ValueError(f"{self}")
        return bytes([self.level, *quantized])
