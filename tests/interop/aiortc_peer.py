"""aiortc's peer connections, driven over standard input and output; has its own environment.

In:  {id, op, ...arguments}
Out: {id, result} or {id, error}, and {event, connection, ...} at any time
"""

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import sys
from typing import Any

import aiortc  # type: ignore[import-not-found, unused-ignore]  # lives in an environment of its own
from aiortc.sdp import (  # type: ignore[import-not-found, unused-ignore]  # the same
    candidate_from_sdp,
)

AHEAD = 1 << 20
STATES = ("connectionState", "iceConnectionState", "iceGatheringState", "signalingState")
Json = dict[str, Any]

connections: dict[int, Any] = {}
channels: dict[int, "Inbox"] = {}


def tell(message: Json) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Inbox:
    """A data channel and the messages that nobody has asked for yet."""

    def __init__(self, connection: int, number: int, channel: Any) -> None:
        self.channel = channel
        self.echoes = False
        self._waiting: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._low = asyncio.Event()
        channel.bufferedAmountLowThreshold = AHEAD // 2
        channel.on("message", self._on_message)
        channel.on("bufferedamountlow", self._low.set)
        for name in ("open", "close"):
            event = {"event": name, "connection": connection, "channel": number}
            channel.on(name, lambda event=event: tell(event))
        if channel.readyState == "open":
            tell({"event": "open", "connection": connection, "channel": number})

    async def take(self, count: int) -> list[Json]:
        return [pack(await self._waiting.get()) for _ in range(count)]

    async def pour(self, total: int, size: int) -> str:
        data = os.urandom(total)
        for at in range(0, total, size):
            if self.channel.bufferedAmount > AHEAD:
                self._low.clear()
                await self._low.wait()
            self.channel.send(data[at : at + size])
        return hashlib.sha256(data).hexdigest()

    async def drain(self, total: int) -> str:
        digest, received = hashlib.sha256(), 0
        while received < total:
            message = await self._waiting.get()
            assert isinstance(message, bytes)
            digest.update(message)
            received += len(message)
        return digest.hexdigest()

    def _on_message(self, message: str | bytes) -> None:
        if self.echoes:
            self.channel.send(message)
        else:
            self._waiting.put_nowait(message)


def adopt(connection: int, channel: Any) -> int:
    number = len(channels)
    channels[number] = Inbox(connection, number, channel)
    return number


def description_of(channel: Any) -> Json:
    names = ["label", "protocol", "ordered", "maxRetransmits", "maxPacketLifeTime"]
    names += ["negotiated", "id", "readyState"]
    return {name: getattr(channel, name) for name in names}


class Watched:
    """A track of the peer: how many frames of it were decoded."""

    def __init__(self, track: Any) -> None:
        self.frames = 0
        self._reading = asyncio.ensure_future(self._read(track))

    async def _read(self, track: Any) -> None:
        with contextlib.suppress(aiortc.mediastreams.MediaStreamError):
            while True:
                await track.recv()
                self.frames += 1


class Sent:
    """A track that counts what it gives; it is green, or silent."""

    def __init__(self, source: Any) -> None:
        self.frames = 0
        self.source = source
        self._recv = source.recv
        source.recv = self._next

    async def _next(self) -> Any:
        frame = await self._recv()
        self.frames += 1
        return frame


watched: dict[int, dict[str, Watched]] = {}
sent: dict[int, dict[str, Sent]] = {}


