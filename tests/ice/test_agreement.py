"""Both ends come to one path, whatever is lost, late or nominated twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ice.harness import Call, Lone
from tests.ice.test_nomination import CLAIM, CONTROLLING, OTHER, candidate, nominated
from webrtc.core import Path
from webrtc.ice import AgentConfig, CandidateType, Role
from webrtc.stun.attributes import UseCandidate
from webrtc.vnet import Link, Network


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.1, 0.3, 1.0, 3.0]),
            st.lists(st.sampled_from(["good", "lossy", "dead", "slow"]), min_size=5, max_size=5),
        ),
        max_size=8,
    ),
    st.integers(1, 3),
    st.sampled_from([(Role.CONTROLLING, Role.CONTROLLED), (Role.CONTROLLING,) * 2]),
    st.booleans(),
)
def test_any_fate_of_single_links_ends_on_one_path(
    steps: list[tuple[float, list[str]]], extra: int, roles: tuple[Role, Role], talk: bool
) -> None:
    """ICE-26: every address dies, is slow and recovers by itself; with data and without."""
    network = Network(Link(delay=0.01), seed=extra)
    hosts = network.host("left", "198.51.100.1"), network.host("right", "198.51.100.2")
    for number in range(extra):
        hosts[number % 2].add_interface(network.wan, f"198.51.100.{10 + number}")
    left, right = (AgentConfig(role=role, backup_pairs=1) for role in roles)
    call = Call(network, hosts=hosts, left=left, right=right).start()
    links = [card.outbound for host in hosts for card in host.cards]
    for seconds, fates in [*steps, (0.1, ["good"] * 5)]:
        for link, fate in zip(links, fates, strict=False):
            link.loss = {"lossy": 0.5, "dead": 1.0}.get(fate, 0.0)
            link.delay = 0.4 if fate == "slow" else 0.01
        call.exchange(seconds, None if talk else [])
    network.run_until(call.is_usable, 30.0)
    call.exchange(12.0, None if talk else [])
    first, second = (peer.agent.selected_path for peer in call.peers)
    assert first is not None and second is not None
    assert (first.local, first.remote) == (second.remote, second.local)


def two_valid_pairs(config: AgentConfig) -> Lone:
    """An agent with two pairs that work; PATH has the higher priority."""
    lone = Lone(config)
    for path, priority in ((Lone.PATH, 9), (OTHER, 5)):
        lone.agent.add_remote_candidate(candidate(path, CandidateType.HOST, priority), 0.0)
    lone.drain()
    lone.tick(0.05)
    for index in range(2):
        lone.answer(0.1, index=index)
    return lone


def last_to(lone: Lone, path: Path) -> int:
    return max(index for index, (_, to) in enumerate(lone.requests) if to == path)


def let_path_die(lone: Lone) -> float:
    """Answer on OTHER only, until the agent uses that; returns when it does."""
    now = 0.1
    while lone.agent.selected_path != OTHER:
        due = lone.agent.poll_timeout()
        assert due is not None
        now, before = due, len(lone.requests)
        lone.tick(now)
        for index in range(before, len(lone.requests)):
            if lone.requests[index][1] == OTHER:
                lone.answer(now, index=index)
    return now


def test_late_answer_to_a_nomination_does_not_nominate_beside_its_successor() -> None:
    """ICE-26: RFC 8445 §8.1.1: else the peer would be told of two pairs for ever."""
    lone = two_valid_pairs(CONTROLLING)
    first = last_to(lone, Lone.PATH)
    now = let_path_die(lone)
    lone.answer(now, index=last_to(lone, OTHER))
    lone.answer(now, index=first)
    told = len(nominated(lone))
    for _ in range(40):
        lone.tick(now := now + 0.25)
        for path in (Lone.PATH, OTHER):
            lone.answer(now, index=last_to(lone, path))
    assert set(nominated(lone)[told:]) == {OTHER}
    assert [pair.nominated for pair in lone.agent.pairs] == [False, True]


def test_every_check_of_the_nominee_says_so_before_it_is_answered() -> None:
    """ICE-26: one that does not would take the nomination back."""
    lone = two_valid_pairs(AgentConfig(role=Role.CONTROLLING, rto=3.0))
    elected = next(n for n, (one, _) in enumerate(lone.requests) if UseCandidate in one)
    lone.tick(6.5)
    later = [one for one, path in lone.requests[elected:] if path == Lone.PATH]
    assert len(later) > 2 and all(UseCandidate in one for one in later)


def test_former_nominee_is_checked_without_a_nomination_when_the_peer_checks_it() -> None:
    """ICE-26: a peer that heard of it late, and last, learns that it is not wanted."""
    lone = two_valid_pairs(AgentConfig(role=Role.CONTROLLING, backup_pairs=0))
    now = let_path_die(lone)
    lone.answer(now, index=last_to(lone, OTHER))
    lone.tick(now + 1.99)
    before = len(lone.requests)
    for _ in range(3):  # not one for each, however many come
        lone.check(now + 2.0, message=lone.request(claim=CLAIM))
    sent = [(path, UseCandidate in one) for one, path in lone.requests[before:]]
    assert sent == [(Lone.PATH, False)]


def test_nomination_that_is_taken_back_makes_room_for_the_one_that_stands() -> None:
    """ICE-26: nominations of two paths may overtake each other."""
    lone = two_valid_pairs(AgentConfig())
    lone.check(0.2, use_candidate=True)
    lone.check(0.3, OTHER, use_candidate=True)
    assert lone.agent.selected_path == Lone.PATH
    lone.check(0.4)
    assert lone.agent.selected_path == OTHER


@pytest.mark.parametrize("data", [False, True])
def test_nomination_is_believed_for_a_while_unless_data_comes_over_the_pair(*, data: bool) -> None:
    """ICE-26: the controlling agent insists on another pair, and checks this one no more."""
    lone = two_valid_pairs(AgentConfig())
    lone.check(0.2, use_candidate=True)
    for number in range(1, 28):
        now = 0.2 + number / 4
        lone.tick(now)
        lone.answer(now, index=last_to(lone, Lone.PATH))
        if data:
            lone.agent.handle_data(Lone.PATH, 1, now)
        if number in {1, 27}:
            assert lone.agent.selected_path == Lone.PATH
            lone.check(now, OTHER, use_candidate=True)
    assert lone.agent.selected_path == (Lone.PATH if data else OTHER)


def test_controlled_agent_returns_to_the_nominated_pair_when_that_lives_again() -> None:
    """ICE-26: the controlling agent may have noticed nothing, and nominates once."""
    lone = two_valid_pairs(AgentConfig())
    lone.check(0.2, use_candidate=True)
    now = let_path_die(lone)
    lone.answer(now, index=last_to(lone, OTHER))
    assert lone.agent.selected_path == OTHER
    lone.check(now + 1.0)
    assert lone.agent.selected_path == Lone.PATH


def test_agent_that_becomes_controlling_tells_the_pair_that_it_uses() -> None:
    """ICE-23, ICE-26: its peer may have lost it."""
    lone = two_valid_pairs(AgentConfig())
    lone.check(0.2, OTHER, use_candidate=True)
    lone.agent.set_role(Role.CONTROLLING)
    lone.check(0.3, message=lone.request(claim=CLAIM))
    assert nominated(lone) == [OTHER]


def test_nomination_that_was_replaced_before_its_pair_was_valid_is_over() -> None:
    """ICE-26: also of a pair of higher priority."""
    lone = Lone()
    for path, priority in ((Lone.PATH, 9), (OTHER, 5)):
        lone.agent.add_remote_candidate(candidate(path, CandidateType.HOST, priority), 0.0)
    lone.drain()
    lone.tick(0.05)
    lone.check(0.1, use_candidate=True)
    lone.check(0.2, OTHER, use_candidate=True)
    lone.check(0.3)
    lone.answer(0.4, index=last_to(lone, OTHER))
    lone.answer(0.5, index=last_to(lone, Lone.PATH))
    assert lone.agent.selected_path == OTHER
