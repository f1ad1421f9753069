import pytest

from webrtc import rtcp
from webrtc.errors import DecodeError


def test_full_intra_request_by_its_figure() -> None:
    """RTCP-13: RFC 5104 §4.3.1.1: the source is in the entry, not in the header."""
    fir = rtcp.FullIntraRequest(1, ((2, 7), (3, 255)))
    data = bytes.fromhex(
        "84ce0006 00000001 00000000 00000002 07000000 00000003 ff000000".replace(" ", "")
    )
    assert fir.encode() == data
    assert rtcp.decode(data) == [fir]
    assert fir.destinations == (2, 3)


@pytest.mark.parametrize("data", ["84ce00020000000100000000", "84ce0003" + "00" * 12])
def test_another_length_is_an_error(data: str) -> None:
    with pytest.raises(DecodeError):
        rtcp.decode(bytes.fromhex(data))
