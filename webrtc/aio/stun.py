"""STUN over sockets: ask a server for one's own address, and be such a server. RFC 8489."""

import asyncio
import ssl
from contextlib import suppress
from ipaddress import ip_address
from random import SystemRandom
from types import TracebackType
from typing import Literal, Self

from webrtc.aio.network import Endpoint, Network, SystemNetwork
from webrtc.core import Address, Path
from webrtc.errors import DecodeError, NotSupportedError, OperationError, ProtocolError
from webrtc.stun import Client, Integrity, Message, MessageClass, Method, Responder, ServerUri
from webrtc.stun.attributes import ErrorCode, MappedAddress, XorMappedAddress
from webrtc.stun.client import ResponseReceived
from webrtc.stun.credentials import LongTermCredentials
from webrtc.stun.registry import Code
from webrtc.stun.stream import MessageStream
from webrtc.stun.transaction import RTO, TI, TransactionFailed
from webrtc.stun.uri import parse_uri

_READ_SIZE = 4096
_PORT_ATTEMPTS = 8
_CHALLENGES = frozenset({Code.UNAUTHENTICATED, Code.STALE_NONCE})

_End = ResponseReceived | TransactionFailed


async def discover(
    server: str | ServerUri,
    *,
    protocol: Literal["udp", "tcp"] | None = None,
    network: Network | None = None,
    tls: ssl.SSLContext | None = None,
    rto: float = RTO,
) -> Address:
    """The address that `server` (`stun:host`, `stuns:host:port`) sees us with.

    Raises InvalidAccessError when `server` is no STUN URI, and what `request` raises.
    """
    uri = parse_uri(server) if isinstance(server, str) else server
    message = Message.request(Method.BINDING, (), SystemRandom())
    response = await Requester(uri, protocol=protocol, network=network, tls=tls, rto=rto).request(
        message
    )
    mapped = response.get(XorMappedAddress) or response.get(MappedAddress)
    if mapped is None:
        raise OperationError(f"the response of {uri} tells no address")
    return mapped.address


class Requester:
    """Sends requests to one server, each from a socket of its own."""

    def __init__(
        self,
        server: ServerUri,
        *,
        protocol: Literal["udp", "tcp"] | None = None,
        network: Network | None = None,
        tls: ssl.SSLContext | None = None,
        rto: float = RTO,
    ) -> None:
        """`protocol` defaults to that of the URI. A secure scheme means TLS, with `tls` if given.

        Raises NotSupportedError for a secure scheme over UDP.
        """
        self._server = server
        self._protocol = protocol or server.transport
        self._network = network or SystemNetwork()
        self._tls = (tls or ssl.create_default_context()) if server.secure else None
        self._rto = rto
        if server.secure and self._protocol == "udp":
            raise NotSupportedError("STUN over DTLS")

    async def request(
        self, message: Message, credentials: LongTermCredentials | None = None
    ) -> Message:
        """Send `message`, over UDP again while no response comes; return the success response.

        A challenge is answered with `credentials`, in new transactions. Raises OperationError
        when the server does not answer, refuses, or cannot be reached.
        """
        content = message.attributes
        while True:
            end = await self._exchange(message, credentials)
            if isinstance(end, TransactionFailed):
                raise OperationError(f"{end.reason.value} from {self._server}")
            response = end.message
            if response.message_class is MessageClass.SUCCESS:
                if credentials is not None:
                    credentials.handle_success()
                return response
            error = response.require(ErrorCode)
            if credentials is None or error.code not in _CHALLENGES:
                raise OperationError(f"{self._server} refused the request: {error}")
            try:
                credentials.handle_challenge(response)
            except ProtocolError as reason:
                raise OperationError(f"{self._server}: {reason}") from reason
            message = Message.request(message.method, content, SystemRandom())

    async def _exchange(self, message: Message, credentials: LongTermCredentials | None) -> _End:
        key, integrity = None, Integrity.SHA1
        if credentials is not None and credentials.key is not None:
            key, integrity = credentials.key, credentials.integrity
            message = message.add(*credentials.attributes)
        client = Client(rto=self._rto)
        if self._protocol == "tcp":
            path = Path(("", 0), (self._server.host, self._server.port), "tcp")
            client.request(message, path, _now(), key=key, integrity=integrity)
            return await self._over_tcp(client, path)
        endpoint, remote = await self._bind()
        datagrams = _Datagrams(client, endpoint)
        try:
            path = Path(endpoint.local, remote)
            client.request(message, path, _now(), key=key, integrity=integrity)
            datagrams.flush()
            return await datagrams.end
        finally:
            datagrams.close()

    async def _bind(self) -> tuple[Endpoint, Address]:
        """An endpoint, and an address of the server that is of its family."""
        host = self._server.host
        try:
            hosts = [host] if _is_address(host) else await self._network.resolve(host)
        except OSError as error:
            raise OperationError(f"cannot resolve {host}: {error}") from error
        reason = OSError("it has no address")
        for one in hosts:
            try:
                endpoint = self._network.bind(("::" if ":" in one else "0.0.0.0", 0))  # noqa: S104 (a client's socket)
            except OSError as error:
                reason = error
            else:
                return endpoint, (one, self._server.port)
        raise OperationError(f"cannot send to {host}: {reason}") from reason

    async def _over_tcp(self, client: Client, path: Path) -> _End:
        name = self._server.host if self._tls else None
        try:
            async with asyncio.timeout(TI):
                reader, writer = await asyncio.open_connection(
                    *path.remote, ssl=self._tls, server_hostname=name
                )
                try:
                    return await _converse(client, path, reader, writer)
                finally:
                    writer.transport.abort()
                    with suppress(OSError):
                        await writer.wait_closed()
        except TimeoutError as error:
            raise OperationError(f"no response from {self._server} in {TI} s") from error
        except (OSError, DecodeError) as error:
            raise OperationError(f"{self._server}: {error}") from error