class Operations:
    """The methods are the operations of the protocol."""

    def open(self, connection: int, configuration: Json) -> None:
        servers = [aiortc.RTCIceServer(**server) for server in configuration.get("iceServers", [])]
        pc = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=servers))
        connections[connection] = pc
        base = {"connection": connection}

        def appeared(channel: Any) -> None:
            event = {"event": "channel", **base, "parameters": description_of(channel)}
            tell({**event, "channel": adopt(connection, channel)})

        def changed(field: str) -> None:
            tell({"event": "state", **base, "field": field, "value": getattr(pc, field)})

        pc.on("datachannel", appeared)
        for field in STATES:
            pc.on(f"{field.lower()}change", lambda field=field: changed(field))

    def add_tracks(self, connection: int, codec: str | None) -> None:
        """Send green pictures and silence; `codec` is the one to prefer."""
        pc = connections[connection]
        for source in (aiortc.AudioStreamTrack(), aiortc.VideoStreamTrack()):
            sent.setdefault(connection, {})[source.kind] = Sent(source)
            pc.addTrack(source)
        if codec is not None:
            chosen = [
                each
                for each in aiortc.RTCRtpSender.getCapabilities("video").codecs
                if each.mimeType.lower() in (f"video/{codec.lower()}", "video/rtx")
            ]
            pc.getTransceivers()[-1].setCodecPreferences(chosen)

        @pc.on("track")  # type: ignore[untyped-decorator, unused-ignore]
        def appeared(track: Any) -> None:
            watched.setdefault(connection, {})[track.kind] = Watched(track)

    def counted(self, connection: int) -> Json:
        """Frames that were sent and decoded, as a browser's statistics name them."""
        found: Json = {}
        for kind, track in sent[connection].items():
            found[f"{kind} outbound"] = {"framesSent": track.frames, "packetsSent": track.frames}
        for kind, seen in watched.get(connection, {}).items():
            found[f"{kind} inbound"] = {
                "framesDecoded": seen.frames,
                "packetsReceived": seen.frames,
            }
        return found

    def create_channel(self, connection: int, label: str, options: Json) -> int:
        return adopt(connection, connections[connection].createDataChannel(label, **options))

    async def offer(self, connection: int, restart: bool, whole: bool) -> Json:
        pc = connections[connection]
        await pc.setLocalDescription(await pc.createOffer())
        return {"type": pc.localDescription.type, "sdp": pc.localDescription.sdp}

    async def answer(self, connection: int, description: Json, whole: bool) -> Json:
        pc = connections[connection]
        await pc.setRemoteDescription(aiortc.RTCSessionDescription(**description))
        await pc.setLocalDescription(await pc.createAnswer())
        return {"type": pc.localDescription.type, "sdp": pc.localDescription.sdp}

    async def accept(self, connection: int, description: Json) -> None:
        pc = connections[connection]
        await pc.setRemoteDescription(aiortc.RTCSessionDescription(**description))

    async def candidate(self, connection: int, candidate: Json | None) -> None:
        parsed = None
        if candidate is not None and candidate["candidate"]:
            parsed = candidate_from_sdp(candidate["candidate"].removeprefix("candidate:"))
            parsed.sdpMid = candidate.get("sdpMid")
            parsed.sdpMLineIndex = candidate.get("sdpMLineIndex")
        await connections[connection].addIceCandidate(parsed)

    def describe(self, channel: int) -> Json:
        return description_of(channels[channel].channel)

    def send(self, channel: int, message: Json) -> None:
        channels[channel].channel.send(unpack(message))

    async def take(self, channel: int, count: int) -> list[Json]:
        return await channels[channel].take(count)

    def echo(self, channel: int) -> None:
        channels[channel].echoes = True

    async def pour(self, channel: int, total: int, size: int) -> str:
        return await channels[channel].pour(total, size)

    async def drain(self, channel: int, total: int) -> str:
        return await channels[channel].drain(total)

    def close_channel(self, channel: int) -> None:
        channels[channel].channel.close()

    async def close(self, connection: int) -> None:
        await connections[connection].close()

    def diagnosis(self, connection: int) -> Json:
        pc = connections[connection]
        return {
            "states": [getattr(pc, field) for field in STATES],
            "local": pc.localDescription and pc.localDescription.sdp,
            "remote": pc.remoteDescription and pc.remoteDescription.sdp,
        }


def pack(message: str | bytes) -> Json:
    if isinstance(message, str):
        return {"text": message}
    return {"base64": base64.b64encode(message).decode()}


def unpack(message: Json) -> str | bytes:
    if "text" in message:
        return str(message["text"])
    return base64.b64decode(message["base64"])


async def perform(operations: Operations, request: Json) -> None:
    number, op = request.pop("id"), request.pop("op")
    try:
        result = getattr(operations, op)(**request)
        if asyncio.iscoroutine(result):
            result = await result
        tell({"id": number, "result": result})
    except Exception as error:  # the test shall see it, whatever it is
        tell({"id": number, "error": f"{type(error).__name__}: {error}"})


async def main() -> None:
    reader = asyncio.StreamReader(limit=1 << 20)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tell({"event": "ready", "agent": f"aiortc {aiortc.__version__}"})
    operations = Operations()
    tasks: set[asyncio.Task[None]] = set()
    while line := await reader.readline():
        task = asyncio.create_task(perform(operations, json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    for pc in connections.values():
        await pc.close()


if __name__ == "__main__":
    asyncio.run(main())
