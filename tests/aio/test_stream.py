"""A detached data channel: bytes and messages without events. DC-28, EX-18, EX-19."""

import asyncio
from collections.abc import AsyncIterator
from random import Random

import pytest

from tests.support import Pair, connected, eventually, two_hosts
from webrtc import ConnectionFailed, InvalidStateError, RTCDataChannel, SettingEngine
from webrtc.aio.stream import DataChannelStream
from webrtc.sctp import Config
from webrtc.vnet import Link


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    _, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair:
        yield pair


def streams(pair: Pair) -> tuple[DataChannelStream, DataChannelStream]:
    return pair.channel.detach(), pair.remote.detach()


async def test_messages_keep_their_bounds_and_kinds(pair: Pair) -> None:
    """DC-28: what is text and what is empty is known at the other end."""
    near, far = streams(pair)
    messages: list[bytes | str] = ["text", b"bytes", "", b"", "世界"]
    for message in messages:
        await near.send(message)
    assert [await far.recv() for _ in messages] == messages
    assert far.channel.label == "data"


async def test_reading_bytes_knows_no_messages(pair: Pair) -> None:
    near, far = streams(pair)
    for message in (b"abcdef", "é", b"", b"gh"):
        await near.send(message)
    assert await far.read(4) == b"abcd"
    assert await far.read() == b"ef"
    assert await far.readexactly(4) == "égh".encode()
    await near.send(b"0123456789")
    assert await far.read(3) == b"012"
    assert await far.recv() == b"3456789"
    assert await far.readexactly(0) == b""
    with pytest.raises(ValueError, match="read"):
        await far.read(0)


async def test_writing_splits_what_no_message_could_hold(pair: Pair) -> None:
    near, far = streams(pair)
    data = bytes(range(256)) * 4096

    async def write() -> None:
        await near.write(bytearray(data))
        near.write_eof()

    task = asyncio.ensure_future(write())
    pieces = [message async for message in far]
    await task
    assert [len(piece) for piece in pieces] == [65536] * 16
    assert b"".join(piece for piece in pieces if isinstance(piece, bytes)) == data


async def test_a_reader_that_rests_holds_the_writer_back() -> None:
    """DC-28: the channel's own back-pressure; nothing piles up in between."""
    settings = SettingEngine(sctp=Config(receive_window=400_000))
    _, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right, settings=settings) as pair:
        near, far = streams(pair)
        writing = asyncio.ensure_future(near.write(bytes(4_000_000)))
        await asyncio.sleep(30.0)
        assert not writing.done()
        assert near.channel.buffered_amount < 1_200_000
        assert len(await far.readexactly(4_000_000)) == 4_000_000
        await writing


async def test_no_event_is_fired_any_more(pair: Pair) -> None:
    seen: list[str] = []
    for name in ("message", "bufferedamountlow", "closing", "close", "error"):
        pair.remote.on(name, lambda *_, name=name: seen.append(name))
    far = pair.remote.detach()
    pair.channel.send("for the stream")
    far.channel.send("answer")
    assert await far.recv() == "for the stream"
    await asyncio.sleep(1.0)
    await pair.left.close()
    await eventually(lambda: pair.remote.ready_state == "closed")
    assert seen == []


async def test_detaching_needs_an_open_channel_and_happens_once(pair: Pair) -> None:
    new = pair.left.create_data_channel("new")
    with pytest.raises(InvalidStateError, match="connecting"):
        new.detach()
    pair.channel.detach()
    with pytest.raises(InvalidStateError, match="detached"):
        pair.channel.detach()


async def test_what_came_before_detaching_is_read_from_the_stream(pair: Pair) -> None:
    pair.channel.send("early")
    await asyncio.sleep(1.0)
    assert await pair.remote.detach().recv() == "early"


async def test_after_write_eof_the_answer_can_still_be_read(pair: Pair) -> None:
    """RFC 8831 §6.7: the peer ends its direction behind what it has sent by then."""
    near, far = streams(pair)
    for number in range(100):
        await far.send(bytes([number]) * 1000)
    await near.send("the end")
    near.write_eof()
    near.write_eof()
    with pytest.raises(InvalidStateError):
        await near.send("more")
    assert [message async for message in near] == [bytes([n]) * 1000 for n in range(100)]
    assert await far.recv() == "the end"
    assert await far.read() == b""
    assert near.channel.ready_state == far.channel.ready_state == "closed"


async def test_after_close_nothing_is_read_any_more(pair: Pair) -> None:
    near, far = streams(pair)
    near.write_eof()
    near.close()
    for _ in range(20):
        await far.send(b"too late")
    assert await near.read() == b""


async def test_leaving_the_block_closes_and_waits(pair: Pair) -> None:
    far = pair.remote.detach()
    async with pair.channel.detach() as near:
        await near.send("last words")
    assert near.channel.ready_state == "closed"
    assert await far.recv() == "last words"
    with pytest.raises(ZeroDivisionError):
        async with far:
            raise ZeroDivisionError


@pytest.mark.parametrize("end", ["local", "remote"])
async def test_a_stream_that_was_cut_off_does_not_look_complete(pair: Pair, end: str) -> None:
    """A closed connection is no end of file: something may be missing."""
    near, far = streams(pair)
    await near.send("first")
    reading = asyncio.ensure_future(far.readexactly(1000))
    await asyncio.sleep(1.0)
    await (pair.right if end == "local" else pair.left).close()
    with pytest.raises(ConnectionFailed, match="data channel"):
        await reading
    with pytest.raises(ConnectionFailed):
        async for _ in far:
            pass


async def test_an_end_before_enough_bytes(pair: Pair) -> None:
    near, far = streams(pair)
    await near.write(b"abc")
    near.write_eof()
    with pytest.raises(asyncio.IncompleteReadError) as caught:
        await far.readexactly(4)
    assert caught.value.partial == b"abc"


async def test_a_cancelled_read_loses_nothing(pair: Pair) -> None:
    """F-31."""
    near, far = streams(pair)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(far.read(), 0.1)
    await near.write(b"kept")
    assert await far.read() == b"kept"


async def test_any_number_of_streams_wait_for_the_buffer_they_share() -> None:
    settings = SettingEngine(random=Random(0), sctp=Config(max_send_buffer=100_000))
    _, left, right = two_hosts(Link(delay=0.01, rate=2e6))
    async with connected(left, right, settings=settings) as pair:
        channels = [pair.left.create_data_channel("") for _ in range(20)]
        sizes: list[int] = []

        async def read(channel: RTCDataChannel) -> None:
            await channel.opened()
            async with channel.detach() as stream:
                sizes.append(sum([len(part) async for part in stream]))

        async def write(channel: RTCDataChannel) -> None:
            await channel.opened()
            async with channel.detach() as stream:
                await stream.write(bytes(200_000))

        async with asyncio.TaskGroup() as tasks:
            pair.right.on("datachannel", lambda channel: tasks.create_task(read(channel)))
            for channel in channels:
                tasks.create_task(write(channel))
        assert sizes == [200_000] * 20
