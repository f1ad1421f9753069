"""Tracks on one clock into files, with whatever a peer does to their frames."""

from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import PurePath

import av
import pytest

from tests.media.ffmpeg import pictures
from tests.media.matroska_reader import CLUSTER, elements
from webrtc.media import IvfReader, OggReader, WavReader
from webrtc.media.frames import nal_frame
from webrtc.media.recording import MAX_ERROR, PATIENCE, Recording
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload import annexb

CAPTURED = 1.7e9


class Kept(BytesIO):
    """A file whose content is still there when it is closed."""

    content = b""

    def close(self) -> None:
        self.content = self.getvalue()
        super().close()


class Studio:
    """A recording whose files are in memory."""

    def __init__(self, path: str, *kinds: str) -> None:
        self.files: dict[str, Kept] = {}
        self.recording = Recording(PurePath(path), self._open)
        for kind in kinds:
            self.recording.add(kind)

    def _open(self, path: PurePath) -> Kept:
        return self.files.setdefault(str(path), Kept())

    def content(self, path: str) -> bytes:
        return self.files[path].content

    def times(self, path: str) -> list[tuple[int, int]]:
        """Track and milliseconds of each block of a Matroska file."""
        found = []
        for cluster in elements(self.content(path))[1].all(CLUSTER):
            begins = cluster.one(0xE7).uint
            for block in cluster.all(0xA3):
                offset = int.from_bytes(block.data[1:3], "big", signed=True)
                found.append((block.data[0] & 0x7F, begins + offset))
        return found


def picture(number: int, **changes: object) -> EncodedFrame:
    """VP8, 30 a second; every tenth is a key frame."""
    key = number % 10 == 0
    data = pictures("VP8")[0].data if key else b"\x01" * 20
    frame = EncodedFrame(data, "VP8", number * 3000 + 0xFFFFF000 & 0xFFFFFFFF, key)
    if key:
        frame.width, frame.height = 150, 90
    return replace(frame, **changes)  # type: ignore[arg-type] # fields of a frame


def packet(number: int, **changes: object) -> EncodedFrame:
    """Opus, 50 a second."""
    frame = EncodedFrame(b"\xfc\xff\xfe", "opus", number * 960, keyframe=True)
    return replace(frame, **changes)  # type: ignore[arg-type] # fields of a frame


