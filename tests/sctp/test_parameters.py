"""Parameters of INIT."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.sctp.parameters import (
    MAX_PARAMETERS,
    Parameter,
    decode_parameters,
    encode_parameters,
    find,
    unrecognized,
)

parameters = st.builds(Parameter, st.integers(0, 0xFFFF), st.binary(max_size=40))


@given(st.lists(parameters, max_size=20))
def test_round_trip(items: list[Parameter]) -> None:
    """X-06."""
    assert decode_parameters(encode_parameters(items)) == tuple(items)


def test_last_parameter_may_come_without_padding() -> None:
    """RFC 9260 §3.2.1."""
    assert decode_parameters(b"\0\7\0\5c") == (Parameter(7, b"c"),)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 9, 0xFFFF])
def test_length_that_cannot_be(length: int) -> None:
    """C-03, X-03."""
    with pytest.raises(DecodeError):
        decode_parameters(b"\0\7" + length.to_bytes(2, "big") + bytes(4))


def test_too_many() -> None:
    """C-03: ten thousand parameters in one INIT."""
    assert len(decode_parameters(b"\0\1\0\4" * MAX_PARAMETERS)) == MAX_PARAMETERS
    with pytest.raises(DecodeError, match="more than"):
        decode_parameters(b"\0\1\0\4" * 10000)


@given(st.binary(max_size=100))
def test_garbage_raises_only_decode_error(data: bytes) -> None:
    """X-01."""
    try:
        decode_parameters(data)
    except DecodeError:
        pass


def test_find_takes_the_first() -> None:
    items = (Parameter(1, b"a"), Parameter(7, b"b"), Parameter(7, b"c"))
    assert find(items, 7) == b"b"
    assert find(items, 8) is None


@pytest.mark.parametrize(
    ("kind", "reported", "goes_on"),
    [(0x0FFF, False, False), (0x4FFF, True, False), (0x8FFF, False, True), (0xCFFF, True, True)],
)
def test_high_bits_of_an_unknown_parameter(kind: int, *, reported: bool, goes_on: bool) -> None:
    """C-20: RFC 9260 §3.2.1."""
    unknown, after = Parameter(kind, b"u"), Parameter(0xCFFE, b"a")
    expected = (unknown,) * reported + (after,) * goes_on
    assert unrecognized((Parameter(7, b"cookie"), unknown, after), 4) == expected


def test_reports_are_bounded() -> None:
    assert len(unrecognized([Parameter(0xCFFF, b"")] * 50, 4)) == 4
