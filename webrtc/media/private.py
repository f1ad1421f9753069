"""What a decoder is told before the first frame: CodecPrivate of Matroska. RFC 9559 §27."""

import struct
from collections.abc import Callable, Sequence
from typing import Final

from webrtc.errors import DecodeError
from webrtc.media import av1_config
from webrtc.rtp.payload import annexb, h264, h265, obu
from webrtc.rtp.payload.sps import h265_picture

_SIZE: Final = struct.Struct("!H")
_H264_SPS, _H264_PPS = 7, 8
_H265_SETS = (32, 33, 34)
_PROFILE: Final = slice(3, 15)
"""general_profile_space to general_level_idc of an SPS of H.265, escapes undone."""


def codec_private(codec: str, data: bytes) -> bytes:
    """Of a key frame in the form of `EncodedFrame`. Raises ValueError if it lacks something."""
    make = _MAKERS.get(codec)
    if make is None:
        return b""
    try:
        return make(data)
    except DecodeError as error:
        raise ValueError(f"a key frame of {codec} without what decoders need: {error}") from None


def opus_head(channels: int, pre_skip: int) -> bytes:
    """The identification header of Opus in files. RFC 7845 §5.1; `pre_skip` in 1/48000 s."""
    return b"OpusHead" + struct.pack("<BBHIhB", 1, channels, pre_skip, 48_000, 0, 0)


def _avcc(data: bytes) -> bytes:
    """AVCDecoderConfigurationRecord. ISO/IEC 14496-15 §5.3.3.1."""
    units = annexb.units_of(data, h264.HEADER_MASK)
    sets = [unit for unit in units if h264.unit_type(unit) == _H264_SPS]
    pictures = [unit for unit in units if h264.unit_type(unit) == _H264_PPS]
    if not sets or not pictures or len(sets[0]) < 4:
        raise DecodeError("no parameter sets")
    head = b"\1" + sets[0][1:4] + b"\xff"
    return b"".join(
        [head, bytes((0xE0 | len(sets),)), _sized(sets), bytes((len(pictures),)), _sized(pictures)]
    )


def _hvcc(data: bytes) -> bytes:
    """HEVCDecoderConfigurationRecord. ISO/IEC 14496-15 §8.3.3.1."""
    units = annexb.units_of(data, h265.HEADER_MASK)
    arrays = [
        (kind, found)
        for kind in _H265_SETS
        if (found := [unit for unit in units if h265.unit_type(unit) == kind])
    ]
    if len(arrays) < len(_H265_SETS):
        raise DecodeError("no parameter sets")
    sequence = arrays[1][1][0]
    picture = h265_picture(sequence)
    head = b"\1" + annexb.unescape(sequence[:32])[_PROFILE]
    # No segmentation, parallelism or frame rate is told; then one temporal layer, lengths of 4.
    head += b"\xf0\0\xfc" + bytes((0xFC | picture.chroma, 0xF8 | picture.luma_depth - 8))
    head += bytes((0xF8 | picture.chroma_depth - 8, 0, 0, 0x0B, len(arrays)))
    return head + b"".join(
        [bytes((0x80 | kind,)) + _SIZE.pack(len(found)) + _sized(found) for kind, found in arrays]
    )


def _av1c(data: bytes) -> bytes:
    """AV1CodecConfigurationRecord: AV1 in ISOBMFF §2.3.3."""
    for unit in obu.split(data):
        if obu.unit_type(unit) == obu.SEQUENCE_HEADER:
            return av1_config.record(unit)
    raise DecodeError("no sequence header")


def _sized(units: Sequence[bytes]) -> bytes:
    return b"".join([_SIZE.pack(len(unit)) + unit for unit in units])


_MAKERS: dict[str, Callable[[bytes], bytes]] = {"H264": _avcc, "H265": _hvcc, "AV1": _av1c}
