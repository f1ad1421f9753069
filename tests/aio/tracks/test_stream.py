"""MediaStream. mediacapture-main §4.2."""

import pytest

from webrtc import MediaStream, MediaStreamTrack


async def test_tracks_are_found_by_kind_and_id() -> None:
    audio, video = MediaStreamTrack("audio"), MediaStreamTrack("video")
    stream = MediaStream([video, audio])
    assert stream.get_tracks() == list(stream) == [video, audio]
    assert stream.get_audio_tracks() == [audio]
    assert stream.get_video_tracks() == [video]
    assert stream.get_track_by_id(audio.id) is audio
    assert stream.get_track_by_id("other") is None


async def test_an_id_is_made_or_given() -> None:
    assert MediaStream().id != MediaStream().id
    assert MediaStream(id="camera").id == "camera"
    with pytest.raises(TypeError):
        MediaStream(id=5)  # type: ignore[arg-type] # what is tested


async def test_adding_and_removing_fires_nothing() -> None:
    stream, track = MediaStream(), MediaStreamTrack("audio")
    fired: list[object] = []
    stream.onaddtrack = fired.append
    stream.onremovetrack = fired.append
    for _ in range(2):
        stream.add_track(track)
    assert stream.get_tracks() == [track]
    for _ in range(2):
        stream.remove_track(track)
    assert stream.get_tracks() == []
    assert fired == []


async def test_it_is_active_while_a_track_is_live() -> None:
    track = MediaStreamTrack("audio")
    stream = MediaStream([track])
    assert stream.active
    track.stop()
    assert [stream.active, MediaStream().active] == [False, False]


async def test_what_is_no_track_is_refused() -> None:
    with pytest.raises(TypeError):
        MediaStream(["track"])  # type: ignore[list-item] # what is tested
    with pytest.raises(TypeError):
        MediaStream().add_track("track")  # type: ignore[arg-type] # what is tested
