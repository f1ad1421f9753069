import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.ice.harness import Call, Lone
from webrtc.core import Path
from webrtc.ice import AgentConfig, Candidate, CandidateType, Role, State
from webrtc.stun.attributes import IceControlled, UseCandidate
from webrtc.stun.responder import Responder
from webrtc.vnet import Behavior, Link, Nat, Network

SERVER = ("198.51.100.53", 3478)
CONTROLLING = AgentConfig(role=Role.CONTROLLING)
CLAIM = IceControlled(1)
LOSS = {"drop": 0.5}
OTHER = Path(Lone.HOST, ("192.0.2.3", 6000))


def candidate(path: Path, type_: CandidateType, priority: int = 1) -> Candidate:
    return Candidate(str(path.remote), 1, "udp", priority, path.remote, type_)


def nominated(lone: Lone) -> list[Path]:
    return [path for request, path in lone.requests if UseCandidate in request]


def in_use(lone: Lone) -> tuple[Path | None, State]:
    return lone.agent.selected_path, lone.state()


def test_pair_between_hosts_is_usable_after_one_round_trip() -> None:
    """ICE-26, ICECFG-19: on both sides, since the nomination need not be awaited."""
    call = Call(Network(Link(delay=0.05))).connect()
    assert call.left.when(State.CONNECTED) == pytest.approx(0.1)
    assert call.right.when(State.CONNECTED) == pytest.approx(0.1)


def test_regular_nomination_comes_after_the_pair_is_valid() -> None:
    """ICE-26: RFC 8445 §8.1.1: with a check of its own."""
    lone = Lone(CONTROLLING)
    lone.agent.add_remote_candidate(candidate(Lone.PATH, CandidateType.HOST), 0.0)
    lone.drain()
    assert nominated(lone) == []
    lone.answer(0.1)
    assert nominated(lone) == [Lone.PATH]
    assert lone.agent.selected_pair is not None and not lone.agent.selected_pair.nominated
    lone.answer(0.2)
    assert lone.agent.selected_pair.nominated


@pytest.mark.parametrize(
    ("type_", "wait"),
    [
        (CandidateType.HOST, 0.0),
        (CandidateType.PEER_REFLEXIVE, 0.1),
        (CandidateType.SERVER_REFLEXIVE, 0.1),
        (CandidateType.RELAYED, 0.5),
    ],
)
def test_lesser_kinds_wait_for_better_ones(type_: CandidateType, wait: float) -> None:
    """ICECFG-19"""
    lone = Lone(CONTROLLING)
    if type_ is CandidateType.PEER_REFLEXIVE:
        lone.check(1.0, message=lone.request(claim=CLAIM))
    else:
        lone.agent.add_remote_candidate(candidate(Lone.PATH, type_), 1.0)
        lone.drain()
    lone.answer(1.0)
    if wait:
        lone.tick(1.0 + wait - 0.001)
        assert nominated(lone) == []
    lone.tick(1.0 + wait)
    assert nominated(lone) == [Lone.PATH]


def test_longest_wait_of_all_kinds() -> None:
    """ICECFG-20"""
    config = AgentConfig(role=Role.CONTROLLING, relay_min_wait=9.0, accepting_max_wait=0.3)
    lone = Lone(config)
    lone.agent.add_remote_candidate(candidate(Lone.PATH, CandidateType.RELAYED), 0.0)
    lone.drain()
    lone.answer(0.0)
    lone.tick(0.3)
    assert nominated(lone) == [Lone.PATH]


def test_better_pair_that_comes_while_waiting_is_taken() -> None:
    lone = Lone(CONTROLLING)
    lone.agent.add_remote_candidate(candidate(OTHER, CandidateType.RELAYED), 0.0)
    lone.drain()
    lone.answer(0.0)
    lone.agent.add_remote_candidate(candidate(Lone.PATH, CandidateType.HOST, 9), 0.1)
    lone.tick(0.1)
    lone.answer(0.2)
    assert nominated(lone) == [Lone.PATH]


def test_no_wait_when_nothing_better_can_come() -> None:
    lone = Lone(CONTROLLING)
    lone.agent.add_remote_candidate(candidate(Lone.PATH, CandidateType.RELAYED), 0.0)
    lone.agent.end_of_candidates(0.0)
    lone.drain()
    lone.answer(0.1)
    assert nominated(lone) == [Lone.PATH]


