import struct
from io import BytesIO

import av
import pytest

from tests.media.ffmpeg import opened
from tests.media.test_ivf import Pipe
from webrtc.errors import DecodeError
from webrtc.media.track import Track
from webrtc.media.wav import WavReader, WavWriter, swapped, wave_format
from webrtc.rtp.frame import EncodedFrame

TRACKS = {
    "L16": Track("L16", 44_100, 2),
    "PCMU": Track("PCMU", 8000, 1),
    "PCMA": Track("PCMA", 8000, 1),
    "G722": Track("G722", 8000, 1),
}
FFMPEG = {"L16": "pcm_s16le", "PCMU": "pcm_mulaw", "PCMA": "pcm_alaw", "G722": "g722"}
each_codec = pytest.mark.parametrize("codec", TRACKS)
FORMAT = struct.pack("<HHIIHH", 1, 1, 8000, 16_000, 2, 16)


def frames(codec: str, count: int = 25) -> list[EncodedFrame]:
    """Of 20 ms."""
    track = TRACKS[codec]
    ticks = track.clock_rate // 50
    size = ticks * (4 if codec == "L16" else 1)
    return [
        EncodedFrame(
            bytes((n * 7 + i) & 0xFF for i in range(size)), codec, n * ticks, keyframe=True
        )
        for n in range(count)
    ]


def written(codec: str, file: BytesIO | None = None, *, closed: bool = True) -> bytes:
    file = file or BytesIO()
    writer = WavWriter(file, TRACKS[codec])
    for number, frame in enumerate(frames(codec)):
        writer.write(frame, 0.02 * number)
    if closed:
        writer.close()
    return file.getvalue()


def chunks(*parts: tuple[bytes, bytes], whole: int = 0) -> bytes:
    body = b"".join([name + struct.pack("<I", len(data)) + data for name, data in parts])
    return b"RIFF" + struct.pack("<I", whole or 4 + len(body)) + b"WAVE" + body


@each_codec
def test_frames_survive_a_file(codec: str) -> None:
    reader = WavReader(BytesIO(written(codec)))
    assert reader.track == TRACKS[codec]
    assert list(reader) == frames(codec)


@each_codec
def test_ffmpeg_reads_what_we_write(codec: str) -> None:
    data = written(codec)
    sound = b"".join([frame.data for frame in frames(codec)])
    file = opened(data)
    assert file.duration == pytest.approx(0.5, abs=0.001)
    found = b"".join([packet.data for packet in file.packets])
    assert found == (swapped(sound) if codec == "L16" else sound)
    with av.open(BytesIO(data)) as container:
        context = container.streams.audio[0].codec_context
        assert (context.name, context.channels) == (FFMPEG[codec], TRACKS[codec].channels)
        assert context.sample_rate == {"L16": 44_100, "G722": 16_000}.get(codec, 8000)


@each_codec
def test_we_read_what_ffmpeg_writes(codec: str) -> None:
    file, track = BytesIO(), TRACKS[codec]
    with av.open(file, "w", format="wav") as container:
        rate = 16_000 if codec == "G722" else track.clock_rate
        layout = "stereo" if track.channels == 2 else "mono"
        stream = container.add_stream(FFMPEG[codec], rate=rate, layout=layout)
        for frame in frames(codec):
            packet = av.Packet(swapped(frame.data) if codec == "L16" else frame.data)
            packet.stream, packet.pts, packet.dts = stream, frame.timestamp, frame.timestamp
            container.mux(packet)
    reader = WavReader(BytesIO(file.getvalue()))
    assert reader.track == track
    assert list(reader) == frames(codec)


@each_codec
def test_a_file_without_its_end_is_read_to_where_it_ends(codec: str) -> None:
    broken = written(codec, closed=False)
    assert written(codec, Pipe()) == broken
    assert list(WavReader(BytesIO(broken))) == frames(codec)
    found = b"".join([packet.data for packet in opened(broken).packets])
    assert len(found) == sum(len(frame.data) for frame in frames(codec))


