"""Bounds-checked reading of a byte string."""

from webrtc.errors import DecodeError


class Reader:
    """Reads big-endian numbers and slices; DecodeError where the data ends too early."""

    __slots__ = ("_data", "_end", "_position")

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = data
        self._position = 0
        self._end = len(data)

    def __bool__(self) -> bool:
        return self._position < self._end

    @property
    def remaining(self) -> int:
        """Bytes that are left."""
        return self._end - self._position

    def uint(self, size: int) -> int:
        """Unsigned integer of `size` bytes."""
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> bytes:
        """Next `size` bytes."""
        start = self._position
        if size < 0 or size > self._end - start:
            raise DecodeError(f"{size} bytes wanted at offset {start}, {self._end - start} left")
        self._position = start + size
        return bytes(self._data[start : self._position])

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(self._end - self._position)

    def skip(self, size: int) -> None:
        """Pass over `size` bytes."""
        self.take(size)

    def vector(self, length_size: int) -> bytes:
        """Bytes behind a length of `length_size` bytes, as TLS writes them. RFC 8446 §3.4."""
        return self.take(self.uint(length_size))