def test_relayed_path_is_left_for_a_direct_one() -> None:
    """ICE-13"""
    lone = Lone(CONTROLLING)
    lone.agent.add_remote_candidate(candidate(OTHER, CandidateType.RELAYED), 0.0)
    lone.drain()
    lone.answer(0.0)
    lone.tick(0.5)
    lone.answer(0.5)
    assert lone.agent.selected_path == OTHER
    lone.agent.add_remote_candidate(candidate(Lone.PATH, CandidateType.HOST, 9), 1.0)
    lone.drain()
    lone.answer(1.1)
    assert lone.agent.selected_path == Lone.PATH
    assert [*dict.fromkeys(nominated(lone))] == [OTHER, Lone.PATH]


def test_nomination_that_stays_unanswered_gives_way_to_a_pair_that_lives() -> None:
    """ICE-26"""
    lone = Lone(AgentConfig(role=Role.CONTROLLING, keepalive_interval=None))
    for path, priority in ((Lone.PATH, 9), (OTHER, 5)):
        lone.agent.add_remote_candidate(candidate(path, CandidateType.HOST, priority), 0.0)
    lone.drain()
    lone.answer(0.0)
    lone.tick(0.05)
    lone.answer(0.05)
    while lone.agent.selected_path == Lone.PATH:
        due = lone.agent.poll_timeout()
        assert due is not None
        before = len(lone.requests)
        lone.agent.handle_timeout(due)
        lone.drain()
        for index in range(before, len(lone.requests)):
            if lone.requests[index][1] == OTHER:
                lone.answer(due, index=index)
    assert nominated(lone) == [Lone.PATH] * 4 + [OTHER]


def test_aggressive_nomination_settles_on_the_best_pair() -> None:
    """ICE-26: RFC 5245 §8.1.1.2: every check is marked; both ends come to the same pair."""
    lone = Lone()
    lone.agent.add_remote_candidate(candidate(OTHER, CandidateType.HOST, 3), 0.0)
    lone.agent.add_remote_candidate(candidate(Lone.PATH, CandidateType.HOST, 9), 0.0)
    lone.drain()
    for path in (OTHER, Lone.PATH, OTHER):
        lone.check(0.1, path, use_candidate=True)
        lone.tick(0.2)
        lone.answer(0.2)
    assert lone.agent.selected_path == Lone.PATH


def test_nomination_of_a_lower_pair_is_followed_when_the_selected_one_is_silent() -> None:
    """ICE-26: renomination, as after a change of networks."""
    lone = Lone()
    lone.agent.add_remote_candidate(candidate(OTHER, CandidateType.HOST, 3), 0.0)
    lone.agent.add_remote_candidate(candidate(Lone.PATH, CandidateType.HOST, 9), 0.0)
    lone.drain()
    lone.check(0.0, use_candidate=True)
    lone.answer(0.0)
    assert lone.agent.selected_path == Lone.PATH
    lone.check(2.0, OTHER, use_candidate=True)
    lone.tick(2.0)
    index = max(n for n, (_, path) in enumerate(lone.requests) if path == OTHER)
    lone.answer(2.0, index=index)
    assert lone.agent.selected_path == OTHER


def test_signalled_type_of_a_discovered_candidate_ends_the_wait() -> None:
    """ICE-24"""
    lone = Lone(CONTROLLING)
    lone.check(0.0, message=lone.request(claim=CLAIM))
    lone.answer(0.01)
    assert nominated(lone) == []
    lone.agent.add_remote_candidate(candidate(Lone.PATH, CandidateType.HOST, 9), 0.02)
    lone.drain()
    assert nominated(lone) == [Lone.PATH]


def test_symmetric_nat_pair_is_peer_reflexive() -> None:
    """ICE-24"""
    network = Network(Link(delay=0.02), seed=2)
    network.add(SERVER, Responder())
    nat = Nat("203.0.113.1", mapping=Behavior.ADDRESS_AND_PORT_DEPENDENT)
    home = network.host("home", router=network.router("home", "10.0.0.0/24", nat=nat))
    call = Call(network, hosts=(home, network.host("public", "198.51.100.2")))
    call.connect(servers=[SERVER])
    left, right = (peer.agent.selected_pair for peer in call.peers)
    assert left is not None and right is not None
    assert (left.local.type, right.remote.type) == ("prflx", "prflx")
    assert left.local.address == right.remote.address


