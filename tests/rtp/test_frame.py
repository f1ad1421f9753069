"""What an encoded frame is made of."""

import pytest

from webrtc.rtp import EncodedFrame


def test_only_what_every_frame_has_must_be_given() -> None:
    frame = EncodedFrame(b"\x00", "VP8", 3000)
    assert not frame.keyframe
    assert (frame.rid, frame.temporal_id, frame.spatial_id) == (None, None, None)
    assert frame == EncodedFrame(data=b"\x00", codec="VP8", timestamp=3000)


def test_a_frame_has_no_room_for_more() -> None:
    """Thousands a second are made."""
    with pytest.raises(AttributeError):
        EncodedFrame(b"x", "VP8", 90).codecs = "VP8"  # type: ignore[attr-defined]
