import struct
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from tests.media.ffmpeg import decoded, muxed, opened, pictures, sound
from webrtc.errors import DecodeError
from webrtc.media.ivf import IvfReader, IvfWriter
from webrtc.rtp.frame import EncodedFrame

CODECS = ["VP8", "VP9", "AV1"]
LIBRARIES = {"VP8": "libvpx", "VP9": "libvpx-vp9", "AV1": "libsvtav1"}


class Pipe(BytesIO):
    """A file that is written once, front to back."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: Any) -> int:
        raise OSError

    def tell(self) -> int:
        raise OSError


def written(codec: str, file: BytesIO | None = None, *, closed: bool = True) -> bytes:
    file = file or BytesIO()
    writer = IvfWriter(file)
    for frame in pictures(codec):
        writer.write(frame, frame.timestamp / 90_000)
    if closed:
        writer.close()
    return file.getvalue()


@pytest.mark.parametrize("codec", CODECS)
def test_frames_survive_a_file(codec: str) -> None:
    reader = IvfReader(BytesIO(written(codec)))
    assert list(reader) == pictures(codec)
    assert (reader.track.codec, reader.track.width, reader.track.height) == (codec, 150, 90)


@pytest.mark.parametrize("codec", CODECS)
def test_ffmpeg_reads_what_we_write(codec: str) -> None:
    data = written(codec)
    file = opened(data)
    assert file.duration == pytest.approx(12 / 30, abs=1e-4)
    assert file.sizes == [(150, 90)]
    assert [round(packet.time * 30, 3) for packet in file.packets] == list(range(12))
    assert [packet.keyframe for packet in file.packets] == [n % 6 == 0 for n in range(12)]
    for packet, frame in zip(file.packets, pictures(codec), strict=True):
        assert packet.data.removeprefix(b"\x12\0") == frame.data
    assert decoded(data) == 12


@pytest.mark.parametrize("codec", CODECS)
def test_we_read_what_ffmpeg_writes(codec: str) -> None:
    reader = IvfReader(BytesIO(muxed("ivf", LIBRARIES[codec], pictures(codec), 90_000)))
    assert list(reader) == pictures(codec)


def test_a_file_without_its_end_lacks_its_duration_alone() -> None:
    whole, broken = written("VP8"), written("VP8", closed=False)
    assert broken == whole[:24] + bytes(4) + whole[28:]
    assert written("VP8", Pipe()) == broken
    file = opened(broken[:-50])
    assert len(file.packets) >= 11


def test_a_file_may_begin_behind_others() -> None:
    file = BytesIO(b"others")
    file.seek(6)
    assert written("VP8", file) == b"others" + written("VP8")


def test_what_comes_before_the_first_key_frame_is_left_out() -> None:
    file = BytesIO()
    writer = IvfWriter(file)
    frames = pictures("VP8")
    for frame in frames[1:8]:
        writer.write(frame, frame.timestamp / 90_000)
    writer.close()
    assert list(IvfReader(BytesIO(file.getvalue()))) == frames[6:8]


def test_a_file_without_frames_is_empty() -> None:
    file = BytesIO()
    IvfWriter(file).close()
    assert file.getvalue() == b""


def test_frames_that_are_refused() -> None:
    writer = IvfWriter(BytesIO())
    with pytest.raises(ValueError, match="IVF has no H264"):
        writer.write(pictures("H264")[0], 0.0)
    with pytest.raises(ValueError, match="opus"):
        writer.write(sound()[0], 0.0)
    writer.write(pictures("VP8")[0], 1.0)
    with pytest.raises(ValueError, match="of VP9 for VP8"):
        writer.write(pictures("VP9")[0], 1.0)
    with pytest.raises(ValueError, match=r"behind one at 1\.0 s"):
        writer.write(pictures("VP8")[1], 0.9)
    writer.write(replace(pictures("VP8")[6], width=300, height=200), 1.1)
    writer = IvfWriter(BytesIO())
    writer.write(pictures("AV1")[0], 0.0)
    with pytest.raises(ValueError, match="begin a new file"):
        writer.write(replace(pictures("AV1")[6], width=300), 1.0)


@pytest.mark.parametrize("cut", [31, 20, 0])
def test_a_header_that_is_cut_is_an_error(cut: int) -> None:
    with pytest.raises(DecodeError, match="not an IVF file"):
        IvfReader(BytesIO(written("VP8")[:cut]))


@pytest.mark.parametrize(
    ("at", "put"),
    [(0, b"RIFF"), (8, b"H264"), (6, b"\0\0"), (16, bytes(4)), (20, bytes(4))],
    ids=["signature", "codec", "length", "rate", "scale"],
)
def test_a_header_that_lies_is_an_error(at: int, put: bytes) -> None:
    data = written("VP8")
    with pytest.raises(DecodeError, match="IVF"):
        IvfReader(BytesIO(data[:at] + put + data[at + len(put) :]))


def test_a_longer_header_is_passed_over() -> None:
    data = written("VP8")
    longer = data[:6] + b"\x28\0" + data[8:32] + bytes(8) + data[32:]
    assert list(IvfReader(BytesIO(longer))) == pictures("VP8")


def test_a_file_that_is_cut_gives_its_good_part() -> None:
    data = written("VP8")
    for cut in (1, 5, len(pictures("VP8")[-1].data) + 3):
        assert list(IvfReader(BytesIO(data[:-cut]))) == pictures("VP8")[:-1]


def test_a_frame_of_impossible_size_is_an_error_behind_the_good_part() -> None:
    """P-08: and nothing is allocated for it."""
    found: list[EncodedFrame] = []
    reader = IvfReader(BytesIO(written("VP8") + struct.pack("<IQ", 0xFFFFFFFF, 0) + b"x"))
    with pytest.raises(DecodeError, match="4294967295"):
        found.extend(reader)
    assert found == pictures("VP8")


def test_empty_frames_are_passed_over_and_times_wrap() -> None:
    data = written("VP8")[:32] + struct.pack("<IQ", 0, 0) + struct.pack("<IQ", 1, 2**32 + 5) + b"x"
    assert [frame.timestamp for frame in IvfReader(BytesIO(data))] == [5]
