"""One offer and its answer between two programs that only share the address of a web server.

Who waits opens a WebSocket at `/rendezvous` and is given a number. Who calls POSTs an offer, with
all its candidates, to `/rendezvous/NUMBER`, and the answer is the response. A number is no secret:
who needs to know who is calling has to ask over the connection itself.
"""

import asyncio
import json
import logging
from contextlib import suppress
from functools import partial
from random import Random, SystemRandom
from typing import TypeAlias, Unpack

import aiohttp
from aiohttp import web

from webrtc import RTCSessionDescription
from webrtc.errors import DecodeError
from webrtc.signaling.door import Door, Rules
from webrtc.signaling.message import Failure, decode
from webrtc.signaling.refusal import refusal

_HEARTBEAT = 15.0
_CLOSE_TIMEOUT = 2.0
_log = logging.getLogger("webrtc.signaling")

Reply: TypeAlias = RTCSessionDescription | Failure
BUSY = Failure("too many are calling this number")


class Rendezvous:
    """The server: `web.run_app(Rendezvous().application())`.

    Further arguments say who may call, see `webrtc.signaling.Rules`.
    """

    def __init__(
        self,
        *,
        max_waiting: int = 100,
        max_calls: int = 4,
        max_message: int = 2**16,
        body_timeout: float = 10.0,
        answer_timeout: float = 30.0,
        random: Random | None = None,
        **rules: Unpack[Rules],
    ) -> None:
        self._max_waiting = max_waiting
        """Further WebSockets are refused with 503."""
        self._max_calls = max_calls
        """Calls of one number that wait for their answer; one more ends the oldest with 503."""
        self._max_message = max_message
        """Bytes of an offer or an answer."""
        self._body_timeout = body_timeout
        """Seconds in which an offer has to arrive; 408 says that it did not."""
        self._answer_timeout = answer_timeout
        """Seconds until a call without an answer fails with 504."""
        self._random = random or SystemRandom()
        self._door = Door(**rules)
        self._waiting: dict[int, _Waiting] = {}

    def application(self) -> web.Application:
        """The routes, to be served alone or as a part of something larger."""
        app = web.Application()
        app.router.add_get("/rendezvous", self._wait)
        app.router.add_post("/rendezvous/{number:[0-9]{1,6}}", self._call)
        app.on_shutdown.append(self._shut_down)
        return app

    async def _wait(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(
            heartbeat=_HEARTBEAT, timeout=_CLOSE_TIMEOUT, max_msg_size=self._max_message
        )
        if not socket.can_prepare(request):
            raise refusal(web.HTTPUpgradeRequired, "expected a WebSocket")
        async with self._door.admit(request):
            if len(self._waiting) >= self._max_waiting:
                raise refusal(web.HTTPServiceUnavailable, f"{self._max_waiting} are waiting")
            number = self._free_number()
            waiting = self._waiting[number] = _Waiting(socket)
            try:
                await socket.prepare(request)
                await socket.send_json({"type": "number", "number": number})
                await waiting.run()
            finally:
                del self._waiting[number]
                waiting.end()
        return socket

    async def _call(self, request: web.Request) -> web.Response:
        async with self._door.admit(request):
            offer = await self._offer(request)
            waiting = self._waiting.get(int(request.match_info["number"]))
            if waiting is None:
                raise refusal(web.HTTPNotFound, "nobody waits under this number")
            waiting.make_room(self._max_calls)
            try:
                async with asyncio.timeout(self._answer_timeout):
                    reply = await waiting.ask(offer)
            except TimeoutError:
                seconds = f"{self._answer_timeout:g} s"
                raise refusal(web.HTTPGatewayTimeout, f"no answer within {seconds}") from None
        if isinstance(reply, Failure):
            kind = web.HTTPServiceUnavailable if reply is BUSY else web.HTTPBadGateway
            raise refusal(kind, reply.reason[:200])
        return web.json_response(reply.to_json())

    async def _offer(self, request: web.Request) -> RTCSessionDescription:
        if request.content_type != "application/json":  # what a page could send without being asked
            raise refusal(web.HTTPUnsupportedMediaType, "expected JSON")
        try:
            offer = decode((await self._body(request)).decode())
        except (DecodeError, UnicodeDecodeError) as error:
            raise refusal(web.HTTPBadRequest, str(error)) from error
        if not isinstance(offer, RTCSessionDescription) or offer.type != "offer":
            raise refusal(web.HTTPBadRequest, "expected an offer")
        return offer

    async def _body(self, request: web.Request) -> bytes:
        """Read it within our limits, whatever those of the application are that we are part of."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_timeout):
                async for part in request.content.iter_any():
                    body += part
                    if len(body) > self._max_message:
                        kind = partial(web.HTTPRequestEntityTooLarge, self._max_message, len(body))
                        raise refusal(kind, f"more than {self._max_message} bytes")
        except TimeoutError:
            seconds = f"{self._body_timeout:g} s"
            raise refusal(web.HTTPRequestTimeout, f"no offer within {seconds}") from None
        return bytes(body)

    def _free_number(self) -> int:
        """A short one, but not always the same: who calls an old number had better reach nobody."""
        numbers = range(1, 2 * self._max_waiting + 1)
        return self._random.choice([each for each in numbers if each not in self._waiting])

    async def _shut_down(self, _: web.Application) -> None:
        code = aiohttp.WSCloseCode.GOING_AWAY
        sockets = [waiting.socket for waiting in self._waiting.values()]
        await asyncio.gather(*(socket.close(code=code) for socket in sockets))


class _Waiting:
    """Somebody who waits, and the calls that have no answer yet."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.calls: dict[int, asyncio.Future[Reply]] = {}
        self._last = 0

    async def run(self) -> None:
        """Take replies until the WebSocket closes, or says what makes no sense."""
        async for frame in self.socket:
            try:
                number, reply = _reply(frame)
            except DecodeError as error:
                _log.info("rendezvous closed: %s", error)
                return
            call = self.calls.get(number)
            if call is not None and not call.done():
                call.set_result(reply)

    def make_room(self, limit: int) -> None:
        """End the oldest calls, so that with one more there are `limit` at most."""
        waiting = [call for call in self.calls.values() if not call.done()]
        for call in waiting[: max(len(waiting) + 1 - limit, 0)]:
            call.set_result(BUSY)

    async def ask(self, offer: RTCSessionDescription) -> Reply:
        """Pass on a call and wait for its reply."""
        self._last += 1
        number = self._last
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.calls[number] = reply
        try:
            with suppress(ConnectionResetError):  # closed meanwhile; `end` follows
                await self.socket.send_json({"id": number, **offer.to_json()})
            return await reply
        finally:
            del self.calls[number]

    def end(self) -> None:
        """Nobody is there any more."""
        for call in self.calls.values():
            if not call.done():
                call.set_result(Failure("who waited there has gone"))


def _reply(frame: aiohttp.WSMessage) -> tuple[int, Reply]:
    if frame.type is not aiohttp.WSMsgType.TEXT:
        raise DecodeError("expected a text message")
    reply = decode(frame.data)
    match json.loads(frame.data).get("id"), reply:
        case int(number), Failure() | RTCSessionDescription(type="answer"):
            return number, reply
    raise DecodeError("expected an answer or an error with the id of a call")
