"""Thousands of data channels on one connection. DC-02, F-39."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random

import pytest

from tests.support import Pair, connected, eventually, two_hosts
from webrtc import RTCDataChannel, SettingEngine
from webrtc.sctp.reset import StreamReset
from webrtc.vnet import Link, VirtualTimeLoop

MOST = 32766
"""One end's half of the identifiers, less the channel that every pair has."""


@dataclass
class Peer:
    """Takes what the other end opens, counts what comes."""

    pair: Pair
    channels: list[RTCDataChannel] = field(default_factory=list)
    got: Counter[str] = field(default_factory=Counter)

    def take(self, channel: RTCDataChannel) -> None:
        self.channels.append(channel)
        channel.on("message", partial(self.count, channel))

    def count(self, channel: RTCDataChannel, message: bytes | str) -> None:
        self.got[channel.label] += 1
        if message == "hello":
            channel.send(channel.label)


@asynccontextmanager
async def peer(link: Link | None = None) -> AsyncIterator[Peer]:
    _, left, right = two_hosts(link or Link(delay=0.01))
    settings = SettingEngine(random=Random(0), max_channels=40_000)
    async with connected(left, right, settings=settings) as pair:
        peer = Peer(pair)
        pair.right.on("datachannel", peer.take)
        yield peer


async def open_all(peer: Peer, count: int) -> list[RTCDataChannel]:
    channels = [peer.pair.left.create_data_channel(str(number)) for number in range(count)]
    await asyncio.gather(*(channel.opened() for channel in channels))
    await eventually(lambda: len(peer.channels) == count, 60.0)
    return channels


async def close_all(peer: Peer, channels: list[RTCDataChannel]) -> None:
    for channel in channels:
        channel.close()
    await asyncio.gather(*(channel.closed() for channel in (*channels, *peer.channels)))
    peer.channels.clear()


async def life(peer: Peer, count: int) -> set[int | None]:
    """Open `count` channels at once, talk on each, close all; their identifiers."""
    channels = await open_all(peer, count)
    for channel in channels:
        channel.send("hello")
    assert [await channel.recv() for channel in channels] == [c.label for c in channels]
    await close_all(peer, channels)
    return {channel.id for channel in channels}


async def test_four_thousand_at_once_and_again() -> None:
    """DC-15: nothing is lost, and the identifiers are used again."""
    async with peer() as end:
        first = await life(end, 4000)
        assert await life(end, 1000) < first
        assert len(first) == 4000
        assert set(end.got.values()) == {1, 2}


@pytest.mark.slow
async def test_every_identifier_of_one_end() -> None:
    async with peer() as end:
        assert len(await life(end, MOST)) == MOST


def test_resets_are_batched(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 6525 §4.1: one request names as many streams as a packet holds."""
    requests: list[int] = []
    handle = StreamReset.handle_chunk

    def count(self: StreamReset, value: bytes, now: float, *, open_: bool) -> None:
        requests.append(len(value))
        handle(self, value, now, open_=open_)

    monkeypatch.setattr(StreamReset, "handle_chunk", count)

    async def main() -> None:
        async with peer() as end:
            channels = await open_all(end, 2000)
            requests.clear()
            await close_all(end, channels)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())
    assert len(requests) <= 40  # a request and a response for each 230 streams, both ways


def calls(count: int) -> int:
    """Calls of functions for the life of `count` channels: what it costs, without a clock."""
    total = 0

    def note(*_: object) -> None:
        nonlocal total
        total += 1

    async def main() -> None:
        async with peer() as end:
            sys.setprofile(note)
            await life(end, count)
            sys.setprofile(None)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())
    return total


def test_the_work_for_a_channel_does_not_grow_with_their_number() -> None:
    """Nothing is quadratic: six times as many cost six times as much, and little more."""
    assert calls(600) < 6 * 1.2 * calls(100)


async def share(channels: int, messages: int) -> None:
    """Send 1 KiB messages on all; how even it goes when half has arrived."""
    async with peer(Link(delay=0.01, rate=100e6)) as end:
        opened = await open_all(end, channels)
        for _ in range(messages):
            for channel in opened:
                channel.send(bytes(1024))
        await eventually(lambda: end.got.total() >= channels * messages // 2, 600.0)
        counts = [end.got[channel.label] for channel in opened]
        assert min(counts) / max(counts) >= 0.5
        await eventually(lambda: end.got.total() == channels * messages, 600.0)
        assert set(end.got.values()) == {messages}


async def test_a_thousand_channels_share_the_link_evenly() -> None:
    """F-39: 10 000 messages of 1 KiB on 1000 streams; none is lost."""
    await share(1000, 10)


@pytest.mark.slow
async def test_a_hundred_channels_share_the_link_evenly_for_long() -> None:
    """F-39."""
    await share(100, 100)


async def churn(seed: int, count: int) -> None:
    """Both sides open and close at random, so that identifiers are used again at once."""
    random = Random(seed)
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    bad = Link(delay=0.02, jitter=0.01, loss=0.1, duplicate=0.05, reorder=0.1)
    _, left, right = two_hosts(bad, seed=seed)
    settings = SettingEngine(random=Random(seed), max_channels=count)
    async with connected(left, right, settings=settings) as pair:
        opened: list[RTCDataChannel] = []
        taken: list[RTCDataChannel] = []
        for pc in (pair.left, pair.right):
            pc.on("datachannel", taken.append)
        for number in range(count):
            pc = random.choice((pair.left, pair.right))
            opened.append(pc.create_data_channel(str(number), ordered=random.random() < 0.5))
            await asyncio.sleep(random.choice((0.0, 0.0, 0.0, 0.01)))
            if (channel := random.choice(opened)).ready_state == "open":
                channel.send("x" * random.randrange(3000))
            if random.random() < 0.4:
                random.choice(opened + taken).close()
        await eventually(lambda: len(taken) == count, 60.0)
        for channel in opened + taken:
            channel.close()
        async with asyncio.timeout(60.0):
            await asyncio.gather(*(channel.closed() for channel in opened + taken))
        assert sorted(channel.label for channel in taken) == sorted(c.label for c in opened)
        assert {channel.reason for channel in opened + taken} == {None}
    assert complaints == []


@pytest.mark.parametrize("seed", [0, 6])
async def test_identifiers_used_again_at_once_over_a_bad_link(seed: int) -> None:
    """DC-15: also when the peer has not heard yet that it was heard."""
    await churn(seed, 400)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 30))
async def test_identifiers_used_again_at_once_over_bad_links(seed: int) -> None:
    """DC-15."""
    await churn(seed, 600)


async def test_many_at_once_over_a_lossy_link() -> None:
    """Each is opened, heard and closed once, whatever of it is lost."""
    async with peer(Link(delay=0.02, jitter=0.01, loss=0.05)) as end:
        for _ in range(2):
            assert len(await life(end, 500)) == 500
        assert set(end.got.values()) == {2}
