import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError, InvalidAccessError
from webrtc.stun.error import ErrorCode, UnknownAttributes

ID = bytes(12)


@given(st.integers(300, 699), st.text(max_size=100))
def test_round_trip(code: int, reason: str) -> None:
    """STUN-30, X-06."""
    error = ErrorCode(code, reason)
    assert ErrorCode.decode(error.encode(ID), ID) == error


def test_reserved_bits_are_ignored() -> None:
    """STUN-30: RFC 8489 §14.8."""
    assert ErrorCode.decode(b"\xff\xff\xfc\x01", ID) == ErrorCode(401)


@pytest.mark.parametrize(
    "value", [b"", b"\0\0\4", b"\0\0\2\0", b"\0\0\7\0", b"\0\0\4\x64", b"\0\0\4\1\xff"]
)
def test_malformed_code_is_refused(value: bytes) -> None:
    """STUN-30: classes 3 to 6, numbers to 99, UTF-8."""
    with pytest.raises(DecodeError):
        ErrorCode.decode(value, ID)
    with pytest.raises(DecodeError):
        ErrorCode.decode(b"\0\0\4\0" + bytes(764), ID)


@pytest.mark.parametrize("code", [0, 299, 700])
def test_code_out_of_range_is_not_sent(code: int) -> None:
    with pytest.raises(InvalidAccessError):
        ErrorCode(code).encode(ID)


def test_unknown_attributes() -> None:
    """STUN-29: 16-bit types; an odd length is an error."""
    assert UnknownAttributes((0x24, 0x7FFF)).encode(ID) == b"\x00\x24\x7f\xff"
    assert UnknownAttributes.decode(b"\x00\x24\x7f\xff", ID) == UnknownAttributes((0x24, 0x7FFF))
    assert UnknownAttributes.decode(b"", ID) == UnknownAttributes(())
    with pytest.raises(DecodeError):
        UnknownAttributes.decode(b"\0", ID)
