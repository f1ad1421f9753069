from hypothesis import given
from hypothesis import strategies as st

from webrtc.util import ReplayWindow


@given(st.lists(st.integers(0, 300), max_size=300), st.integers(1, 128))
def test_each_number_is_accepted_once_and_never_from_behind_the_window(
    numbers: list[int], size: int
) -> None:
    window = ReplayWindow(size)
    accepted: set[int] = set()
    for number in numbers:
        top = max(accepted, default=-1)
        expected = number not in accepted and top - number < size
        assert window.check(number) is expected
        if expected:
            window.accept(number)
            accepted.add(number)


def test_a_window_of_zero_accepts_replays_in_constant_memory() -> None:
    window = ReplayWindow(0)
    for number in (2**48, 1, 1):
        assert window.check(number)
        window.accept(number)


@given(st.integers(0, 70), st.lists(st.integers(0, 300), max_size=60))
def test_taking_is_checking_and_accepting(size: int, numbers: list[int]) -> None:
    one, other = ReplayWindow(size), ReplayWindow(size)
    for number in numbers:
        new = one.check(number)
        if new:
            one.accept(number)
        assert other.take(number) is new
