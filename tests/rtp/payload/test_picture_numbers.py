"""The numbers that a forwarder reads and writes, against the descriptors of the formats."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload import vp8, vp9_descriptor
from webrtc.rtp.payload.picture_id import LONG, SHORT
from webrtc.rtp.payload.picture_numbers import (
    TOP,
    counts_pictures,
    read_numbers,
    write_numbers,
)
from webrtc.rtp.payload.registry import PayloadFormat


@pytest.mark.parametrize(("tl0", "layer", "key"), list(product([None, 7], [None, 2], [None, 9])))
def test_vp8_has_its_numbers_wherever_they_stand(
    tl0: int | None, layer: int | None, key: int | None
) -> None:
    descriptor = vp8.Descriptor(
        picture_id=300, tl0_picture_index=tl0, temporal_id=layer, key_index=key, layer_sync=True
    )
    payload = descriptor.encode() + b"rest"
    read = read_numbers("VP8", payload)
    assert read is not None
    assert (read.picture_id, read.bits, read.temporal_id) == (300, LONG, layer or 0)
    assert read.reaches == (-1 if layer is None else layer)
    written, length = vp8.Descriptor.decode(write_numbers(payload, read, 301, 8, 10))
    assert (written.picture_id, written.temporal_id) == (301, layer)
    assert written.tl0_picture_index == (None if tl0 is None else 8)
    assert written.key_index == (None if key is None else 10)
    assert (written.layer_sync, length) == (layer is not None, len(payload) - 4)


def test_a_short_picture_id_becomes_a_long_one() -> None:
    payload = b"\x90\xe0\x45\x07\x40rest"  # X S, I L T, 69, TL0PICIDX 7, TID 1
    read = read_numbers("VP8", payload)
    assert read is not None
    assert (read.picture_id, read.bits, read.tl0) == (69, SHORT, 7)
    written = write_numbers(payload, read, 0x1234, 8, 0)
    assert written == b"\x90\xe0\x92\x34\x08\x40rest"


@pytest.mark.parametrize("flexible", [False, True])
def test_vp9_has_its_numbers(flexible: bool) -> None:
    descriptor = vp9_descriptor.Descriptor(
        picture_id=300,
        flexible=flexible,
        predicted=True,
        differences=(3,) if flexible else (),
        temporal_id=1,
        switching_up=True,
        tl0_picture_index=7,
    )
    payload = descriptor.encode() + b"rest"
    read = read_numbers("VP9", payload)
    assert read is not None
    assert (read.picture_id, read.temporal_id, read.reaches, read.needs) == (300, 1, TOP, 1)
    written, _ = vp9_descriptor.Descriptor.decode(write_numbers(payload, read, 0x7FFF, 8, 0))
    assert written.picture_id == 0x7FFF
    assert written.tl0_picture_index == (0 if flexible else 8)
    assert written.differences == descriptor.differences


def test_h265_and_av1_tell_their_layer_alone() -> None:
    h265 = read_numbers("H265", b"\x02\x03rest")
    assert h265 is not None
    assert (h265.temporal_id, h265.picture_id_at) == (2, 0)
    single = read_numbers("AV1", b"\x10\x34\x40rest")  # W 1, a frame with an extension
    assert single is not None
    assert single.temporal_id == 2
    counted = read_numbers("AV1", b"\x00\x81\x01\x34\x20rest")
    assert counted is not None
    assert counted.temporal_id == 1
    assert read_numbers("AV1", b"\x90rest") is None  # goes on with what was told before


def test_other_codecs_are_of_one_layer() -> None:
    read = read_numbers("opus", b"x")
    assert read is not None
    assert (read.temporal_id, read.picture_id_at) == (0, 0)


def test_ids_without_gaps_are_wanted_where_nothing_refers_to_them() -> None:
    assert counts_pictures("vp8")
    assert not counts_pictures("VP9")


@given(st.sampled_from(["VP8", "VP9", "H265", "AV1", "H264"]), st.binary(max_size=8))
def test_garbage_is_read_without_an_error(codec: str, payload: bytes) -> None:
    read = read_numbers(codec, payload)
    if read is not None:
        assert len(write_numbers(payload, read, 1, 1, 1)) >= len(payload)


def test_every_frame_that_is_split_can_be_read(video_format: PayloadFormat) -> None:
    packetizer = video_format.packetizer({})
    for payload in packetizer.split(EncodedFrame(bytes(3000), video_format.encoding_name, 0), 1000):
        assert read_numbers(video_format.encoding_name, payload) is not None


@pytest.fixture(params=["VP8", "VP9"])
def video_format(request: pytest.FixtureRequest) -> PayloadFormat:
    from webrtc.rtp.payload import DEFAULT_FORMATS

    return DEFAULT_FORMATS[request.param]
