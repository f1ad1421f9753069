import pytest

from tests.media.ffmpeg import pictures
from tests.media.matroska_reader import elements
from tests.media.test_wav import TRACKS
from webrtc.media.matroska_tracks import block_of, document_type, tracks_element
from webrtc.media.private import opus_head
from webrtc.media.track import Track
from webrtc.media.wav import wave_format
from webrtc.rtp.payload import annexb

OPUS = Track("opus", 48_000, 2)


def test_entries_of_pictures() -> None:
    track = Track.of(pictures("H264")[0])
    first, second = elements(tracks_element([Track("VP9", width=640, height=480), track]))
    assert (first.one(0xD7).uint, first.one(0x83).uint) == (1, 1)
    assert first.one(0x86).data == b"V_VP9"
    assert (first.one(0xB0).uint, first.one(0xBA).uint) == (640, 480)
    assert not list(first.all(0x63A2))
    assert second.one(0xD7).uint == 2
    assert second.one(0x86).data == b"V_MPEG4/ISO/AVC"
    assert second.one(0x63A2).data == track.private


def test_entries_of_sound() -> None:
    opus, pcm, law, g722 = elements(
        tracks_element([OPUS, TRACKS["L16"], TRACKS["PCMU"], TRACKS["G722"]])
    )
    assert (opus.one(0x86).data, opus.one(0x63A2).data) == (b"A_OPUS", opus_head(2, 0))
    assert (opus.one(0x56BB).uint, opus.one(0x9F).uint) == (80_000_000, 2)
    assert pcm.one(0x86).data == b"A_PCM/INT/BIG"
    assert (pcm.one(0x6264).uint, pcm.one(0x83).uint) == (16, 2)
    assert law.one(0x86).data == b"A_MS/ACM"
    assert law.one(0x63A2).data == wave_format(TRACKS["PCMU"]) + bytes(2)
    assert g722.one(0xB5).data.hex() == "40cf400000000000"  # 16000.0


def test_h26x_has_lengths_in_blocks() -> None:
    track = Track("H264", width=1, height=1, private=b"x")
    assert block_of(track, annexb.join([b"\x65\x88", b"\x0c"])) == b"\0\0\0\2\x65\x88\0\0\0\1\x0c"
    assert block_of(OPUS, b"\0\0\0\1") == b"\0\0\0\1"
    with pytest.raises(ValueError, match="start codes"):
        block_of(track, b"\x65\x88")


def test_document_types() -> None:
    assert b"webm" in document_type([OPUS, Track("VP8")])
    assert b"matroska" in document_type([OPUS, TRACKS["PCMA"]])


@pytest.mark.parametrize(
    "tracks",
    [
        [],
        [OPUS] * 127,
        [Track("speex", 16_000, 1)],
        [Track("opus", 48_000)],
        [Track("H264", width=1, height=1)],
    ],
    ids=["none", "many", "codec", "channels", "private"],
)
def test_tracks_that_are_refused(tracks: list[Track]) -> None:
    with pytest.raises(ValueError, match=r"track|WAV"):
        tracks_element(tracks)
