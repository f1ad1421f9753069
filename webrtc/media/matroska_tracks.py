"""Tracks of Matroska: codecs by their names and what belongs to each. RFC 9559 §5.1.4."""

from collections.abc import Sequence
from typing import Final

from webrtc.media import ebml
from webrtc.media.private import opus_head
from webrtc.media.track import Track
from webrtc.media.wav import wave_format
from webrtc.rtp.payload import annexb, h264, h265

_VIDEO = {
    "VP8": "V_VP8",
    "VP9": "V_VP9",
    "AV1": "V_AV1",
    "H264": "V_MPEG4/ISO/AVC",
    "H265": "V_MPEGH/ISO/HEVC",
}
_OPUS: Final = "A_OPUS"
_WEBM = {"VP8", "VP9", "AV1", "OPUS"}
_VIDEO_TYPE, _AUDIO_TYPE = 1, 2
_SEEK_PRE_ROLL: Final = 80_000_000
"""Nanoseconds that Opus needs to converge. RFC 7845 §4.6"""
_MAX_TRACKS = 126
_MASKS = {"H264": h264.HEADER_MASK, "H265": h265.HEADER_MASK}


def document_type(tracks: Sequence[Track]) -> bytes:
    """The EBML header: WebM where all codecs are of it."""
    webm = all(track.codec.upper() in _WEBM for track in tracks)
    return ebml.element(
        0x1A45DFA3,
        ebml.uint(0x4286, 1),
        ebml.uint(0x42F7, 1),
        ebml.uint(0x42F2, 4),
        ebml.uint(0x42F3, 8),
        ebml.text(0x4282, "webm" if webm else "matroska"),
        ebml.uint(0x4287, 4),
        ebml.uint(0x4285, 2),
    )


def tracks_element(tracks: Sequence[Track]) -> bytes:
    """What Tracks contains. Raises ValueError for a codec that has no name here."""
    if not 0 < len(tracks) <= _MAX_TRACKS:
        raise ValueError(f"a file of {len(tracks)} tracks")
    return b"".join([_entry(number, track) for number, track in enumerate(tracks, 1)])


def block_of(track: Track, data: bytes) -> bytes:
    """A frame as blocks of this track have it. Raises ValueError for what is none."""
    mask = _MASKS.get(track.codec)
    if mask is None:
        return data
    units = annexb.units_of(data, mask)
    return b"".join([len(unit).to_bytes(4, "big") + unit for unit in units])


def _entry(number: int, track: Track) -> bytes:
    common = [ebml.uint(0xD7, number), ebml.uint(0x73C5, number), ebml.uint(0x9C, 0)]
    specific = _picture(track) if track.codec in _VIDEO else _sound(track)
    return ebml.element(0xAE, *common, *specific)


def _picture(track: Track) -> list[bytes]:
    size = ebml.uint(0xB0, track.width) + ebml.uint(0xBA, track.height)
    parts = [ebml.uint(0x83, _VIDEO_TYPE), ebml.text(0x86, _VIDEO[track.codec])]
    if track.private:
        parts.append(ebml.element(0x63A2, track.private))
    elif track.codec not in {"VP8", "VP9"}:
        raise ValueError(f"a track of {track.codec} without what decoders need before it")
    return [*parts, ebml.element(0xE0, size)]


def _sound(track: Track) -> list[bytes]:
    if not track.channels:
        raise ValueError(f"a track of {track.codec} without channels")
    rate = 16_000 if track.codec == "G722" else track.clock_rate
    sound = [ebml.double(0xB5, rate), ebml.uint(0x9F, track.channels)]
    parts = [ebml.uint(0x83, _AUDIO_TYPE)]
    if track.codec.lower() == "opus":
        parts += [ebml.text(0x86, _OPUS), ebml.element(0x63A2, opus_head(track.channels, 0))]
        parts += [ebml.uint(0x56AA, 0), ebml.uint(0x56BB, _SEEK_PRE_ROLL)]
    elif track.codec == "L16":
        parts.append(ebml.text(0x86, "A_PCM/INT/BIG"))
        sound.append(ebml.uint(0x6264, 16))
    else:
        layout = wave_format(track) + bytes(2)
        parts += [ebml.text(0x86, "A_MS/ACM"), ebml.element(0x63A2, layout)]
    return [*parts, ebml.element(0xE1, *sound)]
