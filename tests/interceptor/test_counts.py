"""Feedback is counted by the stream that it is about."""

from webrtc.interceptor.counts import FeedbackCounts
from webrtc.interceptor.info import StreamInfo
from webrtc.rtcp import FullIntraRequest, GenericNack, PictureLossIndication, RtcpPacket
from webrtc.rtp.packet import RtpPacket

MESSAGES: list[RtcpPacket] = [
    GenericNack(1, 7, (5, 6)),
    GenericNack(1, 7, (7,)),
    PictureLossIndication(1, 7),
    FullIntraRequest(1, ((7, 0), (8, 0))),
]


def pass_on(packet: RtpPacket, now: float) -> None:
    """The end of a chain."""


def counting() -> FeedbackCounts:
    counts = FeedbackCounts()
    info = StreamInfo(7, "video", {})
    assert counts.bind_inbound(info, pass_on) is pass_on
    assert counts.bind_outbound(info, pass_on) is pass_on
    return counts


def test_what_is_received_is_about_what_we_send() -> None:
    counts = counting()
    for message in MESSAGES:
        counts.handle_rtcp(message, 0.0)
    found = counts.received[7]
    assert (found.nacks, found.plis, found.firs) == (2, 1, 1)
    assert (counts.sent[7].nacks, counts.sent[7].plis) == (0, 0)


def test_what_is_sent_is_about_what_we_receive() -> None:
    counts = counting()
    for message in MESSAGES:
        counts.handle_sent(message)
    found = counts.sent[7]
    assert (found.nacks, found.plis, found.firs) == (2, 1, 1)


def test_messages_about_strangers_leave_no_trace() -> None:
    """A peer may name any source."""
    counts = counting()
    counts.handle_rtcp(PictureLossIndication(1, 99), 0.0)
    assert set(counts.received) == {7}
    counts.unbind(7)
    counts.unbind(7)
    assert not counts.received
    assert not counts.sent
