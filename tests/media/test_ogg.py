from io import BytesIO
from itertools import pairwise

import pytest

from tests.media.ffmpeg import decoded, muxed, opened, sound
from tests.media.test_ivf import Pipe
from webrtc.errors import DecodeError
from webrtc.media.ogg import OggReader, OggWriter
from webrtc.media.ogg_page import CONTINUED, FIRST, LAST, NO_GRANULE, Page, read_page
from webrtc.media.private import opus_head
from webrtc.media.track import Track
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload.opus import duration

OPUS = Track("opus", 48_000, 2)
SECONDS = 2.5
HEAD, TAGS = opus_head(2, 0), b"OpusTags" + bytes(8)
TALK = b"\xfc" + b"talk" * 20
"""20 ms."""


def written(*starts: float, file: BytesIO | None = None, closed: bool = True) -> bytes:
    """The same sound in several tracks, each from its own time on."""
    file = file or BytesIO()
    writer = OggWriter(file, [OPUS] * len(starts))
    for frame in sound(SECONDS):
        for track, start in enumerate(starts):
            writer.write(frame, start + frame.timestamp / 48_000, track)
    if closed:
        writer.close()
    return file.getvalue()


def read(data: bytes, track: int = 0) -> list[EncodedFrame]:
    return list(OggReader(BytesIO(data), track))


def pages(*pages: Page) -> bytes:
    return b"".join([page.encode() for page in pages])


def heads(serial: int = 1) -> list[Page]:
    return [Page(FIRST, 0, serial, 0, (HEAD,)), Page(0, 0, serial, 1, (TAGS,))]


def test_frames_survive_a_file() -> None:
    assert read(written(0.0)) == sound(SECONDS)
    reader = OggReader(BytesIO(written(0.0, 0.0)), 1)
    assert (reader.tracks, reader.track) == ([OPUS, OPUS], OPUS)


def test_ffmpeg_reads_what_we_write() -> None:
    frames = sound(SECONDS)
    data = written(0.0, 1.0)
    file = opened(data)
    assert file.codecs == ["opus", "opus"]
    assert file.duration == pytest.approx(1 + 0.02 * len(frames), abs=0.001)
    first, second = file.of(0), file.of(1)
    assert [packet.data for packet in first] == [frame.data for frame in frames]
    assert [round(packet.time * 50, 3) for packet in first] == list(range(len(frames)))
    assert [packet.data for packet in second[-len(frames) :]] == [frame.data for frame in frames]
    assert second[-len(frames)].time == pytest.approx(1.0)
    assert decoded(data) == len(first) + len(second)


def test_we_read_what_ffmpeg_writes() -> None:
    found = read(muxed("ogg", "libopus", sound(SECONDS), 48_000))
    assert [frame.data for frame in found] == [frame.data for frame in sound(SECONDS)]
    assert all(later.timestamp - one.timestamp == 960 for one, later in pairwise(found))


def test_silence_fills_gaps() -> None:
    """RFC 7845 §4.1: and a packet that is a little late does not count as one."""
    file = BytesIO()
    writer = OggWriter(file, [OPUS])
    for time in (0.1, 0.125, 0.14, 1.0):
        writer.write(EncodedFrame(TALK, "opus", 0), time)
    writer.close()
    found = read(file.getvalue())
    talks = [frame.timestamp for frame in found if frame.data == TALK]
    assert talks == [4800, 5760, 6720, 48_000]
    assert {frame.data for frame in found} == {TALK, b"\xfc"}
    assert sum(duration(frame.data) for frame in found) == 48_960
    assert len(opened(file.getvalue()).packets) == 51


def test_a_crash_costs_a_second() -> None:
    """Without an end, and on a file that cannot be rewound."""
    broken = written(0.0, file=Pipe(), closed=False)
    assert written(0.0, file=Pipe()) == written(0.0)
    assert 100 <= len(read(broken)) == len(opened(broken).packets)
    assert read(broken) == sound(SECONDS)[: len(read(broken))]


def test_pages_are_numbered_and_the_last_says_so() -> None:
    file = BytesIO(written(0.0))
    found = []
    while (page := read_page(file)) is not None:
        found.append(page)
    assert [page.sequence for page in found] == list(range(len(found)))
    assert [page.flags for page in found] == [FIRST, *[0] * (len(found) - 2), LAST]
    assert found[-1].granule == 960 * len(sound(SECONDS))


def test_large_packets_share_no_page_that_cannot_have_them() -> None:
    file = BytesIO()
    writer = OggWriter(file, [OPUS])
    large = EncodedFrame(b"\xfc" + b"x" * 40_000, "opus", 0, keyframe=True)
    for number in range(3):
        writer.write(large, 0.02 * number)
    writer.close()
    assert [frame.data for frame in read(file.getvalue())] == [large.data] * 3


def test_a_file_without_frames_has_tracks_that_end() -> None:
    file = BytesIO()
    OggWriter(file, [OPUS, OPUS]).close()
    assert read(file.getvalue(), 1) == []


