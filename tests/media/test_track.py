from dataclasses import replace

import pytest

from tests.media.ffmpeg import pictures, sound
from webrtc.media.track import Timeline, Track
from webrtc.rtp.frame import EncodedFrame


@pytest.mark.parametrize("codec", ["VP8", "VP9", "AV1", "H264", "H265"])
def test_a_key_frame_tells_the_track(codec: str) -> None:
    key, delta = pictures(codec)[:2]
    track = Track.of(replace(key, codec=codec.lower()))
    assert (track.codec, track.kind, track.clock_rate) == (codec, "video", 90_000)
    assert (track.width, track.height) == (150, 90)
    assert bool(track.private) == (codec not in {"VP8", "VP9"})
    with pytest.raises(ValueError, match="does not begin"):
        Track.of(delta)


@pytest.mark.parametrize("codec", ["VP8", "VP9", "AV1", "H264", "H265"])
def test_the_size_is_found_where_nobody_says_it(codec: str) -> None:
    track = Track.of(replace(pictures(codec)[0], width=None, height=None))
    assert (track.width, track.height) == (150, 90)


def test_frames_that_do_not_tell_it() -> None:
    with pytest.raises(ValueError, match="OBU"):
        Track.of(EncodedFrame(b"\xff", "AV1", 0, keyframe=True))
    with pytest.raises(ValueError, match="opus"):
        Track.of(sound()[0])
    with pytest.raises(ValueError, match="size"):
        Track.of(EncodedFrame(b"x", "VP8", 0, keyframe=True))
    with pytest.raises(ValueError, match="decoders need"):
        Track.of(EncodedFrame(b"\0\0\0\1\x65\x88", "H264", 0, keyframe=True, width=2, height=2))


def test_another_codec_or_size_needs_another_track() -> None:
    """But for VP8 and VP9, whose decoders take a new size as it comes."""
    for codec in ("VP8", "H264"):
        key, delta = pictures(codec)[:2]
        track = Track.of(key)
        track.check(key)
        track.check(delta)
        with pytest.raises(ValueError, match="of VP9 for"):
            track.check(replace(key, codec="VP9"))
        with pytest.raises(ValueError, match="empty"):
            track.check(replace(key, data=b""))
        with pytest.raises(ValueError, match="8388609 bytes"):
            track.check(replace(key, data=bytes(8 * 1024 * 1024 + 1)))
        larger = replace(key, width=300)
        assert track.fits(key)
        assert track.fits(larger) == (codec == "VP8")
        if codec == "VP8":
            track.check(larger)
        else:
            with pytest.raises(ValueError, match="begin a new file"):
                track.check(larger)
    assert Track("opus", 48000, 2).kind == "audio"


def test_times_go_forward() -> None:
    timeline = Timeline()
    for time, step in ((0.5, 0.0), (0.75, 0.25), (0.75, 0.0)):
        timeline.advance(time)
        assert (timeline.last, timeline.step) == (time, step)
    for time in (0.5, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=r"0\.75"):
            timeline.advance(time)
    assert timeline.last == 0.75
    with pytest.raises(ValueError, match="-1"):
        Timeline().advance(-1.0)
