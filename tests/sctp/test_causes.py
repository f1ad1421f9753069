"""Error causes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.sctp.causes import (
    MAX_CAUSES,
    Cause,
    CauseCode,
    decode_causes,
    describe,
    invalid_stream,
    no_user_data,
    out_of_resource,
    violation,
)
from webrtc.sctp.parameters import encode_parameters

causes = st.builds(Cause, st.integers(0, 0xFFFF), st.binary(max_size=40))


@given(st.lists(causes, max_size=MAX_CAUSES))
def test_round_trip(items: list[Cause]) -> None:
    """X-06."""
    assert decode_causes(encode_parameters(items)) == tuple(items)


def test_a_hundred_causes_cost_no_more_than_sixteen() -> None:
    """C-21."""
    assert len(decode_causes(encode_parameters([Cause(13, b"x")] * 100))) == MAX_CAUSES


@given(st.binary(max_size=100))
def test_garbage_raises_only_decode_error_and_can_be_described(data: bytes) -> None:
    """X-01, C-21."""
    try:
        assert len(describe(decode_causes(data))) < 5000
    except DecodeError:
        pass


def test_texts_of_a_peer_are_escaped_and_cut() -> None:
    """X-10, C-21: invalid UTF-8, line ends, length."""
    text = describe([Cause(CauseCode.USER_INITIATED_ABORT, b"\xff\r\n" + b"x" * 60000)])
    assert text.startswith("user initiated abort: ")
    assert "\n" not in text
    assert len(text) < 300
    assert describe([]) == "no cause given"
    assert describe([Cause(99, b"")]) == "cause 99"


@pytest.mark.parametrize("length", [0, 1, 3, 9])
def test_length_that_cannot_be(length: int) -> None:
    """X-03."""
    with pytest.raises(DecodeError):
        decode_causes(b"\0\1" + length.to_bytes(2, "big") + bytes(4))


def test_violations_know_what_to_tell_the_peer() -> None:
    assert violation("why").cause == Cause(13, b"why")
    assert out_of_resource("full").code == CauseCode.OUT_OF_RESOURCE
    assert no_user_data(7).cause == Cause(9, b"\0\0\0\7")
    assert invalid_stream(5) == Cause(1, b"\0\5\0\0")
