"""The servers of the commands: where they listen, and what a caller may take of them."""

import asyncio
import errno
import socket
from collections.abc import Collection
from typing import cast

from aiohttp import web

from webrtc.signaling.addresses import Addresses

PORTS_TO_TRY = 20
SHUTDOWN_TIMEOUT = 2.0
HEADER_TIMEOUT = 10.0
"""Seconds in which a request has to come, up to the end of its header; else 408 is the answer."""
MAX_CONNECTIONS = 256
"""Connections at a time; further ones are answered with 503."""
MAX_CONNECTIONS_PER_ADDRESS = 64

_END_OF_HEADER = b"\r\n\r\n"


async def listen(
    app: web.Application, host: str, port: int, trusted_proxies: Collection[str] = ()
) -> tuple[web.AppRunner, int]:
    """Serve `app` at the first free port from `port` on; returns that too.

    A connection is for one request, so that its time is limited whatever comes over it.
    """
    app.on_response_prepare.append(_close_after)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT)
    sockets = bind(host, port)
    await runner.setup()
    connections = Connections(runner, trusted_proxies)
    for sock in sockets:
        await _Site(runner, sock, connections).start()
    return runner, sockets[0].getsockname()[1]


class Connections:
    """Makes the protocol of each connection, and counts those that are open."""

    def __init__(self, runner: web.AppRunner, trusted_proxies: Collection[str]) -> None:
        self._runner = runner
        self._addresses = Addresses(MAX_CONNECTIONS_PER_ADDRESS, trusted_proxies)
        self._open = 0

    def __call__(self) -> "Connection":
        """The factory that a listening socket wants."""
        server = self._runner.server
        if server is None:
            raise RuntimeError("the server has not been set up")
        return Connection(server(), self)

    def take(self, address: str) -> bool:
        """Count one more connection, unless there are too many."""
        if self._open >= MAX_CONNECTIONS or not self._addresses.take(address):
            return False
        self._open += 1
        return True

    def give_back(self, address: str) -> None:
        """Count one less."""
        self._addresses.give_back(address)
        self._open -= 1


class Connection(asyncio.Protocol):
    """Stands before the protocol of aiohttp, for what that does not limit."""

    def __init__(self, inner: asyncio.Protocol, connections: Connections) -> None:
        self._inner = inner
        self._connections = connections
        self._address: str | None = None
        """Of who is counted."""
        self._timer: asyncio.TimerHandle | None = None
        self._tail = b""
        """What came last, in which the end of the header may begin."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let in who may have one more connection."""
        stream = cast("asyncio.Transport", transport)
        peer = stream.get_extra_info("peername")
        address = str(peer[0]) if peer else ""  # who has gone already has none
        if not self._connections.take(address):
            _refuse(stream, "503 Service Unavailable")
            return
        self._address = address
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(HEADER_TIMEOUT, _refuse, stream, "408 Request Timeout")
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Pass on; the end of the header ends its time limit."""
        if self._address is None:
            return
        if self._timer is not None:
            # Ends of lines before the request are no header: aiohttp passes over them.
            seen = self._tail + data if self._tail else data.lstrip(b"\r\n")
            self._tail = seen[-len(_END_OF_HEADER) :]
            if _END_OF_HEADER in seen:
                self._stop()
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received() if self._address is not None else None

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        self._stop()
        if self._address is not None:
            self._connections.give_back(self._address)
            self._inner.connection_lost(exc)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Site(web.SockSite):
    """A listening socket whose connections are bounded."""

    def __init__(self, runner: web.AppRunner, sock: socket.socket, factory: Connections) -> None:
        super().__init__(runner, sock)
        self._factory = factory

    async def start(self) -> None:
        await web.BaseSite.start(self)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._factory, sock=self._sock)


async def _close_after(_: web.Request, response: web.StreamResponse) -> None:
    if not isinstance(response, web.WebSocketResponse):
        response.headers["Connection"] = "close"
        response.force_close()


def _refuse(transport: asyncio.Transport, status: str) -> None:
    lines = (f"HTTP/1.1 {status}", "Connection: close", "Content-Length: 0", "", "")
    transport.write("\r\n".join(lines).encode())
    transport.close()


def bind(host: str, port: int) -> list[socket.socket]:
    """Listen at every address of `host`, at the first port from `port` on that all of them have.

    Raises OSError when there is none.
    """
    last = min(port + PORTS_TO_TRY, 65536) - 1
    while True:
        try:
            return _bind_all(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or port == last:
                raise
        port += 1


def _bind_all(host: str, port: int) -> list[socket.socket]:
    bound: list[socket.socket] = []
    failure = OSError(errno.EADDRNOTAVAIL, f"no address of {host} belongs to this machine")
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, _, _, _, address in dict.fromkeys(infos):
        if port == 0 and bound:
            break  # the addresses of a name would get different ports
        try:
            bound.append(socket.create_server(address, family=family))
        except OSError as error:
            failure = error
            if error.errno == errno.EADDRINUSE:
                break
    if bound and failure.errno != errno.EADDRINUSE:
        return bound
    for sock in bound:
        sock.close()
    raise failure
