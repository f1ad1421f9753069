"""Sending on a data channel: what is taken, what waits, who waits for it. webrtc-pc §6.2."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from tests.aio.channel_pairs import connected_pair
from tests.support import Pair, connected, eventually, two_hosts
from webrtc import (
    ConnectionFailed,
    InvalidStateError,
    OperationError,
    RTCDataChannel,
    RTCPeerConnection,
    SettingEngine,
)
from webrtc.sctp import Config
from webrtc.sctp.queue import MESSAGE_OVERHEAD
from webrtc.vnet import Link


@dataclass
class Many:
    """A connection with many channels to send on."""

    pc: RTCPeerConnection
    channels: list[RTCDataChannel]
    received: int = 0
    most: int = 0
    """Bytes that were buffered at the most, when a message arrived."""

    def take(self, channel: RTCDataChannel) -> None:
        channel.on("message", self.count)

    def count(self, _: bytes | str) -> None:
        self.received += 1
        self.most = max(self.most, self.buffered)

    @property
    def buffered(self) -> int:
        association = self.pc._core.channels._association
        return 0 if association is None else association.send_buffer_size


@pytest.mark.parametrize("message", [None, 3, ["a"], object()])
async def test_what_cannot_be_sent(pair: Pair, message: Any) -> None:
    with pytest.raises(TypeError, match="str or bytes"):
        pair.channel.send(message)


async def test_send_needs_an_open_channel() -> None:
    """RTCDC-06, DC-42: InvalidStateError, whatever the argument."""
    async with RTCPeerConnection() as pc:
        channel = pc.create_data_channel("")
        for message in ("text", None):
            with pytest.raises(InvalidStateError, match="connecting"):
                channel.send(message)  # type: ignore[arg-type] # the state counts first
        channel.close()
        with pytest.raises(InvalidStateError, match="closing"):
            channel.send("text")


async def test_up_to_the_largest_message(pair: Pair) -> None:
    """RTCDC-01: above it TypeError."""
    assert pair.left.sctp is not None
    largest = pair.left.sctp.max_message_size
    assert largest == 262144
    pair.channel.send("x" * largest)
    assert len(await pair.remote.recv()) == largest
    for message in ("x" * (largest + 1), bytes(largest + 1), "é" * (largest // 2 + 1)):
        with pytest.raises(TypeError, match="the peer takes 262144"):
            pair.channel.send(message)


async def test_buffered_amount(pair: Pair) -> None:
    """DC-10, DC-12: it falls when the loop has had its turn, and not before."""
    pair.channel.send("世界你好")
    pair.channel.send(b"hello")
    assert pair.channel.buffered_amount == pair.channel.buffered_amount == 17
    await pair.remote.recv()
    assert pair.channel.buffered_amount == 0


async def test_bufferedamountlow(pair: Pair) -> None:
    """DC-14, RTCDC-09: once after several messages, and after each that is sent alone."""
    fired: list[int] = []
    pair.channel.onbufferedamountlow = lambda: fired.append(pair.channel.buffered_amount)
    pair.channel.send("hello")
    pair.channel.send("hello")
    await pair.remote.recv()
    await pair.remote.recv()
    assert fired == [0]
    pair.channel.send("hello")
    await pair.remote.recv()
    assert fired == [0, 0]
    pair.channel.buffered_amount_low_threshold = 5
    pair.channel.send("hello")
    await pair.remote.recv()
    assert fired == [0, 0]


async def test_the_send_buffer_is_bounded() -> None:
    """DC-06 of the catalogue: OperationError, and nothing else happens."""
    settings = SettingEngine(sctp=Config(max_send_buffer=100_000))
    async with connected_pair(settings) as pair:
        while pair.channel.buffered_amount < 90_000:
            pair.channel.send(bytes(10_000))
        with pytest.raises(OperationError):
            pair.channel.send(bytes(20_000))
        await pair.channel.drained()
        pair.channel.send("last")
        while await pair.remote.recv() != "last":
            pass


async def test_awaiting_send_waits_for_room() -> None:
    """DC-08, DC-05 of the catalogue: the receiver does not read."""
    settings = SettingEngine(sctp=Config(receive_window=400_000))
    async with connected_pair(settings) as pair:
        sent = 0

        async def fill() -> None:
            nonlocal sent
            for _ in range(100):
                await pair.channel.send(bytes(50_000))
                sent += 1

        task = asyncio.ensure_future(fill())
        await asyncio.sleep(30.0)
        assert not task.done()
        assert 1_000_000 <= pair.channel.buffered_amount <= 1_100_000
        for _ in range(100):
            await pair.remote.recv()
        await task
        assert sent == 100


async def test_senders_are_woken_again_after_a_time_without_any() -> None:
    """DC-08, F-41: a second burst after a pause is not left waiting."""
    async with connected_pair() as pair:
        pair.remote.on("message", lambda _: None)
        async with asyncio.timeout(60.0):
            for _ in range(3):
                for _ in range(40):
                    await pair.channel.send(bytes(65536))
                await pair.channel.drained()
                await asyncio.sleep(0.5)


async def test_drained_waits_for_the_amount_it_is_given() -> None:
    """DC-14."""
    async with connected_pair() as pair:
        for _ in range(20):
            pair.channel.send(bytes(50_000))
        for amount in (500_000, 100_000, 0):
            await pair.channel.drained(amount)
            assert pair.channel.buffered_amount <= amount


async def test_sending_while_the_peer_closes_raises_nothing(pair: Pair) -> None:
    """webrtc-pc §6.2: what counts is the state that the application can see."""
    reports: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context))
    answered: list[object] = []

    @pair.remote.on("message")
    def answer(message: bytes | str) -> None:
        answered.append(message)
        assert pair.remote.ready_state == "open"
        pair.remote.send(message)

    pair.channel.send("last words")
    pair.channel.close()
    await pair.remote.closed()
    assert answered == ["last words"]
    assert reports == []


async def test_has_room_says_whether_awaiting_send_would_wait(pair: Pair) -> None:
    rooms = [pair.channel.has_room]
    while pair.channel.buffered_amount <= 1024 * 1024:
        pair.channel.send(bytes(100_000))
    rooms.append(pair.channel.has_room)
    pair.remote.on("message", lambda _: None)
    await pair.channel.send("when there is room again")
    rooms.append(pair.channel.has_room)
    assert rooms == [True, False, True]


async def test_bufferedamountlow_is_fired_on_the_channel_that_has_sent(pair: Pair) -> None:
    """RTCDC-09."""
    other = pair.left.create_data_channel("other")
    await other.opened()
    fired: list[str] = []
    pair.channel.on("bufferedamountlow", lambda: fired.append("this"))
    other.on("bufferedamountlow", lambda: fired.append("other"))
    pair.channel.send(bytes(65536))
    await pair.remote.recv()
    assert fired == ["this"]


async def test_another_thread_is_told_how_to_call(pair: Pair) -> None:
    """SYS-12: a clear error, and nothing has happened; the two ways it names do work."""
    channel, loop = pair.channel, asyncio.get_running_loop()
    await pair.remote.send("waits")
    await asyncio.sleep(1.0)

    def elsewhere() -> None:
        for call in (lambda: channel.send("x"), channel.close, channel.recv_nowait):
            with pytest.raises(RuntimeError, match="call_soon_threadsafe"):
                call()
        loop.call_soon_threadsafe(channel.send, "safe")

    await asyncio.to_thread(elsewhere)
    assert channel.ready_state == "open"
    assert channel.unread == 1
    assert await pair.remote.recv() == "safe"

    def receive() -> bytes | str:
        return asyncio.run_coroutine_threadsafe(channel.recv(), loop).result(10.0)

    assert await asyncio.to_thread(receive) == "waits"


@asynccontextmanager
async def many(count: int, settings: SettingEngine, rate: float) -> AsyncIterator[Many]:
    """Open channels, whose messages are counted at the other end."""
    _, left, right = two_hosts(Link(delay=0.01, rate=rate))
    async with connected(left, right, settings=settings) as pair:
        found = Many(pair.left, [])
        pair.right.on("datachannel", found.take)
        found.channels = [pair.left.create_data_channel("") for _ in range(count)]
        await asyncio.gather(*(each.opened() for each in found.channels))
        yield found


async def send_all(channel: RTCDataChannel, times: int, size: int) -> None:
    for _ in range(times):
        await channel.send(bytes(size))


@pytest.mark.parametrize("count", [17, 200])
async def test_any_number_of_channels_may_send_if_each_waits(count: int) -> None:
    """Each may be one message beyond the buffer that they share, and none raises."""
    limit, size = 32 * 1024, 1024
    settings = SettingEngine(random=Random(0), sctp=Config(max_send_buffer=limit))
    async with many(count, settings, 2e6) as found:
        await asyncio.gather(*(send_all(each, 10, size) for each in found.channels))
        await eventually(lambda: found.received == count * 10)
        assert limit < found.most <= limit + count * (size + MESSAGE_OVERHEAD)
        assert all(each.has_room for each in found.channels)


@pytest.mark.slow
@pytest.mark.parametrize(("count", "times"), [(17, 20), (1000, 1)])
async def test_channels_of_64_kib_may_fill_the_buffer_and_wait(count: int, times: int) -> None:
    settings = SettingEngine(random=Random(0), max_channels=2000)
    async with many(count, settings, 50e6) as found:
        await asyncio.gather(*(send_all(each, times, 65536) for each in found.channels))
        await eventually(lambda: found.received == count * times)
        assert found.most > Config().max_send_buffer
        assert found.most <= Config().max_send_buffer + count * (65536 + MESSAGE_OVERHEAD)


async def test_several_tasks_may_wait_on_one_channel() -> None:
    settings = SettingEngine(random=Random(0), sctp=Config(max_send_buffer=20_000))
    async with many(1, settings, 2e6) as found:
        await asyncio.gather(*(send_all(found.channels[0], 10, 5000) for _ in range(10)))
        await eventually(lambda: found.received == 100)


async def test_who_does_not_wait_is_told_that_the_shared_buffer_is_full() -> None:
    settings = SettingEngine(random=Random(0), sctp=Config(max_send_buffer=100_000))
    async with many(3, settings, 1e6) as found:
        one, other, waiting = found.channels
        for _ in range(9):
            one.send(bytes(10_000))
        with pytest.raises(OperationError, match="send buffer is full"):
            one.send(bytes(10_000))
        other.send(bytes(10_000))  # it could be going to wait
        with pytest.raises(OperationError, match="send buffer is full"):
            other.send(bytes(10_000))
        await waiting.send(bytes(10_000))
        await waiting.send(bytes(10_000))
        await waiting.drained()
        await eventually(lambda: other.has_room)
        other.send("there is room again")


async def test_who_waits_goes_on_in_turn_even_if_nobody_sends_again() -> None:
    settings = SettingEngine(random=Random(0), sctp=Config(max_send_buffer=100_000))
    async with many(60, settings, 1e6) as found:
        done: list[int] = []

        async def send_one(number: int) -> None:
            await found.channels[number].send(bytes(10_000))
            done.append(number)

        async with asyncio.timeout(60.0):
            await asyncio.gather(*(send_one(number) for number in range(60)))
        assert done == sorted(done)
        assert len(done) == 60


@pytest.mark.parametrize("end", ["channel", "connection", "cancel"])
async def test_who_waits_for_the_shared_buffer_is_told_of_the_end(end: str) -> None:
    settings = SettingEngine(random=Random(0), sctp=Config(max_send_buffer=50_000))
    async with many(3, settings, 1e5) as found:
        filling, ending, last = found.channels
        for _ in range(4):
            filling.send(bytes(10_000))
        tasks = [asyncio.ensure_future(send_all(each, 1, 20_000)) for each in (ending, last)]
        await asyncio.sleep(0.01)
        assert not any(task.done() for task in tasks)
        if end == "cancel":
            tasks[0].cancel()
        elif end == "channel":
            ending._conduit.handle_closed(None)
        else:
            await found.pc.close()
        expected = asyncio.CancelledError if end == "cancel" else ConnectionFailed
        with pytest.raises(expected):
            await tasks[0]
        if end == "connection":
            with pytest.raises(ConnectionFailed):
                await tasks[1]
        else:
            await tasks[1]


async def test_what_closed_channels_had_to_send_is_not_counted_for_ever() -> None:
    """Their data is sent first; once it is through there is all the room again."""
    limit = 50_000
    settings = SettingEngine(random=Random(0), sctp=Config(max_send_buffer=limit))
    async with many(40, settings, 2e6) as found:
        keep, *closing = found.channels
        for channel in closing:
            await channel.send(bytes(10_000))
            channel.close()
        await asyncio.gather(*(channel.closed() for channel in closing))
        await keep.send(bytes(10_000))
        await eventually(lambda: found.received == 40)
        await eventually(lambda: found.pc._core.channels.send_room == limit)
        assert keep.has_room
