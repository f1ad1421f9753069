"""RE-CONFIG."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.sctp.reconfig import (
    IncomingReset,
    OtherRequest,
    OutgoingReset,
    Reconfiguration,
    Response,
    decode_reconfig,
    encode_reconfig,
)

u16, u32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
ids = st.lists(u16, max_size=40).map(tuple)
reconfigurations = st.one_of(
    st.builds(OutgoingReset, u32, u32, u32, ids),
    st.builds(IncomingReset, u32, ids),
    st.builds(Response, u32, u32),
    st.builds(OtherRequest, st.just(15), u32),
    st.builds(OtherRequest, st.sampled_from([17, 18]), u32, u16),
)


@given(st.lists(reconfigurations, min_size=1, max_size=2))
def test_round_trip(items: list[Reconfiguration]) -> None:
    """X-06."""
    chunk = encode_reconfig(items)
    assert chunk[0] == 130
    assert decode_reconfig(chunk[4 : int.from_bytes(chunk[2:4], "big")]) == tuple(items)


@given(st.binary(max_size=60))
def test_garbage_raises_only_decode_error(data: bytes) -> None:
    """X-01, X-03."""
    try:
        decode_reconfig(data)
    except DecodeError:
        pass


@given(st.sampled_from([13, 14, 15, 16, 17, 18]), st.binary(max_size=20))
def test_garbage_behind_a_valid_header(kind: int, body: bytes) -> None:
    """X-01, C-18."""
    head = kind.to_bytes(2, "big") + (4 + len(body)).to_bytes(2, "big")
    try:
        decode_reconfig(head + body)
    except DecodeError:
        pass


@pytest.mark.parametrize("count", [0, 3, 10000])
def test_only_one_or_two_parameters(count: int) -> None:
    """C-18."""
    with pytest.raises(DecodeError):
        decode_reconfig(b"\0\x0f\0\x08\0\0\0\1" * count)


def test_unknown_parameter_and_odd_list() -> None:
    for data in (b"\0\x63\0\x08\0\0\0\1", b"\0\x0e\0\x09\0\0\0\1\0"):
        with pytest.raises(DecodeError):
            decode_reconfig(data)
