"""The slots of a transceiver. webrtc-pc §5; rows PC-14, PC-15, PC-19, PC-30."""

import pytest

from webrtc.errors import InvalidStateError
from webrtc.peer.parameters import initial_encodings
from webrtc.peer.transceiver import TrackChange, Transceiver
from webrtc.sdp import Direction

SENDRECV, SENDONLY, RECVONLY, INACTIVE = Direction


def video(direction: Direction = SENDRECV, track: object | None = None) -> Transceiver:
    return Transceiver("video", direction, initial_encodings("video", (), ()), (), track)


def test_it_begins_without_mid_and_current_direction() -> None:
    made = video()
    assert (made.shown_direction, made.shown_current_direction, made.mid) == (
        "sendrecv",
        None,
        None,
    )
    assert made.muted
    assert not made.receptive


def test_direction_tells_whether_it_has_changed() -> None:
    made = video()
    assert made.set_direction("recvonly")
    assert not made.set_direction("recvonly")
    with pytest.raises(TypeError):
        made.set_direction("stopped")
    made.stop()
    with pytest.raises(InvalidStateError):
        made.set_direction("sendrecv")


def test_stopping_shows_in_direction_and_stopped_in_the_current_one() -> None:
    made = video()
    made.follow_local(SENDRECV, answer=True, final=True)
    assert made.stop()
    assert not made.stop()
    assert (made.shown_direction, made.shown_current_direction) == ("stopped", "sendrecv")
    made.end()
    assert made.shown_current_direction == "stopped"


def test_a_track_is_added_and_removed_by_half_of_the_direction() -> None:
    made = video(RECVONLY)
    made.add_track(object(), ["a", "b", "a"])
    assert (made.direction, made.stream_ids) == (SENDRECV, ("a", "b"))
    assert made.remove_track()
    assert not made.remove_track()
    assert (made.direction, made.stream_ids) == (RECVONLY, ("a", "b"))


def test_only_one_that_never_sent_is_used_again() -> None:
    """Trap 10: the flag stays when the direction goes."""
    made = video(RECVONLY)
    assert made.reusable_for("video")
    assert not made.reusable_for("audio")
    made.follow_local(SENDRECV, answer=True, final=True)
    made.follow_local(RECVONLY, answer=True, final=True)
    assert not made.reusable_for("video")
    stopping = video()
    stopping.stop()
    assert not stopping.reusable_for("video")


def test_a_track_fires_when_it_comes_and_when_a_stream_is_added() -> None:
    """Section 5.1.4: not on mere offers anew."""
    made = video(RECVONLY)
    assert made.follow_remote(SENDRECV, ["s"], answer=False) == TrackChange(
        made, added=("s",), fired=True
    )
    assert made.follow_remote(SENDRECV, ["s"], answer=False) == TrackChange(made)
    assert made.follow_remote(SENDRECV, ["s", "t"], answer=False) == TrackChange(
        made, added=("t",), fired=True
    )
    assert made.follow_remote(SENDRECV, ["t"], answer=False) == TrackChange(made, removed=("s",))


def test_a_track_that_goes_is_muted_and_comes_again() -> None:
    """Trap 31."""
    made = video(RECVONLY)
    made.follow_remote(SENDONLY, ["s"], answer=True)
    made.follow_local(RECVONLY, answer=True, final=True)
    assert made.hear(muted=False)
    gone = made.follow_remote(INACTIVE, ["s"], answer=True)
    assert gone == TrackChange(made, muted=True, removed=("s",))
    assert made.muted
    assert made.follow_remote(SENDONLY, ["s"], answer=True).fired


def test_it_unmutes_only_once_our_description_receives() -> None:
    """Trap 29: the answerer's track waits for its own answer."""
    made = video(RECVONLY)
    made.follow_remote(SENDRECV, ["s"], answer=False)
    assert not made.hear(muted=False)
    assert made.muted
    made.follow_local(RECVONLY, answer=True, final=True)
    assert made.hear(muted=False)
    assert not made.hear(muted=False)
    assert made.hear(muted=True)
    assert not made.hear(muted=True)


def test_our_answer_that_receives_no_more_empties_the_streams() -> None:
    made = video(SENDRECV)
    made.follow_remote(SENDRECV, ["s"], answer=False)
    made.follow_local(SENDRECV, answer=True, final=True)
    made.hear(muted=False)
    change = made.follow_local(SENDONLY, answer=True, final=True)
    assert change == TrackChange(made, muted=True, removed=("s",))
    assert made.shown_current_direction == "sendonly"


def test_a_rollback_puts_streams_and_receptiveness_back() -> None:
    """Trap 28."""
    made = video(RECVONLY)
    made.follow_remote(SENDONLY, ["s"], answer=False)
    made.follow_local(RECVONLY, answer=True, final=True)
    made.hear(muted=False)
    made.remember()
    made.follow_remote(INACTIVE, [], answer=False)
    back = made.roll_back()
    assert back == TrackChange(made, added=("s",), fired=True)
    assert made.receptive
    assert made.hear(muted=False)


def test_a_rollback_of_the_first_offer_takes_the_track_back() -> None:
    made = video(RECVONLY)
    made.remember()
    made.follow_remote(SENDONLY, ["s"], answer=False)
    assert made.roll_back().removed == ("s",)
    assert not made.receptive


def test_an_offer_to_receive_several_makes_several_of_one() -> None:
    made = video()
    made.remember()
    made.offer_encodings(["q", "h", "q", "f"], 8)
    assert [(each.rid, each.scale_resolution_down_by) for each in made.encodings] == [
        ("q", 4.0),
        ("h", 2.0),
        ("f", 1.0),
    ]
    made.offer_encodings(["x"], 8)
    assert len(made.encodings) == 3
    made.roll_back()
    assert [each.rid for each in made.encodings] == [None]


def test_an_answer_without_simulcast_leaves_the_first_encoding() -> None:
    made = video()
    made.offer_encodings(["q", "h", "f"], 8)
    made.narrow(["h", "f", "unknown"])
    assert [each.rid for each in made.encodings] == ["h", "f"]
    made.narrow(None)
    assert [each.rid for each in made.encodings] == ["h"]
