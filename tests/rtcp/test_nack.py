import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc import rtcp
from webrtc.errors import DecodeError


def test_generic_nack_by_its_figure() -> None:
    """RTCP-16: RFC 4585 §6.2.1: a packet, and bits for the 16 behind it; across the wrap."""
    nack = rtcp.GenericNack(1, 2, (0xFFFE, 0xFFFF, 0x000E, 0x000F))
    data = bytes.fromhex("81cd0004 00000001 00000002 fffe8001 000f0000".replace(" ", ""))
    assert nack.encode() == data
    assert rtcp.decode(data) == [nack]
    assert nack.destinations == (2,)


@given(st.integers(0, 0xFFFF), st.sets(st.integers(0, 1000), min_size=1))
def test_any_list_in_order_survives(first: int, ahead: set[int]) -> None:
    lost = tuple((first + each) & 0xFFFF for each in sorted(ahead))
    [nack] = rtcp.decode(rtcp.GenericNack(1, 2, lost).encode())
    assert isinstance(nack, rtcp.GenericNack)
    assert nack.lost == lost


def test_a_nack_for_nothing_is_an_error() -> None:
    with pytest.raises(DecodeError):
        rtcp.decode(bytes.fromhex("81cd00020000000100000002"))
