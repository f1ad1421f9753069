import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.util import Reader


def test_reads_numbers_slices_and_vectors_in_order() -> None:
    reader = Reader(b"\x01\x00\x02ab\x00\x01cend")
    assert (reader.uint(1), reader.uint(2), reader.take(2)) == (1, 2, b"ab")
    assert reader.vector(2) == b"c"
    assert reader.remaining == 3
    assert reader
    assert reader.rest() == b"end"
    assert not reader


@given(st.binary(max_size=40), st.lists(st.integers(-2, 20), max_size=10))
def test_never_reads_past_the_end(data: bytes, sizes: list[int]) -> None:
    reader = Reader(data)
    taken = b""
    for size in sizes:
        if 0 <= size <= reader.remaining:
            taken += reader.take(size)
        else:
            with pytest.raises(DecodeError):
                reader.skip(size)
    assert data.startswith(taken)
