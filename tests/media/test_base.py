from collections.abc import Callable
from io import BytesIO
from typing import BinaryIO

import pytest

from tests.media.ffmpeg import pictures, sound
from tests.media.test_wav import TRACKS, frames
from webrtc.media import (
    AnnexBReader,
    AnnexBWriter,
    IvfReader,
    IvfWriter,
    MatroskaWriter,
    OggReader,
    OggWriter,
    Reader,
    Track,
    WavReader,
    WavWriter,
    Writer,
)
from webrtc.rtp.frame import EncodedFrame

OPUS = Track("opus", 48_000, 2)
FILES: dict[
    str,
    tuple[
        Callable[[BinaryIO], Writer], Callable[[BinaryIO], Reader], Callable[[], list[EncodedFrame]]
    ],
] = {
    "ivf": (IvfWriter, IvfReader, lambda: pictures("VP9")),
    "annexb": (AnnexBWriter, lambda file: AnnexBReader(file, "H265"), lambda: pictures("H265")),
    "ogg": (lambda file: OggWriter(file, [OPUS]), OggReader, lambda: sound(0.5)),
    "wav": (lambda file: WavWriter(file, TRACKS["L16"]), WavReader, lambda: frames("L16")),
}


@pytest.mark.parametrize("name", FILES)
def test_all_files_are_used_alike(name: str) -> None:
    make, open_, samples = FILES[name]
    file = BytesIO()
    writer = make(file)
    sent = samples()
    rate = {"ogg": 48_000, "wav": 44_100}.get(name, 90_000)
    for frame in sent:
        writer.write(frame, frame.timestamp / rate)
    writer.close()
    file.seek(0)
    reader = open_(file)
    assert reader.track.clock_rate == rate
    assert list(reader) == sent


def test_a_writer_of_several_tracks_is_one_of_the_first() -> None:
    file = BytesIO()
    writer: Writer = MatroskaWriter(file, [OPUS])
    writer.write(sound()[0], 0.0)
    writer.close()
    assert sound()[0].data in file.getvalue()
