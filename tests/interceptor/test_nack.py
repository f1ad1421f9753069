"""Gaps are asked for at once, then once a round trip, and not for ever. Row P-11."""

import pytest

from tests.interceptor.support import RTX, SOUND, STREAM, End, chain, info, packet
from webrtc.interceptor import Forward, SessionInfo
from webrtc.interceptor.nack import MAX_TRIES, NackGenerator
from webrtc.rtcp import GenericNack


class Asking:
    def __init__(self) -> None:
        self.session: SessionInfo = info()
        self.session.take_round_trip(0.05)
        self.nack = NackGenerator(self.session)
        self.end = End()
        self.chain = chain(self.nack)
        self.take: Forward = self.chain.bind_inbound(STREAM, self.end.take).first

    def feed(self, *sequences: int, now: float = 0.0) -> None:
        for sequence in sequences:
            self.take(packet(sequence), now)

    def asked(self) -> list[tuple[int, ...]]:
        lost = [each.lost for each in self.chain.rtcp if isinstance(each, GenericNack)]
        self.chain.rtcp.clear()
        return lost


def test_packets_in_order_are_asked_for_by_nobody() -> None:
    asking = Asking()
    asking.feed(*range(65500, 65600))
    assert asking.asked() == []
    assert asking.nack.deadline is None
    assert len(asking.end.packets) == 100


def test_a_gap_is_asked_for_at_once_across_the_wrap() -> None:
    asking = Asking()
    asking.feed(65533, 2)
    assert asking.asked() == [(65534, 65535, 0, 1)]


def test_again_after_a_round_trip_and_not_before() -> None:
    asking = Asking()
    asking.feed(1, 3)
    asking.asked()
    asking.nack.handle_timeout(0.045)
    assert asking.asked() == []
    assert asking.nack.deadline == pytest.approx(0.055)
    asking.nack.handle_timeout(0.055)
    assert asking.asked() == [(2,)]


def test_what_has_come_is_asked_for_no_more() -> None:
    asking = Asking()
    asking.feed(1, 4)
    asking.asked()
    asking.feed(3, now=0.05)
    asking.nack.handle_timeout(0.06)
    assert asking.asked() == [(2,)]
    asking.feed(2, now=0.1)
    asking.nack.handle_timeout(0.2)
    assert asking.asked() == []
    assert asking.nack.deadline is None


def test_ten_tries_and_no_more() -> None:
    asking = Asking()
    asking.session.round_trip = 0.01
    asking.feed(1, 3)
    count, now = len(asking.asked()), 0.0
    while asking.nack.deadline is not None and now < 10.0:
        now = asking.nack.deadline
        asking.nack.handle_timeout(now)
        count += len(asking.asked())
    assert count <= MAX_TRIES
    assert asking.nack.missing(STREAM.ssrc) == 0


def test_what_nobody_waits_for_is_not_asked_for() -> None:
    asking = Asking()
    asking.feed(1, 3)
    asking.asked()
    asking.nack.handle_timeout(asking.session.patience("video") + 0.1)
    assert asking.asked() == []
    assert asking.nack.missing(STREAM.ssrc) == 0


def test_the_first_repair_tells_the_round_trip() -> None:
    asking = Asking()
    asking.session.measured = 0
    asking.feed(1, 3)
    asking.feed(2, now=0.08)
    assert asking.session.round_trip == pytest.approx(0.08)


def test_streams_without_nack_and_repairs_are_left_alone() -> None:
    end, nack = End(), NackGenerator(info())
    assert nack.bind_inbound(SOUND, end.take) == end.take
    assert nack.bind_inbound(RTX, end.take) == end.take


def test_a_stream_is_forgotten() -> None:
    asking = Asking()
    asking.feed(1, 3)
    asking.nack.unbind(STREAM.ssrc)
    assert asking.nack.asked(STREAM.ssrc) == asking.nack.missing(STREAM.ssrc) == 0
    asking.asked()
    asking.nack.handle_timeout(1.0)
    assert asking.asked() == []
