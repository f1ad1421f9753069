"""STUN over sockets: ask a server for one's own address. RFC 8489."""

import asyncio
import ssl
from contextlib import suppress
from ipaddress import ip_address
from random import SystemRandom
from typing import Literal

from webrtc.aio.net.network import SystemNetwork
from webrtc.aio.net.seam import Endpoint, NetworkStack, Receiver
from webrtc.core import Address, Path
from webrtc.errors import DecodeError, NotSupportedError, OperationError, ProtocolError
from webrtc.stun import Client, Integrity, Message, MessageClass, Method, ServerUri
from webrtc.stun.attributes import ErrorCode, MappedAddress, XorMappedAddress
from webrtc.stun.client import ResponseReceived
from webrtc.stun.credentials import LongTermCredentials
from webrtc.stun.registry import Code
from webrtc.stun.stream import MessageStream
from webrtc.stun.transaction import RTO, TI, TransactionFailed
from webrtc.stun.uri import parse_uri

_READ_SIZE = 4096
_CHALLENGES = frozenset({Code.UNAUTHENTICATED, Code.STALE_NONCE})

_End = ResponseReceived | TransactionFailed


async def discover(
    server: str | ServerUri,
    *,
    protocol: Literal["udp", "tcp"] | None = None,
    network: NetworkStack | None = None,
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
        network: NetworkStack | None = None,
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


class _Datagrams(Receiver):
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
            self._timer = self._loop.call_at(deadline, self._handle_timer, deadline)

    def close(self) -> None:
        """Release the endpoint and the timer."""
        self._endpoint.close()
        self._stop()

    def _handle_timer(self, deadline: float) -> None:
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


def _now() -> float:
    return asyncio.get_running_loop().time()


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
