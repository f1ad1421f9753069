"""`webrtc receive`: call the sender, prove to know the code, receive one file."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from webrtc import RTCIceServer, RTCPeerConnection
from webrtc.cli.display import Display
from webrtc.cli.sending import CONNECT_TIMEOUT, FAREWELL
from webrtc.errors import ConnectionFailed
from webrtc.signaling import Busy, call
from webrtc.transfer import PROTOCOL, Code, Transfer, closed, prove, receive_file

PAUSE = 1.0
"""Seconds between two attempts to come back."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to call, and where to put the file."""

    code: Code
    url: str
    directory: Path
    overwrite: bool
    stun: tuple[RTCIceServer, ...]
    retry: float
    """Seconds in which a lost connection has to come back, or a busy sender to have time."""


async def receive(console: Console, plan: Plan) -> None:
    """Do it. Raises WebRTCError or OSError when it cannot be done."""
    with Display(console) as display:
        transfer = await _Receiver(display, plan).run()
        display.done(transfer)
        display.say("stored", str(transfer.path))


class _Receiver:
    """Comes back when the connection is lost."""

    def __init__(self, display: Display, plan: Plan) -> None:
        self._display = display
        self._plan = plan
        self._connected = self._admitted = False

    async def run(self) -> Transfer:
        loop = asyncio.get_running_loop()
        deadline: float | None = None
        while True:
            self._connected = self._admitted = False
            try:
                async with RTCPeerConnection(ice_servers=self._plan.stun) as pc:
                    return await self._attempt(pc)
            except ConnectionFailed as error:
                if self._admitted:
                    deadline = loop.time() + self._plan.retry
                    self._display.say("lost", f"{error}; trying again")
                elif deadline is None and (self._connected or isinstance(error, Busy)):
                    # Others may crowd the sender; they have to make room for who comes later.
                    deadline = loop.time() + self._plan.retry
                    self._display.say("busy", f"{error}; trying again")
                if deadline is None or loop.time() >= deadline:
                    raise
            await asyncio.sleep(PAUSE)

    async def _attempt(self, pc: RTCPeerConnection) -> Transfer:
        plan = self._plan
        channel = pc.create_data_channel("file", protocol=PROTOCOL)
        await pc.set_local_description()
        await pc.gathered()
        offer = pc.local_description
        if offer is None:
            raise ConnectionFailed("the connection was closed")
        await pc.set_remote_description(await call(plan.url, plan.code.number, offer))
        await pc.wait_connected(CONNECT_TIMEOUT)
        self._connected = True
        await channel.opened()
        await prove(pc, channel, plan.code)
        self._admitted = True
        self._display.connected(pc)
        try:
            return await receive_file(
                channel,
                plan.directory,
                progress=self._display.update,
                overwrite=plan.overwrite,
            )
        except asyncio.CancelledError:
            await closed(channel, FAREWELL)
            raise