def test_silence_fills_gaps() -> None:
    """And a frame that is a little late, or early, does not count as one."""
    file = BytesIO()
    writer = WavWriter(file, TRACKS["PCMU"])
    for time in (0.04, 0.065, 0.078, 20.0):
        writer.write(EncodedFrame(b"x" * 160, "PCMU", 0), time)
    writer.close()
    sound = b"".join([frame.data for frame in WavReader(BytesIO(file.getvalue()))])
    assert sound == b"\xff" * 320 + b"x" * 480 + b"\xff" * (160_000 - 800) + b"x" * 160


def test_an_odd_length_is_padded() -> None:
    file = BytesIO()
    writer = WavWriter(file, TRACKS["PCMA"])
    writer.write(EncodedFrame(b"abc", "PCMA", 0), 0.0)
    writer.close()
    data = file.getvalue()
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
    assert [frame.data for frame in WavReader(BytesIO(data))] == [b"abc"]


def test_what_is_refused() -> None:
    for track in (Track("opus", 48_000, 2), Track("PCMU", 8000, 0)):
        with pytest.raises(ValueError, match="WAV with"):
            WavWriter(BytesIO(), track)
    writer = WavWriter(BytesIO(), TRACKS["L16"])
    with pytest.raises(ValueError, match="PCMU"):
        writer.write(EncodedFrame(b"x", "PCMU", 0), 0.0)
    with pytest.raises(ValueError, match="3 bytes"):
        writer.write(EncodedFrame(b"xxx", "L16", 0), 0.0)
    writer.write(EncodedFrame(b"xxxx", "L16", 0), 1.0)
    with pytest.raises(ValueError, match="behind one"):
        writer.write(EncodedFrame(b"xxxx", "L16", 0), 0.5)


def test_other_chunks_are_passed_over() -> None:
    layout = FORMAT + bytes(300)
    data = chunks(
        (b"LIST", bytes(70_001) + b"!"), (b"fmt ", layout), (b"fact", bytes(4)), (b"data", b"abcd")
    )
    # An odd chunk has a byte behind it that its length does not count.
    data = data.replace(b"LIST" + struct.pack("<I", 70_002), b"LIST" + struct.pack("<I", 70_001))
    reader = WavReader(BytesIO(data))
    assert reader.track == Track("L16", 8000, 1)
    assert [frame.data for frame in reader] == [b"badc"]


def test_the_extensible_form() -> None:
    extended = struct.pack("<HHIIHH", 0xFFFE, 1, 8000, 8000, 1, 8) + bytes(8) + b"\7\0" + bytes(14)
    reader = WavReader(BytesIO(chunks((b"fmt ", extended), (b"data", b"x"))))
    assert reader.track == TRACKS["PCMU"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF\0\0\0\0AVI ",
        chunks(),
        chunks((b"fmt ", FORMAT)),
        chunks((b"data", b"xx")),
        chunks((b"fmt ", FORMAT[:15]), (b"data", b"xx")),
        chunks((b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)), (b"data", b"xx")),
        chunks((b"fmt ", struct.pack("<HHIIHH", 3, 1, 8000, 8000, 1, 32)), (b"data", b"xx")),
        chunks((b"fmt ", struct.pack("<HHIIHH", 1, 0, 8000, 8000, 1, 16)), (b"data", b"xx")),
        chunks((b"fmt ", struct.pack("<HHIIHH", 1, 1, 0, 8000, 1, 16)), (b"data", b"xx")),
        chunks((b"LIST", b"x"))[:-1] + b"\xff\xff\xff\x7f",
    ],
    ids=range(11),
)
def test_a_file_that_lies_is_an_error(data: bytes) -> None:
    with pytest.raises(DecodeError, match="WAV"):
        WavReader(BytesIO(data))


def test_a_file_that_is_cut_gives_its_good_part() -> None:
    found = list(WavReader(BytesIO(written("L16")[:-3])))
    assert found[:-1] == frames("L16")[:-1]
    assert found[-1].data == frames("L16")[-1].data[:-4]


def test_wave_format() -> None:
    assert wave_format(TRACKS["G722"]) == struct.pack("<HHIIHH", 0x028F, 1, 16_000, 8000, 1, 4)
