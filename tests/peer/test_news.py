"""What is told, and in which order."""

from tests.peer.hands import Hands, drained, with_channel
from webrtc.datachannel import ChannelOpened
from webrtc.peer.events import (
    ConnectionStateChanged,
    IceGatheringStateChanged,
    NegotiationNeeded,
    SelectedPairChanged,
    SignalingStateChanged,
)
from webrtc.peer.track_events import TrackFired


def test_that_an_offer_is_needed_is_told_last() -> None:
    peer = with_channel()
    peer.set_local_description(None, 0.0)
    events = drained(peer)
    assert isinstance(events[0], SignalingStateChanged)
    assert NegotiationNeeded() not in events
    other = with_channel()
    other.media.add_track("video", object(), (), None)
    assert drained(other) == [NegotiationNeeded()]


def test_the_signalling_state_is_told_before_the_tracks() -> None:
    hands = Hands()
    hands.left.core.media.add_track("video", object(), ["camera"], None)
    hands.right.core.set_remote_description(hands.left.core.create_offer(), 0.0)
    kinds = [type(event) for event in drained(hands.right.core)]
    assert kinds.index(SignalingStateChanged) < kinds.index(TrackFired)


def test_states_and_pairs_are_told_as_the_transports_move() -> None:
    hands = Hands()
    hands.connect()
    events = hands.left.events
    assert [str(each.state) for each in hands.left.of(ConnectionStateChanged)] == [
        "connecting",
        "connected",
    ]
    assert hands.left.of(IceGatheringStateChanged)
    opened = next(each for each in events if isinstance(each, ChannelOpened))
    pair = next(each for each in events if isinstance(each, SelectedPairChanged))
    assert events.index(pair) < events.index(opened)


def test_nothing_is_told_once_it_is_closed() -> None:
    hands = Hands()
    hands.connect()
    core = hands.left.core
    core.create_data_channel("late", hands.network.now)
    core.close(hands.network.now)
    assert drained(core) == []
    hands.network.flush()
    hands.network.run(1.0)
    assert drained(core) == []
