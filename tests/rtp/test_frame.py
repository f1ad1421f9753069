"""What an encoded frame is made of."""

from webrtc.rtp import EncodedFrame


def test_only_what_every_frame_has_must_be_given() -> None:
    frame = EncodedFrame(b"\x00", "VP8", 3000)
    assert not frame.keyframe
    assert frame.rid is frame.temporal_id is frame.spatial_id is None
    assert frame == EncodedFrame(data=b"\x00", codec="VP8", timestamp=3000)
