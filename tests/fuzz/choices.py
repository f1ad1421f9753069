"""An input as a row of decisions."""

from random import Random


class Choices:
    """Reads an input; 0 for ever at its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    @property
    def left(self) -> bool:
        return self._position < len(self._data)

    def byte(self) -> int:
        self._position += 1
        return self._data[self._position - 1] if self._position <= len(self._data) else 0

    def below(self, count: int) -> int:
        return self.byte() % count if count else 0

    def random(self) -> Random:
        """A generator that the next two bytes determine."""
        return Random(self.byte() << 8 | self.byte())
