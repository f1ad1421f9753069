"""STUN messages on a stream: each carries its own length. RFC 8489 §6.2.2, §7."""

from webrtc.errors import DecodeError
from webrtc.stun.integrity import HEADER_SIZE
from webrtc.stun.registry import MAGIC_COOKIE

_COOKIE = MAGIC_COOKIE.to_bytes(4, "big")


class MessageStream:
    """Cuts the bytes of a TCP or TLS connection into messages; it does not know channel data."""

    def __init__(self, limit: int = 4096) -> None:
        """`limit`: bytes of the longest message to accept."""
        self._limit = limit
        self._buffer = bytearray()

    def handle_read(self, data: bytes) -> None:
        """Take what was read from the connection, cut anywhere."""
        self._buffer += data

    def poll_read(self) -> bytes | None:
        """Next whole message, not decoded, or None.

        Raises DecodeError on what is no STUN message; the connection is of no use after that.
        """
        buffer = self._buffer
        if (buffer and buffer[0] > 3) or buffer[4:8] != _COOKIE[: max(0, len(buffer) - 4)]:
            raise DecodeError("the stream is not STUN")
        if len(buffer) < HEADER_SIZE:
            return None
        size = HEADER_SIZE + int.from_bytes(buffer[2:4], "big")
        if size % 4 or size > self._limit:
            raise DecodeError(f"message of {size} bytes on a stream")
        if len(buffer) < size:
            return None
        message = bytes(buffer[:size])
        del buffer[:size]
        return message
