"""Reliable channels over bad networks: nothing is lost, doubled or out of order."""

import asyncio
import hashlib

import pytest

from tests.support import connected, two_hosts
from webrtc.vnet import GilbertElliott, Link

BAD = Link(delay=0.03, jitter=0.005, loss=0.10, duplicate=0.05, reorder=0.10, reorder_delay=0.05)


async def transfer(link: Link, seed: int, count: int, size: int) -> None:
    """Send numbered messages both ways at once and compare."""
    _, left, right = two_hosts(link, seed=seed)
    async with connected(left, right, limit=60.0) as pair:

        async def receive(channel: object) -> list[bytes | str]:
            return [await channel.recv() for _ in range(count)]  # type: ignore[attr-defined] # duck

        messages = [number.to_bytes(4, "big") * (size // 4) for number in range(count)]
        receivers = [
            asyncio.create_task(receive(channel)) for channel in (pair.channel, pair.remote)
        ]
        for message in messages:
            await pair.channel.send(message)
            await pair.remote.send(message)
        for receiver in receivers:
            assert await receiver == messages


@pytest.mark.parametrize("seed", range(50))
async def test_ten_percent_loss_reordering_and_duplicates_cost_nothing_but_time(seed: int) -> None:
    """DC-36, F-01, F-05, F-06: ordered and reliable."""
    await transfer(BAD, seed, count=20, size=3000)


@pytest.mark.parametrize("seed", range(3))
async def test_bursts_of_loss_cost_nothing_but_time(seed: int) -> None:
    """F-03 in small: Gilbert-Elliott loss."""
    link = Link(delay=0.02, burst=GilbertElliott.average(0.05, 5))
    await transfer(link, seed, count=40, size=3000)


async def test_a_megabyte_message_by_message_has_the_same_hash_on_both_sides() -> None:
    """F-40 in small."""
    _, left, right = two_hosts(Link(delay=0.01, loss=0.01), seed=5)
    async with connected(left, right) as pair:
        sent, received = hashlib.sha256(), hashlib.sha256()
        blocks = [bytes([number]) * 65536 for number in range(16)]

        async def receive() -> None:
            for _ in blocks:
                message = await pair.remote.recv()
                assert isinstance(message, bytes)
                received.update(message)

        task = asyncio.create_task(receive())
        for block in blocks:
            sent.update(block)
            await pair.channel.send(block)
        await task
        assert sent.digest() == received.digest()


async def test_without_order_everything_arrives_and_nothing_waits_for_the_lost() -> None:
    """DC-37: reliable and unordered, on a path that loses and reorders."""
    _, left, right = two_hosts(BAD, seed=5)
    async with connected(left, right, limit=60.0, ordered=False) as pair:
        received: list[int] = []
        pair.remote.on("message", lambda message: received.append(int(message)))
        for number in range(200):
            await pair.channel.send(str(number))
            await asyncio.sleep(0.01)
        await asyncio.sleep(10.0)
        assert received != sorted(received)
        assert sorted(received) == list(range(200))


@pytest.mark.parametrize("ordered", [True, False])
async def test_without_retransmission_messages_may_be_lost_but_never_wait(ordered: bool) -> None:
    """DC-39, F-43: at least 1 - p of the single-packet messages arrive, in their order."""
    _, left, right = two_hosts(Link(delay=0.02, loss=0.10), seed=3)
    async with connected(left, right, limit=60.0, ordered=ordered, max_retransmits=0) as pair:
        received: list[int] = []
        pair.remote.on("message", lambda message: received.append(int(message)))
        for number in range(500):
            await pair.channel.send(str(number))
            await asyncio.sleep(0.01)
        await asyncio.sleep(3.0)
        assert len(received) == len(set(received))
        assert 0.84 * 500 <= len(received) < 500
        if ordered:
            assert received == sorted(received)


async def test_a_lifetime_drops_what_is_too_old_and_keeps_the_rest() -> None:
    """DC-38: an outage of one second costs the messages of that second, not the later ones."""
    network, left, right = two_hosts(Link(delay=0.02), seed=3)
    async with connected(left, right, max_packet_life_time=100) as pair:
        received: list[int] = []
        pair.remote.on("message", lambda message: received.append(int(message)))
        for number in range(300):
            if number == 100:
                left.cards[0].outbound.blackhole(network.now, 1.0)
            await pair.channel.send(str(number))
            await asyncio.sleep(0.01)
        await asyncio.sleep(5.0)
        assert received[:100] == list(range(100))
        assert received[-50:] == list(range(250, 300))
        assert len(received) < 300
        assert received == sorted(set(received))
