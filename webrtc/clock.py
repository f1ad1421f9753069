"""Monotonic seconds to Unix and NTP time: one affine map, fixed when it is built."""

NTP_EPOCH = 2208988800
"""Seconds from 1900-01-01 to 1970-01-01. RFC 5905 §6."""


class Clock:
    """Maps the caller's monotonic clock to wall-clock time.

    A step of the system clock after construction does not move it.
    """

    def __init__(self, unix_at_zero: float) -> None:
        self._unix_at_zero = unix_at_zero

    def unix(self, now: float) -> float:
        """Seconds since 1970-01-01 UTC."""
        return self._unix_at_zero + now

    def ntp(self, now: float) -> int:
        """64-bit NTP timestamp, 32.32 fixed point. RFC 3550 §4."""
        return round((self.unix(now) + NTP_EPOCH) * 2**32) & 0xFFFF_FFFF_FFFF_FFFF
