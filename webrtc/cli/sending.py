"""`webrtc send`: wait for who knows the code, and send one file."""

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from random import SystemRandom
from typing import Any

from rich.console import Console
from rich.filesize import decimal

from webrtc import RTCDataChannel, RTCIceServer, RTCPeerConnection
from webrtc.aio.net.network import SystemNetwork
from webrtc.cli.callers import Caller, Callers
from webrtc.cli.demo import in_url
from webrtc.cli.display import Display
from webrtc.cli.listening import listen
from webrtc.errors import ConnectionFailed, WebRTCError
from webrtc.signaling import Call, Place, Rendezvous, wait_for_calls
from webrtc.transfer import (
    Code,
    Guard,
    Transfer,
    TransferError,
    WrongCode,
    closed,
    send_file,
)

PORT = 8790
URL = f"http://localhost:{PORT}"
"""Where `webrtc receive` looks."""
CONNECT_TIMEOUT = 30.0
FAREWELL = 2.0
"""Seconds in which the other side may hear that this one was stopped."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send, and where to wait."""

    path: Path
    url: str | None
    """Of a rendezvous; None serves one at `host` and `port`."""
    host: str
    port: int
    stun: tuple[RTCIceServer, ...]
    words: int
    wait: float
    """Seconds until somebody has to have come."""


async def send(console: Console, plan: Plan) -> None:
    """Do it. Raises WebRTCError or OSError when it cannot be done."""
    found = plan.path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise TransferError(f"{plan.path} is not a regular file")
    with Display(console) as display:
        async with _rendezvous(plan) as (own, shown), wait_for_calls(own) as place:
            code = Code.generate(place.number, SystemRandom(), plan.words)
            display.say("sending", f"{plan.path.name}  {decimal(found.st_size)}")
            display.say("code", str(code))
            where = "" if shown == URL else f" --url {shown}"
            display.say("receive", f"webrtc receive {code}{where}")
            display.done(await Sender(display, plan, Guard(code)).run(place))


class Sender:
    """Serves callers until one of them has the file."""

    def __init__(self, display: Display, plan: Plan, guard: Guard) -> None:
        self._display = display
        self._plan = plan
        self._guard = guard
        self._done: asyncio.Future[Transfer] = asyncio.get_running_loop().create_future()
        self._callers = Callers(self._connection, self._serve)
        self._current: asyncio.Task[None] | None = None
        """The session that the file is sent in."""
        self._limit = asyncio.timeout(plan.wait)

    async def run(self, place: Place) -> Transfer:
        """Raises TransferError, ConnectionFailed."""
        calls = asyncio.ensure_future(self._callers.take(place))
        try:
            async with self._limit:
                ends: set[asyncio.Future[Any]] = {calls, self._done}
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            raise ConnectionFailed(f"nobody has come for {self._plan.wait:g} s") from None
        finally:
            calls.cancel()
            await asyncio.gather(calls, return_exceptions=True)
            await self._callers.close()
        if not self._done.done():
            raise ConnectionFailed("the rendezvous has gone")
        return self._done.result()

    def _connection(self) -> RTCPeerConnection:
        return RTCPeerConnection(ice_servers=self._plan.stun)

    async def _serve(self, caller: Caller) -> None:
        pc = caller.pc
        try:
            announced = await _answer(pc, caller.call)
            self._callers.answered(caller)
            channel = await _channel(pc, announced)
            await self._guard.check(pc, channel)
        except (WebRTCError, TimeoutError) as error:
            self._refuse(error)
            return
        self._callers.proven(caller)
        await self._replace_current()
        self._display.connected(pc)
        self._limit.reschedule(None)
        await self._send(channel)

    def _refuse(self, error: Exception) -> None:
        self._display.say("refused", str(error) or "the caller did nothing")
        if self._guard.tries == 0 and not self._done.done():
            failure = WrongCode("too many wrong codes; is somebody guessing? Send again.")
            self._done.set_exception(failure)

    async def _replace_current(self) -> None:
        """Whoever comes with the code has lost the earlier connection."""
        previous, self._current = self._current, asyncio.current_task()
        if previous is not None:
            previous.cancel()
            await asyncio.wait({previous})

    async def _send(self, channel: RTCDataChannel) -> None:
        try:
            transfer = await send_file(channel, self._plan.path, progress=self._display.update)
        except ConnectionFailed as error:
            self._display.say("lost", f"{error}; waiting for the receiver to come back")
            loop = asyncio.get_running_loop()
            self._limit.reschedule(loop.time() + self._plan.wait)
        except TransferError as error:
            if not self._done.done():
                self._done.set_exception(error)
        except asyncio.CancelledError:
            await closed(channel, FAREWELL)
            raise
        else:
            self._done.set_result(transfer)


async def _answer(pc: RTCPeerConnection, call: Call) -> asyncio.Future[RTCDataChannel]:
    """Answer, and expect the caller's channel."""
    announced: asyncio.Future[RTCDataChannel] = asyncio.get_running_loop().create_future()
    pc.once("datachannel", announced.set_result)
    try:
        await pc.set_remote_description(call.offer)
        await pc.set_local_description()
        await pc.gathered()
    except WebRTCError as error:
        await call.refuse(str(error))
        raise
    if pc.local_description is not None:
        await call.answer(pc.local_description)
    return announced


async def _channel(
    pc: RTCPeerConnection, announced: asyncio.Future[RTCDataChannel]
) -> RTCDataChannel:
    """The caller's channel. Raises TimeoutError when it does not come."""
    async with asyncio.timeout(CONNECT_TIMEOUT):
        await pc.wait_connected(CONNECT_TIMEOUT)
        return await asyncio.shield(announced)


@asynccontextmanager
async def _rendezvous(plan: Plan) -> AsyncIterator[tuple[str, str]]:
    """Address of the rendezvous: for ourselves, and for the other side."""
    if plan.url is not None:
        yield plan.url, plan.url
        return
    runner, port = await listen(Rendezvous(hosts=(plan.host,)).application(), plan.host, plan.port)
    try:
        yield f"http://{in_url(plan.host)}:{port}", f"http://{in_url(_seen(plan.host))}:{port}"
    finally:
        await runner.cleanup()


def _seen(host: str) -> str:
    """An address by which others reach us when we listen at all of them."""
    if host not in {"0.0.0.0", "::"}:  # noqa: S104 - only compared
        return host
    for interface in SystemNetwork().interfaces():
        address = ip_address(interface.host.partition("%")[0])
        local = address.is_loopback or address.is_link_local
        if address.version == ip_address(host).version and not local:
            return interface.host
    return host
