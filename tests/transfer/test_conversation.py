"""How an end of a transfer waits, gives up and is given up on."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from tests.support import PATIENCE, Pair, connected, two_hosts
from webrtc import RTCDataChannel
from webrtc.aio.data_channel import SEND_BUFFER
from webrtc.errors import ConnectionFailed, DecodeError
from webrtc.transfer.conversation import (
    TransferError,
    closed,
    conversation,
    in_thread,
    opened,
    stop,
)
from webrtc.transfer.wire import Done, Failure, Start, decode, encode


def peers() -> AbstractAsyncContextManager[Pair]:
    _, left, right = two_hosts()
    return connected(left, right)


async def flood(channel: RTCDataChannel, stall_timeout: float = 600) -> None:
    async with conversation(channel, stall_timeout) as talk:
        while True:
            await talk.send(bytes(65536))
            assert channel.buffered_amount <= SEND_BUFFER


async def listen(channel: RTCDataChannel, stall_timeout: float = 600) -> None:
    async with conversation(channel, stall_timeout) as talk:
        await talk.recv()


async def test_messages_are_typed_and_blocks_are_bytes() -> None:
    async with peers() as pair, conversation(pair.channel) as talk:
        pair.remote.send(encode(Start(5)))
        pair.remote.send(b"block")
        assert await talk.expect(Start) == Start(5)
        assert await talk.recv() == b"block"
        await talk.tell(Done())
        assert decode(str(await pair.remote.recv())) == Done()


@pytest.mark.parametrize("wrong", [b"bytes", "{", encode(Done())])
async def test_peer_that_breaks_the_protocol_is_told_so(wrong: bytes | str) -> None:
    async with peers() as pair:
        pair.remote.send(wrong)
        with pytest.raises(TransferError, match="broke the protocol"):
            async with conversation(pair.channel) as talk:
                await talk.expect(Start)
        message = decode(str(await pair.remote.recv()))
        assert isinstance(message, Failure)
        assert message.reason.startswith("protocol error")


async def test_peer_that_gives_up_is_believed() -> None:
    async with peers() as pair:
        stop(pair.remote, "no appetite")
        with pytest.raises(TransferError, match="the other side says: no appetite"):
            async with conversation(pair.channel) as talk:
                await talk.expect(Start)
        assert pair.channel.ready_state != "open"


async def test_peer_that_gives_up_while_blocks_are_sent_is_believed() -> None:
    async with peers() as pair:

        async def give_up() -> None:
            await pair.remote.recv()
            stop(pair.remote, "disk full")
            await closed(pair.remote)

        task = asyncio.create_task(give_up())
        with pytest.raises(TransferError, match="disk full"):
            await flood(pair.channel)
        await task


async def test_silence_of_the_peer_is_bounded_while_receiving() -> None:
    async with peers() as pair:
        started = asyncio.get_running_loop().time()
        with pytest.raises(TransferError, match="did nothing for 10 s"):
            await listen(pair.channel, 10)
        assert asyncio.get_running_loop().time() - started < 20
        assert decode(str(await pair.remote.recv())) == Failure("stalled")


async def test_peer_that_takes_nothing_is_bounded_and_so_is_what_waits_for_it() -> None:
    async with peers() as pair:
        with pytest.raises(TransferError, match="did nothing for 10 s"):
            await flood(pair.channel, 10)
        assert pair.channel.listeners("bufferedamountlow") == []


@pytest.mark.parametrize("full", [True, False])
async def test_lost_connection_is_no_transfer_error(*, full: bool) -> None:
    network, left, right = two_hosts()
    async with connected(left, right) as pair:
        left.cards[0].outbound.blackhole(network.now, 1000)
        with pytest.raises(ConnectionFailed):
            await (flood(pair.channel) if full else listen(pair.channel))


async def test_cancelled_side_says_so() -> None:
    async with peers() as pair:
        task = asyncio.create_task(listen(pair.channel))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert decode(str(await pair.remote.recv())) == Failure("stopped")


async def test_our_paths_are_not_told_to_the_peer() -> None:
    async with peers() as pair:
        with pytest.raises(TransferError, match="/secret/place"):
            async with conversation(pair.channel):
                raise PermissionError(13, "Permission denied", "/secret/place")
        assert decode(str(await pair.remote.recv())) == Failure("Permission denied")


async def test_closing_throws_away_what_still_comes() -> None:
    async with peers() as pair:
        for _ in range(50):
            pair.remote.send(bytes(65536))
        stop(pair.channel, "enough")
        await closed(pair.channel, limit=60)
        assert pair.channel.ready_state == "closed"


class Opened:
    """Stands for a file."""

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def slow(made: list[Opened], begun: threading.Event, go: threading.Event) -> Callable[[], Opened]:
    def open_slowly() -> Opened:
        begun.set()
        go.wait(PATIENCE)
        made.append(Opened())
        return made[0]

    return open_slowly


@pytest.mark.realtime
@pytest.mark.parametrize("times", [1, 3])
async def test_file_that_opens_while_we_are_cancelled_is_closed(times: int) -> None:
    made: list[Opened] = []
    begun, go = threading.Event(), threading.Event()

    async def work() -> None:
        async with opened(slow(made, begun, go)):
            pytest.fail("the block has run")

    task = asyncio.create_task(work())
    await asyncio.to_thread(begun.wait, PATIENCE)
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0.01)
    assert not task.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert made[0].closed


async def test_file_is_closed_when_the_end_of_the_block_is_cancelled() -> None:
    """F-31: the block fails, and in the same turn of the loop somebody cancels the task."""
    file, reached = Opened(), asyncio.Event()

    async def work() -> None:
        async with opened(lambda: file):
            reached.set()
            raise DecodeError("no")

    task = asyncio.create_task(work())
    await reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert file.closed


@pytest.mark.realtime
@pytest.mark.parametrize("times", [1, 3])
async def test_cancelling_waits_for_the_disk(times: int) -> None:
    made: list[Opened] = []
    begun, go = threading.Event(), threading.Event()
    task = asyncio.create_task(in_thread(slow(made, begun, go)))
    await asyncio.to_thread(begun.wait, PATIENCE)
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0.01)
    assert not task.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert made


async def test_file_that_cannot_be_opened_is_an_error() -> None:
    def fail() -> Opened:
        raise DecodeError("no")

    with pytest.raises(DecodeError):
        async with opened(fail):
            pytest.fail("the block has run")
