"""Sliding replay window. RFC 4303 §3.4.3, used as RFC 6347 §4.1.2.6 and RFC 3711 §3.3.2 say."""


class ReplayWindow:
    """Remembers which of the last `size` numbers were accepted. A size of 0 accepts all."""

    def __init__(self, size: int = 64) -> None:
        self._size = size
        self._mask = (1 << size) - 1
        self.top = -1
        """The newest that was accepted, -1 before the first."""
        self._seen = 0  # bit n: number `top - n` was accepted

    def check(self, number: int) -> bool:
        """Whether `number` is new: neither seen nor older than the window."""
        behind = self.top - number
        if behind < 0 or not self._size:
            return True
        return behind < self._size and not self._seen >> behind & 1

    def take(self, number: int) -> bool:
        """`check` and, if it is new, `accept`, for a packet that is authenticated."""
        if number <= self.top and not self.check(number):
            return False
        self.accept(number)
        return True

    def accept(self, number: int) -> None:
        """Record `number`. Call it once the packet is authenticated, never before."""
        ahead = number - self.top
        if ahead <= 0:
            if -ahead < self._size:
                self._seen |= 1 << -ahead
            return
        self._seen = (self._seen << ahead | 1) & self._mask if ahead < self._size else 1
        self.top = number
