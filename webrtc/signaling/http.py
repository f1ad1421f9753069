"""One WebSocket, one peer connection: offer, answer, candidates, renegotiation, ICE restart.

The WebSocket is the session. While it is open the client may send further offers and both sides
candidates; when it closes, the server closes its peer connection.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from inspect import iscoroutinefunction
from typing import TypeAlias, Unpack

import aiohttp
from aiohttp import web

from webrtc import RTCIceCandidate, RTCPeerConnection, RTCSessionDescription, SettingEngine
from webrtc.errors import ConnectionFailed, DecodeError, OperationError, WebRTCError
from webrtc.signaling.door import Door, Rules
from webrtc.signaling.message import Failure, Message, Trickle, decode
from webrtc.signaling.refusal import refusal

MAX_CANDIDATES = 256
"""Candidates taken from one peer between two of its descriptions."""

MAX_DESCRIPTIONS = 32
"""Descriptions taken from one peer until it has connected, and again when it has lost that."""

_HEARTBEAT = 15.0
_CLOSE_TIMEOUT = 2.0
_log = logging.getLogger("webrtc.signaling")

WebSocket: TypeAlias = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


SETTINGS = SettingEngine(give_up_after=0.0, candidates_at_once=True)
"""What an `Answerer` gives its connections: a client that is lost comes back with a new session."""


def _create() -> RTCPeerConnection:
    return RTCPeerConnection(settings=SETTINGS)


class Answerer:
    """Answers offers: `app.router.add_get("/signal", Answerer(accept).handle)`.

    `accept(pc, request)`, a plain function, is called with each new peer connection before its
    offer is applied, the place to register handlers and to add tracks. A WebRTCError it raises is
    told to the client. What has to be awaited belongs into a handler, or before the first request.
    Further arguments say who may call, see `webrtc.signaling.Rules`.
    `create` makes it; by default with `SETTINGS`, so that `await pc.closed()` returns once the
    client has left or is lost, and the session ends with it.
    """

    def __init__(
        self,
        accept: Callable[[RTCPeerConnection, web.Request], None],
        *,
        create: Callable[[], RTCPeerConnection] = _create,
        max_sessions: int = 100,
        max_message: int = 2**20,
        connect_timeout: float = 30.0,
        **rules: Unpack[Rules],
    ) -> None:
        if iscoroutinefunction(accept):
            raise TypeError("accept is a coroutine function: nobody would await it")
        self._accept = accept
        self._create = create
        self._max_sessions = max_sessions
        """Further WebSockets are refused with 503."""
        self._max_message = max_message
        """Largest signalling message in bytes; a larger one closes its WebSocket."""
        self._connect_timeout = connect_timeout
        """A session that has been without a connection this long is closed."""
        self._door = Door(**rules)
        self._sockets: set[web.WebSocketResponse] = set()

    @property
    def sessions(self) -> int:
        """How many WebSockets are open."""
        return len(self._sockets)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket: the aiohttp route handler."""
        socket = web.WebSocketResponse(
            heartbeat=_HEARTBEAT, timeout=_CLOSE_TIMEOUT, max_msg_size=self._max_message
        )
        if not socket.can_prepare(request):
            raise refusal(web.HTTPUpgradeRequired, "expected a WebSocket", Upgrade="websocket")
        async with self._door.admit(request):
            if len(self._sockets) >= self._max_sessions:
                reason = f"{self._max_sessions} sessions are open"
                raise refusal(web.HTTPServiceUnavailable, reason, **{"Retry-After": "5"})
            self._sockets.add(socket)
            try:
                await socket.prepare(request)
                await self._serve(socket, request)
            finally:
                self._sockets.discard(socket)
        return socket

    async def close(self) -> None:
        """Close every WebSocket and with it every peer connection: for `app.on_shutdown`."""
        code = aiohttp.WSCloseCode.GOING_AWAY
        await asyncio.gather(*(socket.close(code=code) for socket in list(self._sockets)))

    async def _serve(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        async with self._create() as pc:
            try:
                self._accept(pc, request)
                async with (
                    _connected_within(self._connect_timeout, pc),
                    _hung_up_with(pc, socket),
                ):
                    await _Exchange(pc, socket).run()
            except TimeoutError:
                await _fail(socket, f"not connected for {self._connect_timeout:g} s")
            except WebRTCError as error:
                await _fail(socket, str(error))


@asynccontextmanager
async def connect(url: str, pc: RTCPeerConnection, timeout: float = 30.0) -> AsyncIterator[None]:  # noqa: ASYNC109 - the time covers the entry only
    """Offer what `pc` holds to the `Answerer` at `url`, and stay in touch during the block.

    The block begins when `pc` is connected. Raises ConnectionFailed when that does not happen.
    """
    async with aiohttp.ClientSession() as session:
        try:
            socket = await session.ws_connect(url, heartbeat=_HEARTBEAT)
        except aiohttp.ClientError as error:
            raise ConnectionFailed(f"no signalling at {url}: {error}") from error
        async with socket:
            exchange = _Exchange(pc, socket)
            reader = asyncio.ensure_future(exchange.run())
            try:
                await exchange.offer()
                await _first(reader, asyncio.ensure_future(pc.wait_connected(timeout)))
                yield
            finally:
                exchange.detach()
                reader.cancel()
                await asyncio.gather(reader, return_exceptions=True)


class _Exchange:
    """Moves descriptions and candidates between `pc` and `socket`."""

    def __init__(self, pc: RTCPeerConnection, socket: WebSocket) -> None:
        self._pc = pc
        self._socket = socket
        self._order = asyncio.Lock()  # a description goes out before the candidates it names
        self._candidates = self._descriptions = 0
        pc.on("icecandidate", self._trickle)

    async def run(self) -> None:
        """Take the other side's messages until the WebSocket closes."""
        async for frame in self._socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                raise DecodeError("expected a text message")
            await self._take(decode(frame.data))

    async def offer(self) -> None:
        """Send an offer, and further ones when they are needed."""
        self._pc.on("negotiationneeded", self.offer)
        async with self._order:
            await self._pc.set_local_description(await self._pc.create_offer())
            await self._send(self._pc.local_description)

    def detach(self) -> None:
        """Leave the peer connection alone from here on."""
        handlers = {"icecandidate": self._trickle, "negotiationneeded": self.offer}
        for event, handler in handlers.items():
            if handler in self._pc.listeners(event):
                self._pc.remove_listener(event, handler)

    async def _take(self, message: Message) -> None:
        match message:
            case RTCSessionDescription():
                self._count_description()
                await self._pc.set_remote_description(message)
                if message.type == "offer":
                    await self._answer()
            case Trickle(candidate):
                self._candidates += 1
                if self._candidates > MAX_CANDIDATES:
                    raise DecodeError(f"more than {MAX_CANDIDATES} candidates")
                await self._add(candidate)
            case Failure(reason):
                raise ConnectionFailed(reason)

    def _count_description(self) -> None:
        self._candidates = 0
        self._descriptions += 1
        if self._pc.connection_state == "connected":
            self._descriptions = 0
        if self._descriptions > MAX_DESCRIPTIONS:
            raise DecodeError(f"more than {MAX_DESCRIPTIONS} descriptions without a connection")

    async def _add(self, candidate: RTCIceCandidate | None) -> None:
        try:
            await self._pc.add_ice_candidate(candidate)
        except OperationError as error:  # of another generation, or of a kind not known here
            _log.debug("candidate ignored: %s", error)

    async def _answer(self) -> None:
        async with self._order:
            await self._pc.set_local_description(await self._pc.create_answer())
            await self._send(self._pc.local_description)

    async def _trickle(self, candidate: RTCIceCandidate | None) -> None:
        async with self._order:
            await self._send(Trickle(candidate))

    async def _send(self, message: Message | None) -> None:
        if message is not None:
            with suppress(ConnectionResetError):  # closed meanwhile; `run` ends too
                await self._socket.send_json(message.to_json())


@asynccontextmanager
async def _connected_within(seconds: float, pc: RTCPeerConnection) -> AsyncIterator[None]:
    """Raise TimeoutError in the block once `pc` has not been connected for `seconds`."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(seconds) as limit:

        def adjust() -> None:
            if pc.connection_state == "connected":
                limit.reschedule(None)
            elif limit.when() is None:
                limit.reschedule(loop.time() + seconds)

        pc.on("connectionstatechange", adjust)
        try:
            yield
        finally:
            pc.remove_listener("connectionstatechange", adjust)


@asynccontextmanager
async def _hung_up_with(pc: RTCPeerConnection, socket: WebSocket) -> AsyncIterator[None]:
    """Close `socket` when `pc` ends in the block."""

    async def hang_up() -> None:
        await pc.closed()
        await socket.close()

    task = asyncio.ensure_future(hang_up())
    try:
        yield
    finally:
        task.cancel()


async def _first(reader: asyncio.Future[None], connected: asyncio.Future[None]) -> None:
    """Wait for `connected`, but not longer than signalling lasts."""
    try:
        await asyncio.wait({reader, connected}, return_when=asyncio.FIRST_COMPLETED)
        if connected.done():
            await connected
        else:
            await reader
            raise ConnectionFailed("the server closed the signalling WebSocket")
    finally:
        connected.cancel()


async def _fail(socket: web.WebSocketResponse, reason: str) -> None:
    _log.info("session closed: %s", reason)
    with suppress(ConnectionResetError):
        await socket.send_json(Failure(reason).to_json())
    await socket.close(code=aiohttp.WSCloseCode.POLICY_VIOLATION)
