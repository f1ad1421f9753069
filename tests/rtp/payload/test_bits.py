import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.rtp.payload.bits import Bits, first_readable


def written(*codes: str) -> bytes:
    digits = "".join(codes)
    digits += "0" * (-len(digits) % 8)
    return int(digits, 2).to_bytes(len(digits) // 8, "big")


def test_numbers_of_any_width() -> None:
    bits = Bits(bytes.fromhex("a5 0f"))
    assert [bits.u(1), bits.u(3), bits.u(0), bits.u(8)] == [1, 2, 0, 0x50]
    bits.skip(4)
    with pytest.raises(DecodeError):
        bits.u(1)


@pytest.mark.parametrize(
    ("code", "unsigned", "signed"),
    [("1", 0, 0), ("010", 1, 1), ("011", 2, -1), ("00100", 3, 2), ("0001000", 7, 4)],
)
def test_exp_golomb_codes(code: str, unsigned: int, signed: int) -> None:
    """ITU-T H.264 tables 9-2 and 9-3."""
    assert Bits(written(code)).ue() == unsigned
    assert Bits(written(code)).se() == signed


@pytest.mark.parametrize("data", [b"", b"\0", b"\x01", bytes(5) + b"\xff" * 6])
def test_a_code_that_is_cut_off_or_too_long(data: bytes) -> None:
    with pytest.raises(DecodeError):
        Bits(data).ue()


@given(st.lists(st.integers(0, 2**32 - 2)))
def test_every_code_survives(values: list[int]) -> None:
    codes = [f"{value + 1:b}" for value in values]
    bits = Bits(written(*["0" * (len(code) - 1) + code for code in codes], "1"))
    assert [bits.ue() for _ in values] == values


def test_what_cannot_be_read_is_passed_over() -> None:
    def read(unit: bytes) -> int:
        return Bits(unit).u(8)

    assert first_readable(read, [b"", b"\5", b"\6"]) == 5
    assert first_readable(read, [b""]) is None
