from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.core import Address
from webrtc.ice import AgentConfig, Candidate, CandidatePair, CandidateType, PairState, Role
from webrtc.ice.checklist import Checklist, can_pair, path_between
from webrtc.ice.consent import Consent


def candidate(address: Address, priority: int = 100, foundation: str = "1") -> Candidate:
    return Candidate(foundation, 1, "udp", priority, address, CandidateType.HOST, base=address)


def pair(number: int, priority: int, foundation: str = "1") -> CandidatePair:
    local = candidate(("10.0.0.1", 5000), 1 << 30)
    remote = candidate(("10.0.0.2", number), priority, foundation)
    return CandidatePair(local, remote, path_between(local, remote), Role.CONTROLLING)


def checklist(*pairs: CandidatePair, limit: int = 100) -> Checklist:
    made = Checklist(limit)
    for one in pairs:
        made.add(one)
    return made


@pytest.mark.parametrize(
    ("local", "remote", "expected"),
    [
        ("10.0.0.1", "192.0.2.1", True),
        ("10.0.0.1", "2001:db8::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("fe80::1%eth0", "2001:db8::1", False),
        ("2001:db8::1", "fe80::2", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "192.0.2.1", False),
        ("192.0.2.1", "127.0.0.1", False),
    ],
)
def test_pairs_within_one_family_and_scope(local: str, remote: str, *, expected: bool) -> None:
    """ICETYP-26: RFC 8445 §6.1.2.2."""
    assert can_pair(candidate((local, 1)), candidate((remote, 2))) is expected


def test_components_and_protocols_do_not_mix() -> None:
    """ICE-34"""
    here = candidate(("10.0.0.1", 1))
    for other in (
        Candidate("1", 2, "udp", 1, ("10.0.0.2", 1), CandidateType.HOST),
        Candidate("1", 1, "tcp", 1, ("10.0.0.2", 1), CandidateType.HOST),
    ):
        assert not can_pair(here, other)


def test_link_local_path_gets_the_zone_of_its_interface() -> None:
    path = path_between(candidate(("fe80::1%eth0", 1)), candidate(("fe80::2", 2)))
    assert path.remote == ("fe80::2%eth0", 2)


def test_order_is_by_priority_and_one_pair_for_each_path() -> None:
    made = checklist(pair(1, 10), pair(2, 30), pair(3, 20))
    assert [one.remote.priority for one in made] == [30, 20, 10]
    assert not made.add(pair(2, 99))
    assert made.get(pair(3, 0).path) is made.pairs[1]


def test_full_list_gives_up_failed_pairs_then_lower_ones() -> None:
    """I-15: RFC 8445 §6.1.2.5, RFC 8838 §11."""
    made = checklist(pair(1, 10), pair(2, 20), pair(3, 30), limit=3)
    assert not made.add(pair(4, 5))
    made.pairs[0].state = PairState.FAILED
    assert made.add(pair(5, 15))
    assert [one.remote.priority for one in made] == [20, 15, 10]
    assert made.add(pair(6, 25))
    assert [one.remote.priority for one in made] == [25, 20, 15]
    made.pairs[2].consent = Consent(AgentConfig(), Random(1), 0.0)
    assert made.add(pair(7, 40))
    assert [one.remote.priority for one in made] == [40, 25, 15]
    assert made.dropped == 4


def test_one_pair_of_each_foundation_is_checked_first() -> None:
    """ICE-25: RFC 8445 §6.1.2.6, RFC 8838 §12."""
    made = checklist(pair(1, 40, "a"), pair(2, 30, "a"), pair(3, 20, "b"), pair(4, 10, "b"))
    assert [one.state for one in made] == ["waiting", "frozen", "waiting", "frozen"]
    order = []
    while (chosen := made.next_ordinary()) is not None:
        chosen.state = PairState.IN_PROGRESS
        order.append(chosen.remote.priority)
    assert order == [40, 20, 30, 10]


def mesh(locals_: int, remotes: int) -> Checklist:
    """Every pair of so many local and remote addresses; the last of each has least priority."""
    made = Checklist(1000)
    for here in range(locals_):
        for there in range(remotes):
            local = candidate((f"10.0.{here}.1", 5000), 1000 - here, f"l{here}")
            remote = candidate((f"10.1.{there}.1", 6000), 1000 - there, f"r{there}")
            made.add(CandidatePair(local, remote, path_between(local, remote), Role.CONTROLLING))
    return made


def check_all(made: Checklist) -> list[CandidatePair]:
    order = []
    while (chosen := made.next_ordinary()) is not None:
        chosen.state = PairState.IN_PROGRESS
        order.append(chosen)
    return order


@pytest.mark.parametrize(("locals_", "remotes"), [(21, 21), (3, 10), (10, 3), (1, 5)])
def test_every_candidate_is_checked_once_before_any_pair_of_those_is(
    locals_: int, remotes: int
) -> None:
    """Twenty dead networks on each side do not keep the one that works waiting."""
    order = check_all(mesh(locals_, remotes))
    assert len(set(order)) == len(order) == locals_ * remotes
    first = order[: max(locals_, remotes)]
    assert len({pair.local for pair in first}) == locals_
    assert len({pair.remote for pair in first}) == remotes
    assert order[0].priority == max(pair.priority for pair in order)


def test_neighbours_are_checked_first() -> None:
    made = mesh(21, 21)
    last = made.pairs[-1]
    last.near = True
    assert check_all(made)[0] is last


def test_failed_pairs_take_turns_while_nothing_is_valid() -> None:
    made = checklist(pair(1, 40), pair(2, 30, "b"), pair(3, 20, "c"))
    assert made.next_failed() is None
    for number, one in enumerate(made.pairs):
        one.state, one.last_request_sent = PairState.FAILED, 10.0 - number
    assert made.next_failed() is made.pairs[2]
    made.pairs[2].last_request_sent = 11.0
    assert made.next_failed() is made.pairs[1]
    made.pairs[0].consent = Consent(AgentConfig(), Random(1), 0.0)
    assert made.next_failed() is None


def test_full_list_gives_up_what_was_checked_before_what_was_not() -> None:
    made = checklist(pair(1, 10), pair(2, 20), pair(3, 30), limit=3)
    for one, sent in zip(made.pairs[:2], (2.0, 1.0), strict=True):
        one.state, one.last_request_sent = PairState.IN_PROGRESS, sent
    assert made.add(pair(4, 5))  # in place of the one that was asked longest ago
    assert [one.remote.priority for one in made] == [30, 10, 5]
    made.pairs[0].requests_received = 1
    assert not made.add(pair(5, 1))  # one that was heard stays


def test_success_unfreezes_what_is_alike() -> None:
    """ICE-25: RFC 8445 §7.2.5.3.3."""
    made = checklist(pair(1, 40, "a"), pair(2, 30, "a"), pair(3, 20, "b"), pair(4, 10, "b"))
    made.pairs[2].state = PairState.SUCCEEDED
    made.unfreeze(made.pairs[2])
    assert [one.state for one in made] == ["waiting", "frozen", "succeeded", "waiting"]
    made.add(pair(5, 5, "b"))
    assert made.pairs[4].state is PairState.WAITING


def test_triggered_checks_are_first_come_first_served() -> None:
    """ICE-25"""
    made = checklist(pair(1, 40), pair(2, 30, "b"), pair(3, 20, "c"))
    made.trigger(made.pairs[2])
    made.trigger(made.pairs[1])
    made.trigger(made.pairs[2])
    assert made.next_triggered() is made.pairs[2]
    assert made.next_ordinary() is made.pairs[0]
    assert made.next_triggered() is made.pairs[1]
    assert not made.triggered


def test_stop_keeps_what_is_valid() -> None:
    made = checklist(pair(1, 40), pair(2, 30))
    made.pairs[1].consent = Consent(AgentConfig(), Random(1), 0.0)
    made.trigger(made.pairs[0])
    made.stop()
    assert [one.remote.priority for one in made] == [30]
    assert not made.triggered


def test_a_remote_candidate_is_used_by_a_valid_pair_only() -> None:
    made = checklist(pair(1, 40), pair(2, 30))
    made.pairs[1].consent = Consent(AgentConfig(), Random(1), 0.0)
    assert [made.uses(one.remote) for one in made] == [False, True]


def test_role_changes_priorities() -> None:
    made = checklist(pair(1, (1 << 30) + 5))
    before = made.pairs[0].priority
    made.set_role(Role.CONTROLLED)
    assert made.pairs[0].priority == before + 1


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 99)), max_size=60), st.integers(1, 9))
def test_any_insertions_keep_order_paths_and_limit(
    pairs: list[tuple[int, int]], limit: int
) -> None:
    """I-15"""
    made = checklist(*(pair(number, priority) for number, priority in pairs), limit=limit)
    priorities = [one.priority for one in made]
    assert priorities == sorted(priorities, reverse=True)
    assert len({one.path for one in made}) == len(made) <= limit
    assert all(made.get(one.path) is one for one in made)
    if len(made):
        assert made.next_ordinary() is not None
