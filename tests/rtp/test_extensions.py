import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.rtp.extensions import (
    ONE_BYTE,
    TWO_BYTE,
    decode_elements,
    encode_elements,
    find_element,
    is_two_byte,
)

short = st.tuples(st.integers(1, 14), st.binary(min_size=1, max_size=16))
long = st.tuples(st.integers(1, 255), st.binary(max_size=255))


def decoded(profile: int, block: str) -> list[tuple[int, bytes]]:
    return list(decode_elements(profile, bytes.fromhex(block)))


def test_rfc_8285_4_2_one_byte_elements() -> None:
    """RTP-02: three elements, two of them padded, as in the section's figure."""
    assert decoded(ONE_BYTE, "10aa 21bbcc 00 00 33 01020304") == [
        (1, b"\xaa"),
        (2, b"\xbb\xcc"),
        (3, b"\1\2\3\4"),
    ]


def test_rfc_8285_4_3_two_byte_elements() -> None:
    """RTP-02: a value of no bytes, one of one, padding, one of four."""
    assert decoded(TWO_BYTE, "0100 0201bb 00 030401020304") == [
        (1, b""),
        (2, b"\xbb"),
        (3, b"\1\2\3\4"),
    ]


def test_application_bits_do_not_matter() -> None:
    assert is_two_byte(0x100F)
    assert decoded(0x1007, "0101aa00") == [(1, b"\xaa")]


@pytest.mark.parametrize("stop", ["f0", "f3aabbccdd", "01"])
def test_id_15_and_a_long_id_0_end_the_list(stop: str) -> None:
    assert decoded(ONE_BYTE, "10aa" + stop + "20bb") == [(1, b"\xaa")]


@pytest.mark.parametrize(
    ("profile", "block"),
    [(ONE_BYTE, "1faabbcc"), (TWO_BYTE, "01"), (TWO_BYTE, "01ffaabb"), (TWO_BYTE, "00000001")],
)
def test_an_element_beyond_the_block_is_an_error(profile: int, block: str) -> None:
    """P-01."""
    with pytest.raises(DecodeError):
        decoded(profile, block)


def test_a_block_of_another_kind_has_no_elements() -> None:
    assert decoded(0xABAC, "10aa0000") == []


@given(st.lists(short, max_size=20))
def test_small_elements_take_the_one_byte_form(elements: list[tuple[int, bytes]]) -> None:
    profile, block = encode_elements(elements)
    assert profile == ONE_BYTE
    assert len(block) % 4 == 0
    assert list(decode_elements(profile, block)) == elements


@given(st.lists(long, max_size=20))
def test_all_elements_survive(elements: list[tuple[int, bytes]]) -> None:
    profile, block = encode_elements(elements)
    assert len(block) % 4 == 0
    assert list(decode_elements(profile, block)) == elements


@pytest.mark.parametrize(
    "element", [(15, b"a"), (1, b""), (1, b"a" * 17)], ids=["id", "empty", "long"]
)
def test_what_does_not_fit_one_byte_takes_two(element: tuple[int, bytes]) -> None:
    assert encode_elements([(1, b"x"), element])[0] == TWO_BYTE


@pytest.mark.parametrize("element", [(0, b"a"), (256, b"a"), (-1, b"a"), (1, b"a" * 256)])
def test_what_fits_no_form_is_refused(element: tuple[int, bytes]) -> None:
    with pytest.raises(ValueError, match="header extension"):
        encode_elements([element])


@given(st.sampled_from([ONE_BYTE, TWO_BYTE, 0x1234]), st.binary(max_size=64))
def test_garbage_raises_only_decode_error(profile: int, block: bytes) -> None:
    try:
        list(decode_elements(profile, block))
    except DecodeError:
        pass


@given(st.dictionaries(st.integers(1, 255), st.binary(max_size=20), max_size=6), st.data())
def test_an_element_is_found_where_it_is(elements: dict[int, bytes], data: st.DataObject) -> None:
    profile, block = encode_elements(elements.items())
    for id_, value in elements.items():
        at = find_element(profile, block, id_)
        assert block[at : at + len(value)] == value
    absent = data.draw(st.integers(1, 255).filter(lambda id_: id_ not in elements))
    assert find_element(profile, block, absent) == -1


@given(st.sampled_from([0xBEDE, 0x1000, 0, 0x1234]), st.binary(max_size=40), st.integers(1, 255))
def test_no_element_is_found_beyond_the_block(profile: int, block: bytes, id_: int) -> None:
    at = find_element(profile, block, id_)
    assert at == -1 or 1 <= at <= len(block)
    try:
        values = [value for found, value in decode_elements(profile, block) if found == id_]
    except DecodeError:
        return
    if values and profile:
        assert block[at : at + len(values[0])] == values[0]
