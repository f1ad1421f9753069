"""Readers of media files with their seeds, by name."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from io import BytesIO
from typing import BinaryIO

from tests import video
from webrtc.media import (
    AnnexBReader,
    IvfReader,
    IvfWriter,
    OggReader,
    OggWriter,
    Track,
    WavReader,
    WavWriter,
)
from webrtc.media.frames import video_frame
from webrtc.media.ogg_page import checksum
from webrtc.rtp.frame import EncodedFrame


def _read(reader: Callable[[BinaryIO], Iterable[EncodedFrame]], data: bytes) -> None:
    for frame in reader(BytesIO(data)):
        assert frame.data


def _ogg(data: bytes) -> None:
    _read(OggReader, _checked(bytes(data)))  # not counting what only the test does


def _checked(data: bytes) -> bytes:
    """The same pages with right checksums: without these nothing behind them would be read."""
    pieces: list[bytes] = []
    position = data.find(b"OggS")
    while 0 <= position <= len(data) - 27:
        following = data.find(b"OggS", position + 4)
        end = len(data) if following < 0 else following
        count = data[position + 26]
        body = position + 27 + count
        stop = min(body + sum(data[position + 27 : body]), end)
        page = data[position : position + 22] + bytes(4) + data[position + 26 : stop]
        pieces += [page[:22], checksum(page), page[26:], data[stop:end]]
        position = following
    return b"".join(pieces) or data


@cache
def _ivf_seeds() -> list[bytes]:
    file = BytesIO()
    writer = IvfWriter(file)
    for number, data in enumerate(video.frames("av1")[:4]):
        writer.write(video_frame("AV1", data, 0), number / 30)
    writer.close()
    vp8 = file.getvalue()[:32].replace(b"AV01", b"VP80") + bytes((4, *bytes(11))) + b"\x30\1\0\x9d"
    return [file.getvalue(), vp8]


@cache
def _ogg_seeds() -> list[bytes]:
    file = BytesIO()
    writer = OggWriter(file, [Track("opus", 48_000, 2)] * 2)
    for number in range(10):
        frame = EncodedFrame(b"\xfc" + bytes(30 * number), "opus", 0)
        writer.write(frame, 0.2 * number, number % 2)
    writer.close()
    return [file.getvalue()]


@cache
def _wav_seeds() -> list[bytes]:
    seeds: list[bytes] = []
    for codec in ("L16", "PCMU"):
        file = BytesIO()
        writer = WavWriter(file, Track(codec, 8000, 1))
        writer.write(EncodedFrame(bytes(320), codec, 0), 0.02)
        writer.close()
        seeds.append(file.getvalue())
    return seeds


READERS: Sequence[tuple[str, Callable[[bytes], None], Callable[[], list[bytes]]]] = [
    ("file-ivf", partial(_read, IvfReader), _ivf_seeds),
    ("file-ogg", _ogg, _ogg_seeds),
    ("file-wav", partial(_read, WavReader), _wav_seeds),
    (
        "file-h264",
        partial(_read, partial(AnnexBReader, codec="H264")),
        lambda: [b"".join(video.frames("h264")[:3])],
    ),
    (
        "file-h265",
        partial(_read, partial(AnnexBReader, codec="H265")),
        lambda: [b"".join(video.frames("h265")[:3])],
    ),
]
