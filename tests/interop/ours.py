"""Our own peer connections, in this process, behind the operations that every peer answers."""

import asyncio
import hashlib
import logging
import os
from collections import deque
from collections.abc import Callable
from typing import Any

from tests.interop.peer import Json, Message, OperationFailed, pack, unpack
from webrtc import (
    EncodedTrack,
    ForwardedTrack,
    Forwarder,
    RTCDataChannel,
    RTCIceCandidate,
    RTCPeerConnection,
    RTCTrackEvent,
)
from webrtc.errors import WebRTCError

STATES = {
    "connectionState": "connection_state",
    "iceConnectionState": "ice_connection_state",
    "iceGatheringState": "ice_gathering_state",
    "signalingState": "signaling_state",
}
PARAMETERS = {
    "label": "label",
    "protocol": "protocol",
    "ordered": "ordered",
    "maxRetransmits": "max_retransmits",
    "maxPacketLifeTime": "max_packet_life_time",
    "negotiated": "negotiated",
    "id": "id",
    "readyState": "ready_state",
}


class Recent(logging.Handler):
    """Keeps what our stack logs for the report of a failure."""

    def __init__(self, lines: deque[str]) -> None:
        super().__init__(logging.INFO)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{record.name}: {record.getMessage()}")


class OurPeer:
    """`webrtc` as a Peer; the operations are its public methods."""

    name = "ours"
    trickles = True

    def __init__(self) -> None:
        self.log: deque[str] = deque(maxlen=60)
        self.listeners: dict[int, Callable[[Json], None]] = {}
        self._connections: dict[int, RTCPeerConnection] = {}
        self._channels: dict[int, RTCDataChannel] = {}
        self._forwarders: dict[int, Forwarder] = {}
        self._shown: dict[int, ForwardedTrack] = {}
        logging.getLogger("webrtc").addHandler(Recent(self.log))
        self._echoes: set[asyncio.Task[None]] = set()

    async def call(self, op: str, **arguments: Any) -> Any:
        try:
            result = getattr(self, op)(**arguments)
            return await result if asyncio.iscoroutine(result) else result
        except WebRTCError as error:
            raise OperationFailed(f"ours: {type(error).__name__}: {error}") from error

    def open(self, connection: int, configuration: Json) -> None:
        servers = configuration.get("iceServers", [])
        pc = self._connections[connection] = RTCPeerConnection(ice_servers=servers)

        def appeared(channel: RTCDataChannel) -> None:
            number = self._adopt(connection, channel)
            parameters = self.describe(number)
            self._tell(connection, event="channel", channel=number, parameters=parameters)

        def gathered(candidate: RTCIceCandidate | None) -> None:
            json = None if candidate is None else candidate.to_json()
            self._tell(connection, event="candidate", candidate=json)

        def watch(field: str, attribute: str) -> None:
            pc.on(
                f"{field.lower()}change",
                lambda: self._tell(
                    connection, event="state", field=field, value=getattr(pc, attribute)
                ),
            )

        pc.on("datachannel", appeared)
        pc.on("icecandidate", gathered)
        for field, attribute in STATES.items():
            watch(field, attribute)

    def create_channel(self, connection: int, label: str, options: Json) -> int:
        keywords = {PARAMETERS[name]: value for name, value in options.items()}
        channel = self._connections[connection].create_data_channel(label, **keywords)
        return self._adopt(connection, channel)

    async def offer(self, connection: int, *, restart: bool, whole: bool) -> Json:
        pc = self._connections[connection]
        if restart:
            pc.restart_ice()
        await pc.set_local_description(await pc.create_offer())
        return await self._local(pc, whole=whole)

    async def answer(self, connection: int, description: Json, *, whole: bool) -> Json:
        pc = self._connections[connection]
        await pc.set_remote_description(description)
        await pc.set_local_description(await pc.create_answer())
        return await self._local(pc, whole=whole)

    async def accept(self, connection: int, description: Json) -> None:
        await self._connections[connection].set_remote_description(description)

    async def candidate(self, connection: int, candidate: Json | None) -> None:
        await self._connections[connection].add_ice_candidate(candidate)

    def describe(self, channel: int) -> Json:
        ours = self._channels[channel]
        return {name: getattr(ours, attribute) for name, attribute in PARAMETERS.items()}

    def send(self, channel: int, message: Json) -> None:
        self._channels[channel].send(unpack(message))

    async def take(self, channel: int, count: int) -> list[Json]:
        return [pack(await self._channels[channel].recv()) for _ in range(count)]

    def echo(self, channel: int) -> None:
        task = asyncio.create_task(self._echo(self._channels[channel]))
        self._echoes.add(task)
        task.add_done_callback(self._echoes.discard)

    def burst(self, connection: int, channels: list[int], size: int) -> list[str]:
        """Send one message on each channel of a connection, all at once."""
        messages = [os.urandom(size) for _ in channels]
        for channel, message in zip(channels, messages, strict=True):
            self._channels[channel].send(message)
        return [hashlib.sha256(message).hexdigest() for message in messages]

    async def pour(self, channel: int, total: int, size: int) -> str:
        data = os.urandom(total)
        for at in range(0, total, size):
            await self._channels[channel].send(data[at : at + size])
        return hashlib.sha256(data).hexdigest()

    async def drain(self, channel: int, total: int) -> str:
        digest, received = hashlib.sha256(), 0
        while received < total:
            message = await self._channels[channel].recv()
            assert isinstance(message, bytes)
            digest.update(message)
            received += len(message)
        return digest.hexdigest()

    def close_channel(self, channel: int) -> None:
        self._channels[channel].close()

    def reflect(self, connection: int, kinds: list[str]) -> None:
        """Send back what comes; `kinds` are those that we offer."""
        pc = self._connections[connection]
        for kind in kinds:
            pc.add_transceiver(kind)

        @pc.on("track")
        async def mirror(event: RTCTrackEvent) -> None:
            event.transceiver.direction = "sendrecv"
            track = None
            async for frame in event.receiver.encoded_frames():
                if track is None:
                    track = EncodedTrack(event.track.kind, frame.codec)
                    track.on("keyframerequest", lambda _: event.receiver.request_keyframe())
                    await event.transceiver.sender.replace_track(track)
                track.send(frame)

    def forward(self, connection: int) -> None:
        """Take a track that comes, to be shown to other connections."""

        @self._connections[connection].on("track")
        def take(event: RTCTrackEvent) -> None:
            self._forwarders[connection] = Forwarder(event.receiver)

    def layers(self, connection: int) -> list[str]:
        """The encodings that come."""
        forwarder = self._forwarders.get(connection)
        return [] if forwarder is None else list(forwarder.rids)

    async def show(self, connection: int, source: int, rid: str) -> None:
        """Send what another connection has received."""
        track = self._shown[connection] = await self._forwarders[source].track(rid)
        self._connections[connection].add_track(track)

    def switch(self, connection: int, rid: str) -> None:
        """Show another encoding."""
        self._shown[connection].switch(rid)

    def shown(self, connection: int) -> str | None:
        """The encoding that is shown."""
        return self._shown[connection].rid

    async def close(self, connection: int) -> None:
        await self._connections[connection].close()

    def diagnosis(self, connection: int) -> Json:
        pc = self._connections[connection]
        local, remote = pc.local_description, pc.remote_description
        return {
            "states": [getattr(pc, attribute) for attribute in STATES.values()],
            "local": local and local.sdp,
            "remote": remote and remote.sdp,
        }

    def _adopt(self, connection: int, channel: RTCDataChannel) -> int:
        number = len(self._channels)
        self._channels[number] = channel
        for name in ("open", "close"):
            channel.on(name, lambda name=name: self._tell(connection, event=name, channel=number))
        if channel.ready_state == "open":
            self._tell(connection, event="open", channel=number)
        return number

    def _tell(self, connection: int, **event: Any) -> None:
        if (listener := self.listeners.get(connection)) is not None:
            listener({"connection": connection, **event})

    @staticmethod
    async def _local(pc: RTCPeerConnection, *, whole: bool) -> Json:
        if whole:
            await pc.gathered()
        description = pc.local_description
        assert description is not None
        return dict(description.to_json())

    @staticmethod
    async def _echo(channel: RTCDataChannel) -> None:
        message: Message
        async for message in channel:
            await channel.send(message)
