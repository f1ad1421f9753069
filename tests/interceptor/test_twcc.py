"""Numbers on what is sent, and feedback about what came. Rows INT-19 to INT-21, P-14."""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.interceptor.support import STREAM, End, chain, info, packet
from tests.work import Work
from webrtc.interceptor import StreamInfo
from webrtc.interceptor.twcc import ArrivalRecorder, TransportNumbers
from webrtc.rtcp import TransportFeedback
from webrtc.rtcp.twcc import REFERENCE, TICK
from webrtc.rtp.header_values import ABS_SEND_TIME, TRANSPORT_CC

CODEC = replace(STREAM.codecs[96], feedback=frozenset({"transport-cc"}))
NUMBERED = StreamInfo(STREAM.ssrc, "video", {96: CODEC}, {TRANSPORT_CC: 5, ABS_SEND_TIME: 4})
OTHER = replace(NUMBERED, ssrc=0, repairs=0)


class Recording:
    def __init__(self) -> None:
        self.recorder = ArrivalRecorder(info())
        self.chain = chain(self.recorder)
        self.end = End()
        self.take = self.chain.bind_inbound(NUMBERED, self.end.take).first

    def feed(self, arrivals: Iterable[tuple[int, float]]) -> None:
        for number, now in arrivals:
            self.timeout(now)
            made = packet(number, payload=bytes(1000))
            made.set_extension(5, (number & 0xFFFF).to_bytes(2, "big"))
            self.take(made, now)

    def timeout(self, now: float) -> None:
        while self.recorder.deadline is not None and self.recorder.deadline <= now:
            self.recorder.handle_timeout(self.recorder.deadline)

    def told(self) -> dict[int, float]:
        """Every number and when it came, as a peer reads it from the wire."""
        found: dict[int, float] = {}
        for each in self.feedbacks():
            for distance, ticks in each.arrivals:
                at = (each.reference * REFERENCE + ticks) * TICK
                found[each.base + distance & 0xFFFF] = at
        return found

    def feedbacks(self) -> list[TransportFeedback]:
        encoded = [each.encode() for each in self.chain.rtcp]
        return [TransportFeedback.decode(_body(data)) for data in encoded]


def _body(data: bytes) -> bytes:
    return data[4 : -data[-1]] if data[0] & 0x20 else data[4:]


def test_numbers_are_those_of_the_transport() -> None:
    numbers, end = TransportNumbers(), End()
    numbers._next = 65535
    first = numbers.bind_outbound(NUMBERED, end.take)
    second = numbers.bind_outbound(
        replace(NUMBERED, ssrc=2, extensions={TRANSPORT_CC: 5}), end.take
    )
    made = packet(1)
    made.set_extension(4, bytes(3))
    made.set_extension(5, bytes(2))
    first(made, 0.0)
    second(packet(2), 0.0)
    assert [each.extensions[5] for each in end.packets] == [b"\xff\xff", b"\x00\x00"]
    assert end.packets[0].extensions[4] == bytes(3)
    assert numbers.bind_outbound(STREAM, end.take) == end.take


def test_every_arrival_is_told_to_a_quarter_of_a_millisecond() -> None:
    recording = Recording()
    arrivals = [(number, number * 0.0037) for number in range(200) if number % 7]
    recording.feed(arrivals)
    recording.timeout(10.0)
    told = recording.told()
    assert told.keys() == {number for number, _ in arrivals}
    assert all(0 <= at - told[number] < TICK + 1e-9 for number, at in arrivals)


def test_what_did_not_come_is_told_as_lost() -> None:
    recording = Recording()
    recording.feed([(1, 0.0), (2, 0.001), (5, 0.002)])
    recording.timeout(1.0)
    recording.feed([(8, 1.0)])
    recording.timeout(2.0)
    first, second = recording.feedbacks()
    assert (first.base, first.packets) == (1, 5)
    assert (second.base, second.packets) == (6, 3)
    assert (first.count, second.count) == (0, 1)


def test_feedback_comes_up_to_twenty_times_a_second() -> None:
    recording = Recording()
    recording.feed((number, number * 0.002) for number in range(1000))
    assert 30 <= len(recording.feedbacks()) <= 41


@pytest.mark.parametrize("interval", [0.005, 0.02, 0.05])
def test_feedback_takes_its_share_and_no_more(interval: float) -> None:
    recording = Recording()
    recording.feed((number, number * interval) for number in range(500))
    octets = sum(len(each.encode()) + 42 for each in recording.feedbacks())
    assert octets <= 0.055 * 500 * 1000
    assert len(recording.feedbacks()) >= 500 * interval * 3.5


def test_one_that_comes_late_is_told_with_those_around_it() -> None:
    recording = Recording()
    recording.feed([(1, 0.0), (3, 0.001)])
    recording.timeout(0.2)
    recording.feed([(2, 0.2), (4, 0.21)])
    recording.timeout(1.0)
    _, second = recording.feedbacks()
    assert second.base == 2
    assert [distance for distance, _ in second.arrivals] == [0, 1, 2]


def test_numbers_wrap() -> None:
    recording = Recording()
    recording.feed((number & 0xFFFF, (number - 65500) * 0.01) for number in range(65500, 65600))
    recording.timeout(10.0)
    assert recording.told().keys() == {number & 0xFFFF for number in range(65500, 65600)}


def test_what_is_nobodys_counts_too() -> None:
    recording = Recording()
    stray = recording.chain.bind_inbound(OTHER, recording.end.take).first
    made = packet(1, payload=b"")
    made.set_extension(5, b"\x00\x07")
    stray(made, 0.5)
    recording.timeout(1.0)
    assert recording.told().keys() == {7}


def test_packets_without_a_number_are_handed_on() -> None:
    recording = Recording()
    recording.take(packet(1), 0.0)
    short = packet(2)
    short.extension_profile, short.extension = 0xBEDE, b"\x00\x00\x50\x01"
    recording.take(short, 0.0)
    assert recording.end.numbers == [1, 2]
    assert recording.recorder.deadline is None


def test_streams_that_did_not_agree_are_left_alone() -> None:
    end = End()
    assert ArrivalRecorder(info()).bind_inbound(STREAM, end.take) == end.take


def test_numbers_that_jump_cost_little() -> None:
    recording = Recording()
    random = Random(1)
    with Work() as counted:
        recording.feed((random.getrandbits(16), turn * 0.001) for turn in range(2000))
        recording.timeout(100.0)
    for each in recording.feedbacks():
        assert each.packets <= 2048
    assert counted.done < 2000 * 1500


@given(
    st.lists(st.tuples(st.integers(0, 0xFFFF), st.floats(0, 0.5)), max_size=60),
    st.integers(0, 10**6),
)
def test_whatever_comes_can_be_told(arrivals: list[tuple[int, float]], start: int) -> None:
    recording = Recording()
    now = float(start)
    for number, wait in arrivals:
        now += wait
        recording.feed([(number, now)])
    recording.timeout(now + 10.0)
    assert all(each.arrivals for each in recording.feedbacks())


@pytest.mark.parametrize("seed", range(5))
def test_an_arrival_is_told_only_for_what_came(seed: int) -> None:
    recording, random = Recording(), Random(seed)
    came = {number: number * 0.001 for number in range(3000) if random.random() > 0.1}
    late = sorted(came.items(), key=lambda each: each[1] + random.random() * 0.02)
    recording.feed((number, max(at, late[0][1])) for number, at in sorted(late))
    recording.timeout(100.0)
    assert recording.told().keys() == came.keys()
