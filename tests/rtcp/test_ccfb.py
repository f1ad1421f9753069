import pytest

from webrtc import rtcp
from webrtc.errors import DecodeError
from webrtc.rtcp.ccfb import NO_OFFSET

DATA = bytes.fromhex(
    "8bcd0008 00000001 00000002 fffe0003 a0108000 bfff000000000003 00000000 12345678".replace(
        " ", ""
    )
)


def test_feedback_by_its_figure() -> None:
    """RFC 8888 §3.1: an odd number of packets is padded; a source without packets is told."""
    data = DATA[:3] + bytes((len(DATA) // 4 - 1,)) + DATA[4:]
    feedback = rtcp.CongestionControlFeedback(
        1,
        (
            rtcp.SourceReport(
                2, 0xFFFE, (rtcp.Arrival(1, 16), rtcp.Arrival(0, 0), rtcp.Arrival(1, NO_OFFSET))
            ),
            rtcp.SourceReport(3, 0, ()),
        ),
        0x12345678,
    )
    assert rtcp.decode(data) == [feedback]
    assert feedback.encode() == data
    assert feedback.destinations == (2, 3)


@pytest.mark.parametrize(
    "body",
    [
        "00000001",
        "00000001 00000002 00000000",
        "00000001 00000002 00000001 00000000",
        "00000001 00000002 0000ffff 00000000 00000000",
    ],
)
def test_what_is_not_whole_is_an_error(body: str) -> None:
    content = bytes.fromhex(body)
    with pytest.raises(DecodeError):
        rtcp.decode(bytes((0x8B, 205, 0, len(content) // 4)) + content)


def test_more_packets_than_can_be_told_are_refused() -> None:
    report = rtcp.SourceReport(2, 0, (None,) * 16_385)
    with pytest.raises(ValueError, match="16385 packets"):
        rtcp.CongestionControlFeedback(1, (report,), 0).encode()
