import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.video import frames
from tests.work import work
from webrtc.rtp.payload import annexb, h264, h265

MASKS = {"h264": h264.HEADER_MASK, "h265": h265.HEADER_MASK}


def by_length(units: list[bytes]) -> bytes:
    return b"".join([len(unit).to_bytes(4, "big") + unit for unit in units])


def escaped(data: bytes) -> bytes:
    """A NAL unit of two header bytes and this: escaped and with its last bit. H.264 §7.4.1."""
    unit = bytearray(b"\x41\x80")
    for byte in data + b"\x80":
        if byte <= 3 and unit[-2:] == b"\0\0":
            unit.append(3)
        unit.append(byte)
    return bytes(unit)


units = st.lists(st.binary(max_size=600).map(escaped), min_size=1, max_size=4)


@given(units)
def test_units_survive_start_codes(units: list[bytes]) -> None:
    data = annexb.join(units)
    assert annexb.split(data) == units
    assert annexb.units_of(data, h264.HEADER_MASK) == units


@given(units)
def test_units_survive_lengths(units: list[bytes]) -> None:
    assert annexb.units_of(by_length(units), h264.HEADER_MASK) == units


@given(units)
def test_short_start_codes_are_as_good(units: list[bytes]) -> None:
    data = b"".join([b"\0\0\1" + unit for unit in units])
    assert annexb.units_of(data, h264.HEADER_MASK) == units


def test_zeros_around_start_codes_belong_to_no_unit() -> None:
    assert annexb.split(b"\0\0\0\0\0\1\x67\x42\0\0\0\0\1\x68\xce\0\0") == [b"\x67\x42", b"\x68\xce"]


@pytest.mark.parametrize("name", MASKS)
def test_recorded_frames_are_read_in_both_forms(name: str) -> None:
    for frame in frames(name):
        found = annexb.units_of(frame, MASKS[name])
        assert annexb.units_of(by_length(found), MASKS[name]) == found
        short = b"".join([b"\0\0\1" + unit for unit in found])
        assert annexb.units_of(short, MASKS[name]) == found


@pytest.mark.parametrize(
    ("name", "header"), [("h264", "41"), ("h264", "65"), ("h265", "0201"), ("h265", "0202")]
)
def test_a_slice_as_long_as_its_start_code_would_say_is_not_cut(name: str, header: str) -> None:
    """000001 41 as a length is 321: a slice whose data ends 321 bytes behind it."""
    head = bytes.fromhex(header)
    unit = (head + b"\x88" * 600)[: 1 + 0x100 + head[0]]
    assert annexb.units_of(b"\0\0\1" + unit, MASKS[name]) == [unit]


@pytest.mark.parametrize("length", [255, 256, 257, 511, 512])
def test_a_length_that_looks_like_a_start_code_is_a_length(length: int) -> None:
    unit = b"\x41" + b"\x88" * (length - 1)
    assert annexb.units_of(by_length([unit, unit]), h264.HEADER_MASK) == [unit, unit]


@pytest.mark.parametrize(
    "data", ["6742", "0000", "000001", "00000001", "ff 000001 67", "00000002 67"]
)
def test_data_in_neither_form(data: str) -> None:
    with pytest.raises(ValueError, match="start codes"):
        annexb.units_of(bytes.fromhex(data), h264.HEADER_MASK)


def test_unescaping_takes_every_third_byte_that_was_put_in() -> None:
    for data in (b"\0\0\0\0\0\0", b"\0\0\1\0\0\3", b"\0\0\4"):
        assert annexb.unescape(escaped(data)) == b"\x41\x80" + data + b"\x80"


def test_work_grows_with_the_units_not_with_their_bytes() -> None:
    """Otherwise a key frame of 8 MiB would hold up the loop."""
    small, large = (annexb.join([b"\x65\x88" + b"x" * size] * 4) for size in (100, 100_000))
    first = work(lambda: annexb.units_of(small, h264.HEADER_MASK))
    assert work(lambda: annexb.units_of(large, h264.HEADER_MASK)) == first
