"""Received TSNs."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.sctp.chunks import Sack
from webrtc.sctp.tsns import MAX_DUPLICATES, SACK_SIZE, ReceivedTsns

START = 2**32 - 10


def feed(tsns: ReceivedTsns, numbers: list[int]) -> None:
    for number in numbers:
        if tsns.has(number):
            tsns.duplicate(number)
        else:
            tsns.add(number)


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(0, 2**32 - 1))
def test_blocks_are_exactly_what_was_received(offsets: list[int], start: int) -> None:
    """C-11, C-24: against a set, over the wrap too."""
    tsns = ReceivedTsns(start)
    feed(tsns, [start + offset for offset in offsets])
    seen = set(offsets)
    cumulative = next(n for n in range(50) if n not in seen)
    assert tsns.cumulative == start + cumulative - 1
    covered = {n - start for first, last in tsns.gaps for n in range(first, last + 1)}
    assert covered == {n for n in seen if n > cumulative}
    assert all(a[1] + 1 < b[0] for a, b in zip(tsns.gaps, tsns.gaps[1:], strict=False))
    assert all(tsns.has(start + n) == (n in seen) for n in range(50))
    sack = Sack.decode(tsns.encode(5, 1000)[4:])
    assert sack.cumulative_tsn == tsns.cumulative & 0xFFFFFFFF
    assert len(sack.gaps) == len(tsns.gaps)
    assert len(sack.duplicates) == min(len(offsets) - len(seen), MAX_DUPLICATES)


def test_unwrap_over_the_end_of_the_circle() -> None:
    """C-24."""
    tsns = ReceivedTsns(START)
    assert tsns.unwrap(5) == 2**32 + 5
    assert tsns.unwrap(START - 3) == START - 3
    for tsn in range(START, 2**32 + 100):
        assert tsns.unwrap(tsn & 0xFFFFFFFF) == tsn
        tsns.add(tsn)
    assert tsns.unwrap(2**32 - 1) == 2**32 - 1


def test_sack_of_a_gap_flood_fits_into_a_packet() -> None:
    """C-11: every second TSN, a million duplicates."""
    tsns = ReceivedTsns(0)
    feed(tsns, list(range(1, 40000, 2)))
    feed(tsns, [1] * 100000)
    sack = tsns.encode(0, 1148)
    assert len(sack) <= 1148
    assert len(Sack.decode(sack[4:]).duplicates) == MAX_DUPLICATES
    assert Sack.decode(tsns.encode(0, 1148)[4:]).duplicates == ()


@pytest.mark.parametrize("room", [16, 20, 56, 60, 96, 1148])
def test_a_sack_is_never_larger_than_its_room(room: int) -> None:
    """C-11: what could not be reported is, with the next one."""
    tsns = ReceivedTsns(0)
    feed(tsns, list(range(1, 2000, 2)))
    feed(tsns, [1] * 30)
    reported = 0
    for _ in range(20):
        sack = tsns.encode(0, room)
        assert len(sack) <= room
        reported += len(Sack.decode(sack[4:]).duplicates)
    assert reported == (MAX_DUPLICATES if room > 16 else 0)


def test_gaps_that_do_not_fit_into_16_bits_are_left_out() -> None:
    tsns = ReceivedTsns(0)
    feed(tsns, [5, 70000])
    assert Sack.decode(tsns.encode(0, 1148)[4:]).gaps == ((6, 6),)


def test_forward_swallows_blocks() -> None:
    tsns = ReceivedTsns(0)
    feed(tsns, [3, 4, 8])
    assert tsns.forward(1) == []
    assert (tsns.cumulative, tsns.gaps) == (1, [[3, 4], [8, 8]])
    assert tsns.forward(2) == [[3, 4]]
    assert (tsns.cumulative, tsns.gaps) == (4, [[8, 8]])
    assert tsns.forward(9) == [[8, 8]]
    assert tsns.cumulative == 9


@pytest.mark.parametrize("seed", range(5))
def test_any_order_ends_with_the_short_form(seed: int) -> None:
    tsns = ReceivedTsns(START)
    order = list(range(START, START + 500))
    Random(seed).shuffle(order)
    feed(tsns, order)
    assert tsns.gaps == []
    assert len(tsns.encode(1, 1148)) == SACK_SIZE
