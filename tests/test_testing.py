"""The helpers for tests of applications."""

import asyncio

import pytest

from tests.support import PATIENCE
from webrtc import ConnectionFailed, RTCConfiguration, RTCPeerConnection, SettingEngine
from webrtc.interceptor import SessionInfo, StreamInfo
from webrtc.interceptor.nack import NackGenerator
from webrtc.rtcp import GenericNack, Goodbye
from webrtc.rtp import RtpPacket
from webrtc.rtp.codec import Codec
from webrtc.testing import (
    MockInterceptor,
    MockStream,
    connected,
    connected_pair,
    negotiate,
    trickle,
)
from webrtc.vnet import Behavior, Link, Nat


async def test_a_pair_is_connected_and_ends_with_the_block() -> None:
    async with connected_pair(Link(delay=0.05), ordered=False, max_retransmits=0) as pair:
        assert pair.left.connection_state == "connected"
        assert (pair.channel.ordered, pair.remote.max_retransmits) == (False, 0)
        await pair.channel.send("hello")
        assert await pair.remote.recv() == "hello"
        loop = asyncio.get_running_loop()
        started = loop.time()
        await pair.remote.send("back")
        await pair.channel.recv()
        assert loop.time() - started == pytest.approx(0.05)
    assert pair.left.connection_state == pair.right.connection_state == "closed"


async def test_the_network_may_change_meanwhile() -> None:
    async with connected_pair() as pair:
        pair.left_host.cards[0].outbound.blackhole(pair.network.now, 100.0)
        pair.channel.send("through the outage")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pair.remote.recv(), 2.0)
        pair.left_host.cards[0].outbound.outages.clear()
        assert await pair.remote.recv() == "through the outage"
        assert pair.right_host.name == "right"


async def test_channels_that_both_sides_know() -> None:
    async with connected_pair(negotiated=True, id=7) as pair:
        await pair.remote.send("hello")
        assert await pair.channel.recv() == "hello"


@pytest.mark.parametrize("both", [False, True])
async def test_behind_nats(both: bool) -> None:
    """They connect with the addresses that the pair's STUN server has seen."""
    right_nat = Nat("203.0.113.2") if both else None
    async with connected_pair(left_nat=Nat("203.0.113.1"), right_nat=right_nat) as pair:
        assert pair.left.sctp is not None
        selected = pair.left.sctp.transport.ice_transport.get_selected_candidate_pair()
        assert selected is not None
        assert selected.remote.address == ("203.0.113.2" if both else "192.0.2.2")
        await pair.channel.send("through")
        assert await pair.remote.recv() == "through"


async def test_a_pair_that_cannot_connect_says_so() -> None:
    """Both behind symmetric NATs, and no relay."""

    def symmetric(address: str) -> Nat:
        both = Behavior.ADDRESS_AND_PORT_DEPENDENT
        return Nat(address, mapping=both, filtering=both)

    with pytest.raises(ConnectionFailed, match="no candidate pair worked"):
        async with connected_pair(
            left_nat=symmetric("203.0.113.1"), right_nat=symmetric("203.0.113.2")
        ):
            pass
    with pytest.raises(TimeoutError):
        async with connected_pair(Link(loss=1.0), limit=1.0):
            pass


async def test_settings_and_configuration_are_passed_on() -> None:
    settings, configuration = SettingEngine(max_channels=1), RTCConfiguration()
    async with connected_pair(settings=settings, configuration=configuration, seed=3) as pair:
        assert pair.network.seed == 3
        assert pair.left.get_configuration() is configuration
        refused = pair.left.create_data_channel("one too many")
        await refused.closed()


@pytest.mark.realtime
async def test_real_sockets_will_do_as_well() -> None:
    settings = SettingEngine(bind_addresses=("127.0.0.1",))
    async with connected(None, None, settings=settings, limit=PATIENCE) as pair:
        await pair.channel.send("hello")
        assert await pair.remote.recv() == "hello"


async def test_candidates_of_a_negotiation_that_is_given_up_disturb_nobody() -> None:
    errors: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    async with RTCPeerConnection() as one, RTCPeerConnection() as other:
        trickle(one, other)
        one.create_data_channel("x")
        await one.set_local_description()
        await one.gathered()
        await asyncio.sleep(1.0)
    assert errors == []


async def test_candidates_are_not_carried_to_a_closed_connection() -> None:
    one, other = RTCPeerConnection(), RTCPeerConnection()
    trickle(one, other)
    one.create_data_channel("x")
    await other.close()
    await one.set_local_description()
    await one.gathered()
    with pytest.raises(Exception, match="closed"):
        await negotiate(other, one)
    await one.close()


STREAM = StreamInfo(7, "video", {96: Codec(96, "VP8", 90000, feedback=frozenset({"nack"}))})


def test_a_mock_interceptor_keeps_what_passes() -> None:
    """Row INT-22."""
    mock = MockInterceptor(reads=[Goodbye])
    stream = MockStream(STREAM, [mock])
    one, other = RtpPacket(96, 1, 0, 7), RtpPacket(96, 2, 0, 7)
    stream.receive(one, 0.0)
    stream.send(other, 0.0)
    stream.receive_rtcp(Goodbye((7,)), 0.0)
    assert (mock.received, mock.sent, mock.heard) == ([one], [other], [Goodbye((7,))])
    assert (stream.received, stream.sent, stream.rtcp) == ([one], [other], [])
    assert mock.bound == {7: STREAM}
    mock.unbind(7)
    assert mock.bound == {}


def test_a_mock_stream_lets_time_pass() -> None:
    stream = MockStream(STREAM, [NackGenerator(SessionInfo(9))])
    for number in (1, 3):
        stream.receive(RtpPacket(96, number, 0, 7), 0.0)
    stream.advance(0.35)
    assert stream.rtcp == [GenericNack(9, 7, (2,))] * 4
