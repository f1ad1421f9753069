from dataclasses import replace
from io import BytesIO
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media.ffmpeg import STEP, decoded, muxed, opened, pictures
from webrtc.errors import DecodeError
from webrtc.media import h26x
from webrtc.media.h26x import AnnexBReader, AnnexBWriter
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload import annexb

Codec = Literal["H264", "H265"]
CODECS: list[Codec] = ["H264", "H265"]
each_codec = pytest.mark.parametrize("codec", CODECS)
SLICE, MORE, DELIMITER = b"\x41\x9a1", b"\x41\x1a2", b"\x09\x10"


def written(codec: Codec) -> bytes:
    file = BytesIO()
    writer = AnnexBWriter(file)
    for frame in pictures(codec):
        writer.write(frame, frame.timestamp / 90_000)
    writer.close()
    return file.getvalue()


def read(data: bytes, codec: Codec = "H264") -> list[list[bytes]]:
    return [annexb.split(frame.data) for frame in AnnexBReader(BytesIO(data), codec)]


@each_codec
def test_frames_survive_a_file(codec: Codec) -> None:
    reader = AnnexBReader(BytesIO(written(codec)), codec)
    assert list(reader) == pictures(codec)
    assert reader.track.codec == codec


@each_codec
def test_ffmpeg_reads_what_we_write(codec: Codec) -> None:
    data = written(codec)
    file = opened(data, {"H264": "h264", "H265": "hevc"}[codec])
    assert file.sizes == [(150, 90)]
    assert decoded(data) == 12


@each_codec
def test_we_read_what_ffmpeg_writes(codec: Codec) -> None:
    library, format_ = {"H264": ("libx264", "h264"), "H265": ("libx265", "hevc")}[codec]
    data = muxed(format_, library, pictures(codec), 90_000)
    assert [frame.data for frame in AnnexBReader(BytesIO(data), codec)] == [
        frame.data for frame in pictures(codec)
    ]


@given(st.integers(4, 2000))
def test_units_are_found_wherever_a_chunk_of_the_file_ends(size: int) -> None:
    chunk = h26x._CHUNK
    try:
        h26x._CHUNK = size  # type: ignore[misc]
        assert list(AnnexBReader(BytesIO(written("H264")), "H264")) == pictures("H264")
    finally:
        h26x._CHUNK = chunk  # type: ignore[misc]


def test_a_picture_begins_with_its_first_slice_or_what_belongs_before_one() -> None:
    """H.264 §7.4.1.2.3."""
    sei, sps, end = b"\x06\x05\x80", b"\x67\x42", b"\x0a"
    pictures = [[SLICE, MORE], [SLICE, end], [DELIMITER, sps, SLICE], [sei, SLICE]]
    data = annexb.join([unit for picture in pictures for unit in picture])
    assert read(data) == pictures


def test_a_picture_of_h265_as_well() -> None:
    """H.265 §7.4.2.4.4: a suffix SEI belongs to what it follows."""
    first, more, suffix, prefix = b"\x02\x01\xd0", b"\x02\x01\x50", b"\x50\x01\x80", b"\x4e\x01\x80"
    pictures = [[first, more, suffix], [prefix, first], [first]]
    units = [unit for picture in pictures for unit in picture]
    assert read(annexb.join([*units, b"\x02"]), "H265") == pictures


def test_timestamps_follow_the_rate() -> None:
    file = BytesIO(annexb.join([SLICE] * 4))
    assert [frame.timestamp for frame in AnnexBReader(file, "H264", 29.97)] == [0, 3003, 6006, 9009]
    file.seek(0)
    assert [frame.timestamp for frame in AnnexBReader(file, "H264")] == [
        0,
        STEP,
        2 * STEP,
        3 * STEP,
    ]
    for rate in (0, -1.0, float("nan"), 1e9):
        with pytest.raises(ValueError, match="a second"):
            AnnexBReader(file, "H264", rate)


def test_files_without_pictures() -> None:
    assert read(b"") == []
    assert read(annexb.join([DELIMITER, b"\x67\x42"])) == []
    assert read(b"\0\0\1") == []


@pytest.mark.parametrize("data", [b"RIFF", b"\0\0\0\2\x67", b"x\0\0\1\x41\x9a"])
def test_another_kind_of_file_is_an_error(data: bytes) -> None:
    with pytest.raises(DecodeError, match="start code"):
        read(data)


def test_a_file_that_is_cut_gives_its_good_part() -> None:
    data = written("H264")
    assert read(data[:-100])[:11] == [annexb.split(frame.data) for frame in pictures("H264")[:11]]


@pytest.mark.parametrize("unit", [b"\x41\x9a" + b"x" * 9_000_000, b"\x41\x1a" + b"x" * 70_000])
def test_a_picture_without_end_is_an_error(unit: bytes) -> None:
    with pytest.raises(DecodeError, match=r"more than|a picture"):
        read(annexb.join([SLICE, *[unit] * (9_000_000 // len(unit) + 1)]))


def test_what_comes_before_the_first_key_frame_is_left_out() -> None:
    file = BytesIO()
    writer = AnnexBWriter(file)
    for frame in pictures("H264")[1:8]:
        writer.write(frame, frame.timestamp / 90_000)
    assert read(file.getvalue()) == [annexb.split(frame.data) for frame in pictures("H264")[6:8]]


def test_lengths_become_start_codes() -> None:
    key = pictures("H264")[0]
    units = annexb.split(key.data)
    sized = b"".join([len(unit).to_bytes(4, "big") + unit for unit in units])
    file = BytesIO()
    AnnexBWriter(file).write(replace(key, data=sized), 0.0)
    assert file.getvalue() == key.data


def test_frames_that_are_refused() -> None:
    writer = AnnexBWriter(BytesIO())
    with pytest.raises(ValueError, match="VP8"):
        writer.write(pictures("VP8")[0], 0.0)
    writer.write(pictures("H264")[0], 1.0)
    with pytest.raises(ValueError, match="of H265 for H264"):
        writer.write(pictures("H265")[0], 1.0)
    with pytest.raises(ValueError, match="behind one"):
        writer.write(pictures("H264")[1], 0.5)
    with pytest.raises(ValueError, match="start codes"):
        writer.write(EncodedFrame(b"\x41\x9a", "H264", 0), 2.0)
    with pytest.raises(ValueError, match="begin a new file"):
        writer.write(replace(pictures("H264")[6], width=300), 3.0)
