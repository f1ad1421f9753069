from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.media.audio_buffer import AudioBuffer

samples = st.lists(st.integers(-32768, 32767), min_size=1, max_size=20)


def test_silence() -> None:
    buffer = AudioBuffer(3, 2)
    assert (len(buffer), buffer.channels) == (3, 2)
    assert buffer.to_bytes() == bytes(12)
    for frames, channels in ((-1, 1), (1, 0)):
        with pytest.raises(ValueError, match="channels"):
            AudioBuffer(frames, channels)


@pytest.mark.parametrize(("order", "data"), [("big", "0102ff00"), ("little", "020100ff")])
def test_bytes_in_both_orders(order: Literal["big", "little"], data: str) -> None:
    """MEDIA-06."""
    buffer = AudioBuffer.from_bytes(bytes.fromhex(data), 2, order)
    assert [list(buffer.plane(channel)) for channel in (0, 1)] == [[0x0102], [-0x100]]
    assert buffer.to_bytes(order).hex() == data
    assert buffer.to_bytes("big").hex() == "0102ff00"
    assert buffer.to_bytes("little").hex() == "020100ff"


@given(st.lists(samples, min_size=1, max_size=4))
def test_planes_survive(planes: list[list[int]]) -> None:
    """MEDIA-03 to MEDIA-05."""
    shortest = min(map(len, planes))
    planes = [plane[:shortest] for plane in planes]
    buffer = AudioBuffer.from_planes(planes)
    assert [list(buffer.plane(channel)) for channel in range(len(planes))] == planes
    in_turn = [sample for frame in zip(*planes, strict=True) for sample in frame]
    data = b"".join([sample.to_bytes(2, "big", signed=True) for sample in in_turn])
    assert buffer.to_bytes() == data
    assert AudioBuffer.from_bytes(data, len(planes)) == buffer


def test_parts_and_planes_share_their_samples() -> None:
    """MEDIA-07."""
    buffer = AudioBuffer.from_planes([[1, 2, 3, 4], [5, 6, 7, 8]])
    part = buffer[1:3]
    part.plane(1)[0] = 60
    assert list(buffer.plane(1)) == [5, 60, 7, 8]
    assert part == AudioBuffer.from_planes([[2, 3], [60, 7]])
    assert len(buffer[3:1]) == 0
    assert buffer[-1:] == AudioBuffer.from_planes([[4], [8]])
    with pytest.raises(ValueError, match="every 2"):
        buffer[::2]


@pytest.mark.parametrize(
    ("value", "sample"),
    [(0.0, 0), (0.5, 16384), (-1.0, -32768), (1.0, 32767), (7.5, 32767), (-2.0, -32768)],
)
def test_floats_are_clipped(value: float, sample: int) -> None:
    """MEDIA-02."""
    assert list(AudioBuffer.from_floats([value]).plane(0)) == [sample]


@given(samples)
def test_every_sample_survives_as_a_float(values: list[int]) -> None:
    buffer = AudioBuffer.from_planes([values])
    assert AudioBuffer.from_floats(buffer.to_floats()) == buffer
    assert all(-1.0 <= value < 1.0 for value in buffer.to_floats())


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="3 bytes"):
        AudioBuffer.from_bytes(b"abc")
    with pytest.raises(ValueError, match="2 bytes for 2"):
        AudioBuffer.from_floats([0.0], channels=2)
    with pytest.raises(ValueError, match="NaN"):
        AudioBuffer.from_floats([float("nan")])
    with pytest.raises(ValueError, match="structure"):
        AudioBuffer.from_planes([[1, 2], [3]])
    with pytest.raises(ValueError, match="0 channels"):
        AudioBuffer.from_planes([])
    for channel in (-1, 1):
        with pytest.raises(IndexError, match="of 1"):
            AudioBuffer(1).plane(channel)


def test_buffers_are_compared_by_what_they_hold() -> None:
    assert AudioBuffer(1, 2) != AudioBuffer(2, 1)
    assert AudioBuffer(1) != b"\0\0"
    with pytest.raises(TypeError):
        hash(AudioBuffer(1))