def test_what_is_refused() -> None:
    for tracks in ([], [Track("PCMU", 8000, 1)], [Track("opus", 48_000, 6)], [OPUS] * 256):
        with pytest.raises(ValueError, match="Ogg with"):
            OggWriter(BytesIO(), tracks)
    writer = OggWriter(BytesIO(), [OPUS])
    with pytest.raises(ValueError, match="VP8"):
        writer.write(EncodedFrame(b"x", "VP8", 0), 0.0)
    with pytest.raises(ValueError, match="opus"):
        writer.write(EncodedFrame(b"\x03", "opus", 0), 0.0)
    with pytest.raises(ValueError, match="61441"):
        writer.write(EncodedFrame(bytes(61_441), "opus", 0), 0.0)
    writer.write(EncodedFrame(TALK, "opus", 0), 1.0)
    with pytest.raises(ValueError, match="behind one"):
        writer.write(EncodedFrame(TALK, "opus", 0), 0.9)


def test_packets_may_span_pages_and_comments_be_of_any_length() -> None:
    half = b"x" * 255
    data = pages(
        heads()[0],
        Page(0, 0, 1, 1, (b"OpusTags" + bytes(247),), complete=False),
        Page(CONTINUED, 0, 1, 2, (bytes(255 * 255),), complete=False),
        Page(CONTINUED, 0, 1, 3, (b"end",)),
        Page(0, 960, 1, 4, (TALK, b"\xfc" + half[1:]), complete=False),
        Page(CONTINUED, NO_GRANULE, 1, 5, (half,), complete=False),
        Page(CONTINUED | LAST, 2880, 1, 6, (b"end", TALK)),
    )
    found = read(data)
    assert [frame.data for frame in found] == [TALK, b"\xfc" + half[1:] + half + b"end", TALK]
    assert [frame.timestamp for frame in found] == [0, 960, 1920]


def test_a_lost_page_costs_what_it_had() -> None:
    part = b"\xfc" + b"x" * 254
    data = pages(
        *heads(),
        Page(0, 960, 1, 2, (TALK, part), complete=False),
        Page(0, 4800, 1, 4, (TALK, part), complete=False),
        Page(0, 9600, 1, 7, (TALK,)),
        Page(CONTINUED, 10_560, 1, 9, (b"rest", TALK)),
    )
    found = read(data)
    assert [frame.data for frame in found] == [TALK] * 4
    assert [frame.timestamp for frame in found] == [0, 3840, 8640, 9600]


def test_a_recording_of_a_part_begins_where_it_says_and_the_end_is_trimmed() -> None:
    """RFC 7845 §4.3, §4.4."""
    data = pages(*heads(), Page(0, 96_000, 1, 2, (TALK,)), Page(LAST, 96_100, 1, 3, (TALK,)))
    assert [frame.timestamp for frame in read(data)] == [95_040, 96_000]
    data = pages(*heads(), Page(LAST, 100, 1, 2, (TALK, TALK)))
    assert [frame.timestamp for frame in read(data)] == [0, 960]


def test_other_streams_are_passed_over() -> None:
    other = [Page(FIRST, 0, 9, 0, (b"\x80theora",)), Page(0, 0, 9, 1, (b"x",))]
    data = pages(other[0], heads()[0], other[1], heads()[1], Page(LAST, 960, 1, 2, (TALK, b"")))
    assert [frame.data for frame in read(data)] == [TALK]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF" * 10,
        pages(Page(FIRST, 0, 1, 0, ())),
        pages(Page(FIRST, 0, 1, 0, (b"OpusHead",))),
    ],
    ids=["empty", "RIFF", "no packet", "short"],
)
def test_what_is_no_ogg_opus_is_an_error(data: bytes) -> None:
    with pytest.raises(DecodeError, match="Ogg"):
        OggReader(BytesIO(data))


def test_a_track_that_is_not_there_is_an_error() -> None:
    for track in (-1, 1):
        with pytest.raises(DecodeError, match="1 tracks"):
            OggReader(BytesIO(written(0.0)), track)
    with pytest.raises(DecodeError, match="256 tracks"):
        OggReader(BytesIO(pages(*[heads(serial)[0] for serial in range(300)])))


def test_a_file_that_is_cut_gives_its_good_part() -> None:
    data = written(0.0)
    found = read(data[:-10])
    assert found == sound(SECONDS)[: len(found)]
    assert len(found) >= 100


def test_a_damaged_page_is_an_error_behind_the_good_part() -> None:
    data = bytearray(written(0.0))
    data[-10] ^= 1
    found: list[EncodedFrame] = []
    with pytest.raises(DecodeError, match="checksum"):
        found.extend(OggReader(BytesIO(bytes(data))))
    assert len(found) >= 100


def test_a_packet_without_end_is_an_error() -> None:
    """P-08: lacing values of 255 for ever."""
    endless = [Page(CONTINUED, -1, 1, n, (b"\xfc" * 65_025,), complete=False) for n in range(3)]
    first = Page(0, 0, 1, 2, (b"\xfc" * 255,), complete=False)
    with pytest.raises(DecodeError, match="packet of Opus"):
        read(pages(*heads(), first, *endless))
    with pytest.raises(DecodeError, match="opus"):
        read(pages(*heads(), Page(0, 960, 1, 2, (b"\x03",))))
