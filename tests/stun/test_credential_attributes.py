import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.stun.credential_attributes import (
    MD5,
    SHA256,
    PasswordAlgorithm,
    PasswordAlgorithms,
    Userhash,
)

ID = bytes(12)


def test_algorithms_on_the_wire() -> None:
    """STUN-25: RFC 8489 §14.11, §14.12."""
    both = PasswordAlgorithms((PasswordAlgorithm(SHA256), PasswordAlgorithm(MD5)))
    assert both.encode(ID).hex() == "0002000000010000"
    assert PasswordAlgorithms.decode(both.encode(ID), ID) == both
    assert PasswordAlgorithm(SHA256).encode(ID).hex() == "00020000"
    padded = PasswordAlgorithm(9, b"abcde")
    assert padded.encode(ID).hex() == "000900056162636465000000"
    assert PasswordAlgorithm.decode(padded.encode(ID), ID) == padded


@given(st.binary(max_size=40))
def test_garbage_raises_only_decode_error(value: bytes) -> None:
    """X-01, X-03: parameters of any length, and none."""
    for attribute_class in (PasswordAlgorithm, PasswordAlgorithms):
        try:
            attribute_class.decode(value, ID)
        except DecodeError:
            pass


@pytest.mark.parametrize("value", [b"\0\2\0", b"\0\2\0\1", b"\0\2\0\5abcd"])
def test_cut_algorithm_is_refused(value: bytes) -> None:
    """X-02, T-20: a length that leads beyond the value."""
    for attribute_class in (PasswordAlgorithm, PasswordAlgorithms):
        with pytest.raises(DecodeError):
            attribute_class.decode(value, ID)


def test_one_algorithm_is_exactly_one() -> None:
    for value in (b"", b"\0\1\0\0\0\2\0\0"):
        with pytest.raises(DecodeError):
            PasswordAlgorithm.decode(value, ID)


def test_userhash_is_32_bytes() -> None:
    assert Userhash.decode(bytes(32), ID) == Userhash(bytes(32))
    for size in (0, 31, 33):
        with pytest.raises(DecodeError):
            Userhash.decode(bytes(size), ID)
