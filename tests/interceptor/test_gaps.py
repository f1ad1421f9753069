"""Gaps in a stream, and how many are kept. Row P-11."""

from tests.interceptor.support import STREAM, End, packet
from webrtc.interceptor.gaps import MAX_GAP, MAX_MISSING, Gaps, Wish


class Found:
    def __init__(self) -> None:
        self.gaps: list[list[int]] = []
        self.repaired: list[float] = []
        self.end = End()
        self.stream = Gaps(STREAM, self.end.take, self._found, self._repaired)

    def feed(self, *sequences: int, now: float = 0.0) -> None:
        for sequence in sequences:
            self.stream.take(packet(sequence), now)

    def _found(self, gaps: Gaps, now: float) -> None:
        self.gaps.append(list(gaps.missing))

    def _repaired(self, wish: Wish, now: float) -> None:
        self.repaired.append(now - wish.since)


def test_every_packet_goes_on_in_the_order_of_its_arrival() -> None:
    found = Found()
    found.feed(5, 6, 9, 7, 6)
    assert found.end.numbers == [5, 6, 9, 7, 6]


def test_what_is_missing_is_known_until_it_comes() -> None:
    found = Found()
    found.feed(65535, 2)
    assert found.gaps == [[0, 1]]
    found.feed(1, now=0.5)
    assert list(found.stream.missing) == [0]
    assert found.repaired == [0.5]
    found.feed(3)
    assert found.gaps == [[0, 1]]


def test_a_long_gap_is_for_a_key_frame_to_mend() -> None:
    found = Found()
    found.feed(1, MAX_GAP + 10)
    assert found.gaps == []
    found.feed(MAX_GAP + 12)
    assert found.gaps == [[MAX_GAP + 11]]


def test_the_list_is_bounded() -> None:
    found = Found()
    found.feed(*range(0, 8000, 2))
    assert max(len(missing) for missing in found.gaps) <= MAX_MISSING
