"""When RTCP leaves, and what is in it. RFC 3550 §6.2, RFC 4585 §3.5."""

from itertools import pairwise
from random import Random

import pytest

from tests.interceptor.support import STREAM, End, chain, info, packet
from webrtc import rtcp
from webrtc.clock import Clock
from webrtc.interceptor import Chain
from webrtc.interceptor.reports import Reports
from webrtc.streams.feedback import AUDIO_INTERVAL, Feedback

PLI = rtcp.PictureLossIndication(1, 2)


def made(seed: int = 1) -> tuple[Feedback, Chain]:
    reports = Reports(info(), Clock(1.7e9))
    return Feedback(Random(seed), reports, "someone"), chain(reports)


def sent(feedback: Feedback) -> list[list[rtcp.RtcpPacket]]:
    datagrams = [rtcp.decode(data) for data in feedback.out]
    feedback.out.clear()
    return datagrams


def test_the_first_report_comes_soon_after_the_first_packet() -> None:
    feedback, _ = made()
    feedback.begin(10.0)
    assert feedback.deadline is not None
    assert 10.05 <= feedback.deadline <= 10.15
    deadline = feedback.deadline
    feedback.begin(11.0)
    assert feedback.deadline == deadline


def test_reports_are_compounds_at_random_intervals() -> None:
    feedback, _ = made()
    feedback.begin(0.0)
    times: list[float] = []
    while len(times) < 200:
        assert feedback.deadline is not None
        times.append(feedback.deadline)
        feedback.handle_timeout(feedback.deadline)
    for datagram in sent(feedback):
        rtcp.check(datagram)
    intervals = [later - before for before, later in pairwise(times[1:])]
    assert 0.5 * AUDIO_INTERVAL <= min(intervals) <= max(intervals) <= 1.5 * AUDIO_INTERVAL
    assert sum(intervals) / len(intervals) == pytest.approx(AUDIO_INTERVAL, rel=0.1)


def test_no_report_before_its_time() -> None:
    feedback, _ = made()
    feedback.handle_timeout(100.0)
    feedback.begin(100.0)
    feedback.handle_timeout(100.01)
    assert feedback.out == []


def test_urgent_packets_go_at_once_with_a_report_or_without() -> None:
    feedback, _ = made()
    feedback.take([PLI])
    (datagram,) = sent(feedback)
    rtcp.check(datagram)
    assert datagram[-1] == PLI
    feedback.reduced_size = True
    feedback.take([PLI])
    assert sent(feedback) == [[PLI]]


def test_rtcp_takes_a_twentieth_of_what_is_sent_and_received() -> None:
    feedback, _ = made()
    feedback.reduced_size = True
    feedback.begin(0.0)
    now = 0.0
    for _ in range(20_000):
        now += 0.001
        feedback.octets += 100
        feedback.take([PLI])
        feedback.handle_timeout(now)
    assert feedback.sent <= 0.05 * 20_000 * 100 + 6000
    assert feedback.sent >= 0.04 * 20_000 * 100


def test_what_had_to_wait_goes_with_the_next_report() -> None:
    feedback, _ = made()
    feedback.reduced_size = True
    feedback.begin(0.0)
    feedback._credit = -1.0
    feedback.take([PLI])
    assert sent(feedback) == []
    assert feedback.deadline is not None
    feedback.octets += 1000
    feedback.handle_timeout(feedback.deadline)
    (datagram,) = sent(feedback)
    rtcp.check(datagram)
    assert PLI in datagram


def test_many_reports_take_several_datagrams_that_fit() -> None:
    feedback, links = made()
    for ssrc in range(100):
        stream = type(STREAM)(ssrc + 1, "video", STREAM.codecs)
        links.bind_outbound(stream, End().take)(packet(1), 0.0)
        links.bind_inbound(type(STREAM)(ssrc + 501, "video", STREAM.codecs), End().take).first(
            packet(1), 0.0
        )
    feedback.begin(0.0)
    feedback.handle_timeout(1.0)
    assert all(len(data) <= 1150 for data in feedback.out)
    datagrams = sent(feedback)
    for datagram in datagrams:
        rtcp.check(datagram)
    reports = [each for datagram in datagrams for each in datagram]
    sources = {each.ssrc for each in reports if isinstance(each, rtcp.SenderReport)}
    assert sources == set(range(1, 101))
    blocks = {
        block.ssrc
        for each in reports
        if isinstance(each, rtcp.SenderReport | rtcp.ReceiverReport)
        for block in each.reports
    }
    assert blocks == set(range(501, 601))


def test_a_goodbye_is_said_in_a_compound() -> None:
    feedback, _ = made()
    feedback.say_goodbye(list(range(40)), 1.0)
    datagrams = sent(feedback)
    for datagram in datagrams:
        rtcp.check(datagram)
    gone = [each for datagram in datagrams for each in datagram if isinstance(each, rtcp.Goodbye)]
    assert gone == [rtcp.Goodbye(tuple(range(31))), rtcp.Goodbye(tuple(range(31, 40)))]


def test_without_media_reports_go_on_slowly() -> None:
    feedback, _ = made()
    feedback.interval = 0.1
    feedback.begin(0.0)
    feedback._credit = -1e6
    while feedback.deadline is not None and feedback.deadline < 60.0:
        feedback.handle_timeout(feedback.deadline)
    assert 10 <= len(feedback.out) <= 12
