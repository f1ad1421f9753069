import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.ice.harness import Call, Lone
from webrtc.core import Path
from webrtc.ice import AgentConfig, Candidate, CandidateType, Role, State
from webrtc.ice.nomination import OVERDUE
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


def overtaken(config: AgentConfig, round_trip: float = 0.0) -> Lone:
    """An agent whose pair was valid before the peer checked it, at 0.2."""
    lone = Lone(config)
    lone.agent.add_remote_candidate(candidate(Lone.PATH, CandidateType.HOST), 0.0)
    lone.drain()
    lone.answer(round_trip)
    lone.check(0.2)
    return lone


def test_controlling_agent_that_nominates_nothing_is_checked_once_more() -> None:
    """Pion and webrtc-rs nominate when they are checked, and else every 200 ms."""
    lone = overtaken(AgentConfig())
    assert len(lone.requests) == 1
    lone.tick(0.2 + OVERDUE - 0.001)
    assert len(lone.requests) == 1
    lone.tick(1.0)
    assert [path for _, path in lone.requests] == [Lone.PATH] * 2


@pytest.mark.parametrize(("round_trip", "wait"), [(0.02, 1.5 * 0.02), (0.1, 2 * OVERDUE)])
def test_controlling_agent_that_is_far_has_more_time_to_nominate(
    round_trip: float, wait: float
) -> None:
    """But not much more: it may be near, and have held our check back until it had our answer."""
    lone = overtaken(AgentConfig(), round_trip)
    lone.tick(0.2 + wait - 0.001)
    assert len(lone.requests) == 1
    lone.tick(0.2 + wait + 0.001)
    assert len(lone.requests) == 2


def test_controlling_agent_that_nominates_is_not_checked_again() -> None:
    lone = overtaken(AgentConfig())
    lone.check(0.21, use_candidate=True)
    lone.tick(1.0)
    assert len(lone.requests) == 1
