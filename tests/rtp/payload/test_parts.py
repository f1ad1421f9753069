import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.rtp import EncodedFrame
from webrtc.rtp.payload.parts import MAX_FRAME, check_frame, part_length


@given(st.integers(1, 100_000), st.integers(1, 2000))
def test_parts_are_as_few_as_can_be_and_equal_but_the_last(length: int, size: int) -> None:
    part = part_length(length, size)
    parts = [min(part, length - start) for start in range(0, length, part)]
    assert max(parts) <= size
    assert sum(parts) == length
    assert len(parts) <= -(-length // size)
    assert set(parts[:-1]) <= {part}


def test_no_room_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 bytes of room"):
        part_length(10, 0)


def test_names_of_codecs_are_compared_without_case() -> None:
    check_frame(EncodedFrame(b"x", "OPUS", 0), "opus")


def test_a_frame_of_just_8_mib_is_one() -> None:
    check_frame(EncodedFrame(bytes(MAX_FRAME), "VP8", 0), "VP8")
