"""Serial number arithmetic and unwrapping. RFC 1982."""


def serial_gt(left: int, right: int, bits: int = 32) -> bool:
    """Whether `left` comes after `right` on a circle of 2**`bits` numbers. RFC 1982 §3.2."""
    half = 1 << bits - 1
    return 0 < (left - right) & (2 * half - 1) < half


def serial_gte(left: int, right: int, bits: int = 32) -> bool:
    """Whether `left` equals `right` or comes after it."""
    return left == right or serial_gt(left, right, bits)


class Unwrapper:
    """Turns wrapping serial numbers into integers that only grow with their order."""

    def __init__(self, bits: int, start: int) -> None:
        self._mask = (1 << bits) - 1
        self._half = 1 << bits - 1
        self._last = start

    def unwrap(self, value: int) -> int:
        """Nearest integer to the last one that is congruent to `value`; may be negative."""
        ahead = value - self._last & self._mask
        if ahead >= self._half:
            ahead -= self._mask + 1
        self._last += ahead
        return self._last

    def peek(self, value: int) -> int:
        """As `unwrap`, without moving."""
        ahead = value - self._last & self._mask
        return self._last + (ahead if ahead < self._half else ahead - self._mask - 1)
