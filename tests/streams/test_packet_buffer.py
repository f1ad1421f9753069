"""In order at once, behind a gap late, and never for ever. Rows P-10, P-11."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.interceptor.support import End, info, packet
from tests.work import work
from webrtc.rtp import RtpPacket
from webrtc.streams.packet_buffer import MAX_BYTES, MAX_GAP, MAX_PACKETS, PacketBuffer

PATIENCE = 0.62


class Buffering:
    def __init__(self, kind: str = "video", first: int = 0) -> None:
        self.end = End()
        self.stuck: list[float] = []
        session = info()
        session.take_round_trip(0.06)
        self.buffer = PacketBuffer(
            session, kind, self.end.take, self._starts_anew, self.stuck.append
        )
        self.feed(first)

    def feed(self, *sequences: int, now: float = 0.0, payload: bytes = b"payload") -> None:
        for sequence in sequences:
            self.buffer.take(packet(sequence, payload=payload), now)

    def _starts_anew(self, packet: RtpPacket) -> bool:
        return packet.payload == b"key"


def test_what_is_in_order_waits_for_nothing() -> None:
    buffering = Buffering(first=65530)
    buffering.feed(65531, 65532, 65533, 65534, 65535, 0, 1)
    assert buffering.end.numbers == [65530, 65531, 65532, 65533, 65534, 65535, 0, 1]
    assert buffering.buffer.deadline is None


def test_what_is_behind_a_gap_waits_until_it_is_repaired() -> None:
    buffering = Buffering()
    buffering.feed(2, 4, 3)
    assert buffering.end.numbers == [0]
    buffering.feed(1, now=0.1)
    assert buffering.end.numbers == [0, 1, 2, 3, 4]
    assert buffering.buffer.deadline is None
    assert buffering.buffer.held == 0


def test_a_gap_is_given_up_in_time() -> None:
    buffering = Buffering()
    buffering.feed(2)
    buffering.buffer.handle_timeout(PATIENCE - 0.01)
    assert buffering.end.numbers == [0]
    buffering.buffer.handle_timeout(PATIENCE + 0.01)
    assert buffering.end.numbers == [0, 2]
    assert buffering.buffer.given_up == 1


def test_the_next_gap_has_its_own_time() -> None:
    buffering = Buffering()
    buffering.feed(2, now=0.0)
    buffering.feed(4, now=0.5)
    buffering.buffer.handle_timeout(PATIENCE + 0.01)
    assert buffering.end.numbers == [0, 2]
    buffering.buffer.handle_timeout(0.5 + PATIENCE + 0.01)
    assert buffering.end.numbers == [0, 2, 4]


def test_sound_waits_sixty_milliseconds() -> None:
    buffering = Buffering("audio")
    buffering.feed(2)
    assert buffering.buffer.deadline == pytest.approx(0.06)


def test_the_application_may_shorten_the_wait() -> None:
    buffering = Buffering()
    buffering.buffer.limit = 0.02
    buffering.feed(2)
    assert buffering.buffer.deadline == pytest.approx(0.02)


def test_what_comes_too_late_or_twice_is_dropped() -> None:
    buffering = Buffering()
    buffering.feed(2, 2)
    buffering.buffer.handle_timeout(1.0)
    buffering.feed(1, 0, 2, now=1.0)
    assert buffering.end.numbers == [0, 2]
    assert buffering.buffer.late == 4


def test_a_gap_that_lasts_asks_for_a_key_frame_once() -> None:
    buffering = Buffering()
    buffering.feed(2)
    assert buffering.buffer.deadline == pytest.approx(0.36)
    buffering.buffer.handle_timeout(0.36)
    buffering.buffer.handle_timeout(0.4)
    assert buffering.stuck == [0.36]
    assert buffering.end.numbers == [0]


def test_a_key_frame_makes_a_gap_needless_once_it_was_asked_for() -> None:
    buffering = Buffering()
    buffering.feed(2)
    buffering.feed(3, payload=b"key")
    assert buffering.end.numbers == [0]
    buffering.buffer.handle_timeout(0.36)
    buffering.feed(4, now=0.36)
    buffering.feed(6, now=0.4, payload=b"key")
    assert buffering.end.numbers == [0, 6]
    assert buffering.buffer.held == 0
    assert buffering.buffer.deadline is None
    buffering.feed(7, now=0.4)
    assert buffering.end.numbers == [0, 6, 7]


def test_after_an_outage_nobody_waits_to_ask() -> None:
    buffering = Buffering()
    buffering.feed(100, now=2.0)
    assert buffering.stuck == [2.0]
    buffering.feed(101, now=2.1, payload=b"key")
    assert buffering.end.numbers == [0, 101]


def test_a_gap_too_long_to_mend_is_given_up_at_once() -> None:
    buffering = Buffering()
    buffering.feed(MAX_GAP + 5)
    assert buffering.stuck == [0.0]
    assert buffering.end.numbers == [0, MAX_GAP + 5]


def test_packets_and_bytes_are_bounded() -> None:
    buffering = Buffering()
    buffering.feed(*range(2, 10_000))
    assert buffering.buffer.held <= MAX_PACKETS + 1
    heavy = Buffering()
    heavy.feed(*range(2, 700), payload=bytes(60_000))
    assert sum(len(each.payload) for each, _ in heavy.buffer._held.values()) <= MAX_BYTES + 60_000


@given(
    st.lists(st.tuples(st.integers(0, 60), st.floats(0, 0.2)), max_size=80),
    st.integers(0, 65535),
)
def test_numbers_only_rise_and_nobody_waits_for_ever(
    arrivals: list[tuple[int, float]], first: int
) -> None:
    buffering = Buffering(first=first)
    now = 0.0
    for ahead, wait in arrivals:
        now += wait
        buffering.buffer.handle_timeout(now)
        buffering.feed(first + ahead, now=now)
    while buffering.buffer.deadline is not None:
        now = buffering.buffer.deadline
        buffering.buffer.handle_timeout(now)
    given_numbers = [number - first & 0xFFFF for number in buffering.end.numbers]
    assert given_numbers == sorted(set(given_numbers))
    assert buffering.buffer.held == 0
    assert buffering.buffer._bytes == 0


def test_the_work_for_a_gap_does_not_grow_with_its_length() -> None:
    """X-04: one packet of a hostile peer may leap over half of all numbers."""

    def leaps(length: int) -> int:
        buffering = Buffering()
        return work(lambda: buffering.feed(*(each * length & 0xFFFF for each in range(1, 20))))

    assert leaps(0x7FF0) < 2 * leaps(2 * MAX_GAP)
