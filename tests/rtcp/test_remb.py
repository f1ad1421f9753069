import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc import rtcp
from webrtc.errors import DecodeError


def test_remb_as_browsers_send_it() -> None:
    """RTCP-15: exponent 2, mantissa 0x3DB2A for 1 010 856 bit/s of one source."""
    data = bytes.fromhex("8fce0005 00000001 00000000 52454d42 010bdb2a 215d5a32".replace(" ", ""))
    remb = rtcp.ReceiverEstimatedMaximumBitrate(1, 0x3DB2A << 2, (0x215D5A32,))
    assert rtcp.decode(data) == [remb]
    assert remb.encode() == data


@given(st.integers(0, 2**70), st.lists(st.integers(0, 2**32 - 1), max_size=255))
def test_a_bitrate_is_rounded_down_to_18_bits(bitrate: int, ssrcs: list[int]) -> None:
    sent = rtcp.ReceiverEstimatedMaximumBitrate(1, bitrate, tuple(ssrcs))
    [remb] = rtcp.decode(sent.encode())
    assert isinstance(remb, rtcp.ReceiverEstimatedMaximumBitrate)
    assert remb.ssrcs == tuple(ssrcs)
    assert 0 <= bitrate - remb.bitrate <= bitrate / 2**17


@pytest.mark.parametrize("number", [0, 2, 255])
def test_another_number_of_sources_is_an_error(number: int) -> None:
    data = bytes.fromhex(f"8fce0005 00000001 00000000 52454d42 {number:02x}0ded95 215d5a32")
    with pytest.raises(DecodeError):
        rtcp.decode(data)


def test_the_largest_rate_that_can_be_told_is_finite() -> None:
    """P-13: 2**81."""
    data = bytes.fromhex("8fce0005 00000001 00000000 52454d42 01ffffff 215d5a32")
    [remb] = rtcp.decode(data)
    assert isinstance(remb, rtcp.ReceiverEstimatedMaximumBitrate)
    assert remb.bitrate == 0x3FFFF << 63
