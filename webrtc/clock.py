"""From the monotonic clock of the cores to the times of day that the wire has. RFC 3550 §4."""

from typing import Final

_NTP_EPOCH: Final = 2_208_988_800
"""Seconds from 1900 to 1970."""
_FRACTION: Final = 1 << 32


class Clock:
    """One affine map, fixed when it is made: time here never jumps, whatever the system's does."""

    __slots__ = ("unix_at_zero",)

    def __init__(self, unix_at_zero: float) -> None:
        """`unix_at_zero`: seconds since 1970 when the monotonic clock shows 0."""
        self.unix_at_zero = unix_at_zero

    def unix(self, now: float) -> float:
        """Seconds since 1970."""
        return self.unix_at_zero + now

    def ntp(self, now: float) -> int:
        """64 bits: seconds since 1900, modulo 2**32, in the upper 32."""
        return int((self.unix_at_zero + now + _NTP_EPOCH) * _FRACTION) & 0xFFFFFFFFFFFFFFFF

    def ntp_middle(self, now: float) -> int:
        """The 32 bits in the middle, in units of 1/65536 s. They wrap after 18 hours."""
        return self.ntp(now) >> 16 & 0xFFFFFFFF


def unix_of_ntp(ntp: int) -> float:
    """Seconds since 1970 of 64 bits; those of the era that began in 2036 included. RFC 4330 §3."""
    seconds = ntp / _FRACTION - _NTP_EPOCH
    return seconds if ntp >> 63 else seconds + _FRACTION
