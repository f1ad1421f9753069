"""Reports of what was sent and of what came, and round trips from them."""

import pytest

from tests.interceptor.support import RTX, SESSION_SSRC, STREAM, End, chain, info, packet
from webrtc.clock import Clock
from webrtc.interceptor import Chain
from webrtc.interceptor.reports import MAX_REFERENCES, Reports
from webrtc.rtcp import (
    Dlrr,
    ExtendedReport,
    LastReference,
    ReceiverReferenceTime,
    ReceiverReport,
    ReportBlock,
    SenderReport,
)

CLOCK = Clock(1.7e9)


def made() -> tuple[Reports, Chain]:
    reports = Reports(info(), CLOCK)
    return reports, chain(reports)


def test_a_sender_reports_what_it_has_sent() -> None:
    reports, links = made()
    take = links.bind_outbound(STREAM, End().take)
    take(packet(1, 1000), 1.0)
    take(packet(2, 1000), 1.001)
    (report,) = reports.compose(1.5)
    assert report == SenderReport(STREAM.ssrc, CLOCK.ntp(1.5), 1000 + 45000, 2, 14)


def test_who_has_sent_nothing_new_is_a_receiver() -> None:
    reports, links = made()
    links.bind_outbound(STREAM, End().take)(packet(1), 1.0)
    reports.compose(1.5)
    report, extended = reports.compose(2.5)
    assert report == ReceiverReport(SESSION_SSRC, ())
    assert extended == ExtendedReport(SESSION_SSRC, (ReceiverReferenceTime(CLOCK.ntp(2.5)),))


def test_a_receiver_reports_every_source_that_has_come() -> None:
    reports, links = made()
    for offset in range(40):
        stream = STREAM if not offset else RTX
        info_ = type(stream)(0x100 + offset, "video", stream.codecs)
        links.bind_inbound(info_, End().take).first(packet(1), 0.0)
    first, second, _ = reports.compose(1.0)
    assert isinstance(first, ReceiverReport)
    assert isinstance(second, ReceiverReport)
    assert len(first.reports) == 31
    assert len(second.reports) == 9


def test_a_round_trip_from_a_report_block() -> None:
    reports, links = made()
    links.bind_outbound(STREAM, End().take)(packet(1), 1.0)
    (report,) = reports.compose(1.0)
    assert isinstance(report, SenderReport)
    block = ReportBlock(STREAM.ssrc, 0, 0, 1, 0, report.middle, 32768)
    links.handle_rtcp(ReceiverReport(7, (block,)), 1.58)
    assert reports.sent[STREAM.ssrc].round_trip == pytest.approx(0.08, abs=1e-4)
    assert reports.sent[STREAM.ssrc].block == block


def test_a_block_that_lies_about_time_measures_nothing() -> None:
    reports, links = made()
    links.bind_outbound(STREAM, End().take)(packet(1), 1.0)
    (report,) = reports.compose(1.0)
    assert isinstance(report, SenderReport)
    for last, delay in [(report.middle, 0xFFFFFFFF), (1, 0), (report.middle + 99999, 0)]:
        block = ReportBlock(STREAM.ssrc, 0, 0, 1, 0, last & 0xFFFFFFFF, delay)
        links.handle_rtcp(ReceiverReport(7, (block,)), 1.1)
    stranger = ReportBlock(0xDEAD, 255, -1, 1, 0, 5, 5)
    links.handle_rtcp(ReceiverReport(7, (stranger,)), 1.1)
    assert reports._session.round_trip < 60.0


def test_a_reference_time_is_answered_once() -> None:
    reports, links = made()
    reports.receiver_reference = False
    reference = ReceiverReferenceTime(0x1234_5678_9ABC_DEF0)
    links.handle_rtcp(ExtendedReport(7, (reference,)), 1.0)
    _, extended = reports.compose(1.25)
    answer = Dlrr((LastReference(7, 0x5678_9ABC, 16384),))
    assert extended == ExtendedReport(SESSION_SSRC, (answer,))
    assert len(reports.compose(2.0)) == 1


def test_an_answer_tells_a_receiver_the_round_trip() -> None:
    reports, links = made()
    last = CLOCK.ntp_middle(1.0)
    answer = Dlrr((LastReference(SESSION_SSRC, last, 0), LastReference(5, 1, 1)))
    links.handle_rtcp(ExtendedReport(7, (answer,)), 1.08)
    assert reports._session.round_trip == pytest.approx(0.08, abs=1e-4)


def test_reference_times_of_many_are_bounded() -> None:
    reports, links = made()
    for ssrc in range(1000):
        links.handle_rtcp(ExtendedReport(ssrc, (ReceiverReferenceTime(1),)), 1.0)
    _, extended = reports.compose(1.0)
    assert isinstance(extended, ExtendedReport)
    answers = [block for block in extended.blocks if isinstance(block, Dlrr)]
    assert len(answers[0].references) == MAX_REFERENCES


def test_the_senders_clock_is_kept_for_its_stream_alone() -> None:
    reports, links = made()
    links.bind_inbound(STREAM, End().take)
    report = SenderReport(STREAM.ssrc, CLOCK.ntp(0.0), 0, 0, 0)
    links.handle_rtcp(report, 1.0)
    links.handle_rtcp(SenderReport(0xDEAD, CLOCK.ntp(0.0), 0, 0, 0), 1.0)
    assert reports.received[STREAM.ssrc].report == report


def test_counting_goes_on_under_new_terms() -> None:
    reports, links = made()
    links.bind_outbound(STREAM, End().take)(packet(1), 0.0)
    links.bind_outbound(STREAM, End().take)(packet(2), 0.0)
    links.bind_inbound(STREAM, End().take).first(packet(1), 0.0)
    links.bind_inbound(STREAM, End().take).first(packet(2), 0.0)
    assert reports.sent[STREAM.ssrc].packets == 2
    assert reports.received[STREAM.ssrc].packets == 2
    links.unbind(STREAM.ssrc)
    assert not reports.sent
    assert not reports.received
