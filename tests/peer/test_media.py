"""Which transceiver a track gets. webrtc-pc §5.1.2; rows PC-14, PC-16, PC-17, PC-18."""

import pytest

from webrtc.errors import InvalidAccessError
from webrtc.peer.transceivers import Transceivers
from webrtc.sdp import Direction


def test_they_stay_in_the_order_of_creation() -> None:
    found = Transceivers()
    audio = found.add("audio", None, "recvonly", (), (), ())
    video = found.add_track("video", object(), ["s"])
    late = found.offered("audio")
    assert list(found) == [audio, video, late]
    assert (video.added, video.direction, video.stream_ids) == (True, Direction.SENDRECV, ("s",))
    assert (late.offered, late.direction) == (True, Direction.RECVONLY)
    found.remove([audio])
    assert list(found) == [video, late]


def test_a_track_goes_with_the_first_that_never_sent() -> None:
    found = Transceivers()
    found.add("audio", None, "recvonly", (), (), ())
    fresh = found.add("video", None, "recvonly", (), (), ())
    assert found.add_track("video", object(), ()) is fresh
    assert fresh.direction is Direction.SENDRECV
    assert found.add_track("video", object(), ()) is not fresh


def test_one_track_is_not_sent_twice() -> None:
    found, track = Transceivers(), object()
    made = found.add_track("video", track, ())
    with pytest.raises(InvalidAccessError):
        found.add_track("video", track, ())
    made.remove_track()
    assert found.add_track("video", track, ()) is made


@pytest.mark.parametrize(("kind", "direction"), [("data", "sendrecv"), ("audio", "stopped")])
def test_what_there_is_not_is_a_type_error(kind: str, direction: str) -> None:
    with pytest.raises(TypeError):
        Transceivers().add(kind, None, direction, (), (), ())
