"""Datagrams over the path that ICE found: which come, which wait, which are refused."""

import asyncio
from random import Random

import pytest

from tests.aio.ice_agents import QUICK, agents, connect
from tests.support import eventually
from webrtc import ConnectionFailed, InvalidAccessError, InvalidStateError
from webrtc.aio.ice.connection import MAX_DATAGRAM
from webrtc.core import Path, Transmit
from webrtc.ice import Role, State
from webrtc.stun import Message, Method
from webrtc.vnet import Link


async def test_two_agents_exchange_datagrams() -> None:
    """ICE-05, ICE-06, ICE-07, ICE-09, ICE-10, ICE-16, ICE-17, ICE-36, ICETYP-15, ICETYP-18."""
    async with agents() as (network, one, other):
        near, far = await connect(one, other)
        assert (one.role, other.role) == (Role.CONTROLLING, Role.CONTROLLED)
        for data in (b"", b"x", b"\x00\x01" + bytes(30), bytes(MAX_DATAGRAM)):
            near.send(data)
            assert await far.recv() == data
        far.send(bytearray(b"back"))
        assert await near.recv() == b"back"
        assert (near.local, near.remote) == (far.remote, far.local)
        assert near.pair is one.selected_pair
        assert near.pair is not None
        assert near.pair.path == Path(near.local, near.remote)
        assert [each.address for each in one.remote_candidates] == [near.remote]
        assert [each.address for each in one.local_candidates] == [near.local]
        assert network.now < 2.0


async def test_a_datagram_is_not_lost_with_a_cancelled_reader() -> None:
    """ICE-36: what woke one reader goes to the next."""
    async with agents() as (_, one, other):
        near, far = await connect(one, other)
        first, second = (asyncio.create_task(far.recv()) for _ in range(2))
        await asyncio.sleep(0)
        far.take(b"data")
        first.cancel()
        assert await second == b"data"
        assert first.cancelled()
        third, fourth = (asyncio.create_task(far.recv()) for _ in range(2))
        await asyncio.sleep(0)
        near.send(b"3")
        near.send(b"4")
        assert (await third, await fourth) == (b"3", b"4")


async def test_a_reader_that_is_late_gets_the_newest() -> None:
    """ICE-36: the queue is bounded, the oldest make room and are counted."""
    async with agents(max_queued=100) as (_, one, other):
        near, far = await connect(one, other)
        for number in range(1000):
            near.send(b"%d" % number)
        await asyncio.sleep(1.0)
        assert far.dropped == 900
        assert [int(await far.recv()) for _ in range(100)] == list(range(900, 1000))
        near.send(b"next")
        assert await far.recv() == b"next"


async def test_only_proven_paths_deliver() -> None:
    """ICE-36, S-04: a datagram from elsewhere, and one before any check, is dropped and counted."""
    async with agents() as (network, one, other):
        await one.gather()
        await asyncio.sleep(0.1)
        at = one.local_candidates[0].address
        network.inject(b"early", ("192.0.2.2", 4000), at)
        await asyncio.sleep(0.1)
        assert one.untrusted == 1
        near, far = await connect(one, other)
        network.inject(b"spoofed", ("192.0.2.66", far.local[1]), at)
        network.inject(b"other port", (far.local[0], far.local[1] ^ 1), at)
        await asyncio.sleep(0.1)
        far.send(b"true")
        assert await near.recv() == b"true"
        assert one.untrusted == 3


async def test_what_cannot_be_sent_is_refused() -> None:
    """ICE-36: too large, no bytes, or nothing but ICE's own."""
    async with agents() as (_, one, other):
        near, _ = await connect(one, other)
        request = Message.request(Method.BINDING, (), Random(0)).encode()
        for data, error in (
            (bytes(MAX_DATAGRAM + 1), InvalidAccessError),
            (request, InvalidAccessError),
            ("text", TypeError),
            (5, TypeError),
        ):
            with pytest.raises(error):
                near.send(data)  # type: ignore[arg-type] # the point
        await one.close()
        with pytest.raises(InvalidStateError, match="closed"):
            near.send(b"x")


async def test_a_path_that_dies_ends_the_connection() -> None:
    """ICETYP-19: `closed` is set, and who reads hears why."""
    async with agents(QUICK) as (network, one, other):
        near, _ = await connect(one, other)
        network.filter(lambda _: True)
        reader = asyncio.create_task(near.recv())
        await asyncio.wait_for(near.closed.wait(), 20.0)
        with pytest.raises(ConnectionFailed, match="no path"):
            await reader
        assert one.state is State.FAILED
        assert near.remote[0] == "192.0.2.2"


async def test_without_a_path_nothing_is_sent_and_that_is_counted() -> None:
    """ICE-36: after a restart the old path may expire before there is a new one."""
    async with agents(QUICK) as (network, one, other):
        near, _ = await connect(one, other)
        network.filter(lambda _: True)
        one.restart()
        await eventually(lambda: one.selected_pair is None, 20.0)
        near.send(b"nowhere to go")
        assert near.unsent == 1
        assert not near.closed.is_set()


async def test_quality_of_the_pair_is_told_live() -> None:
    """ICE-31, ICE-37: round trip time, loss and counters of the path, while it is used."""
    async with agents(link=Link(delay=0.05)) as (network, one, other):
        near, far = await connect(one, other)
        pair = near.pair
        assert pair is not None
        assert pair in one.pairs
        near.send(bytes(100))
        await far.recv()
        assert (pair.packets_sent, pair.bytes_sent) == (1, 100)
        assert far.pair is not None
        assert far.pair.bytes_received == 100
        assert pair.current_round_trip_time == pytest.approx(0.1, abs=0.02)
        await asyncio.sleep(0.2)  # what is on its way is not lost
        before = pair.loss
        network.filter(lambda packet: packet.source[0] == near.local[0])
        await asyncio.sleep(8.0)
        assert pair.loss > before


async def test_datagrams_that_the_system_refuses_do_not_count_as_sent() -> None:
    """ICE-20."""
    async with agents() as (_, one, other):
        near, _ = await connect(one, other)
        pair = near.pair
        assert pair is not None
        near.send(bytes(100))
        await asyncio.sleep(0.1)
        refused = Transmit(bytes(50), pair.path)
        one._core.handle_discarded(refused)
        check = Message.request(Method.BINDING, (), Random(1)).encode()
        one._core.handle_discarded(refused._replace(data=check))
        assert (pair.packets_discarded_on_send, pair.bytes_discarded_on_send) == (1, 50)
        assert (pair.packets_sent, pair.bytes_sent) == (0, 50)
