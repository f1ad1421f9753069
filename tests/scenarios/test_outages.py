"""Paths that go dead for a while or for good, and peers that vanish."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from tests.support import Pair, connected, eventually, negotiate, two_hosts
from webrtc import ConnectionFailed, InvalidStateError, RTCDataChannel, RTCPeerConnection
from webrtc.aio.net.udp import BURST
from webrtc.core import Path
from webrtc.vnet import Host, Link, Network, VirtualTimeLoop


def cut(network: Network, *hosts: Host, seconds: float) -> None:
    """Nothing goes in or out of `hosts` for a while."""
    for host in hosts:
        for card in host.cards:
            card.outbound.blackhole(network.now, seconds)
            card.inbound.blackhole(network.now, seconds)


def history(pc: RTCPeerConnection) -> list[tuple[float, str]]:
    """Its connection states and when they came, filled as they come."""
    loop = asyncio.get_running_loop()
    states: list[tuple[float, str]] = []
    pc.on("connectionstatechange", lambda: states.append((loop.time(), pc.connection_state)))
    return states


@asynccontextmanager
async def numbering(channel: RTCDataChannel, remote: RTCDataChannel) -> AsyncIterator[None]:
    """Numbered messages all the time; afterwards all have arrived, once and in order."""
    received: list[bytes | str] = []
    sent = 0

    async def send() -> None:
        nonlocal sent
        while True:
            channel.send(str(sent))
            sent += 1
            await asyncio.sleep(0.05)

    async def receive() -> None:
        while True:
            try:
                received.append(await remote.recv())
            except ConnectionFailed:
                await asyncio.sleep(0.1)

    tasks = [asyncio.create_task(send()), asyncio.create_task(receive())]
    try:
        yield
        tasks[0].cancel()
        await eventually(lambda: len(received) >= sent, limit=30.0)
        assert received == [str(number) for number in range(sent)]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


@pytest.mark.parametrize("seconds", [0.2, 1.0, 5.0, 8.0, 20.0])
async def test_an_outage_up_to_twenty_seconds_costs_nothing_but_time(seconds: float) -> None:
    """F-03: `disconnected` after 5 s, back at most 1 s after the path is, nothing lost."""
    network, left, right = two_hosts(Link(delay=0.02))
    async with connected(left, right) as pair, numbering(pair.channel, pair.remote):
        await asyncio.sleep(3.0)
        states = [history(pc) for pc in (pair.left, pair.right)]
        started = network.now
        cut(network, left, seconds=seconds)
        await asyncio.sleep(seconds)
        arrival = asyncio.ensure_future(pair.channel.drained())
        await eventually(lambda: pair.left.connection_state == "connected", limit=1.0)
        await eventually(lambda: pair.right.connection_state == "connected", limit=1.0)
        await asyncio.sleep(1.0)
        arrival.cancel()
        for each in states:
            if seconds < 5.0:
                assert each == []
            elif seconds > 6.0:
                assert [state for _, state in each] == ["disconnected", "connected"]
                assert 4.5 <= each[0][0] - started <= 6.0


async def test_an_outage_of_45_seconds_fails_and_a_restart_recovers_everything() -> None:
    """F-04, PC-27: `failed` 30 s after the last answer; what waits is told; nothing is lost."""
    network, left, right = two_hosts(Link(delay=0.02))
    async with connected(left, right) as pair:
        dtls = [pc._core.transports.one.dtls for pc in (pair.left, pair.right)]  # type: ignore[union-attr] # connected
        await asyncio.sleep(3.0)
        states = [history(pc) for pc in (pair.left, pair.right)]
        started = network.now
        cut(network, left, seconds=45.0)
        pair.channel.send("in the dark")
        waiting = [
            asyncio.ensure_future(each)
            for each in (pair.channel.recv(), pair.remote.recv(), fill(pair))
        ]
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(each) for each in results] == [ConnectionFailed] * 3
        assert 23.0 <= network.now - started <= 31.0  # 30 s after the last answer before it
        for each in states:
            assert [state for _, state in each] == ["disconnected", "failed"]
            assert 23.0 <= each[1][0] - started <= 31.0
        with pytest.raises(ConnectionFailed):
            await pair.left.wait_connected()
        assert pair.channel.ready_state == "open"
        await asyncio.sleep(20.0)
        pair.left.restart_ice()
        restarted = network.now
        await negotiate(pair.left, pair.right)
        await pair.left.wait_connected(5.0)
        await pair.right.wait_connected(5.0)
        assert network.now - restarted < 2.0
        async with asyncio.timeout(15.0):
            assert await pair.remote.recv() == "in the dark"
            pair.remote.send("seen")
            assert await pair.channel.recv() == "seen"
        assert [pc._core.transports.one.dtls for pc in (pair.left, pair.right)] == dtls  # type: ignore[union-attr] # connected


async def fill(pair: Pair) -> None:
    """Send until the buffer is full and wait for room."""
    while True:
        await pair.channel.send(bytes(60_000))


async def test_a_peer_that_vanishes_is_noticed_in_time() -> None:
    """F-16, I-20: `disconnected` in 6 s, `failed` in 31 s, then silence on the wire."""
    network, left, right = two_hosts(Link(delay=0.02))
    async with connected(left, right) as pair:
        await asyncio.sleep(2.0)
        states = history(pair.left)
        started = network.now
        right.cards[0].disconnect()
        await eventually(lambda: pair.left.connection_state == "failed", limit=31.0)
        assert [state for _, state in states] == ["disconnected", "failed"]
        assert states[0][0] - started <= 6.0
        zombies: list[str] = []
        network.watch(lambda now, action, packet, place: zombies.append(place))
        with pytest.raises(ConnectionFailed):
            await pair.channel.recv()
        await asyncio.sleep(60.0)
        assert not [place for place in zombies if place.startswith("left")]


async def test_a_close_that_is_lost_ends_as_a_peer_that_vanished() -> None:
    """F-18: half-open; the other side fails in 31 s, and nothing goes on for ever."""
    network, left, right = two_hosts(Link(delay=0.02))
    async with connected(left, right) as pair:
        await asyncio.sleep(2.0)
        cut(network, right, seconds=1.0)
        await pair.right.close()
        started = network.now
        receiving = asyncio.create_task(pair.channel.recv())
        with pytest.raises(ConnectionFailed):
            await receiving
        assert network.now - started <= 31.0
        assert pair.left.connection_state == "failed"
        with pytest.raises((ConnectionFailed, InvalidStateError)):
            await fill(pair)
        await asyncio.sleep(1.0)
        zombies: list[str] = []
        network.watch(lambda now, action, packet, place: zombies.append(place))
        await asyncio.sleep(60.0)
        assert zombies == []


@pytest.mark.parametrize("seconds", [2.0, 5.0, 20.0])
async def test_a_loop_that_stands_still_for_both_ends_costs_nothing(seconds: float) -> None:
    """F-21, F-22: timers come late together; nobody is declared dead."""
    _, left, right = two_hosts(Link(delay=0.02))
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    async with connected(left, right) as pair, numbering(pair.channel, pair.remote):
        states = [history(pc) for pc in (pair.left, pair.right)]
        for _ in range(3):
            await asyncio.sleep(4.3)
            loop.skip(seconds)
        await asyncio.sleep(5.0)
        assert states == [[], []]


class Freezer:
    """Makes one end stand still, as code that blocks its loop would; the other end goes on."""

    def __init__(self, pc: RTCPeerConnection) -> None:
        self.frozen = False
        self._driver = driver = pc._driver
        self._waiting: deque[tuple[bytes, Path]] = deque()
        self._late: list[float] = []
        self._fire = driver._on_timer
        driver._on_timer = self._on_timer  # type: ignore[method-assign] # holds timers back
        for endpoint in driver._endpoints.values():
            endpoint.start(self)

    def receive(self, data: bytes, path: Path) -> None:
        if self.frozen:
            self._waiting.append((data, path))
        else:
            self._driver.receive(data, path)

    def receive_burst(self, datagrams: Sequence[bytes], path: Path) -> None:
        if self.frozen:
            self._waiting += [(data, path) for data in datagrams]
        else:
            self._driver.receive_burst(datagrams, path)

    def flush(self) -> None:
        if not self.frozen:
            self._driver.flush()

    def thaw(self) -> None:
        """What has arrived is read first, a burst a turn, then timers fire: as asyncio does."""
        self.frozen = False
        late, self._late = self._late, []
        for number in range(len(self._waiting)):
            self._driver.receive(*self._waiting.popleft())
            if number % BURST == BURST - 1:
                self._driver.flush()
        self._driver.flush()
        for deadline in late:
            self._on_timer(deadline)

    def _on_timer(self, deadline: float) -> None:
        if self.frozen:
            self._late.append(deadline)
        else:
            self._fire(deadline)


@pytest.mark.interpreted
@pytest.mark.parametrize("side", ["sender", "receiver"])
@pytest.mark.parametrize("seconds", [2.0, 5.0, 20.0])
async def test_a_loop_that_stands_still_at_one_end_costs_that_time_only(
    seconds: float, side: str
) -> None:
    """F-22, F-23: its own end never misses the peer, and nothing is lost."""
    _, left, right = two_hosts(Link(delay=0.02))
    async with connected(left, right) as pair:
        still = pair.left if side == "sender" else pair.right
        awake = pair.right if side == "sender" else pair.left
        freezer = Freezer(still)
        states = history(still)
        talking = pair.remote if side == "sender" else pair.channel
        listening = pair.channel if side == "sender" else pair.remote
        async with numbering(talking, listening):
            await asyncio.sleep(3.0)
            for _ in range(2):
                freezer.frozen = True
                await asyncio.sleep(seconds)
                freezer.thaw()
                await eventually(lambda: awake.connection_state == "connected", limit=1.0)
                await asyncio.sleep(2.0)
        assert states == []
