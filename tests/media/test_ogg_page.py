from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.media.ogg_page import CONTINUED, FIRST, LAST, Page, read_page

PAGE = Page(FIRST, 2**40, 7, 3, (b"one", b"", b"x" * 255, b"y" * 600))


@given(
    st.integers(0, 7),
    st.integers(-1, 2**62),
    st.integers(0, 2**32 - 1),
    st.lists(st.binary(max_size=600), max_size=20),
)
def test_pages_survive(flags: int, granule: int, serial: int, packets: list[bytes]) -> None:
    page = Page(flags, granule, serial, serial, tuple(packets))
    file = BytesIO(page.encode() + PAGE.encode())
    assert read_page(file) == page
    assert read_page(file) == PAGE
    assert read_page(file) is None


def test_a_page_as_the_specification_has_it() -> None:
    """RFC 3533 §6. That FFmpeg has the same checksum shows where its files are read."""
    data = Page(LAST, 0, 1, 2, ()).encode()
    assert data[:5] == b"OggS\0"
    assert data[5:22] == bytes([4]) + bytes(8) + b"\1\0\0\0" + b"\2\0\0\0"
    assert data[26:] == b"\0"


def test_a_packet_that_goes_on() -> None:
    page = Page(CONTINUED, -1, 1, 0, (b"end", b"z" * 510), complete=False)
    assert read_page(BytesIO(page.encode())) == page


def test_a_page_has_255_segments() -> None:
    assert read_page(BytesIO(Page(0, 0, 1, 0, (b"x",) * 255).encode())) is not None
    with pytest.raises(ValueError, match="256 segments"):
        Page(0, 0, 1, 0, (b"x",) * 256).encode()


def test_a_page_that_is_cut_is_the_end() -> None:
    data = PAGE.encode()
    assert all(read_page(BytesIO(data[:length])) is None for length in range(len(data)))


@pytest.mark.parametrize("at", [0, 4, 6, 14, 18, 22, 27, 60])
def test_a_page_that_is_damaged_is_an_error(at: int) -> None:
    data = bytearray(PAGE.encode())
    data[at] ^= 1
    with pytest.raises(DecodeError, match="Ogg page"):
        read_page(BytesIO(bytes(data) + bytes(300)))
