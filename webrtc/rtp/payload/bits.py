"""Reading bit by bit, Exp-Golomb codes included. ITU-T H.264 §7.2, §9.1; H.265 has the same."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from webrtc.errors import DecodeError

T = TypeVar("T")


class Bits:
    """Reads the bits of a short byte string; DecodeError where they end too early."""

    __slots__ = ("_digits", "_position")

    def __init__(self, data: bytes) -> None:
        self._digits = f"{int.from_bytes(data, 'big'):0{8 * len(data)}b}" if data else ""
        self._position = 0

    def u(self, count: int) -> int:
        """Unsigned integer of `count` bits."""
        start = self._position
        self._position += count
        if self._position > len(self._digits):
            raise DecodeError(f"{count} bits wanted, {len(self._digits) - start} left")
        return int(self._digits[start : self._position], 2) if count else 0

    def skip(self, count: int) -> None:
        """Pass over `count` bits."""
        self.u(count)

    def ue(self) -> int:
        """Unsigned Exp-Golomb code of at most 32 bits of value. AV1 calls it uvlc()."""
        zeros = self._digits.find("1", self._position) - self._position
        if not 0 <= zeros <= 32:
            raise DecodeError("Exp-Golomb code of more than 32 bits, or cut off")
        return self.u(zeros + zeros + 1) - 1

    def se(self) -> int:
        """Signed Exp-Golomb code."""
        code = self.ue()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def first_readable(read: Callable[[bytes], T], units: Iterable[bytes]) -> T | None:
    """What `read` makes of the first unit for which it raises no DecodeError."""
    for unit in units:
        try:
            return read(unit)
        except DecodeError:
            continue
    return None
