from hypothesis import given
from hypothesis import strategies as st

from webrtc.util import Unwrapper, serial_gt, serial_gte

numbers = st.integers(0, 2**32 - 1)


@given(numbers, st.integers(1, 2**31 - 1))
def test_a_number_ahead_by_less_than_half_the_circle_is_greater(base: int, ahead: int) -> None:
    later = (base + ahead) % 2**32
    assert serial_gt(later, base) and not serial_gt(base, later)
    assert serial_gte(later, base) and serial_gte(base, base)


@given(st.integers(0, 2**16 - 1), st.lists(st.integers(-2000, 30000), max_size=200))
def test_unwrapping_follows_a_true_sequence_across_wraps(start: int, steps: list[int]) -> None:
    unwrapper = Unwrapper(16, start)
    truth = start
    for step in steps:
        truth += step
        assert unwrapper.peek(truth % 2**16) == truth
        assert unwrapper.unwrap(truth % 2**16) == truth
