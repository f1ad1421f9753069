"""Counters of what was sent, and the report about it."""

from tests.interceptor.support import STREAM, End, packet
from webrtc.interceptor.transmission import Transmission


def test_packets_and_bytes_are_counted_by_what_they_are() -> None:
    end = End()
    sent = Transmission(STREAM, end.take)
    named = packet(2)
    named.set_extension(1, b"m")
    sent.take(packet(1), 0.0)
    sent.take(named, 0.0)
    assert (sent.packets, sent.octets, sent.header_octets) == (2, 14, 12 + 20)
    assert end.numbers == [1, 2]


def test_a_report_tells_the_timestamp_of_its_own_time() -> None:
    sent = Transmission(STREAM, End().take)
    sent.take(packet(1, 0xFFFFFFFF), 1.0)
    sent.take(packet(2, 0xFFFFFFFF), 1.1)
    report = sent.report(7, 2.0, [])
    assert (report.rtp_timestamp, report.packets, report.octets) == (89_999, 2, 14)
    assert sent.reported == 2
