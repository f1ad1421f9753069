from io import BytesIO

import av
import pytest

from tests.media.ffmpeg import muxed, pictures
from webrtc.media.private import codec_private, opus_head
from webrtc.rtp.payload import annexb


def test_h264() -> None:
    """ISO/IEC 14496-15 §5.3.3.1: profile, compatibility and level from the set; lengths of 4."""
    sps, pps = annexb.split(pictures("H264")[0].data)[:2]
    found = codec_private("H264", pictures("H264")[0].data)
    assert found[:6] == b"\x01" + sps[1:4] + b"\xff\xe1"
    assert found[6:] == bytes((0, len(sps))) + sps + b"\x01" + bytes((0, len(pps))) + pps


def test_h265() -> None:
    """ISO/IEC 14496-15 §8.3.3.1."""
    vps, sps, pps = annexb.split(pictures("H265")[0].data)[:3]
    found = codec_private("H265", pictures("H265")[0].data)
    assert found[:2] == b"\x01\x01"  # version, profile Main
    assert found[12] == 30  # level 1
    assert found[13:23].hex() == "f000fcfdf8f800000b03"
    assert found[23:28].hex() == f"a00001{len(vps):04x}"
    assert found.endswith(pps)
    assert sps in found


def test_av1_is_as_ffmpeg_writes_it() -> None:
    file = muxed("matroska", "libsvtav1", pictures("AV1"), 90_000)
    with av.open(BytesIO(file)) as container:
        record = container.streams[0].codec_context.extradata
    assert record is not None
    assert codec_private("AV1", record[4:]) == record
    key = pictures("AV1")[0].data
    assert key.startswith(codec_private("AV1", key)[4:])


def test_vp8_needs_none() -> None:
    assert codec_private("VP8", pictures("VP8")[0].data) == b""


@pytest.mark.parametrize(
    ("codec", "data"),
    [
        ("H264", annexb.join([b"\x65\x88"])),
        ("H264", annexb.join([b"\x67\x42", b"\x68\xce"])),
        ("H265", annexb.join([b"\x26\x01\xaf"])),
        ("AV1", b"\x32\x01\x10"),
        ("AV1", b"\x0a\x01\x00"),
    ],
)
def test_a_frame_that_lacks_something(codec: str, data: bytes) -> None:
    with pytest.raises(ValueError, match=codec):
        codec_private(codec, data)


def test_opus() -> None:
    """RFC 7845 §5.1."""
    assert opus_head(2, 312) == b"OpusHead" + bytes.fromhex("01 02 3801 80bb0000 0000 00")
