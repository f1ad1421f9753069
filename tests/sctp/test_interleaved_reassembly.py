"""Fragments of I-DATA into messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.work import work
from webrtc.sctp.causes import CauseCode, Violation
from webrtc.sctp.interleaved_reassembly import (
    MESSAGE_OVERHEAD,
    InterleavedReassembly,
    flow_of,
)
from webrtc.sctp.reassembly import FRAGMENT_OVERHEAD

B, M, E = 2, 0, 1
FLOW = flow_of(1, 0)


def held(fragments: int, size: int, messages: int = 1) -> int:
    return fragments * FRAGMENT_OVERHEAD + size + messages * MESSAGE_OVERHEAD


@given(st.permutations(range(9)))
def test_any_order_of_fragments_gives_the_message(order: list[int]) -> None:
    """SCTP-20: E before B, gaps; the PPID is that of the first fragment."""
    reassembly = InterleavedReassembly(1000)
    found = []
    for n in order:
        flags = B if n == 0 else E if n == 8 else M
        found.append(reassembly.add(FLOW, 7, flags, n or 51, b"%d" % n))
    assert found[:-1] == [None] * 8
    assert found[-1] == (51, b"012345678")
    assert reassembly.size == 0
    assert not reassembly._flows


@given(st.data())
def test_messages_side_by_side_do_not_mix(data: st.DataObject) -> None:
    """RFC 8260 §2.2.3: streams, ordered and unordered ones, MIDs, in any order of arrival."""
    flows = [(flow_of(1, 0), 0), (flow_of(1, 0), 1), (flow_of(1, 4), 0), (flow_of(2, 0), 0)]
    fragments = [(flow, mid, n) for flow, mid in flows for n in range(4)]
    reassembly = InterleavedReassembly(1000)
    found = {}
    for flow, mid, n in data.draw(st.permutations(fragments)):
        flags = B if n == 0 else E if n == 3 else M
        whole = reassembly.add(flow, mid, flags, n or flow + 50, b"%d,%d,%d " % (flow, mid, n))
        if whole is not None:
            found[flow, mid] = whole
    assert found == {
        (flow, mid): (flow + 50, b"".join(b"%d,%d,%d " % (flow, mid, n) for n in range(4)))
        for flow, mid in flows
    }
    assert reassembly.size == 0


@pytest.mark.parametrize(
    "fragments",
    [
        [(B, 53), (B, 53)],
        [(M, 4), (M, 4)],
        [(M, 4), (E, 4)],
        [(E, 4), (E, 5)],
        [(E, 4), (M, 5)],
        [(M, 5), (E, 4)],
        [(M, 0)],
        [(E, 0)],
    ],
    ids=["B B", "FSN twice", "FSN twice, E", "E E", "behind E", "E below", "0 not B", "E, 0 not B"],
)
def test_fragments_that_contradict_each_other_are_a_violation(
    fragments: list[tuple[int, int]],
) -> None:
    """C-12."""
    reassembly = InterleavedReassembly(1000)
    for flags, word in fragments[:-1]:
        assert reassembly.add(FLOW, 1, flags, word, b"x") is None
    with pytest.raises(Violation) as violation:
        reassembly.add(FLOW, 1, *fragments[-1], b"x")
    assert violation.value.cause.type == CauseCode.PROTOCOL_VIOLATION


@pytest.mark.parametrize("fsn", [1000, 2**32 - 10, 2**32 - 1])
@pytest.mark.parametrize("flags", [M, E])
def test_fragment_number_that_no_message_within_the_limit_has(flags: int, fsn: int) -> None:
    """C-12, C-24: FSNs never wrap, since a message has fewer fragments than bytes."""
    reassembly = InterleavedReassembly(1000)
    reassembly.add(FLOW, 1, B, 53, b"x")
    assert reassembly.add(FLOW, 1, M, 999, b"x") is None
    with pytest.raises(Violation) as violation:
        reassembly.add(FLOW, 1, flags, fsn, b"x")
    assert violation.value.cause.type == CauseCode.OUT_OF_RESOURCE


def test_endless_message_is_cut_off_at_the_limit() -> None:
    """C-13: memory is the limit and one fragment, forwards and backwards."""
    for numbers in (range(1, 239), range(10000, 9762, -1)):
        reassembly = InterleavedReassembly(262144)
        for fsn in numbers[:-1]:
            reassembly.add(FLOW, 0, M, fsn, bytes(1103))
        with pytest.raises(Violation):
            reassembly.add(FLOW, 0, M, numbers[-1], bytes(1103))
        assert reassembly.size == held(237, 237 * 1103)


def test_skip_drops_the_messages_up_to_a_mid_of_one_flow() -> None:
    """C-16, C-24: RFC 8260 §2.3.1, over the wrap."""
    reassembly = InterleavedReassembly(1000)
    for mid in (2**32 - 2, 2**32 - 1, 0, 1):
        reassembly.add(FLOW, mid, B, 53, b"four")
        reassembly.add(FLOW, mid, M, 2, b"four")
    reassembly.add(flow_of(1, 4), 2**32 - 1, B, 53, b"other")
    reassembly.skip(FLOW, 0)
    assert reassembly.size == held(3, 13, 2)
    assert reassembly.add(FLOW, 1, M, 1, b"!") is None
    assert reassembly.add(FLOW, 1, E, 3, b"!") == (53, b"four!four!")
    reassembly.skip(FLOW, 1)
    reassembly.skip(flow_of(1, 4), 5)
    assert reassembly.size == 0
    assert not reassembly._flows


def test_reset_and_clear() -> None:
    """SCTP-14."""
    reassembly = InterleavedReassembly(1000)
    for stream in (1, 2):
        for unordered in (0, 4):
            reassembly.add(flow_of(stream, unordered), 3, B, 53, b"x")
    reassembly.reset((1, 7))
    assert reassembly.size == held(2, 2, 2)
    reassembly.clear()
    assert (reassembly.size, reassembly._flows) == (0, {})


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=80), st.integers(0, 70))
def test_giving_up_on_many_messages_drops_those_up_to_it(
    steps: list[tuple[int, bool]], last: int
) -> None:
    """C-16, C-24: against a set; MIDs wrap on the way, messages are completed and begun again."""
    base = 2**32 - 30
    reassembly, incomplete = InterleavedReassembly(1000), set[int]()
    for n, ends in steps:
        mid = base + n & 0xFFFFFFFF
        if n not in incomplete:
            reassembly.add(FLOW, mid, B, 53, b"x")
            incomplete.add(n)
        elif ends:
            assert reassembly.add(FLOW, mid, E, 1, b"x")
            incomplete.discard(n)
    reassembly.skip(FLOW, base + last & 0xFFFFFFFF)
    left = {n for n in incomplete if n > last}
    assert reassembly.size == held(len(left), len(left), len(left))
    for n in left:
        assert reassembly.add(FLOW, base + n & 0xFFFFFFFF, E, 1, b"x")
    assert (reassembly.size, reassembly._flows, reassembly._orders) == (0, {}, {})


def test_a_flow_that_had_many_messages_drops_later_ones_when_they_are_few_again() -> None:
    """C-24: whatever the way to find them, none is left behind."""
    reassembly = InterleavedReassembly(1000)
    for mid in range(20):
        reassembly.add(FLOW, mid, B, 53, b"x")
    for mid in range(19):
        reassembly.add(FLOW, mid, E, 1, b"x")
    for mid in range(20, 25):
        reassembly.add(FLOW, mid, B, 53, b"x")
    reassembly.skip(FLOW, 23)
    assert reassembly.size == held(1, 1, 1)


def test_what_is_kept_to_find_messages_in_order_is_no_more_than_they_are() -> None:
    """C-12: one that never ends, and ever so many that do."""
    reassembly = InterleavedReassembly(1000)
    for mid in range(10):
        reassembly.add(FLOW, mid, B, 53, b"x")
    for mid in range(10, 5000):
        reassembly.add(FLOW, mid, B, 53, b"x")
        assert reassembly.add(FLOW, mid, E, 1, b"x")
    assert len(reassembly._orders[FLOW]._heap) <= 30
    assert work(lambda: reassembly.skip(FLOW + 8, 9)) < 20


def test_giving_up_on_a_message_that_was_begun_twice() -> None:
    """C-16: unordered messages of a hostile peer may have any MIDs."""
    reassembly = InterleavedReassembly(1000)
    for mid in range(20):
        reassembly.add(FLOW, mid, B, 53, b"x")
    reassembly.add(FLOW, 0, E, 1, b"x")
    reassembly.add(FLOW, 0, B, 53, b"x")
    reassembly.skip(FLOW, 19)
    assert (reassembly.size, reassembly._flows) == (0, {})