class _Datagrams:
    """Feeds one client from one endpoint until its request has ended."""

    def __init__(self, client: Client, endpoint: Endpoint) -> None:
        self._loop = asyncio.get_running_loop()
        self.end: asyncio.Future[_End] = self._loop.create_future()
        self._client = client
        self._endpoint = endpoint
        self._timer: asyncio.TimerHandle | None = None
        endpoint.start(self)

    def receive(self, data: bytes, path: Path) -> None:
        self._client.handle_read(data, path, self._loop.time())

    def flush(self) -> None:
        while (transmit := self._client.poll_write()) is not None:
            self._endpoint.send([transmit])
        event = self._client.poll_event()
        if event is not None and not self.end.done():
            self.end.set_result(event)
        deadline = self._client.poll_timeout()
        self._stop()
        if deadline is not None and not self.end.done():
            self._timer = self._loop.call_at(deadline, self._on_timer, deadline)

    def close(self) -> None:
        """Release the endpoint and the timer."""
        self._endpoint.close()
        self._stop()

    def _on_timer(self, deadline: float) -> None:
        # The loop may run a timer a clock tick early.
        self._client.handle_timeout(max(deadline, self._loop.time()))
        self.flush()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


async def _converse(
    client: Client, path: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> _End:
    while (transmit := client.poll_write()) is not None:
        writer.write(transmit.data)
    stream = MessageStream()
    while (event := client.poll_event()) is None:
        data = await reader.read(_READ_SIZE)
        if not data:
            raise ConnectionResetError("the server closed the connection")
        stream.handle_read(data)
        while (message := stream.poll_read()) is not None:
            client.handle_read(message, path, _now())
    return event


class Server:
    """A Binding server on a UDP and a TCP port of the same number.

    Use it with `async with`. On a network other than the system's it serves UDP alone.
    """

    def __init__(
        self,
        address: Address = ("127.0.0.1", 0),
        *,
        responder: Responder | None = None,
        network: Network | None = None,
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
        self.responder.handle_read(data, path, _now())

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


def _now() -> float:
    return asyncio.get_running_loop().time()


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
