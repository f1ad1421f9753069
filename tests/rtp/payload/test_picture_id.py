import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.rtp.payload.picture_id import LONG, SHORT, PictureIds, encode_picture_id


def test_an_id_is_always_written_long() -> None:
    """Two bytes, the M bit set. RFC 7741 §4.2."""
    assert encode_picture_id(0) == b"\x80\x00"
    assert encode_picture_id(0x7FFF) == b"\xff\xff"
    assert encode_picture_id(0x8001) == b"\x80\x01"


@pytest.mark.parametrize("bits", [SHORT, LONG])
@given(start=st.integers(0, 0x7FFF))
def test_pictures_are_counted_over_the_wrap(bits: int, start: int) -> None:
    start %= 1 << bits
    ids = PictureIds()
    found = [ids.unwrap((start + ahead) % (1 << bits), bits) for ahead in range(300)]
    assert found == list(range(start, start + 300))


@pytest.mark.parametrize(("first", "then"), [(SHORT, LONG), (LONG, SHORT)])
def test_the_count_goes_on_when_ids_change_their_length(first: int, then: int) -> None:
    ids = PictureIds()
    places = []
    for picture in range(1000, 1100):
        bits = first if picture < 1050 else then
        places.append(ids.unwrap(picture % (1 << bits), bits))
    assert [place - places[0] for place in places] == list(range(100))


def test_a_picture_that_comes_late_is_before_the_newest() -> None:
    ids = PictureIds()
    places = [ids.unwrap(picture, SHORT) for picture in (126, 0, 127, 1)]
    assert places == [126, 128, 127, 129]


def test_pictures_that_are_lost_are_counted() -> None:
    ids = PictureIds()
    assert [ids.unwrap(picture, LONG) for picture in (5, 9, 0x3000)] == [5, 9, 0x3000]
