"""A call is recorded into files, and its disk fails."""

import asyncio
from io import BytesIO
from pathlib import Path

import pytest

from tests.aio.rtp.calls import call, picture, sound
from tests.media.matroska_reader import CLUSTER, elements
from webrtc import EncodedTrack, RTCPeerConnection
from webrtc.aio.media import Recorder
from webrtc.errors import InvalidStateError
from webrtc.media import IvfReader


async def play(video: EncodedTrack, audio: EncodedTrack | None, seconds: float) -> None:
    """Pictures and sound in time with each other."""
    loop = asyncio.get_running_loop()
    begun, pictures, sounds = loop.time(), 0, 0
    while (passed := loop.time() - begun) < seconds:
        if passed * 30 >= pictures:
            video.send(picture(pictures, key=pictures % 15 == 0))
            pictures += 1
        if audio is not None and passed * 50 >= sounds:
            audio.send(sound(sounds))
            sounds += 1
        await asyncio.sleep(0.005)


def spans(data: bytes) -> dict[int, tuple[int, int]]:
    """First and last milliseconds of each track of a Matroska file."""
    times: dict[int, list[int]] = {}
    for cluster in elements(data)[1].all(CLUSTER):
        for block in cluster.all(0xA3):
            offset = int.from_bytes(block.data[1:3], "big", signed=True)
            times.setdefault(block.data[0] & 0x7F, []).append(cluster.one(0xE7).uint + offset)
    return {track: (found[0], found[-1]) for track, found in times.items()}


async def test_both_tracks_are_recorded_in_time(tmp_path: Path) -> None:
    async with call() as made:
        video, audio = EncodedTrack("video", "VP8"), EncodedTrack("audio", "opus")
        made.left.add_track(video)
        made.left.add_track(audio)
        await made.connect()
        path = tmp_path / "call.webm"
        async with Recorder(path) as recorder:
            for receiver in made.right.get_receivers():
                recorder.add(receiver)
            await play(video, audio, 8.0)
        assert recorder.paths == (path,)
        assert (recorder.dropped, recorder.refused) == (0, 0)
    found = spans(path.read_bytes())
    assert set(found) == {1, 2}
    assert all(last - first > 7000 for first, last in found.values())
    assert abs(found[1][0] - found[2][0]) < 600  # the first key frame of the pictures
    assert abs(found[1][1] - found[2][1]) < 60


async def test_the_recording_ends_with_the_tracks(tmp_path: Path) -> None:
    async with call() as made:
        video = EncodedTrack("video", "VP8")
        made.left.add_track(video)
        await made.connect()
        recorder = Recorder(tmp_path / "a.ivf")
        receiver = made.receiver
        recorder.add(receiver)
        await play(video, None, 1.0)
        await made.right.close()
        await asyncio.wait_for(recorder.ended(), 5)
        await recorder.close()
        await recorder.close()
        with pytest.raises(InvalidStateError):
            recorder.add(receiver)
    frames = list(IvfReader(BytesIO((tmp_path / "a.ivf").read_bytes())))
    assert len(frames) > 10
    assert frames[0].keyframe


async def test_a_disk_that_fails_ends_the_recording_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with call() as made:
        video = EncodedTrack("video", "VP8")
        made.left.add_track(video)
        await made.connect()
        recorder = Recorder(tmp_path / "missing" / "a.ivf")
        recorder.add(made.receiver)
        await play(video, None, 1.0)
        await asyncio.wait_for(recorder.ended(), 5)
        with pytest.raises(FileNotFoundError):
            await recorder.close()
        assert made.right.connection_state == "connected"
    assert "the recording has ended" in caplog.text


async def test_what_cannot_be_recorded_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'a\.avi'"):
        Recorder(tmp_path / "a.avi")
    async with RTCPeerConnection() as pc:
        receiver = pc.add_transceiver("audio").receiver
        async with Recorder(tmp_path / "a.ivf") as recorder:
            with pytest.raises(ValueError, match="no audio"):
                recorder.add(receiver)
            with pytest.raises(TypeError):
                recorder.add(receiver.track)  # type: ignore[arg-type] # what is tested
    assert recorder.paths == ()
