"""The whole peer as a sans-IO core, driven by hand on a virtual network."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from tests.peer.hands import LEFT, RIGHT, Hand, Hands, drained, with_channel
from tests.sdp_samples import sample
from tests.work import Work, work
from webrtc.core import Burst, Path
from webrtc.datachannel import Channel, ChannelClosed, ChannelState
from webrtc.errors import (
    InvalidStateError,
    OperationError,
)
from webrtc.ice import AgentConfig
from webrtc.peer import (
    DataMessage,
    PeerConnection,
    RTCConfiguration,
    RTCIceCandidate,
    RTCSessionDescription,
    SettingEngine,
)
from webrtc.peer.events import (
    AddressesBound,
    ConnectionStateChanged,
    IceCandidateFound,
    IceConnectionStateChanged,
    IceGatheringStateChanged,
    SignalingStateChanged,
)
from webrtc.vnet import Link

ROLLBACK = RTCSessionDescription("rollback")
PATH = Path(("192.0.2.1", 1), ("192.0.2.2", 2))


def test_nothing_has_to_be_given() -> None:
    """SANS-01, SANS-02, SANS-03, SANS-04, SANS-05, SANS-06, SANS-13: nothing to do, say or send."""
    peer = PeerConnection()
    peer.handle_read(b"", PATH, 0.0)
    peer.handle_read(b"\0" * 100, PATH, 0.0)
    peer.handle_timeout(0.0)
    peer.handle_event(AddressesBound((("192.0.2.1", 1),)), 0.0)
    polled = (peer.poll_write(), peer.poll_event(), peer.poll_data(), peer.poll_timeout())
    assert polled == (None, None, None, None)
    assert (peer.signaling_state, peer.connection_state) == ("stable", "new")


def test_two_cores_connect_and_talk() -> None:
    """SANS-14, PC-37, PC-38, PC-39: without asyncio.

    SANS-01, SANS-02, SANS-03, SANS-04, SANS-05, SANS-06, SANS-07, SANS-08.
    """
    hands = Hands()
    channel, remote = hands.connect()
    assert hands.talk(hands.left, channel, "hello") == ["hello"]
    hands.right.core.handle_write(DataMessage(remote, b"back"), hands.network.now)
    hands.network.run(0.5)
    assert hands.left.messages() == [b"back"]


def test_an_hour_of_idling_is_as_little_work_in_its_last_minutes_as_in_its_first() -> None:
    """SANS-15: consent and heartbeats go on, and the connection works afterwards."""
    hands = Hands()
    channel, _ = hands.connect()
    first = work(lambda: hands.network.run(300.0))
    hands.network.run(3000.0)
    last = work(lambda: hands.network.run(300.0))
    assert hands.network.now >= 3600.0
    assert last < 1.1 * first
    assert first < 300 * 5000
    assert hands.left.core.connection_state.value == "connected"
    assert hands.talk(hands.left, channel, "still here") == ["still here"]


def test_the_same_seed_gives_the_same_connection() -> None:
    """SANS-15: but for the keys of the certificates, whose size is the same or nearly."""
    runs = []
    for _ in range(2):
        hands = Hands(seed=3)
        hands.connect()
        transport = hands.left.core.transports.one
        assert transport is not None
        runs.append((transport.ice.local_ufrag, hands.right.core.create_offer().sdp.split()[1]))
    assert runs[0] == runs[1]


def test_a_slow_reader_of_events_or_data_loses_nothing() -> None:
    hands = Hands()
    channel, _ = hands.connect()
    for number in range(50):
        hands.left.core.send(channel, str(number), hands.network.now)
    hands.network.run(1.0)
    assert hands.right.messages() == [str(number) for number in range(50)]


def test_events_come_in_the_order_of_the_specification() -> None:
    """PC-20 to PC-24: webrtc-pc §4.4.1.3, §5.6."""
    hands = Hands()
    hands.connect()
    hands.network.run(1.0)

    def states(kind: type[Any]) -> list[str]:
        return [event.state for event in hands.left.of(kind)]

    assert states(SignalingStateChanged) == ["have-local-offer", "stable"]
    assert states(IceGatheringStateChanged) == ["gathering", "complete"]
    assert states(IceConnectionStateChanged) == ["checking", "connected", "completed"]
    assert states(ConnectionStateChanged) == ["connecting", "connected"]
    kinds = [type(event).__name__ for event in hands.left.events]
    assert kinds.index("SelectedPairChanged") < kinds.index("DtlsStateChanged")
    assert kinds.index("SctpStateChanged") < kinds.index("ChannelOpened")
    found = [event.candidate for event in hands.left.of(IceCandidateFound)]
    assert [None if each is None else bool(each.candidate) for each in found] == [True, False, None]
    complete = max(n for n, kind in enumerate(kinds) if kind == "IceGatheringStateChanged")
    ends = [n for n, kind in enumerate(kinds) if kind == "IceCandidateFound"][1:]
    assert ends == [complete - 1, complete + 1]


def test_closing_tells_the_peer_and_nobody_else() -> None:
    """SANS-09, PC-06: the farewell is still polled, events are not."""
    hands = Hands()
    channel, _ = hands.connect()
    left = hands.left.core
    drained(left)
    left.close(hands.network.now)
    left.close(hands.network.now)
    hands.network.run(1.0)
    left.stop(hands.network.now)
    assert drained(left) == []
    assert left.poll_timeout() is None
    assert channel.state is ChannelState.CLOSED
    assert (left.signaling_state, left.connection_state, left.ice_connection_state) == (
        "closed",
    ) * 3
    [closed] = hands.right.of(ChannelClosed)
    assert closed.reason is None
    left.handle_read(bytes(100), PATH, 100.0)
    left.handle_timeout(100.0)
    left.handle_event(AddressesBound(()), 100.0)
    assert left.poll_write() is None


def test_what_arrives_between_close_and_stop_changes_nothing() -> None:
    """X-08: checks that come back, and a path that fails, are heard of no more."""
    for seconds in (0.0, 0.015, 0.03, 1.0):
        hands = Hands()
        hands.left.core.create_data_channel("data", 0.0)
        hands.negotiate()
        hands.network.run(seconds)
        hands.left.core.close(hands.left.now)
        hands.network.run(60.0)
        assert hands.left.core.connection_state == "closed"
        assert hands.left.core.ice_connection_state == "closed"
        assert hands.left.core.poll_event() is None


def test_no_command_works_on_a_closed_connection() -> None:
    """PC-06, S-12."""
    peer = with_channel()
    offer = peer.create_offer()
    peer.close(0.0)
    commands: list[Callable[[], object]] = [
        peer.create_offer,
        peer.create_answer,
        lambda: peer.set_local_description(None, 0.0),
        lambda: peer.set_remote_description(offer, 0.0),
        lambda: peer.set_remote_description(ROLLBACK, 0.0),
        lambda: peer.add_ice_candidate(None, 0.0),
        lambda: peer.create_data_channel("", 0.0),
        lambda: peer.set_configuration(RTCConfiguration(), 0.0),
    ]
    for command in commands:
        with pytest.raises(InvalidStateError, match="closed peer connection"):
            command()
    peer.restart_ice()


def test_an_ice_lite_server_and_its_client() -> None:
    """RFC 8445 §6.1.1: the full agent controls, whoever offers."""
    lite = SettingEngine(random=Random(5), ice=AgentConfig(lite=True))
    hands = Hands(left=lite)
    channel, _ = hands.connect()
    for hand, role in ((hands.left, "controlled"), (hands.right, "controlling")):
        assert hand.core.transports.one is not None
        assert hand.core.transports.one.ice.role == role
    assert hands.talk(hands.left, channel, "x") == ["x"]


def test_a_wrong_candidate_says_so() -> None:
    peer = with_channel()
    with pytest.raises(InvalidStateError):
        peer.add_ice_candidate(RTCIceCandidate("x", "0"), 0.0)
    peer.set_remote_description(RTCSessionDescription("offer", sample("offer-pion")), 0.0)
    with pytest.raises(OperationError):
        peer.add_ice_candidate(RTCIceCandidate("x", "0"), 0.0)


def hand_states(hand: Hand) -> list[str]:
    return [event.state for event in hand.of(ConnectionStateChanged)]


def test_a_path_that_breaks_and_comes_back() -> None:
    """PC-07, PC-21: disconnected and connected again, without losing a message."""
    hands = Hands()
    channel, _ = hands.connect()
    stop = hands.network.filter(lambda packet: True)
    hands.left.core.send(channel, "on its way", hands.network.now)
    hands.network.run(12.0)
    assert hands.left.core.connection_state == "disconnected"
    stop()
    hands.network.run(15.0)
    assert hand_states(hands.left)[-2:] == ["disconnected", "connected"]
    assert hands.right.messages() == ["on its way"]


def test_a_lone_message_and_its_answer_are_little_work() -> None:
    """Performance: nothing that only bursts need is asked for on its way."""
    hands = Hands(link=Link(delay=0.0))
    channel, remote = hands.connect()
    hands.network.run(1.0)
    left, right, now = hands.left.core, hands.right.core, hands.network.now
    done: list[int] = []

    def send(one: PeerConnection, by: Channel) -> Burst:
        one.send(by, bytes(100), now)
        burst = one.poll_burst()
        assert burst is not None
        return burst

    def answer(data: bytes) -> Burst:
        right.handle_read(data, Path(RIGHT, LEFT), now)
        received = right.poll_data()
        assert received is not None
        right.channels.consume(received.size)
        burst = send(right, remote)
        right.poll_timeout()
        return burst

    for _ in range(20):
        now += 0.001
        (data,) = send(left, channel).datagrams
        with Work() as counted:
            burst = answer(data)
        done.append(counted.done)
        assert (len(burst.datagrams), burst.more) == (1, False)
        left.handle_read(burst.datagrams[0], Path(LEFT, RIGHT), now)
        assert left.poll_data() is not None
    assert len(set(done[10:])) == 1
    assert done[-1] <= 840
