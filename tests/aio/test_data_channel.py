"""RTCDataChannel between two connections on a virtual network. webrtc-pc §6.2."""

import asyncio
from typing import Any

import pytest

from tests.aio.channel_pairs import connected_pair, record
from tests.support import Pair, connected, eventually, negotiate, trickle, two_hosts
from webrtc import (
    ConnectionFailed,
    InvalidSyntaxError,
    NotSupportedError,
    RTCDataChannel,
    RTCPeerConnection,
)
from webrtc.vnet import Link


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


async def test_a_long_label_does_not_flood_the_log() -> None:
    async with RTCPeerConnection() as pc:
        assert len(repr(pc.create_data_channel("x" * 60_000))) < 200


async def test_messages_that_are_here_are_taken_without_waiting(pair: Pair) -> None:
    """DC-31."""
    assert pair.remote.recv_nowait() is None
    pair.channel.send("")
    pair.channel.send("next")
    await asyncio.sleep(1.0)
    assert pair.remote.unread == 2
    assert [pair.remote.recv_nowait() for _ in range(3)] == ["", "next", None]


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
