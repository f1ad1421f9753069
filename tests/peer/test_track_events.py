"""The order in which the application hears of tracks. webrtc-pc §4.4.1.4."""

from webrtc.peer.parameters import initial_encodings
from webrtc.peer.track_events import (
    StreamTrackAdded,
    StreamTrackRemoved,
    TrackFired,
    TrackMuted,
    told,
)
from webrtc.peer.transceiver import TrackChange, Transceiver
from webrtc.sdp import Direction


def test_all_of_one_kind_come_before_those_of_the_next() -> None:
    """Trap 30: mute, removetrack, addtrack, track."""
    one, other = (
        Transceiver("audio", Direction.RECVONLY, initial_encodings("audio", (), ()))
        for _ in range(2)
    )
    other.remote_streams = ("t", "u")
    changes = [
        TrackChange(one, muted=True, removed=("s",)),
        TrackChange(other, muted=True, removed=("v",), added=("t", "u"), fired=True),
    ]
    assert list(told(changes)) == [
        TrackMuted(one, muted=True),
        TrackMuted(other, muted=True),
        StreamTrackRemoved(one, "s"),
        StreamTrackRemoved(other, "v"),
        StreamTrackAdded(other, "t"),
        StreamTrackAdded(other, "u"),
        TrackFired(other, ("t", "u")),
    ]
    assert list(told([TrackChange(one)])) == []
