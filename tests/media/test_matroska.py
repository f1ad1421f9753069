from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import pytest

from tests.media.ffmpeg import decoded, opened, pictures, sound
from tests.media.matroska_reader import CLUSTER, SEGMENT, Element, elements
from tests.media.test_ivf import Pipe
from tests.media.test_wav import TRACKS, frames
from webrtc.media.matroska import MatroskaWriter
from webrtc.media.track import Track
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload import annexb

CODECS = ["VP8", "VP9", "AV1", "H264", "H265"]
OPUS = Track("opus", 48_000, 2)
Timed = tuple[float, int, EncodedFrame]
CUES, CUE, INFO, TRACKS_ID, DURATION = 0x1C53BB6B, 0xBB, 0x1549A966, 0x1654AE6B, 0x4489


def both(codec: str, *, rounds: int = 1) -> list[Timed]:
    """Pictures and sound by their times: 0.4 s a round, of which the sound is 20 ms longer."""
    found: list[Timed] = []
    for number in range(rounds):
        start = 0.4 * number
        found += [(start + each.timestamp / 90_000, 0, each) for each in pictures(codec)]
        found += [(start + each.timestamp / 48_000, 1, each) for each in sound(0.38)]
    return sorted(found, key=lambda timed: timed[:2])


def written(
    tracks: Sequence[Track],
    timed: Sequence[Timed],
    file: BytesIO | None = None,
    *,
    closed: bool = True,
) -> bytes:
    file = file or BytesIO()
    writer = MatroskaWriter(file, tracks)
    for time, track, frame in timed:
        writer.write(frame, time, track)
    if closed:
        writer.close()
    return file.getvalue()


def tracks(codec: str) -> list[Track]:
    return [Track.of(pictures(codec)[0]), OPUS]


def segment(data: bytes) -> Element:
    _, found = elements(data)
    assert found.id == SEGMENT
    return found


def units(codec: str, data: bytes) -> list[bytes]:
    if codec in {"H264", "H265"}:
        return annexb.units_of(data, 0x8000)
    return [data]


@pytest.mark.parametrize("codec", CODECS)
def test_ffmpeg_reads_what_we_write(codec: str) -> None:
    timed = both(codec)
    data = written(tracks(codec), timed)
    file = opened(data)
    assert file.duration == pytest.approx(0.4, abs=0.001)
    assert file.sizes == [(150, 90)]
    for track in (0, 1):
        found, sent = file.of(track), [each for each in timed if each[1] == track]
        assert [packet.time for packet in found] == pytest.approx(
            [time for time, _, _ in sent], abs=0.0006
        )
        for packet, (_, _, frame) in zip(found, sent, strict=True):
            assert units(frame.codec, packet.data) == units(frame.codec, frame.data)
            assert packet.keyframe == frame.keyframe
    assert decoded(data) == len(timed)


@pytest.mark.parametrize("codec", TRACKS)
def test_sound_of_every_codec(codec: str) -> None:
    timed = [(0.02 * number, 0, frame) for number, frame in enumerate(frames(codec))]
    data = written([TRACKS[codec]], timed)
    file = opened(data)
    assert file.duration == pytest.approx(0.5, abs=0.001)
    assert [packet.data for packet in file.packets] == [frame.data for _, _, frame in timed]
    assert decoded(data) == len(timed)


@pytest.mark.parametrize(
    ("codec", "kind"), [("VP8", b"webm"), ("AV1", b"webm"), ("H264", b"matroska")]
)
def test_a_file_is_webm_if_its_codecs_are(codec: str, kind: bytes) -> None:
    head, _ = elements(written(tracks(codec), both(codec)))
    assert head.one(0x4282).data == kind


