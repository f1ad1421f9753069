"""A Binding server on sockets. RFC 8489 §12."""

import asyncio
import ssl
from types import TracebackType
from typing import Self

from webrtc.aio.net.network import SystemNetwork
from webrtc.aio.net.seam import Endpoint, NetworkStack, Receiver
from webrtc.core import Address, Path
from webrtc.errors import DecodeError
from webrtc.stun import Responder
from webrtc.stun.stream import MessageStream

_READ_SIZE = 4096
_PORT_ATTEMPTS = 8


class Server(Receiver):
    """A Binding server on a UDP and a TCP port of the same number.

    Use it with `async with`. On a network other than the system's it serves UDP alone.
    """

    def __init__(
        self,
        address: Address = ("127.0.0.1", 0),
        *,
        responder: Responder | None = None,
        network: NetworkStack | None = None,
        tls: ssl.SSLContext | None = None,
        connections: int = 64,
        idle: float = 10.0,
    ) -> None:
        """With `tls` the TCP port speaks TLS.

        `connections`: how many may be open at once. `idle`: seconds that one may be open
        without a whole message.
        """
        self.address = address
        """Where it listens; the port is known once it is open."""
        self.responder = responder or Responder()
        self._connections = connections
        self._idle = idle
        self._network = network
        self._tls = tls
        self._endpoint: Endpoint | None = None
        self._listener: asyncio.Server | None = None
        self._open: set[_Connection] = set()

    async def __aenter__(self) -> Self:
        """Open the ports. Raises OSError."""
        attempts = 1 if self.address[1] else _PORT_ATTEMPTS
        for attempt in range(1, attempts + 1):
            endpoint = (self._network or SystemNetwork()).bind(self.address)
            try:
                if self._network is None:
                    self._listener = await self._listen(endpoint.local)
            except BaseException as error:
                endpoint.close()
                # Another program may have the TCP port of that number.
                if not isinstance(error, OSError) or attempt == attempts:
                    raise
                continue
            self._endpoint, self.address = endpoint, endpoint.local
            endpoint.start(self)
            break
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Release the ports and end the connections. Harmless when closed."""
        if self._endpoint is not None:
            self._endpoint.close()
        if self._listener is not None:
            self._listener.close()
        if self._open:
            await asyncio.wait([connection.close() for connection in self._open])
        if self._listener is not None:
            await self._listener.wait_closed()

    def receive(self, data: bytes, path: Path) -> None:
        self.responder.handle_read(data, path, asyncio.get_running_loop().time())

    def flush(self) -> None:
        while (transmit := self.responder.poll_write()) is not None:
            if self._endpoint is not None:
                self._endpoint.send([transmit])

    async def _listen(self, local: Address) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            lambda: _Connection(self.responder, self._open, self._connections, self._idle),
            *local,
            ssl=self._tls,
            ssl_handshake_timeout=self._idle if self._tls else None,
        )


class _Connection(asyncio.BufferedProtocol):
    """One TCP or TLS connection to a server. No task: its timer ends it.

    Its buffer is small, so that one peer has a bounded share of each turn of the loop.
    """

    def __init__(
        self, responder: Responder, opened: "set[_Connection]", limit: int, idle: float
    ) -> None:
        self._responder = responder
        self._opened = opened
        self._limit = limit
        self._idle = idle
        self._stream = MessageStream()
        self._buffer = bytearray(_READ_SIZE)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._path: Path
        self._timer: asyncio.TimerHandle | None = None
        self._closed: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport) or len(self._opened) >= self._limit:
            transport.close()
            return
        self._transport = transport
        local, remote = (transport.get_extra_info(name) for name in ("sockname", "peername"))
        self._path = Path(local[:2], remote[:2], "tcp")
        self._opened.add(self)
        self._timer = self._loop.call_later(self._idle, transport.abort)

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 (asyncio's name)
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self not in self._opened:
            return
        self._stream.handle_read(bytes(self._buffer[:nbytes]))
        try:
            while (message := self._stream.poll_read()) is not None:
                self._answer(message)
        except DecodeError:
            self._responder.dropped += 1
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's name)
        if self._timer is not None:
            self._timer.cancel()
        self._opened.discard(self)
        self._closed.set_result(None)

    def pause_writing(self) -> None:
        """A peer that does not read is not read from either: what waits for it is bounded."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()

    def close(self) -> "asyncio.Future[None]":
        """End at once; done when it has ended."""
        self._transport.abort()
        return self._closed

    def _answer(self, message: bytes) -> None:
        self._responder.handle_read(message, self._path, self._loop.time())
        while (transmit := self._responder.poll_write()) is not None:
            self._transport.write(transmit.data)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = self._loop.call_later(self._idle, self._transport.abort)