@example(["swap", "left", "left", "left", "right", *["left"] * 15], 1)
@given(
    st.lists(st.sampled_from(["left", "right", "swap", "drop", "late"]), max_size=25),
    st.integers(0, 3),
)
def test_any_schedule_of_loss_and_delay_ends_on_one_path(steps: list[str], extra: int) -> None:
    """ICE-26, ICE-01: several addresses on both sides; both agree on a path in the end."""
    network = Network(Link(delay=0.01), seed=extra)
    hosts = network.host("left", "198.51.100.1"), network.host("right", "198.51.100.2")
    for number in range(extra):
        hosts[number % 2].add_interface(network.wan, f"198.51.100.{10 + number}")
    call = Call(network, hosts=hosts).start()
    links = [[card.outbound for card in host.cards] for host in hosts]
    for step in [*steps, "calm"]:
        for link in links[0] + links[1]:
            link.loss, link.delay = LOSS.get(step, 0.0), 0.01
        for link in links[step == "right"] if step in {"left", "right"} else []:
            link.loss = 1.0
        if step in {"late", "swap"}:
            links[step == "swap"][-1].delay = 0.4
        network.run(0.1)
    network.run_until(call.is_usable, 20.0)
    network.run(10.0)
    left, right = (peer.agent.selected_path for peer in call.peers)
    assert left is not None and right is not None
    assert (left.local, left.remote) == (right.remote, right.local)


def test_controlled_agent_sends_over_the_best_valid_pair_until_one_is_nominated() -> None:
    """ICE-26: RFC 8445 §12.1; and then over no other."""
    lone = Lone()
    for path, priority in ((Lone.PATH, 9), (OTHER, 5)):
        lone.agent.add_remote_candidate(candidate(path, CandidateType.HOST, priority), 0.0)
    lone.drain()
    lone.tick(0.05)
    assert [path for _, path in lone.requests] == [Lone.PATH, OTHER]
    assert in_use(lone) == (None, State.CHECKING)
    lone.answer(0.1, index=1)
    assert in_use(lone) == (OTHER, State.CONNECTED)
    lone.answer(0.1, index=0)
    assert in_use(lone) == (Lone.PATH, State.CONNECTED)
    assert not any(pair.nominated for pair in lone.agent.pairs)
    lone.check(0.2, OTHER, use_candidate=True)
    assert lone.agent.selected_path == OTHER


def test_controlling_agent_sends_while_it_waits_for_something_better() -> None:
    """ICECFG-19: RFC 8445 §12.1."""
    lone = Lone(CONTROLLING)
    lone.agent.add_remote_candidate(candidate(Lone.PATH, CandidateType.RELAYED), 0.0)
    lone.drain()
    lone.answer(0.0)
    assert in_use(lone) == (Lone.PATH, State.CONNECTED)
    assert nominated(lone) == []
    lone.tick(0.5)
    assert nominated(lone) == [Lone.PATH]


def test_pair_that_dies_before_any_was_nominated_gives_way() -> None:
    """ICE-26"""
    lone = Lone()
    for path, priority in ((Lone.PATH, 9), (OTHER, 5)):
        lone.agent.add_remote_candidate(candidate(path, CandidateType.HOST, priority), 0.0)
    lone.drain()
    lone.tick(0.05)
    lone.answer(0.1, index=0)
    lone.answer(0.1, index=1)
    assert lone.agent.selected_path == Lone.PATH
    for _ in range(50):
        before = len(lone.requests)
        due = lone.agent.poll_timeout()
        assert due is not None
        lone.agent.handle_timeout(due)
        lone.drain()
        for index in range(before, len(lone.requests)):
            if lone.requests[index][1] == OTHER:
                lone.answer(due, index=index)
        if lone.agent.selected_path != Lone.PATH:
            break
    assert lone.agent.selected_path == OTHER


def test_nomination_that_comes_before_the_pair_is_valid_is_remembered() -> None:
    lone = Lone()
    lone.check(0.0, use_candidate=True)
    assert lone.agent.selected_path is None
    lone.answer(0.1)
    assert lone.agent.selected_path == Lone.PATH


def test_priority_of_the_pair_is_not_changed_by_what_a_nat_does() -> None:
    lone = Lone(CONTROLLING)
    lone.agent.add_remote_candidate(candidate(Lone.PATH, CandidateType.HOST, 9), 0.0)
    lone.drain()
    before = lone.agent.pairs[0].priority
    lone.answer(0.1, mapped=("203.0.113.7", 777))
    assert lone.agent.pairs[0].priority == before and lone.agent.pairs[0].kind == 1


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