def smaller() -> EncodedFrame:
    """A key frame of H.264 of 64 by 48."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = 64, 48, "yuv420p"
    encoder.time_base = Fraction(1, 30)
    encoder.options = {"tune": "zerolatency"}
    [encoded] = encoder.encode(av.VideoFrame(64, 48, "yuv420p"))
    return nal_frame("H264", annexb.units_of(bytes(encoded), 0x8000), 0)


def test_both_tracks_are_on_the_clock_of_the_peer() -> None:
    """Pictures come 100 ms later than sound that was captured with them."""
    studio = Studio("a.webm", "video", "audio")
    for number in range(30):
        told = CAPTURED + number / 30 if number > 3 else None
        studio.recording.take(0, picture(number, captured=told), number / 30 + 0.1)
    for number in range(50):
        studio.recording.take(1, packet(number, captured=CAPTURED + number / 50), number / 50)
    studio.recording.close()
    times = studio.times("a.webm")
    video = [time for track, time in times if track == 1]
    audio = [time for track, time in times if track == 2]
    assert video == [round(number * 1000 / 30) for number in range(30)]
    assert audio == [number * 20 for number in range(50)]


@pytest.mark.parametrize("captured", [None, CAPTURED + 3600], ids=["untold", "absurd"])
def test_without_a_clock_of_the_peer_it_is_the_arrivals(captured: float | None) -> None:
    studio = Studio("a.webm", "video", "audio")
    for number in range(90):
        studio.recording.take(0, picture(number, captured=captured), number / 30 + 0.1)
        first = CAPTURED if captured else None
        studio.recording.take(1, packet(number, captured=first), number / 50)
    studio.recording.close()
    times = studio.times("a.webm")
    assert min(time for track, time in times if track == 2) == 0
    assert min(time for track, time in times if track == 1) == 100


def test_a_track_that_does_not_come_is_not_waited_for() -> None:
    studio = Studio("a.webm", "video", "audio")
    for number in range(100):
        studio.recording.take(0, picture(number), number / 30)
        assert bool(studio.files) is (number / 30 >= PATIENCE)
    studio.recording.close()
    assert {track for track, _ in studio.times("a.webm")} == {1}
    assert len(studio.times("a.webm")) == 100


def test_a_track_that_comes_late_is_in_the_next_file() -> None:
    studio = Studio("a.webm", "video", "audio")
    for number in range(100):
        studio.recording.take(0, picture(number), number / 30)
    for number in range(100, 120):
        studio.recording.take(1, packet(number), number / 30)
        studio.recording.take(0, picture(number), number / 30 + 0.01)
    studio.recording.close()
    assert [str(path) for path in studio.recording.paths] == ["a.webm", "a-2.webm"]
    assert {track for track, _ in studio.times("a-2.webm")} == {1, 2}


def test_another_codec_begins_another_file_and_vp8_of_another_size_does_not() -> None:
    studio = Studio("a.mkv", "video")
    studio.recording.take(0, picture(0), 0.0)
    studio.recording.take(0, picture(10, width=320, height=180), 1 / 3)
    for number, frame in ((20, pictures("H264")[0]), (30, smaller()), (40, pictures("H265")[0])):
        moved = replace(frame, timestamp=picture(number).timestamp)
        studio.recording.take(0, moved, number / 30)
    studio.recording.close()
    names = ["a.mkv", "a-2.mkv", "a-3.mkv", "a-4.mkv"]
    assert [str(path) for path in studio.recording.paths] == names
    assert studio.times("a.mkv") == [(1, 0), (1, 333)]
    assert [studio.times(name) for name in names[1:]] == [[(1, 0)]] * 3


def test_jumps_of_the_timestamps_are_bounded_by_the_arrivals() -> None:
    studio = Studio("a.webm", "video")
    for number in range(20):
        jump = 0x40000000 if number >= 10 else 0
        moved = picture(number).timestamp + jump & 0xFFFFFFFF
        studio.recording.take(0, picture(number, timestamp=moved), number / 30)
    studio.recording.close()
    assert studio.times("a.webm") == [(1, round(number * 1000 / 30)) for number in range(20)]


def test_time_cannot_run_faster_than_it_does() -> None:
    studio = Studio("a.webm", "video")
    for number in range(100):
        fast = picture(number, timestamp=number * 90_000)  # a second for each 33 ms
        studio.recording.take(0, fast, number / 30)
    studio.recording.close()
    last = studio.times("a.webm")[-1][1]
    assert last <= 1000 * (100 / 30 + MAX_ERROR)


def test_time_does_not_go_back() -> None:
    studio = Studio("a.webm", "video")
    for number, timestamp in enumerate((6000, 9000, 3000, 12_000)):
        shown = picture(number, timestamp=timestamp)
        studio.recording.take(0, shown, number / 30)
    studio.recording.close()
    assert studio.times("a.webm") == [(1, 0), (1, 33), (1, 33), (1, 67)]


def test_what_comes_before_the_key_frame_is_left_out() -> None:
    studio = Studio("a.ivf", "video")
    for number in range(7, 13):
        studio.recording.take(0, picture(number), number / 30)
    studio.recording.close()
    read = list(IvfReader(BytesIO(studio.content("a.ivf"))))
    assert [frame.timestamp for frame in read] == [0, 3000, 6000]
    assert studio.recording.written == 3


def test_files_of_one_kind() -> None:
    for name, frame in (
        ("a.ogg", packet(0)),
        ("a.wav", EncodedFrame(bytes(160), "PCMU", 0, keyframe=True)),
        ("a.h264", pictures("H264")[0]),
    ):
        kind = "video" if name == "a.h264" else "audio"
        studio = Studio(name, kind)
        studio.recording.take(0, frame, 0.0)
        studio.recording.close()
        content = BytesIO(studio.content(name))
        if name == "a.ogg":
            assert [each.data for each in OggReader(content)] == [frame.data]
        elif name == "a.wav":
            assert [each.data for each in WavReader(content)] == [frame.data]
        else:
            assert content.getvalue().startswith(b"\0\0\0\1")


def test_what_a_file_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'a\.avi'"):
        Studio("a.avi")
    with pytest.raises(ValueError, match=r"no audio behind 0 tracks in a\.ivf"):
        Studio("a.ivf", "audio")
    with pytest.raises(ValueError, match="no video behind 1"):
        Studio("a.ivf", "video", "video")


def test_a_frame_that_cannot_be_written_is_counted() -> None:
    studio = Studio("a.ogg", "audio")
    studio.recording.take(0, packet(0), 0.0)
    studio.recording.take(0, packet(1, data=b"\x03"), 0.02)
    studio.recording.close()
    assert (studio.recording.written, studio.recording.refused) == (1, 1)


def test_nothing_received_leaves_no_file() -> None:
    studio = Studio("a.webm", "video", "audio")
    studio.recording.close()
    assert studio.files == {}
