import pytest

from webrtc import rtcp
from webrtc.errors import DecodeError


def test_picture_loss_indication_by_its_figure() -> None:
    """RTCP-12: RFC 4585 §6.3.1: nothing but the two sources."""
    pli = rtcp.PictureLossIndication(0x902F9E2E, 0xCAFE)
    data = bytes.fromhex("81ce0002902f9e2e0000cafe")
    assert pli.encode() == data
    assert rtcp.decode(data) == [pli]
    assert pli.destinations == (0xCAFE,)


def test_another_length_is_an_error() -> None:
    with pytest.raises(DecodeError):
        rtcp.decode(bytes.fromhex("81ce0001902f9e2e"))
