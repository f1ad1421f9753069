"""Spreading packets over the round trip. RFC 9002 §7.7."""

INTERVAL = 0.002
"""Seconds of sending that leave at once: timers of event loops are no finer than a millisecond."""
CATCH_UP = 0.02
"""Seconds that a late timer may make up for: so long does a busy process keep the loop."""
MIN_RTT = 2 * INTERVAL
"""On a shorter path acknowledgements are the better clock."""

_UNLIMITED = 1 << 40


class Pacer:
    """Says when the next packet may leave."""

    __slots__ = ("_next", "_per_byte", "deadline")

    def __init__(self) -> None:
        self.deadline: float | None = None
        """When to try again what `holds` held back."""
        self._per_byte = 0.0
        self._next = 0.0

    def set(self, rate: float, rtt: float) -> None:
        """Send `rate` bytes a second from now on, on a path with that round-trip time."""
        self._per_byte = 1.0 / rate if rtt >= MIN_RTT else 0.0

    def begin(self, now: float) -> None:
        """A packet is to be filled. Time that passed unused allows a small burst."""
        if self._next < now - CATCH_UP:
            self._next = now - CATCH_UP
        self.deadline = None

    def holds(self, now: float) -> bool:
        """Whether the next packet must wait until `deadline`."""
        if self._next <= now or not self._per_byte:
            return False
        self.deadline = self._next + INTERVAL
        return True

    def allowance(self, now: float) -> int:
        """Bytes after which the next packet would have to wait, at most."""
        if not self._per_byte:
            return _UNLIMITED
        return int((now - self._next) / self._per_byte) if self._next < now else 0

    def sent(self, size: int) -> None:
        """`size` bytes left."""
        self._next += size * self._per_byte
