"""Fragments into messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.sctp.causes import Violation
from webrtc.sctp.reassembly import FRAGMENT_OVERHEAD, RUN_OVERHEAD, Key, Reassembly, Run
from webrtc.sctp.tsns import ReceivedTsns

B, M, E = 2, 0, 1
KEY = (1, 0, 0)


class Received:
    """A reassembly, and the TSNs of what it gets."""

    def __init__(self, max_message_size: int = 1000, first: int = 100) -> None:
        self.tsns = ReceivedTsns(first)
        self.reassembly = Reassembly(max_message_size)

    def add(self, tsn: int, flags: int, key: Key, ppid: int, payload: bytes) -> Run | None:
        self.tsns.add(tsn)
        return self.reassembly.add(self.tsns, tsn, flags, key, ppid, payload)

    def whole(self, tsn: int) -> None:
        """A message that needs no others."""
        self.tsns.add(tsn)
        self.reassembly.separate(tsn)

    def skip(self, tsn: int) -> None:
        before = self.tsns.cumulative
        self.reassembly.skip(before, tsn, self.tsns.forward(tsn))

    @property
    def size(self) -> int:
        return self.reassembly.size

    @property
    def runs(self) -> int:
        return len({id(run) for run in self._runs()})

    def _runs(self) -> list[Run]:
        return [*self.reassembly._open.values(), *self.reassembly._headless.values()]


@given(st.permutations(range(9)))
def test_any_order_of_fragments_gives_the_message(order: list[int]) -> None:
    """SCTP-20."""
    received = Received()
    done: list[Run] = []
    for n in order:
        flags = B if n == 0 else E if n == 8 else M
        run = received.add(100 + n, flags, KEY, 53, b"%d" % n)
        if run is not None:
            done.append(run)
    assert [b"".join(run.parts) for run in done] == [b"012345678"]
    assert (received.size, received.runs) == (0, 0)


@given(st.permutations(range(6)))
def test_messages_side_by_side_do_not_mix(order: list[int]) -> None:
    """C-12: B-E B-M-M(no end) then E of another stream; what can never be whole is not kept."""
    fragments = [
        (1, B, (1, 0, 0)),
        (2, E, (1, 0, 0)),
        (3, B, (2, 0, 0)),
        (4, M, (2, 0, 0)),
        (5, E, (3, 0, 0)),
        (6, B, (3, 1, 0)),
    ]
    received = Received(first=1)
    found = []
    for n in order:
        tsn, flags, key = fragments[n]
        run = received.add(tsn, flags, key, 53, b"x")
        if run is not None:
            found.append((run.key, len(run.parts)))
    assert found == [((1, 0, 0), 2)]
    assert received.runs == 1
    assert received.size == 1 + FRAGMENT_OVERHEAD + RUN_OVERHEAD


@given(st.permutations(range(5)), st.sampled_from([B, M, E]))
def test_a_fragment_between_whole_messages_is_dropped(order: list[int], flags: int) -> None:
    """C-12: whenever its neighbours come; only an end that is open may still be reached."""
    received = Received(first=1)
    for n in order:
        if n == 2:
            received.add(3, flags, KEY, 53, b"x")
        else:
            received.whole(n + 1)
    assert (received.size, received.runs) == (0, 0)


def test_endless_message_is_cut_off_at_the_limit() -> None:
    """C-13: memory is the limit and one fragment."""
    received = Received(262144, first=0)
    received.add(0, B, KEY, 53, bytes(1100))
    for tsn in range(1, 238):
        received.add(tsn, M, KEY, 53, bytes(1100))
    with pytest.raises(Violation):
        received.add(238, M, KEY, 53, bytes(1100))
    assert received.size < 262144 + 65536


def test_endless_message_backwards() -> None:
    """C-13: the limit holds for runs that grow at their head."""
    received = Received(10000)
    for tsn in range(1000, 990, -1):
        received.add(tsn, M, KEY, 53, bytes(1000))
    with pytest.raises(Violation):
        received.add(990, M, KEY, 53, bytes(1000))


def test_skip_drops_what_cannot_be_completed_and_keeps_the_rest() -> None:
    """C-16: RFC 3758 §3.6."""
    received = Received(first=1)
    received.add(1, B, KEY, 53, b"gone")
    received.add(4, M, KEY, 53, b"headless")
    received.add(5, M, KEY, 53, b"headless")
    received.add(7, B, (2, 0, 0), 53, b"kept")
    received.skip(4)
    assert received.size == 4 + FRAGMENT_OVERHEAD + RUN_OVERHEAD
    run = received.add(8, E, (2, 0, 0), 53, b"!")
    assert run is not None
    assert run.parts == [b"kept", b"!"]
    received.add(20, M, KEY, 53, b"begins right behind")
    received.skip(19)
    assert (received.size, received.runs) == (0, 0)


def test_ppid_is_that_of_the_first_fragment() -> None:
    received = Received(first=1)
    received.add(2, E, KEY, 99, b"b")
    run = received.add(1, B, KEY, 51, b"a")
    assert run is not None
    assert (run.ppid, run.parts) == (51, [b"a", b"b"])
