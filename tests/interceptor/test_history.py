"""What is kept of a stream, for how long, and how much of it is sent again."""

from tests.interceptor.support import RTX, STREAM, End, info, packet
from webrtc.interceptor.history import KEEP, MAX_HISTORY, History


class Kept:
    def __init__(self, round_trip: float = 0.05) -> None:
        session = info()
        session.take_round_trip(round_trip)
        self.end, self.repairs = End(), End()
        self.history = History(session, STREAM, 1, self.end.take, lambda ssrc, number: False)
        self.history.rtx, self.history.rtx_onward = RTX, self.repairs.take

    def send(self, *sequences: int, now: float = 0.0) -> None:
        for sequence in sequences:
            self.history.take(packet(sequence), now)

    @property
    def again(self) -> list[int]:
        return [int.from_bytes(each.payload[:2], "big") for each in self.repairs.packets]


def test_no_more_than_the_stream_itself_has_taken() -> None:
    kept = Kept()
    kept.send(*range(20))
    for turn in range(100):
        kept.history.repair(tuple(range(20)), 0.1 + turn * 0.06)
    assert kept.history.packets <= 40


def test_what_is_old_or_was_never_sent_is_not_sent_again() -> None:
    kept = Kept()
    kept.send(1)
    kept.history.repair((1,), KEEP + 0.5)
    kept.history.repair(tuple(range(2, 3000)), 0.1)
    assert kept.again == []


def test_on_a_long_way_packets_are_kept_for_longer() -> None:
    kept = Kept(round_trip=0.6)
    kept.send(1)
    kept.history.repair((1,), 1.7)
    assert kept.again == [1]


def test_it_grows_with_the_rate_up_to_a_bound() -> None:
    kept = Kept()
    for sequence in range(30000):
        kept.history.take(packet(sequence), sequence / 100_000)
    oldest = 30000 - MAX_HISTORY
    kept.history.repair((oldest, oldest - 1), 0.3)
    assert kept.again == [oldest]
    assert len(kept.history._ring) == MAX_HISTORY


def test_at_a_low_rate_little_is_kept() -> None:
    kept = Kept()
    for sequence in range(1000):
        kept.history.take(packet(sequence), sequence / 50)
    assert len(kept.history._ring) == 128


def test_numbers_wrap() -> None:
    kept = Kept()
    kept.send(65534, 65535, 0, 1)
    kept.history.repair((65535, 0), 0.1)
    assert kept.again == [65535, 0]
