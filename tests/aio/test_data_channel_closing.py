"""The end of a data channel, at either side. webrtc-pc §6.2.4."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.aio.channel_pairs import connected_pair, record
from tests.support import Pair, eventually, negotiate, trickle, two_hosts
from webrtc import (
    ConnectionFailed,
    RTCDataChannel,
    RTCPeerConnection,
    SettingEngine,
)
from webrtc.sctp import Config
from webrtc.vnet import Link

Waiting = Callable[[RTCDataChannel], Any]
WAITS: dict[str, Waiting] = {
    "recv": lambda channel: channel.recv(),
    "drained": lambda channel: channel.drained(),
    "send": lambda channel: channel.drained(1),
}


@pytest.mark.parametrize("what", ["channel", "connection"])
async def test_buffered_amount_is_not_cleared_by_closing(pair: Pair, what: str) -> None:
    """DC-12."""
    pair.channel.send(b"hello")
    if what == "channel":
        pair.channel.close()
    else:
        await pair.left.close()
    assert pair.channel.buffered_amount == 5


async def test_what_was_received_can_be_taken_after_the_end(pair: Pair) -> None:
    """DC-15, DC-42: then recv says why nothing more comes."""
    pair.channel.send("kept")
    await asyncio.sleep(1.0)
    await pair.left.close()
    await eventually(lambda: pair.remote.ready_state == "closed")
    assert await pair.remote.recv() == "kept"
    with pytest.raises(ConnectionFailed, match="data channel"):
        await pair.remote.recv()


@pytest.mark.parametrize("name", WAITS)
@pytest.mark.parametrize("end", ["local", "remote"])
async def test_whoever_waits_is_told_of_the_end(name: str, end: str) -> None:
    """ConnectionFailed: no awaitable waits for what cannot come."""
    settings = SettingEngine(sctp=Config(receive_window=400_000))
    async with connected_pair(settings) as pair:
        for _ in range(40):
            pair.channel.send(bytes(50_000))
        waiting = asyncio.ensure_future(WAITS[name](pair.channel))
        await asyncio.sleep(1.0)
        assert not waiting.done()
        await (pair.left if end == "local" else pair.right).close()
        with pytest.raises(ConnectionFailed):
            await asyncio.wait_for(waiting, 5.0)


@pytest.mark.parametrize("sends", [False, True])
async def test_closing_in_the_datachannel_handler_prevents_open(sends: bool) -> None:
    """PC-13: what was sent there still arrives."""
    _, left, right = two_hosts(Link(delay=0.01))
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        trickle(one, other)
        channel = one.create_data_channel("")
        fired: list[list[tuple[str, str]]] = []

        @other.on("datachannel")
        def announced(remote: RTCDataChannel) -> None:
            fired.append(record(remote))
            if sends:
                remote.send("farewell")
            remote.close()

        await negotiate(one, other)
        received = [message async for message in channel]
        assert received == (["farewell"] if sends else [])
        await asyncio.sleep(1.0)
        [events] = fired
        assert [event for event in events if event[0] != "bufferedamountlow"] == [
            ("close", "closed")
        ]


async def test_closing_fires_closing_on_the_other_side_only(pair: Pair) -> None:
    """RTCDC-02, DC-15."""
    ours, theirs = record(pair.channel), record(pair.remote)
    pair.channel.close()
    pair.channel.close()
    assert pair.channel.ready_state == "closing"
    await asyncio.sleep(1.0)
    assert ours == [("close", "closed")]
    assert theirs == [("closing", "closing"), ("close", "closed")]
    pair.channel.close()
    await pair.left.close()
    await asyncio.sleep(1.0)
    assert (len(ours), len(theirs)) == (1, 2)


async def test_closing_from_both_sides_at_once(pair: Pair) -> None:
    """DC-07 of the catalogue."""
    ours, theirs = record(pair.channel), record(pair.remote)
    pair.channel.close()
    pair.remote.close()
    await asyncio.sleep(1.0)
    assert ours == theirs == [("close", "closed")]


async def test_a_peer_that_closes_its_connection_is_no_error(pair: Pair) -> None:
    """RTCDC-03: close alone, at once; nothing on the side that closed."""
    ours, theirs = record(pair.channel), record(pair.remote)
    await pair.left.close()
    await asyncio.sleep(0.02)
    assert theirs == [("close", "closed")]
    assert ours == []
    assert pair.channel.ready_state == "closed"


async def test_an_id_is_free_again_when_its_channel_is_closed() -> None:
    """DC-15."""
    async with connected_pair() as pair:
        first = pair.left.create_data_channel("first")
        await first.opened()
        first.close()
        await eventually(lambda: first.ready_state == "closed")
        second = pair.left.create_data_channel("second")
        assert second.id == first.id
        await second.opened()
        await second.send("works")


def is_closed(channel: RTCDataChannel) -> bool:
    return channel.ready_state == "closed"


async def test_unread_messages_of_a_closed_channel_hold_nobody_back() -> None:
    """DC-05 of the catalogue: the window they filled is free again."""
    settings = SettingEngine(sctp=Config(receive_window=400_000))
    async with connected_pair(settings) as pair:
        for number in range(6):
            channel = pair.left.create_data_channel(str(number))
            await channel.opened()
            channel.send(bytes(100_000))
            channel.close()
            await eventually(partial(is_closed, channel))
        pair.channel.send("not stuck")
        assert await asyncio.wait_for(pair.remote.recv(), 10.0) == "not stuck"


async def test_closed(pair: Pair) -> None:
    """DC-15: it waits for both sides, and `reason` tells an orderly end from another."""
    waiting = asyncio.ensure_future(pair.remote.closed())
    await asyncio.sleep(1.0)
    assert not waiting.done()
    pair.channel.close()
    await asyncio.gather(waiting, pair.channel.closed())
    await pair.channel.closed()
    assert pair.channel.reason is pair.remote.reason is None
    one, other = (
        pc.create_data_channel("", negotiated=True, id=3) for pc in (pair.left, pair.right)
    )
    await asyncio.gather(one.opened(), other.opened())
    await pair.left.close()
    await asyncio.gather(one.closed(), other.closed())
    assert "peer connection was closed" in str(one.reason)
    assert str(other.reason) == "the peer has closed the connection"
