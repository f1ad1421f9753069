import pytest

from webrtc.rtp import EncodedFrame


def test_what_is_not_known_of_a_frame_is_none() -> None:
    frame = EncodedFrame(b"x", "VP8", 90)
    assert not frame.keyframe
    known = (frame.data, frame.codec, frame.timestamp)
    assert known == (b"x", "VP8", 90)
    unknown = (frame.temporal_id, frame.spatial_id, frame.width, frame.height)
    assert unknown == (None,) * 4
    assert (frame.rid, frame.captured) == (None, None)


def test_a_frame_has_no_room_for_more() -> None:
    """Thousands a second are made."""
    with pytest.raises(AttributeError):
        EncodedFrame(b"x", "VP8", 90).codecs = "VP8"  # type: ignore[attr-defined]
