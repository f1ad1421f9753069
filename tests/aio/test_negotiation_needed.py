"""When an offer is asked for, and two sides that offer whenever they like.

webrtc-pc §4.7.3, §10.7.
"""

import asyncio
from random import Random

import pytest

from tests.aio.connections import hosts, record
from tests.support import (
    connected,
    eventually,
    negotiate,
)
from webrtc import (
    InvalidStateError,
    OperationError,
    RTCDataChannel,
    RTCIceCandidate,
    RTCPeerConnection,
    RTCSessionDescription,
)


async def test_negotiationneeded_fires_once_and_not_at_once() -> None:
    """PC-25: a handler attached after the call still gets it."""
    async with RTCPeerConnection() as pc:
        pc.create_data_channel("")
        pc.create_data_channel("")
        fired = record(pc)
        await asyncio.sleep(0.1)
        pc.create_data_channel("")
        await asyncio.sleep(0.1)
        assert fired == ["negotiationneeded"]


async def test_negotiationneeded_waits_for_the_operations() -> None:
    """PC-25: webrtc-pc §4.7.3: and looks again when they are done."""
    async with RTCPeerConnection() as pc:
        fired = record(pc)
        pc.create_data_channel("")
        await pc.set_local_description()
        await asyncio.sleep(0.1)
        assert "negotiationneeded" not in fired
        await pc.set_local_description({"type": "rollback"})
        assert "negotiationneeded" not in fired
        await asyncio.sleep(0.1)
        assert fired.count("negotiationneeded") == 1


async def test_negotiationneeded_comes_after_the_description_is_set() -> None:
    """PC-25: signalingstatechange, then the call returns, then the event."""
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        await one.set_local_description()
        one.create_data_channel("")
        assert one.local_description is not None
        await other.set_remote_description(one.local_description)
        await other.set_local_description()
        log: list[str] = []
        one.onnegotiationneeded = lambda: log.append("negotiationneeded")
        one.onsignalingstatechange = lambda: log.append("signalingstatechange")
        assert other.local_description is not None
        await one.set_remote_description(other.local_description)
        log.append("returned")
        await asyncio.sleep(0.1)
        assert log == ["signalingstatechange", "returned", "negotiationneeded"]


async def test_an_operation_begun_at_once_is_not_interrupted_by_the_event() -> None:
    """PC-25: the need is looked at again, and has gone."""
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        await one.set_local_description()
        one.create_data_channel("")
        assert one.local_description is not None
        await other.set_remote_description(one.local_description)
        await other.set_local_description()
        fired: list[int] = []
        one.onnegotiationneeded = lambda: fired.append(1)
        assert other.local_description is not None
        await one.set_remote_description(other.local_description)
        await one.set_local_description()
        await asyncio.sleep(0.1)
        assert fired == []


class Polite:
    """Perfect negotiation as the specification has it. webrtc-pc §10.7."""

    def __init__(self, pc: RTCPeerConnection, *, polite: bool, random: Random) -> None:
        self.pc = pc
        self.peer: Polite
        self._polite = polite
        self._random = random
        self._making = self._ignores = False
        self._last: asyncio.Future[None] | None = None
        self._line = asyncio.Lock()
        pc.onnegotiationneeded = self._offer
        pc.onicecandidate = self.send

    def send(self, signal: RTCSessionDescription | RTCIceCandidate | None) -> None:
        """Signalling takes its time and keeps the order."""
        before = self._last
        self._last = asyncio.ensure_future(self._carry(signal, before))

    async def _carry(
        self,
        signal: RTCSessionDescription | RTCIceCandidate | None,
        before: asyncio.Future[None] | None,
    ) -> None:
        await asyncio.sleep(self._random.random() * 0.05)
        if before is not None:
            await before
        await self.peer.take(signal)

    async def take(self, signal: RTCSessionDescription | RTCIceCandidate | None) -> None:
        pc = self.pc
        if not isinstance(signal, RTCSessionDescription):
            try:
                await pc.add_ice_candidate(signal)
            except (OperationError, InvalidStateError):
                assert self._ignores
            return
        collision = signal.type == "offer" and (self._making or pc.signaling_state != "stable")
        self._ignores = not self._polite and collision
        if not self._ignores:
            await pc.set_remote_description(signal)
            if signal.type == "offer":
                await pc.set_local_description()
                assert pc.local_description is not None
                self.send(pc.local_description)

    async def _offer(self) -> None:
        self._making = True
        try:
            await self.pc.set_local_description()
            assert self.pc.local_description is not None
            self.send(self.pc.local_description)
        finally:
            self._making = False


@pytest.mark.parametrize("seed", range(25))
async def test_perfect_negotiation(seed: int) -> None:
    """S-11: channels and restarts of both sides at any time; all of it works in the end."""
    random = Random(seed)
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        peers = [
            Polite(one, polite=True, random=random),
            Polite(other, polite=False, random=random),
        ]
        peers[0].peer, peers[1].peer = peers[1], peers[0]
        announced: list[RTCDataChannel] = []
        channels: list[RTCDataChannel] = []
        for pc in (one, other):
            pc.on("datachannel", announced.append)
        for _ in range(random.randint(1, 6)):
            pc = random.choice([one, other])
            if random.random() < 0.6 or not channels:
                channels.append(pc.create_data_channel(str(len(channels))))
            else:
                pc.restart_ice()
            await asyncio.sleep(random.random() * 0.2)
        async with asyncio.timeout(30.0):
            for channel in channels:
                await channel.opened()
        await eventually(lambda: len(announced) == len(channels))
        await asyncio.sleep(20.0)
        assert (one.signaling_state, other.signaling_state) == ("stable", "stable")
        assert (one.connection_state, other.connection_state) == ("connected", "connected")
        for channel in channels:
            channel.send(channel.label)
        for channel in announced:
            assert await asyncio.wait_for(channel.recv(), 5.0) == channel.label


async def test_restart_ice_asks_for_a_negotiation() -> None:
    """PC-27: and the channels go on."""
    left, right = hosts()
    async with connected(left, right) as pair:
        fired = record(pair.left)
        pair.left.restart_ice()
        await eventually(lambda: "negotiationneeded" in fired)
        before = pair.left.local_description
        await negotiate(pair.left, pair.right)
        await eventually(lambda: pair.left.ice_connection_state == "completed", limit=20.0)
        assert pair.left.local_description != before
        pair.channel.send("goes on")
        assert await pair.remote.recv() == "goes on"
        assert fired.count("negotiationneeded") == 1
