"""The Python behind the page: the page opens data channels, their label says what for."""

import asyncio
import hashlib
import json
import time

from webrtc import RTCDataChannel, RTCPeerConnection
from webrtc.cli.memory import resident
from webrtc.errors import ConnectionFailed, InvalidStateError


def serve(pc: RTCPeerConnection) -> None:
    """Serve every channel that the page opens on `pc`."""

    @pc.on("datachannel")
    async def opened(channel: RTCDataChannel) -> None:
        try:
            await SERVICES[channel.label](channel)
        except (ConnectionFailed, InvalidStateError):
            pass  # the page has gone
        except (KeyError, ValueError):
            channel.close()  # the page asked for something else


async def echo(channel: RTCDataChannel) -> None:
    """Chat and ping: send every message back."""
    async for message in channel:
        await channel.send(message)


async def take(channel: RTCDataChannel) -> None:
    """Hash what comes and send it back."""
    sha256, left = hashlib.sha256(), int(await channel.recv())
    while left > 0 and isinstance(chunk := await channel.recv(), bytes):
        sha256.update(chunk)
        left -= len(chunk)
        await channel.send(chunk)  # waits while the page is slow: memory stays flat
    await channel.send(sha256.hexdigest())


async def give(channel: RTCDataChannel) -> None:
    """Send as many bytes as the page asks for, and their hash."""
    sha256, left = hashlib.sha256(), int(await channel.recv())
    while left > 0:
        chunk = left.to_bytes(8, "big") * 8192
        sha256.update(chunk[:left])
        await channel.send(chunk[:left])
        left -= len(chunk)
    await channel.send(sha256.hexdigest())


async def vitals(channel: RTCDataChannel) -> None:
    """Tell how this process is doing, twice a second; `cpu` is its share of one core since then."""
    told, busy = time.monotonic(), time.process_time()
    while channel.ready_state == "open":
        await asyncio.sleep(0.5)
        now, used = time.monotonic(), time.process_time()
        cpu = round((used - busy) / (now - told), 2)
        told, busy = now, used
        await channel.send(json.dumps({"memory": resident(), "cpu": cpu}))


SERVICES = {"chat": echo, "ping": echo, "file": take, "ask": give, "vitals": vitals}
