import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rtcp.samples import packets
from webrtc import rtcp
from webrtc.errors import DecodeError, ProtocolError
from webrtc.rtcp import compound

REPORT = rtcp.ReceiverReport(7)
NAMED = rtcp.SourceDescription.cname(7, "me")
PLI = rtcp.PictureLossIndication(7, 8)


@given(st.lists(packets, max_size=4))
def test_every_packet_survives_the_wire(sent: list[rtcp.RtcpPacket]) -> None:
    """RTCP-01, RTCP-03, RTCP-19, RTCP-27: unknown ones byte for byte."""
    data = rtcp.encode(sent)
    assert len(data) % 4 == 0
    assert rtcp.decode(data) == sent
    for packet in sent:
        assert all(0 <= ssrc < 2**32 for ssrc in packet.destinations)


@given(st.integers(192, 223), st.integers(0, 31), st.binary(max_size=40))
def test_garbage_in_any_packet_raises_only_decode_error(
    packet_type: int, items: int, body: bytes
) -> None:
    """P-12."""
    body += bytes(-len(body) % 4)
    data = bytes((0x80 | items, packet_type, 0, len(body) // 4)) + body
    try:
        decoded = rtcp.decode(data)
    except DecodeError:
        return
    assert len(decoded) == 1


def test_a_compound_of_300_packets_is_read() -> None:
    """P-12: work is bounded by the bytes."""
    assert len(rtcp.decode(bytes.fromhex("80cb0000") * 368)) == 368


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ([REPORT, NAMED, PLI], None),
        ([rtcp.SenderReport(7, 0, 0, 0, 0), NAMED], None),
        ([], "without packets"),
        ([NAMED, REPORT], "begins with SourceDescription"),
        ([PLI], "begins with PictureLossIndication"),
        ([REPORT, PLI], "without a CNAME"),
    ],
)
def test_rules_for_a_compound(sent: list[rtcp.RtcpPacket], wrong: str | None) -> None:
    """RTCP-20, RTCP-28: RFC 3550 §6.1."""
    if wrong is None:
        compound.check(sent)
    else:
        with pytest.raises(ProtocolError, match=wrong):
            compound.check(sent)


def test_application_feedback_of_others_is_kept() -> None:
    """RFC 4585 §6.4: REMB is one of them, told by its name."""
    data = bytes.fromhex("8fce0003 00000001 00000002 4f544852".replace(" ", ""))
    assert rtcp.decode(data) == [rtcp.UnknownPacket(206, 15, data[4:])]
    assert rtcp.encode(rtcp.decode(data)) == data


def test_packets_show_what_they_are() -> None:
    """RTCP-29."""
    assert repr(PLI) == "PictureLossIndication(sender_ssrc=7, media_ssrc=8)"
