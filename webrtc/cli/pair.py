"""Two peer connections in this process, connected with trickled candidates and timed."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from webrtc import RTCDataChannel, RTCIceCandidate, RTCPeerConnection

STAGES = {"gather": "start", "ice": "check", "dtls": "ice", "sctp": "dtls", "message": "sctp"}
"""Each stage of setting up a connection, and the milestone that it begins at."""

CONNECT_TIMEOUT = 10.0


class Milestones:
    """When the offering peer reached what, in seconds since `__init__`."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._reached = {"start": 0.0}

    def reach(self, name: str) -> None:
        """Note the time of `name`, the first time."""
        self._reached.setdefault(name, time.perf_counter() - self._started)

    def durations(self) -> dict[str, float]:
        """Seconds that each of `STAGES` took."""
        at = self._reached
        return {
            stage: at[stage] - at[begin]
            for stage, begin in STAGES.items()
            if stage in at and begin in at
        }

    @property
    def total(self) -> float:
        """Seconds until the last one so far."""
        return max(self._reached.values())


@dataclass(slots=True)
class Pair:
    """Both ends of an open data channel."""

    offerer: RTCPeerConnection
    near: RTCDataChannel
    far: RTCDataChannel
    candidates: list[RTCIceCandidate]
    """What the offerer gathered."""
    milestones: Milestones


@dataclass(frozen=True, slots=True)
class Transfer:
    """What it took to send bytes through a data channel, both ends in this process."""

    size: int
    seconds: float
    cpu_seconds: float
    intact: bool
    """SHA-256 is the same at both ends."""

    @property
    def megabytes_per_second(self) -> float:
        return self.size / self.seconds / 1e6


@asynccontextmanager
async def connected_pair() -> AsyncIterator[Pair]:
    """Connect two peers and exchange a first message. They are closed after the block.

    Raises ConnectionFailed, which says what was tried.
    """
    milestones = Milestones()
    candidates: list[RTCIceCandidate] = []
    far: asyncio.Future[RTCDataChannel] = asyncio.get_running_loop().create_future()
    async with RTCPeerConnection() as offerer, RTCPeerConnection() as answerer:
        _watch(offerer, milestones, candidates)
        answerer.on("datachannel", far.set_result)
        near = offerer.create_data_channel("check")
        await negotiate(offerer, answerer)
        await offerer.wait_connected(CONNECT_TIMEOUT)
        await near.opened()
        milestones.reach("sctp")
        await near.send("hello")
        await (await far).send(await (await far).recv())
        await near.recv()
        milestones.reach("message")
        yield Pair(offerer, near, await far, candidates, milestones)


async def transfer(
    pair: Pair, size: int, message_size: int, advance: Callable[[int], None] = lambda _: None
) -> Transfer:
    """Send `size` random bytes from near to far. `advance` is told of each message's arrival."""
    sent, received = hashlib.sha256(), hashlib.sha256()
    block = os.urandom(message_size)

    async def send() -> None:
        for start in range(0, size, message_size):
            message = (start.to_bytes(8, "big") + block)[: min(message_size, size - start)]
            sent.update(message)
            await pair.near.send(message)

    async def receive() -> None:
        left = size
        while left > 0:
            message = await pair.far.recv()
            if isinstance(message, str):
                break
            received.update(message)
            left -= len(message)
            advance(len(message))

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(send(), receive())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Transfer(size, wall, cpu, sent.digest() == received.digest())


async def round_trips(pair: Pair, count: int, size: int) -> list[float]:
    """Seconds of each of `count` echoes of `size` bytes, one after the other."""

    async def echo() -> None:
        for _ in range(count):
            await pair.far.send(await pair.far.recv())

    async def measure() -> list[float]:
        message, trips = bytes(size), []
        for _ in range(count):
            started = time.perf_counter()
            await pair.near.send(message)
            await pair.near.recv()
            trips.append(time.perf_counter() - started)
        return trips

    trips, _ = await asyncio.gather(measure(), echo())
    return trips


async def negotiate(offerer: RTCPeerConnection, answerer: RTCPeerConnection) -> None:
    """Let each side have the other's description, then its candidates as they are found."""
    described = asyncio.Event()

    def trickle(source: RTCPeerConnection, sink: RTCPeerConnection) -> None:
        @source.on("icecandidate")
        async def forward(candidate: RTCIceCandidate | None) -> None:
            await described.wait()
            await sink.add_ice_candidate(candidate)

    trickle(offerer, answerer)
    trickle(answerer, offerer)
    offer = await offerer.create_offer()
    await offerer.set_local_description(offer)
    await answerer.set_remote_description(offer)
    answer = await answerer.create_answer()
    await answerer.set_local_description(answer)
    await offerer.set_remote_description(answer)
    described.set()


def _watch(
    pc: RTCPeerConnection, milestones: Milestones, candidates: list[RTCIceCandidate]
) -> None:
    @pc.on("icecandidate")
    def gathered(candidate: RTCIceCandidate | None) -> None:
        if candidate is not None and candidate.candidate:  # an empty one marks the end
            candidates.append(candidate)

    @pc.on("icegatheringstatechange")
    def gathering() -> None:
        if pc.ice_gathering_state == "complete":
            milestones.reach("gather")

    @pc.on("iceconnectionstatechange")
    def checking() -> None:
        if pc.ice_connection_state == "checking":
            milestones.reach("check")
        elif pc.ice_connection_state in {"connected", "completed"}:
            milestones.reach("ice")

    @pc.on("connectionstatechange")
    def connecting() -> None:
        if pc.connection_state == "connected":  # ICE and DTLS
            milestones.reach("dtls")
