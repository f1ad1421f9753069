"""Numbers of a stream that is forwarded: without gaps where something is left out."""

from collections import deque
from typing import Final

_REMEMBERED: Final = 512


class Closing:
    """Closes the gaps that numbers left out would make: for sequence numbers and picture ids.

    Numbers are those without wrap. What comes late is numbered as it would have been in time.
    """

    __slots__ = ("_before", "_dropped", "newest")

    def __init__(self) -> None:
        self.newest = -1
        """The highest number that was taken or left out."""
        self._dropped: deque[int] = deque(maxlen=_REMEMBERED)
        self._before = 0
        """How many were left out that are remembered no longer."""

    def leave_out(self, number: int) -> bool:
        """Let there be no such number; False where later ones were taken already."""
        if number <= self.newest:
            return number in self._dropped
        self.newest = number
        if len(self._dropped) == _REMEMBERED:
            self._before += 1
        self._dropped.append(number)
        return True

    def take(self, number: int) -> int:
        """What the number becomes."""
        if number > self.newest:
            self.newest = number
        dropped = self._dropped
        if not dropped:
            return number
        after = 0
        if number < dropped[-1]:
            for each in reversed(dropped):
                if each <= number:
                    break
                after += 1
        return number - self._before - len(dropped) + after


class Counter:
    """A number of some bits that goes on from where it was when its source changes."""

    __slots__ = ("_mask", "_newest", "shift")

    def __init__(self, bits: int) -> None:
        self._mask = (1 << bits) - 1
        self._newest: int | None = None
        self.shift = 0
        """What is added to the numbers of the source."""

    def follow(self, number: int) -> None:
        """Let a source go on here that begins with `number`."""
        if self._newest is not None:
            self.shift = self._newest + 1 - number & self._mask

    def take(self, number: int) -> int:
        """What a number of the source becomes."""
        mask = self._mask
        number = number + self.shift & mask
        if self._newest is None or (number - self._newest & mask) <= mask >> 1:
            self._newest = number
        return number
