"""Candidates of ours: which addresses are asked for, and how they reach the peer."""

from tests.peer.hands import Hands
from webrtc.datachannel import ChannelState
from webrtc.peer import (
    RTCConfiguration,
    RTCIceServer,
)
from webrtc.peer.events import (
    GatherWanted,
    IceCandidateFound,
)


def test_the_relay_policy_hides_every_address() -> None:
    """CFG-02: and asks no server."""
    servers = [RTCIceServer("stun:192.0.2.9")]
    configuration = RTCConfiguration(ice_transport_policy="relay", ice_servers=servers)
    hands = Hands(configuration=configuration)
    hands.left.core.create_data_channel("", 0.0)
    hands.left.offer()
    hands.network.run(10.0)
    assert [event.stun_servers for event in hands.left.of(GatherWanted)] == [()]
    assert [event.candidate for event in hands.left.of(IceCandidateFound)][-1] is None
    assert hands.left.core.local_description is not None
    assert "192.0.2.1" not in hands.left.core.local_description.sdp


def test_the_policy_counts_from_the_next_gathering() -> None:
    """webrtc-pc §4.4.1.6."""
    hands = Hands(configuration=RTCConfiguration(ice_transport_policy="relay"))
    peer = hands.left.core
    peer.create_data_channel("", 0.0)
    hands.negotiate()
    hands.network.run(1.0)
    peer.set_configuration(RTCConfiguration(ice_servers=[RTCIceServer("stun:192.0.2.9")]))
    hands.left.offer(ice_restart=True)
    hands.network.run(1.0)
    assert hands.left.of(GatherWanted)[-1].stun_servers == (("192.0.2.9", 3478),)
    assert peer.local_description is not None
    assert "192.0.2.1" in peer.local_description.sdp


def test_candidates_of_a_peer_that_signals_them_in_its_description() -> None:
    """PC-05: a peer without trickle."""
    hands = Hands()
    hands.left.other = hands.right.other = None
    left, right = hands.left, hands.right
    channel = left.core.create_data_channel("", 0.0)
    left.offer()
    hands.network.run(0.5)
    assert left.core.local_description is not None
    assert "a=end-of-candidates" in left.core.local_description.sdp
    right.answer(left.core.local_description)
    hands.network.run(0.5)
    assert right.core.local_description is not None
    left.accept(right.core.local_description)
    hands.network.run_until(lambda: right.announced, limit=10.0)
    assert channel.state is ChannelState.OPEN


def test_candidates_that_come_before_the_answer_are_used() -> None:
    """PC-05: an answerer keeps them until it answers."""
    hands = Hands()
    left, right = hands.left, hands.right
    left.core.create_data_channel("", 0.0)
    right.core.set_remote_description(left.offer(), 0.0)
    hands.network.run(0.5)
    right.other = None
    assert right.core.remote_description is not None
    assert "a=candidate" in right.core.remote_description.sdp
    right.core.set_local_description(None, hands.network.now)
    hands.network.flush()
    assert right.core.local_description is not None
    left.accept(right.core.local_description)
    hands.network.run_until(lambda: right.announced, limit=10.0)
