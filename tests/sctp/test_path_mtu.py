"""Path MTU discovery: the search by itself, on paths that carry so and so much."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.sctp import Config
from webrtc.sctp.path_mtu import (
    GRANULARITY,
    MAX_BLACK_HOLES,
    MAX_PROBES,
    MAX_UNPADDED,
    PMTU_RAISE_TIMER,
    PROBE_TIMER,
    RETRY,
    STEPS,
    DiscoveryState,
    PathMtu,
)

BASE, MINIMUM = Config().base_plpmtu, Config().min_plpmtu


class Search:
    """A `PathMtu` on a path that carries packets of up to `path` bytes."""

    def __init__(self, path: int, *, padding: bool = True, config: Config | None = None) -> None:
        self.path = path
        self.answers = True
        self.now = 0.0
        self.probes: list[int] = []
        self.mtu = PathMtu(config or Config(), Random(1))
        self.mtu.establish(padding=padding)

    def start(self) -> "Search":
        self.mtu.on_full_packet(self.now)
        return self.run()

    def run(self, seconds: float = 300.0) -> "Search":
        """Answer what arrives, let timers expire."""
        mtu, end = self.mtu, self.now + seconds
        while mtu.due or (mtu.deadline is not None and mtu.deadline <= end):
            if mtu.due:
                heartbeat, *pad = mtu.take_probe(self.now, 0.05)
                assert [mtu.due] == [False]  # one at a time
                size = 12 + len(heartbeat) + sum(map(len, pad))
                self.probes.append(size)
                if size <= self.path and self.answers:
                    assert mtu.handle_ack(heartbeat[4:], self.now)
            else:
                assert mtu.deadline is not None
                self.now = mtu.deadline
                mtu.handle_timeout(self.now)
        self.now = end
        return self


def state(search: Search) -> DiscoveryState:
    return search.mtu.state


@pytest.mark.parametrize(
    ("path", "found", "probes"),
    [
        (65532, 16384, [BASE, 16384]),
        (8935, 8912, [BASE, *[16384] * 3, 8912]),
        (1435, 1432, [BASE, *[16384] * 3, *[8912] * 3, 1432]),
        (1415, 1412, [BASE, *[16384] * 3, *[8912] * 3, *[1432] * 3, 1412]),
        (1160, 1160, None),
        (900, 900, None),
        (508, 508, None),
    ],
)
def test_known_link_sizes_are_found_without_detours(
    path: int, found: int, probes: list[int] | None
) -> None:
    search = Search(path).start()
    assert (search.mtu.size, search.mtu.confirmed) == (found, found)
    assert state(search) is DiscoveryState.SEARCH_COMPLETE
    if probes is not None:
        assert search.probes == probes


@given(path=st.integers(508, 20000), ceiling=st.integers(1160, 16384), padding=st.booleans())
def test_any_path_is_used_to_within_a_few_bytes(path: int, ceiling: int, *, padding: bool) -> None:
    """Above the steps only the steps are tried: there 4 of 5 sizes have no link of their own."""
    search = Search(path, padding=padding, config=Config(max_plpmtu=ceiling)).start()
    size = search.mtu.size
    possible = min(path, ceiling, ceiling if padding else MAX_UNPADDED)
    assert size <= possible
    assert size % 4 == 0
    steps = [step for step in STEPS if step <= possible]
    assert size >= (steps[0] if steps else possible - GRANULARITY - 4)
    # Each size at most three times, one in flight, and few sizes.
    assert search.probes.count(BASE) <= 2 * MAX_PROBES  # before and after the smallest size
    assert all(search.probes.count(size) <= MAX_PROBES for size in search.probes if size != BASE)
    assert len(set(search.probes)) <= 12


def test_a_size_is_probed_three_times_a_second_apart_or_three_round_trips() -> None:
    search = Search(BASE)
    mtu = search.mtu
    mtu.on_full_packet(0.0)
    mtu.handle_ack(mtu.take_probe(0.0, None)[0][4:], 0.0)
    for number in range(MAX_PROBES):
        assert (state(search), mtu.due) == (DiscoveryState.SEARCHING, True)
        mtu.take_probe(number * 1.5, 0.5)
        assert mtu.deadline == number * 1.5 + 1.5
        mtu.handle_timeout(mtu.deadline - 0.01)
        assert not mtu.due
        mtu.handle_timeout(mtu.deadline)
    mtu.take_probe(4.5, 0.01)
    assert mtu.deadline == 4.5 + PROBE_TIMER


def test_the_answer_to_an_earlier_probe_of_the_same_size_counts() -> None:
    mtu = Search(1432, padding=False).mtu
    mtu.on_full_packet(0.0)
    first = mtu.take_probe(0.0, None)[0]
    mtu.handle_timeout(1.0)
    mtu.take_probe(1.0, None)
    assert mtu.handle_ack(first[4:], 1.1)
    assert not mtu.handle_ack(first[4:], 1.2)  # and only once
    assert mtu.size == BASE


def test_what_the_interface_refuses_costs_no_time() -> None:
    """F-25: EMSGSIZE feeds the search."""
    search = Search(1432)
    mtu = search.mtu
    mtu.on_full_packet(0.0)
    sizes = []
    while mtu.due:
        chunks = mtu.take_probe(0.0, 0.01)
        size = 12 + sum(map(len, chunks))
        sizes.append(size)
        if size > 1432:
            mtu.on_refused(size, 0.0)
        else:
            mtu.handle_ack(chunks[0][4:], 0.0)
    assert sizes == [BASE, 16384, 8912, 1432]
    assert (mtu.size, state(search)) == (1432, DiscoveryState.SEARCH_COMPLETE)


def test_data_that_the_interface_refuses_ends_the_use_of_that_size() -> None:
    """F-25: the route has changed to a smaller interface."""
    search = Search(16384).start()
    search.path = 1250
    search.mtu.on_refused(16300, search.now)
    assert (search.mtu.size, search.mtu.confirmed) == (BASE, 0)
    search.run()
    assert 1250 - GRANULARITY - 4 <= search.mtu.size <= 1250


def test_data_that_is_refused_while_more_is_asked_for_ends_both() -> None:
    search = Search(1432)
    search.mtu.on_full_packet(0.0)
    search.run(6.0)
    search.mtu.on_black_hole(search.mtu.room)
    search.run(0.0)
    search.run(PMTU_RAISE_TIMER)
    search.mtu.on_full_packet(search.now)
    assert (search.mtu.size, state(search)) == (1432, DiscoveryState.SEARCHING)
    search.mtu.on_refused(1300, search.now)
    assert (search.mtu.size, state(search)) == (BASE, DiscoveryState.BASE)


def test_an_interface_below_the_base_is_found_as_one() -> None:
    search = Search(700)
    mtu = search.mtu
    mtu.on_full_packet(0.0)
    mtu.take_probe(0.0, None)
    mtu.on_refused(BASE, 0.0)
    assert (state(search), mtu.size) == (DiscoveryState.ERROR, MINIMUM)
    search.run()
    assert 700 - GRANULARITY - 4 <= mtu.size <= 700


def test_a_refusal_of_what_was_given_up_changes_nothing() -> None:
    search = Search(1432).start()
    search.mtu.on_refused(8912, search.now)
    assert (search.mtu.size, state(search)) == (1432, DiscoveryState.SEARCH_COMPLETE)


@pytest.mark.parametrize(("before", "after"), [(1400, 1280), (1280, 1000), (1000, 576), (576, 520)])
def test_a_black_hole_shrinks_packets_at_once_and_asks_again(before: int, after: int) -> None:
    """F-10: below the base after three probes."""
    search = Search(before).start()
    search.path, search.probes, start = after, [], search.now
    search.mtu.on_black_hole(search.mtu.room)
    assert search.mtu.size == (BASE if before > BASE else MINIMUM)
    assert search.mtu.confirmed == 0  # all may be fragmented until it is known what passes
    search.run(MAX_PROBES * PROBE_TIMER + 0.01)
    assert search.mtu.size <= after
    assert search.now - start < 5.0
    search.run()
    assert after - GRANULARITY - 4 <= search.mtu.size <= after


def test_after_an_outage_the_size_comes_back() -> None:
    """The first thing asked is whether the path carries what it carried before."""
    search = Search(1400).start()
    size = search.mtu.size
    search.mtu.on_black_hole(search.mtu.room)
    search.probes.clear()
    search.run()
    assert (search.probes, search.mtu.size) == ([BASE, size], size)


@pytest.mark.parametrize("seconds", [0.5, 2.5, 4.5, 30.0])
def test_after_an_outage_of_any_length_the_size_comes_back(seconds: float) -> None:
    search = Search(1400).start()
    size = search.mtu.size
    search.answers = False
    search.mtu.on_black_hole(search.mtu.room)
    search.run(seconds)
    search.answers = True
    search.run(RETRY + 10)
    if search.mtu.trigger < 1 << 16:
        search.start()
    assert search.mtu.size == size


def test_a_chunk_that_todays_packets_do_not_hold_is_no_black_hole_of_theirs() -> None:
    """Cut when packets were larger, it is fragmented, and that may be why it is lost."""
    search = Search(1400).start()
    search.mtu.on_black_hole(search.mtu.room + 1)
    search.mtu.on_timeout(0)
    assert state(search) is DiscoveryState.SEARCH_COMPLETE


def test_no_probe_leaves_while_a_timeout_is_unanswered() -> None:
    """RFC 9260 §7.2.3: nor one whose own timer expired meanwhile."""
    search = Search(1400).start()
    size = search.mtu.size
    search.probes.clear()
    search.mtu.on_timeout(5000)
    search.run(100.0)
    assert (search.probes, search.mtu.size) == ([], BASE)
    search.mtu.on_answer()
    search.answers = False
    search.run(0.5 * PROBE_TIMER)
    search.mtu.on_timeout(5000)
    search.run(100.0)
    assert search.probes == [BASE]
    search.answers = True
    search.mtu.on_answer()
    search.run()
    assert (search.probes, search.mtu.size) == ([BASE, BASE, size], size)


@pytest.mark.parametrize("timeouts", range(1, 7))
def test_timeouts_stand_for_the_probes_that_wait(timeouts: int) -> None:
    """Packets of the smallest size are what may pass where nothing of the base arrives."""
    search = Search(1400).start()
    size = search.mtu.size
    for _ in range(timeouts):
        search.mtu.on_timeout(5000)
    assert search.mtu.size == (BASE if timeouts <= MAX_PROBES else MINIMUM)
    search.mtu.on_answer()
    search.run()
    assert search.mtu.size == size


def test_timeouts_over_little_data_tell_nothing_about_sizes() -> None:
    search = Search(1400).start()
    for _ in range(9):
        search.mtu.on_timeout(MINIMUM - 12)
    assert state(search) is DiscoveryState.SEARCH_COMPLETE
    search.mtu.on_timeout(5000)
    for _ in range(9):
        search.mtu.on_timeout(MINIMUM - 12)
    assert search.mtu.size == BASE


def test_small_losses_are_no_black_hole() -> None:
    search = Search(1400).start()
    search.mtu.on_black_hole(MINIMUM - 12)
    assert state(search) is DiscoveryState.SEARCH_COMPLETE


def test_a_path_that_keeps_losing_what_it_has_proven_is_left_at_the_base() -> None:
    """RFC 8899 §5.2: no oscillation; tried again after ten minutes."""
    search = Search(1432).start()
    for _ in range(MAX_BLACK_HOLES):
        assert search.mtu.size == 1432
        search.mtu.on_black_hole(search.mtu.room)
        search.run(10.0)
    assert (search.mtu.size, state(search)) == (BASE, DiscoveryState.SEARCH_COMPLETE)
    search.run(PMTU_RAISE_TIMER).start()
    assert search.mtu.size == 1432


def test_ten_minutes_later_the_path_is_asked_for_more_if_there_is_use_for_it() -> None:
    """RFC 8899 §5.1.1: PMTU_RAISE_TIMER."""
    search = Search(1300).start()
    probes = len(search.probes)
    search.path = 9000
    search.run(3600.0)
    assert len(search.probes) == probes  # nobody sends
    assert search.mtu.trigger <= search.mtu.size
    search.start()
    assert search.mtu.size == 8912


def test_the_largest_size_of_all_is_not_asked_about_again() -> None:
    search = Search(20000).start()
    assert search.mtu.size == 16384
    assert search.mtu.deadline is None


def test_a_peer_that_answers_no_probe_keeps_the_base_and_is_left_alone() -> None:
    """Attack: six probes in ten minutes, and data goes on as without discovery."""
    search = Search(9000)
    search.answers = False
    search.start()
    assert search.probes == [BASE] * MAX_PROBES + [MINIMUM] * MAX_PROBES
    assert (state(search), search.mtu.size) == (DiscoveryState.DISABLED, BASE)
    search.mtu.on_black_hole(search.mtu.room)
    assert not search.mtu.due
    search.run(PMTU_RAISE_TIMER)
    search.answers = True
    search.start()
    assert search.mtu.size == 8912


def test_another_path_at_the_end_begins_nothing() -> None:
    search = Search(9000).start()
    search.mtu.stop()
    assert (search.mtu.due, search.mtu.deadline, search.mtu.size) == (False, None, 8912)
    search.mtu.reset()
    assert search.mtu.trigger > 65535
    search.mtu.establish(padding=True)  # the peer restarts
    assert search.start().mtu.size == 8912


def test_switched_off_nothing_is_ever_probed() -> None:
    mtu = PathMtu(Config(path_mtu_discovery=False), Random(0))
    mtu.establish(padding=True)
    mtu.on_black_hole(mtu.room)
    mtu.on_refused(1160, 0.0)
    assert (mtu.due, mtu.deadline, mtu.size, mtu.confirmed) == (False, None, BASE, 0)
    assert mtu.trigger > 65535


@pytest.mark.parametrize("value", [b"", b"\0\1\0\x14" + bytes(16), b"\0\1\0\4"])
def test_an_answer_without_the_nonce_is_none(value: bytes) -> None:
    """C-19."""
    mtu = Search(9000).mtu
    assert not mtu.handle_ack(value, 0.0)
    mtu.on_full_packet(0.0)
    mtu.take_probe(0.0, None)
    assert not mtu.handle_ack(value, 0.0)
    with pytest.raises(DecodeError):
        mtu.handle_ack(b"\0\1\0\3", 0.0)
    assert mtu.confirmed == 0
