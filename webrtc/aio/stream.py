"""A data channel as a stream: bytes with back-pressure, or whole messages. No events."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Protocol, Self

from webrtc.errors import ConnectionFailed

PIECE = 65536
"""What `write` sends as one message: as much as every implementation takes."""


class Messages(Protocol):
    """What a stream shows of its channel, and needs of it."""

    @property
    def label(self) -> str: ...

    @property
    def id(self) -> int | None: ...

    @property
    def ready_state(self) -> str: ...

    @property
    def reason(self) -> Exception | None: ...

    @property
    def buffered_amount(self) -> int: ...

    def send(self, data: bytes | bytearray | memoryview | str) -> Awaitable[None]: ...

    async def recv(self) -> bytes | str: ...

    async def closed(self) -> None: ...

    def close(self) -> None: ...


class DataChannelStream:
    """What `RTCDataChannel.detach` gives. It keeps no messages: they wait in the channel.

    `send` and `recv` pass messages, `str` or `bytes`. `write` and `read` pass bytes and know no
    messages, as a socket: best on a channel that is ordered and reliable. Both can be mixed.
    """

    def __init__(self, channel: Messages, end: Callable[[], None], piece: int) -> None:
        self.channel = channel
        """For its attributes: label, id, buffered_amount …"""
        self._end = end
        self._piece = piece
        self._rest = memoryview(b"")
        """Of a message that `read` did not want whole."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if kind is None:
            await self.wait_closed()

    async def send(self, message: bytes | bytearray | memoryview | str) -> None:
        """Send one message, then wait until the buffer has room. Raises as the channel's `send`."""
        await self.channel.send(message)

    async def recv(self) -> bytes | str:
        """Next message, or what `read` has left of the last one.

        Raises ConnectionFailed when there is none and the channel is closed.
        """
        if self._rest:
            rest, self._rest = self._rest, memoryview(b"")
            return bytes(rest)
        return await self.channel.recv()

    async def __aiter__(self) -> AsyncIterator[bytes | str]:
        """Messages until the peer ends them. Raises ConnectionFailed when they are cut off."""
        while True:
            try:
                message = await self.recv()
            except ConnectionFailed:
                if self._at_end():
                    return
                raise
            yield message

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes in messages of 64 KiB at most, waiting for room before each next.

        Raises InvalidStateError unless the channel is open, ConnectionFailed when it ends.
        """
        view = memoryview(data).cast("B")
        for start in range(0, len(view), self._piece):
            await self.channel.send(view[start : start + self._piece])

    async def read(self, size: int = PIECE) -> bytes:
        """Bytes as they come, 1 to `size` of them; `b""` at the end. Text is read as UTF-8.

        Raises ConnectionFailed when the stream was cut off: something may be missing.
        """
        if size < 1:
            raise ValueError(f"read() of {size} bytes")
        while not self._rest:
            try:
                message = await self.channel.recv()
            except ConnectionFailed:
                if self._at_end():
                    return b""
                raise
            self._rest = memoryview(message.encode() if isinstance(message, str) else message)
        data, self._rest = self._rest[:size], self._rest[size:]
        return bytes(data)

    async def readexactly(self, size: int) -> bytes:
        """`size` bytes. Raises asyncio.IncompleteReadError when the stream ends before."""
        parts: list[bytes] = []
        missing = size
        while missing > 0:
            part = await self.read(missing)
            if not part:
                raise asyncio.IncompleteReadError(b"".join(parts), size)
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def write_eof(self) -> None:
        """End our direction: the peer reads the end behind all that was sent.

        It answers by ending its own, behind what it has sent by then, which can still be read:
        RFC 8831 §6.7 does not let one side go on for long.
        """
        self._end()

    def close(self) -> None:
        """Close the channel: what was sent is delivered, what comes is dropped."""
        self.channel.close()

    async def wait_closed(self) -> None:
        """Wait until both directions have ended.

        Raises ConnectionFailed when the connection has failed meanwhile.
        """
        await self.channel.closed()

    def _at_end(self) -> bool:
        return self.channel.ready_state == "closed" and self.channel.reason is None
