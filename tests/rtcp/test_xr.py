import pytest

from webrtc import rtcp
from webrtc.errors import DecodeError
from webrtc.rtcp import xr

VECTORS: dict[str, tuple[str, xr.Block]] = {
    "4.1 loss": (
        "01050003 00000002 0001000a 8abc4003",
        xr.RunLengths(xr.RunLengths.LOSS, 2, 1, 10, (0x8ABC, 0x4003), 5),
    ),
    "4.2 duplicates": (
        "02000003 00000002 00010002 00010000",
        xr.RunLengths(xr.RunLengths.DUPLICATE, 2, 1, 2, (1, 0)),
    ),
    "4.3 receipt times": (
        "03000004 00000002 00010003 00000064 000000c8",
        xr.ReceiptTimes(2, 1, 3, (100, 200)),
    ),
    "4.4 reference time": (
        "04000002 dda0b1c2 11223344",
        xr.ReceiverReferenceTime(0xDDA0B1C211223344),
    ),
    "4.5 DLRR": (
        "05000003 00000002 b1c21122 00010000",
        xr.Dlrr((xr.LastReference(2, 0xB1C21122, 65536),)),
    ),
    "4.6 summary": (
        "06e80009 00000002 00010002 00000003 00000004 00000005 00000006 00000007 00000008 090a0b0c",
        xr.StatisticsSummary(0xE8, 2, 1, 2, 3, 4, (5, 6, 7, 8), (9, 10, 11, 12)),
    ),
    "4.7 VoIP": (
        "07000008 00000002 01020304 00050006 00070008 090a0b0c 0d0e0f10 11000012 00130014",
        xr.VoipMetrics(2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20),
    ),
    "unknown": ("63ab0001 deadbeef", xr.UnknownBlock(0x63, 0xAB, bytes.fromhex("deadbeef"))),
}


@pytest.mark.parametrize("name", VECTORS)
def test_blocks_by_their_figures(name: str) -> None:
    """RTCP-21 to RTCP-27: RFC 3611 §4."""
    text, block = VECTORS[name]
    body = bytes.fromhex("00000001" + text)
    data = bytes((0x80, 207, 0, len(body) // 4)) + body
    report = rtcp.ExtendedReport(1, (block,))
    assert rtcp.decode(data) == [report]
    assert report.encode() == data


@pytest.mark.parametrize(
    "body",
    [
        "",
        "00000001 04000003 00000000",
        "00000001 04000001 00000000",
        "00000001 05000001 00000000",
        "00000001 01000001 00000000",
        "00000001 03000001 00000000",
        "00000001 06000001 00000000",
        "00000001 07000001 00000000",
    ],
)
def test_a_block_of_another_length_is_an_error(body: str) -> None:
    """P-12."""
    content = bytes.fromhex(body)
    with pytest.raises(DecodeError):
        rtcp.decode(bytes((0x80, 207, 0, len(content) // 4)) + content)


def test_sources_that_a_report_is_about() -> None:
    blocks = tuple(block for _, block in VECTORS.values())
    assert rtcp.ExtendedReport(1, blocks).destinations == (2,) * 6


def test_an_odd_number_of_chunks_is_padded() -> None:
    block = xr.RunLengths(xr.RunLengths.LOSS, 2, 1, 10, (1, 2, 3))
    [report] = rtcp.decode(rtcp.ExtendedReport(1, (block,)).encode())
    assert isinstance(report, rtcp.ExtendedReport)
    assert report.blocks == (xr.RunLengths(xr.RunLengths.LOSS, 2, 1, 10, (1, 2, 3, 0)),)
