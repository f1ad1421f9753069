"""Fragments into messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.sctp.causes import Violation
from webrtc.sctp.reassembly import FRAGMENT_OVERHEAD, Reassembly, Run

B, M, E = 2, 0, 1
KEY = (1, 0, 0)


@given(st.permutations(range(9)))
def test_any_order_of_fragments_gives_the_message(order: list[int]) -> None:
    """SCTP-20."""
    reassembly = Reassembly(1000)
    done: list[Run] = []
    for n in order:
        flags = B if n == 0 else E if n == 8 else M
        run = reassembly.add(100 + n, flags, KEY, 53, b"%d" % n)
        if run is not None:
            done.append(run)
    assert [b"".join(run.parts) for run in done] == [b"012345678"]
    assert reassembly.size == 0
    assert not reassembly._open
    assert not reassembly._headless


@given(st.permutations(range(6)))
def test_messages_side_by_side_do_not_mix(order: list[int]) -> None:
    """C-12: B-E B-M-M(no end) then E of another stream."""
    fragments = [
        (1, B, (1, 0, 0)),
        (2, E, (1, 0, 0)),
        (3, B, (2, 0, 0)),
        (4, M, (2, 0, 0)),
        (5, E, (3, 0, 0)),
        (6, B, (3, 1, 0)),
    ]
    reassembly = Reassembly(1000)
    found = []
    for n in order:
        tsn, flags, key = fragments[n]
        run = reassembly.add(tsn, flags, key, 53, b"x")
        if run is not None:
            found.append((run.key, len(run.parts)))
    assert found == [((1, 0, 0), 2)]
    assert reassembly.size == 4 * (1 + FRAGMENT_OVERHEAD)


def test_endless_message_is_cut_off_at_the_limit() -> None:
    """C-13: memory is the limit and one fragment."""
    reassembly = Reassembly(262144)
    reassembly.add(0, B, KEY, 53, bytes(1100))
    for tsn in range(1, 238):
        reassembly.add(tsn, M, KEY, 53, bytes(1100))
    with pytest.raises(Violation):
        reassembly.add(238, M, KEY, 53, bytes(1100))
    assert reassembly.size < 262144 + 65536


def test_endless_message_backwards() -> None:
    """C-13: the limit holds for runs that grow at their head."""
    reassembly = Reassembly(10000)
    for tsn in range(1000, 990, -1):
        reassembly.add(tsn, M, KEY, 53, bytes(1000))
    with pytest.raises(Violation):
        reassembly.add(990, M, KEY, 53, bytes(1000))


def test_skip_drops_what_cannot_be_completed_and_keeps_the_rest() -> None:
    """C-16: RFC 3758 §3.6."""
    reassembly = Reassembly(1000)
    reassembly.add(1, B, KEY, 53, b"gone")
    reassembly.add(4, M, KEY, 53, b"headless")
    reassembly.add(5, M, KEY, 53, b"headless")
    reassembly.add(7, B, (2, 0, 0), 53, b"kept")
    reassembly.skip(1, 4)
    assert reassembly.size == 4 + FRAGMENT_OVERHEAD
    run = reassembly.add(8, E, (2, 0, 0), 53, b"!")
    assert run is not None
    assert run.parts == [b"kept", b"!"]
    reassembly.add(20, M, KEY, 53, b"begins right behind")
    reassembly.skip(8, 19)
    assert reassembly.size == 0
    assert not reassembly._open
    assert not reassembly._headless


def test_ppid_is_that_of_the_first_fragment() -> None:
    reassembly = Reassembly(1000)
    reassembly.add(2, E, KEY, 99, b"b")
    run = reassembly.add(1, B, KEY, 51, b"a")
    assert run is not None
    assert (run.ppid, run.parts) == (51, [b"a", b"b"])