@pytest.mark.parametrize("codec", CODECS)
def test_a_file_that_was_not_closed_is_played(codec: str) -> None:
    timed = both(codec, rounds=15)
    broken = written(tracks(codec), timed, closed=False)
    for data in (broken, broken[: len(broken) * 3 // 4]):
        file = opened(data)
        assert len(file.packets) >= len(timed) * 2 // 3
        assert file.duration is None
        assert decoded(data) >= len(timed) * 2 // 3


def test_a_file_that_cannot_be_rewound_is_played() -> None:
    timed = both("VP8", rounds=15)
    data = written(tracks("VP8"), timed, Pipe())
    assert len(opened(data).packets) == len(timed)
    assert not any(cluster.sized for cluster in segment(data).all(CLUSTER))


def test_sizes_are_right_once_they_are_known() -> None:
    """Of all clusters but the last even without the end."""
    timed = both("VP8", rounds=40)
    closed = segment(written(tracks("VP8"), timed))
    assert closed.sized
    assert all(cluster.sized for cluster in closed.all(CLUSTER))
    broken = segment(written(tracks("VP8"), timed, closed=False))
    assert not broken.sized
    assert [cluster.sized for cluster in broken.all(CLUSTER)] == [True, True, True, False]


def test_cues_lead_to_clusters_that_have_the_key_frames() -> None:
    timed = both("VP8", rounds=40)
    whole = segment(written(tracks("VP8"), timed))
    clusters = {cluster.place - whole.content: cluster for cluster in whole.all(CLUSTER)}
    keys = [round(1000 * time) for time, track, frame in timed if frame.keyframe and not track]
    assert [cue.one(0xB3).uint for cue in whole.all(CUE)] == keys
    for cue in whole.all(CUE):
        cluster = clusters[cue.one(0xF1).uint]
        blocks = {
            int.from_bytes(block.data[1:3], "big", signed=True): block.data[0] & 0x7F
            for block in cluster.all(0xA3)
            if block.data[3] == 0x80 and block.data[0] == 0x81
        }
        assert blocks[cue.one(0xB3).uint - cluster.one(0xE7).uint] == cue.one(0xF7).uint


def test_the_head_tells_where_the_parts_are() -> None:
    data = written(tracks("VP8"), both("VP8"))
    whole = segment(data)
    found = {seek.one(0x53AB).uint: seek.one(0x53AC).uint for seek in whole.all(0x4DBB)}
    assert found == {id_: whole.one(id_).place - whole.content for id_ in (INFO, TRACKS_ID, CUES)}
    assert whole.one(DURATION).data.hex() == "4079000000000000"  # 400.0


def test_the_last_picture_lasts_as_long_as_the_one_before() -> None:
    track = tracks("VP8")[:1]
    timed = [(0.1 * number, 0, frame) for number, frame in enumerate(pictures("VP8"))]
    assert opened(written(track, timed)).duration == pytest.approx(1.2)
    assert opened(written(track, timed[:1])).duration in {None, 0.0}


def test_sound_alone_has_a_cue_for_each_cluster() -> None:
    timed = [(0.02 * number, 0, sound()[0]) for number in range(1000)]
    whole = segment(written([OPUS], timed))
    assert len(list(whole.all(CLUSTER))) == len(list(whole.all(CUE))) == 4
    assert [each.one(0xB3).uint for each in whole.all(CUE)] == [0, 5000, 10_000, 15_000]


def test_clusters_end_where_their_blocks_could_not_tell_their_time() -> None:
    track = tracks("VP8")
    key, delta = pictures("VP8")[:2]
    timed = [(0.0, 0, key), (1000.0, 0, delta), (900.0, 1, sound()[0]), (1000.0, 1, sound()[0])]
    file = opened(written(track, timed))
    assert [packet.time for packet in file.of(0)] == [0.0, 1000.0]
    assert [packet.time for packet in file.of(1)] == [900.0, 1000.0]


def test_clusters_end_where_they_are_large() -> None:
    large = replace(pictures("VP8")[1], data=pictures("VP8")[1].data + bytes(2_000_000))
    timed = [(0.0, 0, pictures("VP8")[0]), *[(0.1 * n, 0, large) for n in range(1, 8)]]
    whole = segment(written(tracks("VP8"), timed))
    assert [len(list(each.all(0xA3))) for each in whole.all(CLUSTER)] == [4, 3, 1]


def test_video_begins_with_a_key_frame_and_sound_at_once() -> None:
    timed = [(0.01 * number, 0, frame) for number, frame in enumerate(pictures("VP8")[1:8])]
    file = opened(written(tracks("VP8"), [(0.0, 1, sound()[0]), *timed]))
    assert [packet.data for packet in file.of(0)] == [each.data for each in pictures("VP8")[6:8]]
    assert len(file.of(1)) == 1


def test_vp8_may_change_its_size() -> None:
    larger = replace(pictures("VP8")[6], width=300, height=200)
    timed = [(0.0, 0, pictures("VP8")[0]), (0.1, 0, larger)]
    assert len(opened(written(tracks("VP8"), timed)).packets) == 2


def test_a_file_may_begin_behind_others_and_may_be_empty() -> None:
    file = BytesIO(b"others")
    file.seek(6)
    assert written(tracks("VP8"), both("VP8"), file) == b"others" + written(
        tracks("VP8"), both("VP8")
    )
    assert not list(segment(written([OPUS], [])).all(CLUSTER))


def test_closing_again_changes_nothing() -> None:
    file = BytesIO()
    writer = MatroskaWriter(file, [OPUS])
    writer.write(sound()[0], 0.0)
    writer.close()
    data = file.getvalue()
    writer.close()
    assert file.getvalue() == data


def test_frames_that_are_refused() -> None:
    file = BytesIO()
    writer = MatroskaWriter(file, tracks("H264"))
    writer.write(pictures("H264")[0], 1.0)
    before = file.getvalue()
    for frame, time, track, message in [
        (pictures("VP8")[0], 2.0, 0, "of VP8 for H264"),
        (pictures("H264")[1], 0.5, 0, "behind one"),
        (EncodedFrame(b"\x41\x9a", "H264", 0), 2.0, 0, "start codes"),
        (replace(pictures("H264")[6], width=300), 2.0, 0, "begin a new file"),
        (EncodedFrame(b"\x03", "opus", 0), 2.0, 1, "opus"),
    ]:
        with pytest.raises(ValueError, match=message):
            writer.write(frame, time, track)
    assert file.getvalue() == before
