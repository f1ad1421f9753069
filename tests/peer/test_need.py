"""When an offer has to be made, and when that is said. webrtc-pc §4.7.3."""

from tests.peer.hands import Hands, drained, with_channel
from webrtc.jsep import RTCSignalingState
from webrtc.peer import (
    PeerConnection,
    RTCSessionDescription,
)
from webrtc.peer.events import (
    NegotiationNeeded,
    SignalingStateChanged,
)

ROLLBACK = RTCSessionDescription("rollback")


def test_the_first_channel_needs_negotiation_and_no_other() -> None:
    """PC-25."""
    peer = PeerConnection()
    assert drained(peer) == []
    peer.create_data_channel("", 0.0)
    peer.create_data_channel("", 0.0)
    assert drained(peer) == [NegotiationNeeded()]
    assert peer.negotiation_needed
    peer.create_data_channel("", 0.0)
    assert drained(peer) == []


def test_an_offer_made_at_once_needs_no_event() -> None:
    """PC-25: webrtc-pc §4.7.3 looks again when the event is due."""
    peer = with_channel()
    peer.set_local_description(None, 0.0)
    assert NegotiationNeeded() not in drained(peer)
    assert not peer.negotiation_needed


def test_a_channel_created_during_negotiation_has_to_wait() -> None:
    """PC-25: the event comes when the state is stable again."""
    hands = Hands()
    left = hands.left
    left.core.set_local_description(None, 0.0)
    offer = left.core.local_description
    assert offer is not None
    left.core.create_data_channel("", 0.0)
    hands.network.run(0.1)
    assert left.of(NegotiationNeeded) == []
    left.accept(hands.right.answer(offer))
    hands.network.run(0.1)
    assert left.of(NegotiationNeeded) == [NegotiationNeeded()]
    assert left.events.index(NegotiationNeeded()) > left.events.index(
        SignalingStateChanged(RTCSignalingState.STABLE)
    )


def test_an_answer_that_settles_everything_needs_no_event() -> None:
    """PC-25."""
    hands = Hands()
    hands.connect()
    assert hands.left.of(NegotiationNeeded) == hands.right.of(NegotiationNeeded) == []
    hands.right.core.create_data_channel("", hands.network.now)
    hands.network.run(0.1)
    assert hands.right.of(NegotiationNeeded) == []


def test_a_rollback_makes_the_need_known_again() -> None:
    """PC-25, S-11."""
    peer = with_channel()
    drained(peer)
    peer.set_local_description(None, 0.0)
    drained(peer)
    peer.set_local_description(ROLLBACK, 0.0)
    assert drained(peer)[-1] == NegotiationNeeded()
