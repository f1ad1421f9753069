"""RTCDataChannel between two connections on a virtual network. webrtc-pc §6.2."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest

from tests.support import Pair, connected, eventually, negotiate, trickle, two_hosts
from webrtc import (
    ConnectionFailed,
    InvalidStateError,
    InvalidSyntaxError,
    NotSupportedError,
    OperationError,
    RTCDataChannel,
    RTCPeerConnection,
    SettingEngine,
)
from webrtc.sctp import Config
from webrtc.vnet import Link

EVENTS = ("open", "message", "bufferedamountlow", "closing", "close", "error")


@pytest.fixture(params=[{}, {"negotiated": True, "id": 0}], ids=["announced", "negotiated"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    """Both ends of an open channel; opened in band, or under an id both sides know."""
    if not request.param:
        async with connected_pair() as pair:
            yield pair
        return
    async with connected_pair() as pair:
        left, right = pair.left, pair.right
        one, other = (pc.create_data_channel("", negotiated=True, id=9) for pc in (left, right))
        await one.opened()
        await other.opened()
        yield Pair(pair.left, pair.right, one, other)


def connected_pair(settings: SettingEngine | None = None) -> Any:
    _, left, right = two_hosts(Link(delay=0.01))
    return connected(left, right, settings=settings)


def record(channel: RTCDataChannel) -> list[tuple[str, str]]:
    """Name of every event, with the state its handler sees."""
    fired: list[tuple[str, str]] = []
    for name in EVENTS:
        channel.on(name, lambda *_, name=name: fired.append((name, channel.ready_state)))
    return fired


async def test_a_new_channel() -> None:
    """RTCDC-04: the attributes before there is a connection."""
    async with RTCPeerConnection() as pc:
        channel = pc.create_data_channel("")
        assert channel.label == channel.protocol == ""
        assert channel.ordered
        assert not channel.negotiated
        assert (channel.max_packet_life_time, channel.max_retransmits, channel.id) == (None,) * 3
        assert channel.ready_state == "connecting"
        assert channel.priority == "low"
        assert channel.buffered_amount == channel.buffered_amount_low_threshold == 0


async def test_attributes_are_what_was_asked_for() -> None:
    """RTCDC-04, RTCDC-05, RTCDC-08."""
    async with RTCPeerConnection() as pc:
        channel = pc.create_data_channel(
            "test", ordered=False, max_retransmits=1, protocol="custom", negotiated=True, id=3
        )
        assert (channel.label, channel.protocol, channel.id) == ("test", "custom", 3)
        assert channel.negotiated
        assert not channel.ordered
        assert (channel.max_retransmits, channel.max_packet_life_time) == (1, None)
        assert pc.create_data_channel("", max_packet_life_time=42).max_packet_life_time == 42


async def test_the_announced_channel_has_the_same_attributes() -> None:
    """PC-13, DC-25."""
    _, left, right = two_hosts()
    options: dict[str, Any] = {
        "ordered": False,
        "max_retransmits": 1,
        "protocol": "custom",
        "priority": "high",
    }
    async with connected(left, right, **options) as pair:
        for name in (*options, "label", "id", "negotiated", "max_packet_life_time"):
            assert getattr(pair.remote, name) == getattr(pair.channel, name)


@pytest.mark.parametrize("value", [-1, 2**32, "1", None, 1.5])
async def test_thresholds_that_are_no_unsigned_long(value: object) -> None:
    async with RTCPeerConnection() as pc:
        channel = pc.create_data_channel("")
        with pytest.raises(TypeError):
            channel.buffered_amount_low_threshold = value  # type: ignore[assignment] # what is tested
        assert channel.buffered_amount_low_threshold == 0


async def test_binary_type() -> None:
    """RTCDC-04: bytes are an ArrayBuffer; SyntaxError for what is neither that nor a Blob."""
    async with RTCPeerConnection() as pc:
        channel = pc.create_data_channel("")
        channel.binary_type = "arraybuffer"
        with pytest.raises(NotSupportedError):
            channel.binary_type = "blob"
        with pytest.raises(InvalidSyntaxError):
            channel.binary_type = "buffer"
        assert channel.binary_type == "arraybuffer"


@pytest.mark.parametrize(
    ("message", "received"),
    [
        ("hello", "hello"),
        ("世界你好", "世界你好"),
        ("", ""),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        (b"hello", b"hello"),
        (b"", b""),
        (bytearray(b"hello"), b"hello"),
        (memoryview(b"hello")[1:3], b"el"),
        (memoryview(b"abcdef")[::2], b"ace"),
    ],
    ids=lambda value: None if isinstance(value, memoryview) else repr(value),
)
async def test_messages(pair: Pair, message: bytes | str, received: bytes | str) -> None:
    """RTCDC-01, DC-27: text stays text and bytes stay bytes, the empty ones too."""
    pair.channel.send(message)
    pair.remote.send(message)
    assert await pair.remote.recv() == await pair.channel.recv() == received


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


@pytest.mark.parametrize("what", ["channel", "connection"])
async def test_buffered_amount_is_not_cleared_by_closing(pair: Pair, what: str) -> None:
    """DC-12."""
    pair.channel.send(b"hello")
    if what == "channel":
        pair.channel.close()
    else:
        await pair.left.close()
    assert pair.channel.buffered_amount == 5


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


async def test_messages_wait_until_somebody_takes_them(pair: Pair) -> None:
    """RTCDC-07: a handler attached late gets all of them, in order."""
    for number in range(5):
        pair.channel.send(str(number))
    await asyncio.sleep(1.0)
    got: list[object] = []
    pair.remote.on("message", got.append)
    await asyncio.sleep(0)
    assert got == ["0", "1", "2", "3", "4"]
    pair.channel.send("5")
    await asyncio.sleep(1.0)
    assert got[-1] == "5"


async def test_recv_and_iteration(pair: Pair) -> None:
    """DC-06, DC-07: `async for` ends with the channel."""
    for number in range(4):
        pair.channel.send(str(number))
    pair.channel.close()
    assert await pair.remote.recv() == "0"
    assert [message async for message in pair.remote] == ["1", "2", "3"]
    assert [message async for message in pair.remote] == []


async def test_what_was_received_can_be_taken_after_the_end(pair: Pair) -> None:
    """DC-15, DC-42: then recv says why nothing more comes."""
    pair.channel.send("kept")
    await asyncio.sleep(1.0)
    await pair.left.close()
    await eventually(lambda: pair.remote.ready_state == "closed")
    assert await pair.remote.recv() == "kept"
    with pytest.raises(ConnectionFailed, match="data channel"):
        await pair.remote.recv()


async def test_several_receivers_share_the_messages(pair: Pair) -> None:
    receivers = [asyncio.ensure_future(pair.remote.recv()) for _ in range(3)]
    await asyncio.sleep(0.1)
    for number in range(3):
        pair.channel.send(str(number))
    assert await asyncio.gather(*receivers) == ["0", "1", "2"]


async def test_a_cancelled_receiver_takes_no_message(pair: Pair) -> None:
    """F-31."""
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pair.remote.recv(), 0.1)
    pair.channel.send("for the last")
    assert await pair.remote.recv() == "for the last"


Waiting = Callable[[RTCDataChannel], Any]
WAITS: dict[str, Waiting] = {
    "recv": lambda channel: channel.recv(),
    "drained": lambda channel: channel.drained(),
    "send": lambda channel: channel.drained(1),
}


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


async def test_opened() -> None:
    """It returns at once when the channel is open, and fails when it closes first."""
    async with RTCPeerConnection() as pc:
        channel = pc.create_data_channel("")
        waiting = [asyncio.ensure_future(channel.opened()) for _ in range(2)]
        await asyncio.sleep(0.1)
        waiting[0].cancel()
        await asyncio.sleep(0)
        channel.close()
        with pytest.raises(ConnectionFailed, match="it was closed"):
            await waiting[1]
        with pytest.raises(ConnectionFailed):
            await channel.opened()
    async with connected_pair() as pair:
        await pair.channel.opened()
        await pair.remote.opened()


async def test_opening_in_the_order_of_the_specification() -> None:
    """PC-13, RTCDC-07: webrtc-pc §6.2: open is true before it is fired, messages come behind."""
    _, left, right = two_hosts(Link(delay=0.01))
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        trickle(one, other)
        log: list[str] = []
        channel = one.create_data_channel("")
        channel.onopen = lambda: channel.send("first")

        @other.on("datachannel")
        def announced(remote: RTCDataChannel) -> None:
            log.append(f"datachannel {remote.ready_state}")
            remote.send("from the handler")
            remote.onopen = lambda: log.append(f"open {remote.ready_state}")
            remote.onmessage = lambda message: log.append(f"message {message}")

        await negotiate(one, other)
        assert await channel.recv() == "from the handler"
        await asyncio.sleep(0.1)
        assert log == ["datachannel open", "open open", "message first"]


async def test_an_async_handler_can_attach_its_own_before_open_fires() -> None:
    """PC-13: its first steps run before the queued task that fires `open`."""
    _, left, right = two_hosts(Link(delay=0.01))
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        trickle(one, other)
        channel = one.create_data_channel("")

        def open_send_close() -> None:
            channel.send("all at once")
            channel.close()

        channel.onopen = open_send_close
        fired: list[list[tuple[str, str]]] = []

        @other.on("datachannel")
        async def announced(remote: RTCDataChannel) -> None:
            fired.append(record(remote))

        await negotiate(one, other)
        await eventually(lambda: fired and ("close", "closed") in fired[0])
        assert fired[0] == [
            ("open", "open"),
            ("message", "open"),
            ("closing", "closing"),
            ("close", "closed"),
        ]


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


async def test_handlers_that_raise_lose_no_message(pair: Pair) -> None:
    """DC-08 of the catalogue: the loop is told, the next message comes, other channels go on."""
    reports: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context))
    other = pair.left.create_data_channel("other")
    got: list[object] = []

    @pair.remote.on("message")
    def bad(message: object) -> None:
        got.append(message)
        raise ValueError(message)

    @pair.right.on("datachannel")
    def announced(channel: RTCDataChannel) -> None:
        channel.on("message", got.append)

    await other.opened()
    for number in range(3):
        pair.channel.send(str(number))
    other.send("other")
    await asyncio.sleep(1.0)
    assert sorted(map(str, got)) == ["0", "1", "2", "other"]
    assert [str(report["exception"]) for report in reports] == ["0", "1", "2"]


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


async def test_a_long_label_does_not_flood_the_log() -> None:
    async with RTCPeerConnection() as pc:
        assert len(repr(pc.create_data_channel("x" * 60_000))) < 200


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


async def test_messages_that_are_here_are_taken_without_waiting(pair: Pair) -> None:
    """DC-31."""
    assert pair.remote.recv_nowait() is None
    pair.channel.send("")
    pair.channel.send("next")
    await asyncio.sleep(1.0)
    assert pair.remote.unread == 2
    assert [pair.remote.recv_nowait() for _ in range(3)] == ["", "next", None]


async def test_has_room_says_whether_awaiting_send_would_wait(pair: Pair) -> None:
    rooms = [pair.channel.has_room]
    while pair.channel.buffered_amount <= 1024 * 1024:
        pair.channel.send(bytes(100_000))
    rooms.append(pair.channel.has_room)
    pair.remote.on("message", lambda _: None)
    await pair.channel.send("when there is room again")
    rooms.append(pair.channel.has_room)
    assert rooms == [True, False, True]


async def test_the_longest_label_and_protocol_are_announced(pair: Pair) -> None:
    """DC-19: 65535 bytes of UTF-8 each, which is more than a message of the smallest peers."""
    announced: asyncio.Future[RTCDataChannel] = asyncio.get_running_loop().create_future()
    pair.right.once("datachannel", announced.set_result)
    label, protocol = "\u2022" * 21845, "p" * 65535
    pair.left.create_data_channel(label, protocol=protocol)
    channel = await announced
    assert (channel.label, channel.protocol) == (label, protocol)


async def test_each_end_of_a_negotiated_channel_has_its_own_mode(pair: Pair) -> None:
    """DC-24: they describe how that end sends."""
    one = pair.left.create_data_channel("", negotiated=True, id=44)
    other = pair.right.create_data_channel("", negotiated=True, id=44, ordered=False)
    await asyncio.gather(one.opened(), other.opened())
    for number in range(20):
        one.send(str(number))
        other.send(str(number))
    assert [await other.recv() for _ in range(20)] == [str(number) for number in range(20)]
    assert {await one.recv() for _ in range(20)} == {str(number) for number in range(20)}


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
