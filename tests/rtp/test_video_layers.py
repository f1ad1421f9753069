"""Layers of a video source, as libwebrtc's video-layers-allocation00 has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.rtp.video_layers import Layer, VideoLayersAllocation

SAMPLES = [
    (VideoLayersAllocation(0, 1, ()), "00"),
    (VideoLayersAllocation(0, 1, (Layer(0, 0, (100,)),)), "010064"),
    (VideoLayersAllocation(0, 1, (Layer(0, 0, (100, 300), 640, 360, 30),)), "014064ac02027f01671e"),
    (
        VideoLayersAllocation(1, 2, (Layer(0, 0, (1,)), Layer(1, 0, (2,)))),
        "51000102",
    ),
    (
        VideoLayersAllocation(0, 3, (Layer(0, 0, (1,)), Layer(2, 0, (2,)), Layer(2, 1, (3, 4)))),
        "20103004010203" + "04",
    ),
]


@pytest.mark.parametrize(("allocation", "wire"), SAMPLES)
def test_samples(allocation: VideoLayersAllocation, wire: str) -> None:
    assert allocation.encode() == bytes.fromhex(wire)
    assert VideoLayersAllocation.decode(bytes.fromhex(wire)) == allocation


@st.composite
def allocations(draw: st.DrawFn) -> VideoLayersAllocation:
    streams = draw(st.integers(1, 4))
    places = st.tuples(st.integers(0, streams - 1), st.integers(0, 3))
    active = sorted(draw(st.sets(places, min_size=1)))
    sized = draw(st.booleans())
    layers = []
    for stream, spatial in active:
        rates = tuple(draw(st.lists(st.integers(0, 2**31), min_size=1, max_size=4)))
        sizes = st.tuples(st.integers(1, 65536), st.integers(1, 65536), st.integers(0, 255))
        size = draw(sizes) if sized else (0, 0, 0)
        layers.append(Layer(stream, spatial, rates, *size))
    return VideoLayersAllocation(draw(st.integers(0, streams - 1)), streams, tuple(layers))


@given(allocations())
def test_round_trips(allocation: VideoLayersAllocation) -> None:
    assert VideoLayersAllocation.decode(allocation.encode()) == allocation


@pytest.mark.parametrize(
    "wire", ["", "01", "0100", "0100ff", "0000", "010064ff", "0100ffffffffffff"]
)
def test_what_cannot_be_read(wire: str) -> None:
    with pytest.raises(DecodeError):
        VideoLayersAllocation.decode(bytes.fromhex(wire))


@pytest.mark.parametrize(
    "allocation",
    [
        VideoLayersAllocation(1, 1, (Layer(0, 0, (1,)),)),
        VideoLayersAllocation(0, 5, (Layer(0, 0, (1,)),)),
        VideoLayersAllocation(0, 1, (Layer(1, 0, (1,)),)),
        VideoLayersAllocation(0, 1, (Layer(0, 4, (1,)),)),
        VideoLayersAllocation(0, 1, (Layer(0, 1, (1,)), Layer(0, 0, (1,)))),
        VideoLayersAllocation(0, 1, (Layer(0, 0, ()),)),
        VideoLayersAllocation(0, 1, (Layer(0, 0, (1,) * 5),)),
        VideoLayersAllocation(0, 1, (Layer(0, 0, (-1,)),)),
        VideoLayersAllocation(0, 1, (Layer(0, 0, (1,), 65537, 1, 1),)),
    ],
)
def test_what_does_not_fit_is_an_error(allocation: VideoLayersAllocation) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        allocation.encode()


@given(st.binary(max_size=60))
def test_garbage_raises_nothing_else(data: bytes) -> None:
    try:
        VideoLayersAllocation.decode(data)
    except DecodeError:
        pass
