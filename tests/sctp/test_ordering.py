"""Messages that came before their turn."""

from hypothesis import given
from hypothesis import strategies as st

from tests.work import work
from webrtc.sctp import Message
from webrtc.sctp.ordering import Ahead


def message(number: int) -> Message:
    return Message(1, 53, b"%d" % number)


@given(st.permutations(range(1, 20)), st.integers(1, 25))
def test_what_is_passed_and_what_follows_come_in_order(order: list[int], count: int) -> None:
    """SCTP-21."""
    ahead, kept = Ahead(), [n for n in order if n % 3]
    for n in kept:
        assert ahead.add(n, message(n))
        assert not ahead.add(n, message(n))
    found = [int(each.data) for each in ahead.advance(count)]
    expected = sorted(n for n in kept if n < count)
    turn = count
    while turn in kept:
        expected.append(turn)
        turn += 1
    assert found == expected
    assert ahead.turn == turn
    assert sorted(ahead.messages) == sorted(set(kept) - set(expected))


def test_numbers_count_from_the_turn() -> None:
    ahead = Ahead()
    ahead.add(3, message(3))
    assert ahead.advance(2) == []
    assert ahead.add(2, message(4))
    assert [each.data for each in ahead.advance(1)] == [b"3", b"4"]
    assert ahead.turn == 5


def test_what_waits_is_not_looked_at_before_its_turn() -> None:
    """X-04."""
    ahead = Ahead()
    for n in range(10_000, 0, -1):
        ahead.add(n + 1, message(n))
    assert work(lambda: ahead.advance(1)) < 20
