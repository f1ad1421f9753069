"""The Python behind the page: it opens data channels, whose label says what for, and a picture."""

import asyncio
import hashlib
import json
import time

from webrtc import EncodedTrack, RTCDataChannel, RTCPeerConnection, RTCTrackEvent
from webrtc.cli.memory import resident
from webrtc.errors import ConnectionFailed, InvalidStateError


def serve(pc: RTCPeerConnection) -> None:
    """Serve every channel that the page opens on `pc`, and send back what it shows."""
    pc.on("track", reflect)

    @pc.on("datachannel")
    async def opened(channel: RTCDataChannel) -> None:
        try:
            await SERVICES[channel.label](channel)
        except (ConnectionFailed, InvalidStateError):
            pass  # the page has gone
        except (KeyError, ValueError):
            channel.close()  # the page asked for something else


async def reflect(event: RTCTrackEvent) -> None:
    """Send the page's picture back, frame by frame, as the browser has encoded it."""
    event.transceiver.direction = "sendrecv"
    mirror = None
    async for frame in event.receiver.encoded_frames():
        if mirror is None:
            mirror = EncodedTrack(event.track.kind, frame.codec)
            mirror.on("keyframerequest", lambda _: event.receiver.request_keyframe())
            await event.transceiver.sender.replace_track(mirror)
        mirror.send(frame)


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
