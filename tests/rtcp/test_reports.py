import pytest

from webrtc import rtcp
from webrtc.errors import DecodeError

SENDER = bytes.fromhex(
    "81c8000c 902f9e2e dda0b1c2 11223344 00010203 0000002a 0000e930"
    "bc5e9a40 40ffffff 00011234 00000111 aabbccdd 00010000".replace(" ", "")
)


def test_sender_report_by_its_figure() -> None:
    """RTCP-06, RTCP-08: RFC 3550 §6.4.1; losses are signed."""
    block = rtcp.ReportBlock(0xBC5E9A40, 64, -1, 0x11234, 0x111, 0xAABBCCDD, 65536)
    report = rtcp.SenderReport(0x902F9E2E, 0xDDA0B1C211223344, 0x10203, 42, 59696, (block,))
    assert rtcp.decode(SENDER) == [report]
    assert report.encode() == SENDER
    assert report.middle == 0xB1C21122
    assert report.destinations == (0xBC5E9A40, 0x902F9E2E)


def test_receiver_report_keeps_what_a_profile_adds() -> None:
    """RTCP-07."""
    data = bytes.fromhex("80c90002 00000001 deadbeef".replace(" ", ""))
    report = rtcp.ReceiverReport(1, (), bytes.fromhex("deadbeef"))
    assert rtcp.decode(data) == [report]
    assert report.encode() == data


@pytest.mark.parametrize(
    ("lost", "told"), [(1 << 23, (1 << 23) - 1), (-(1 << 24), -(1 << 23)), (5, 5), (-5, -5)]
)
def test_losses_are_kept_within_24_signed_bits(lost: int, told: int) -> None:
    block = rtcp.ReportBlock(1, 0, lost, 0, 0)
    [report] = rtcp.decode(rtcp.ReceiverReport(2, (block,)).encode())
    assert isinstance(report, rtcp.ReceiverReport)
    assert report.reports[0].total_lost == told


@pytest.mark.parametrize("packet_type", ["c8", "c9"])
def test_more_reports_than_bytes_is_an_error(packet_type: str) -> None:
    """P-12: a count of 31 in a short packet."""
    with pytest.raises(DecodeError, match="31 reports"):
        rtcp.decode(bytes.fromhex(f"9f{packet_type}0006" + "00" * 24))


def test_more_than_31_reports_are_refused() -> None:
    with pytest.raises(ValueError, match="32 items"):
        rtcp.ReceiverReport(1, (rtcp.ReportBlock(1, 0, 0, 0, 0),) * 32).encode()
