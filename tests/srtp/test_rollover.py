from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.srtp.rollover import ROLLOVER, estimate


def nearest(newest: int, sequence: int) -> set[int]:
    """Brute force: the indexes of that sequence number that are nearest to the newest."""
    first = max(newest // ROLLOVER - 2, 0)
    candidates = [(first + n) * ROLLOVER + sequence for n in range(5)]
    least = min(abs(each - newest) for each in candidates)
    return {each for each in candidates if abs(each - newest) == least}


@given(st.integers(0, 5 * ROLLOVER), st.integers(0, ROLLOVER - 1))
def test_the_estimate_is_the_nearest_index(newest: int, sequence: int) -> None:
    """R-07: RFC 3711 §3.3.1."""
    assert estimate(newest, sequence) in nearest(newest, sequence)


@pytest.mark.parametrize("sequence", [0, 1, 0x7FFF, 0x8000, 0xFFFF])
def test_the_first_packet_has_rollover_0(sequence: int) -> None:
    assert estimate(-1, sequence) == sequence


def test_no_index_is_negative() -> None:
    """A packet from before the first one, across a wrap, has no index: it fails to authenticate."""
    assert estimate(5, 0xFFFF) == 0xFFFF


@pytest.mark.parametrize("seed", range(20))
def test_wraps_with_loss_and_reordering_keep_every_index(seed: int) -> None:
    """R-07: the wrap itself lost, packets swapped around it, three wraps."""
    random = Random(seed)
    sent = list(range(65_000, 4 * ROLLOVER, 97))
    order = sorted(
        (index for index in sent if random.random() > 0.2),
        key=lambda index: index + random.randrange(2000),
    )
    newest = order[0]
    for index in order:
        assert estimate(newest, index & 0xFFFF) == index
        newest = max(newest, index)


def test_up_to_half_the_numbers_may_be_lost_at_once() -> None:
    """R-08: 32 767 packets in a row."""
    for newest in (0, 1, 40_000, 0xFFFF, 3 * ROLLOVER + 7):
        ahead = newest + 0x7FFF
        assert estimate(newest, ahead & 0xFFFF) == ahead
