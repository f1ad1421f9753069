"""Numbers that go on where something is left out, or comes from elsewhere."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from webrtc.streams.renumbering import Closing, Counter


@given(st.sets(st.integers(0, 60)), st.randoms(use_true_random=False))
def test_what_is_left_out_leaves_no_gap(dropped: set[int], random: Random) -> None:
    closing = Closing()
    for number in range(61):
        if number in dropped:
            assert closing.leave_out(number)
        else:
            assert closing.take(number) == number - sum(each < number for each in dropped)
    late = random.randrange(61)  # and what comes late, or again, is numbered as it was in time
    if late not in dropped:
        assert closing.take(late) == late - sum(each < late for each in dropped)


def test_what_is_left_out_too_late_keeps_its_number() -> None:
    closing = Closing()
    assert closing.take(10) == 10
    assert not closing.leave_out(9)
    assert closing.take(9) == 9
    assert closing.take(11) == 11


def test_one_that_was_left_out_stays_so() -> None:
    closing = Closing()
    closing.take(1)
    assert closing.leave_out(2)
    assert closing.leave_out(2)
    assert closing.take(3) == 2


def test_a_long_time_of_leaving_out_is_remembered_in_little() -> None:
    closing = Closing()
    for number in range(0, 20000, 2):
        closing.take(number)
        closing.leave_out(number + 1)
    assert closing.take(20000) == 10000


def test_a_counter_goes_on_with_another_source() -> None:
    counter = Counter(8)
    counter.follow(200)
    assert [counter.take(200), counter.take(255), counter.take(0)] == [200, 255, 0]
    counter.follow(77)
    assert [counter.take(77), counter.take(78)] == [1, 2]
    assert counter.take(76) == 0  # late
    counter.follow(5)
    assert counter.take(5) == 3
