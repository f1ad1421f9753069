"""Files side by side, in the order of their times."""

from io import BytesIO
from pathlib import PurePath
from typing import BinaryIO

import pytest

from tests.media.test_recording import Studio, packet, picture
from webrtc.errors import DecodeError
from webrtc.media.playback import MAX_READ, Playback


def files() -> dict[str, bytes]:
    video, audio = Studio("a.ivf", "video"), Studio("a.ogg", "audio")
    for number in range(30):
        video.recording.take(0, picture(number), number / 30)
    for number in range(50):
        audio.recording.take(0, packet(number), number / 50)
    for studio in (video, audio):
        studio.recording.close()
    return {"a.ivf": video.content("a.ivf"), "a.ogg": audio.content("a.ogg")}


def playback(content: dict[str, bytes], *, loop: bool = False) -> tuple[Playback, list[BinaryIO]]:
    opened: list[BinaryIO] = []

    def open_(path: PurePath) -> BinaryIO:
        opened.append(BytesIO(content[str(path)]))
        return opened[-1]

    return Playback([PurePath(name) for name in content], open_, loop=loop), opened


def test_frames_come_by_their_times() -> None:
    played, _ = playback(files())
    assert [track.codec for track in played.tracks] == ["VP8", "opus"]
    first = played.read(0.5)
    assert {due.number for due in first} == {0, 1}
    assert [due.time for due in first] == sorted(due.time for due in first)
    assert max(due.time for due in first) < 0.5
    rest = played.read(100.0)
    assert len(first) + len(rest) == 80
    assert played.read(200.0) == []


def test_the_next_frame_comes_however_late_it_is() -> None:
    played, _ = playback({"a.ivf": files()["a.ivf"]})
    assert len(played.read(0.0)) == 1
    assert len(played.read(0.0)) == 1


def test_a_loop_goes_on_where_it_was() -> None:
    played, opened = playback({"a.ivf": files()["a.ivf"]}, loop=True)
    frames = played.read(3.0)
    assert len(frames) == 90
    assert [due.frame.timestamp for due in frames] == [number * 3000 for number in range(90)]
    assert [due.frame.keyframe for due in frames[::10]] == [True] * 9
    assert opened[0].closed
    played.close()
    assert all(file.closed for file in opened)


def test_a_file_of_one_frame_does_not_spin() -> None:
    studio = Studio("a.ivf", "video")
    studio.recording.take(0, picture(0), 0.0)
    studio.recording.close()
    played, _ = playback({"a.ivf": studio.content("a.ivf")}, loop=True)
    assert len(played.read(1.0)) <= 51


def test_what_is_read_at_once_is_bounded() -> None:
    studio = Studio("a.ivf", "video")
    for number in range(MAX_READ + 10):
        studio.recording.take(0, picture(number, timestamp=0), 0.0)
    studio.recording.close()
    played, _ = playback({"a.ivf": studio.content("a.ivf")})
    assert [len(played.read(1.0)), len(played.read(1.0))] == [MAX_READ, 10]


def test_the_good_part_comes_before_the_error() -> None:
    content = files()["a.ivf"]
    place = content.rindex(picture(0).data) - 12
    broken = content[:place] + b"\xff" * 12 + content[place + 12 :]
    played, _ = playback({"a.ivf": broken})
    assert len(played.read(100.0)) == 20
    for _ in range(2):
        with pytest.raises(DecodeError, match="IVF frame"):
            played.read(200.0)


def test_what_cannot_be_played_is_refused_and_closed() -> None:
    with pytest.raises(ValueError, match=r"'a\.mp4'"):
        playback({"a.mp4": b""})
    content = {**files(), "b.wav": b"no"}
    opened: list[BinaryIO] = []

    def open_(path: PurePath) -> BinaryIO:
        opened.append(BytesIO(content[str(path)]))
        return opened[-1]

    with pytest.raises(DecodeError):
        Playback([PurePath(name) for name in content], open_)
    assert len(opened) == 3
    assert all(file.closed for file in opened)
