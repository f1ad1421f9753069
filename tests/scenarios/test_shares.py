"""Two transfers of equal priority share one path, whatever else they carry."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import pytest

from tests.support import Pair, connected, two_hosts
from webrtc import RTCDataChannel
from webrtc.vnet import Link

PIECE = bytes(65536)


async def send(channel: RTCDataChannel) -> None:
    while True:
        await channel.send(PIECE)


async def send_back(channel: RTCDataChannel) -> None:
    async for message in channel:
        await channel.send(message)


async def count(channel: RTCDataChannel, received: Counter[str]) -> None:
    async for message in channel:
        received[channel.label] += len(message)


def work(
    how: str, pair: Pair, ours: RTCDataChannel, theirs: RTCDataChannel, received: Counter[str]
) -> list[Coroutine[Any, Any, None]]:
    """One channel both ways, the other one from right to left."""
    one_way = [send(theirs), count(ours, received)]
    if how == "sent back":
        both_ways = [send(pair.channel), send_back(pair.remote)]
    else:
        both_ways = [send(pair.channel), send(pair.remote), count(pair.remote, Counter())]
    return [*one_way, *both_ways, count(pair.channel, received)]


@pytest.mark.parametrize("how", ["sent back", "independent"])
async def test_a_transfer_both_ways_beside_one_that_goes_one_way(how: str) -> None:
    """On the way that both use; the share is counted where it arrives."""
    _, left, right = two_hosts(Link(delay=0.01, rate=2e6))
    async with connected(left, right) as pair:
        announced: asyncio.Future[RTCDataChannel] = asyncio.get_running_loop().create_future()
        pair.right.once("datachannel", announced.set_result)
        ours = pair.left.create_data_channel("one way")
        received: Counter[str] = Counter()
        theirs = await announced
        tasks = [asyncio.ensure_future(each) for each in work(how, pair, ours, theirs, received)]
        await asyncio.sleep(15.0)
        share = received["one way"] / received.total()
        assert 0.4 <= share <= 0.6
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
