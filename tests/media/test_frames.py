import pytest

from tests import video
from tests.media.ffmpeg import pictures
from webrtc.errors import DecodeError
from webrtc.media.frames import nal_frame, picture_size, video_frame
from webrtc.rtp.payload import annexb


@pytest.mark.parametrize("codec", ["VP8", "VP9", "AV1"])
def test_frames_tell_of_themselves(codec: str) -> None:
    for number, picture in enumerate(pictures(codec)):
        frame = video_frame(codec, picture.data, 5)
        assert (frame.codec, frame.timestamp) == (codec, 5)
        assert frame.keyframe == (number % 6 == 0)
        assert (frame.width, frame.height) == ((150, 90) if frame.keyframe else (None, None))


def test_temporal_delimiters_go() -> None:
    data = video.frames("av1")[1]
    assert data.startswith(b"\x12\0")
    assert video_frame("AV1", data, 0).data == data[2:]
    with pytest.raises(DecodeError):
        video_frame("AV1", b"\xff", 0)


@pytest.mark.parametrize(("codec", "layer"), [("H264", None), ("H265", 0)])
def test_nal_units_make_a_frame(codec: str, layer: int | None) -> None:
    key, delta = (annexb.split(data) for data in video.frames(codec.lower())[:2])
    frame = nal_frame(codec, key, 7)
    assert (frame.keyframe, frame.width, frame.height, frame.timestamp) == (True, 150, 90, 7)
    assert frame.temporal_id == layer
    assert annexb.split(frame.data) == key
    frame = nal_frame(codec, delta, 7)
    assert (frame.keyframe, frame.width, frame.height) == (False, None, None)


@pytest.mark.parametrize("codec", ["VP8", "VP9", "AV1", "H264", "H265"])
def test_key_frames_tell_their_size(codec: str) -> None:
    key, delta = pictures(codec)[:2]
    assert picture_size(codec, key.data) == (150, 90)
    assert picture_size(codec, delta.data) is None
