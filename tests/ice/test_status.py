"""When an agent is connected, disconnected and failed."""

from dataclasses import replace

import pytest

from tests.ice.harness import Call, Lone
from webrtc.core import Path
from webrtc.ice import AgentConfig, Candidate, CandidateType, GatheringState, Role, State
from webrtc.vnet import Link, Network

PEER = Candidate("1", 1, "udp", 9, Lone.PEER, CandidateType.HOST)


def states(call: Call, after: float) -> list[list[State]]:
    return [[state for at, state in peer.states if at > after] for peer in call.peers]


def outage(seconds: float, *, talking: bool) -> tuple[Call, float]:
    """A connection whose both directions are dead for `seconds`, and when that began."""
    call = Call(Network(Link(delay=0.02), seed=2)).connect()
    call.exchange(5.0)
    began = call.now
    for peer in call.peers:
        peer.host.cards[0].outbound.blackhole(began, seconds)
    call.exchange(seconds + 3.0, None if talking else ())
    return call, began


def test_order_of_states_on_the_way_up_and_down() -> None:
    """ICETYP-22, ICE-11"""
    call = Call().connect()
    call.network.run(1.0)
    for peer in call.peers:
        peer.agent.close(call.now)
    call.network.run(0.1)
    expected = [State.CHECKING, State.CONNECTED, State.COMPLETED, State.CLOSED]
    assert states(call, -1.0) == [expected, expected]


@pytest.mark.parametrize("talking", [True, False])
def test_short_outage_is_not_noticed(*, talking: bool) -> None:
    """F-03"""
    call, began = outage(3.0, talking=talking)
    assert states(call, began) == [[], []]


@pytest.mark.parametrize("talking", [True, False])
@pytest.mark.parametrize("seconds", [5.5, 10.0, 20.0])
def test_long_outage_is_noticed_after_5_seconds_and_gone_after_1(
    seconds: float, *, talking: bool
) -> None:
    """F-03, ICECFG-04"""
    call, began = outage(seconds, talking=talking)
    for peer in call.peers:
        assert began + 4.0 < peer.when(State.DISCONNECTED, began) <= began + 6.0
        back = peer.when(State.CONNECTED, began)
        assert began + seconds < back <= began + seconds + 1.0
        assert peer.agent.state is State.COMPLETED
        assert peer.received[-1][0] > began + seconds or not talking


@pytest.mark.parametrize("talking", [True, False])
def test_dead_peer_is_given_up_after_30_seconds(*, talking: bool) -> None:
    """F-04, F-16, F-18: from the last response on, which is at most 6 s before the outage."""
    call, began = outage(45.0, talking=talking)
    for peer in call.peers:
        assert peer.when(State.DISCONNECTED, began) <= began + 6.0
        assert began + 24.0 <= peer.when(State.FAILED, began) <= began + 31.0
        assert peer.agent.selected_path is None and peer.agent.poll_timeout() is None
        assert states(call, began)[0] == [State.DISCONNECTED, State.FAILED]


def test_one_way_data_keeps_both_sides_connected() -> None:
    """ICECFG-06: the side that only sends hears the answers to its checks."""
    call = Call().connect()
    began = call.now
    call.exchange(30.0, [call.left])
    assert [s for s in states(call, began) if State.DISCONNECTED in s] == []


def test_idle_connection_stays_connected() -> None:
    call = Call().connect()
    began = call.now
    call.network.run(3600.0)
    assert [s for s in states(call, began) if State.DISCONNECTED in s] == []


def test_no_failure_while_the_peer_may_still_trickle() -> None:
    """ICECFG-05, F-46: nothing is failed before there is anything to check."""
    lone = Lone()
    lone.tick(3600.0)
    assert lone.state() is State.NEW
    lone.agent.add_remote_candidate(PEER, 3600.0)
    assert lone.state() is State.CHECKING
    lone.tick(3624.9)
    assert lone.state() is State.CHECKING
    lone.tick(3625.0)
    assert lone.state() is State.FAILED


def test_all_pairs_failed_and_no_more_to_come() -> None:
    """ICECFG-05: the peer may be waiting for its signalling, so nothing cuts the wait short."""
    lone = Lone()
    lone.agent.add_remote_candidate(PEER, 0.0)
    lone.agent.end_of_candidates(0.0)
    lone.tick(24.9)
    assert lone.state() is State.CHECKING
    lone.tick(25.0)
    assert lone.state() is State.FAILED


def test_every_sign_of_the_peer_begins_the_wait_anew() -> None:
    """ICECFG-05: a new candidate, a description, the first check."""
    lone = Lone()
    lone.agent.add_remote_candidate(PEER, 0.0)
    lone.tick(20.0)
    lone.agent.add_remote_candidate(replace(PEER, address=("192.0.2.9", 9000)), 20.0)
    lone.tick(40.0)
    lone.agent.set_remote_credentials(lone.remote.ufrag, lone.remote.pwd, 40.0)
    lone.tick(60.0)
    lone.agent.gather([("192.0.2.88", 5000)], [], 60.0)
    lone.tick(80.0)
    lone.check(80.0)
    for now in range(81, 105):
        lone.tick(now)
        lone.check(float(now))
    lone.tick(104.9)
    assert lone.state() is State.CHECKING
    lone.tick(105.0)
    assert lone.state() is State.FAILED


def test_a_peer_that_answers_and_never_checks_has_not_heard_of_us() -> None:
    """Its answer to our description may be long on its way, but not for ever."""
    lone = Lone(AgentConfig(failed_timeout=60.0))
    lone.agent.add_remote_candidate(PEER, 0.0)
    lone.drain()
    lone.answer(0.1)
    for now in range(1, 60):
        lone.tick(now)
        lone.answer(now)
    assert lone.state() is State.CONNECTED
    lone.tick(60.0)
    assert lone.state() is State.FAILED


@pytest.mark.parametrize("sign", ["check", "data"])
def test_a_peer_that_has_heard_of_us_may_nominate_late(sign: str) -> None:
    lone = Lone()
    lone.agent.add_remote_candidate(PEER, 0.0)
    lone.drain()
    lone.answer(0.1)
    if sign == "check":
        lone.check(0.2)
    else:
        lone.agent.handle_data(Lone.PATH, 100, 0.2)
    for now in range(1, 100):
        lone.tick(now)
        lone.answer(now)
    assert lone.state() is State.CONNECTED


def test_quick_refusals_are_waited_out() -> None:
    """RFC 8863 §3: the peer may still find us, so refused pairs alone are no failure."""
    lone = Lone()
    lone.agent.add_remote_candidate(PEER, 0.0)
    lone.agent.end_of_candidates(0.0)
    lone.drain()
    request, path = lone.requests[-1]
    refusal = request.error(400).encode(key=lone.remote.pwd.encode(), fingerprint=True)
    lone.read(refusal, path, 0.1)
    lone.tick(10.0)
    assert lone.state() is State.CHECKING
    lone.connect(10.0)
    assert lone.state() is State.COMPLETED


def test_peer_without_candidates_may_still_check_us() -> None:
    """RFC 8863 §1: as behind a name that cannot be resolved."""
    lone = Lone()
    lone.agent.end_of_candidates(0.0)
    lone.tick(20.0)
    assert lone.state() is State.CHECKING
    lone.connect(20.0)
    assert lone.state() is State.COMPLETED
    forsaken = Lone()
    forsaken.agent.end_of_candidates(0.0)
    forsaken.tick(25.0)
    assert forsaken.state() is State.FAILED


def test_failure_time_is_a_setting() -> None:
    """ICECFG-05"""
    lone = Lone(AgentConfig(failed_timeout=3.0))
    lone.agent.add_remote_candidate(PEER, 0.0)
    lone.tick(2.9)
    assert lone.state() is State.CHECKING
    lone.tick(3.0)
    assert lone.state() is State.FAILED


def test_disconnection_time_is_a_setting() -> None:
    """ICECFG-04"""
    lone = Lone(AgentConfig(disconnected_timeout=1.0))
    lone.connect()
    lone.tick(0.99)
    assert lone.state() is State.CONNECTED
    lone.tick(1.0)
    assert lone.state() is State.DISCONNECTED


def test_failed_agent_sends_no_check_and_goes_on_gathering() -> None:
    lone = Lone(AgentConfig(failed_timeout=0.06, fast_check_interval=0.05))
    lone.agent.gather([Lone.HOST], [("192.0.2.53", 3478)], 0.0)
    for number in range(9):
        lone.agent.add_remote_candidate(replace(PEER, address=("192.0.2.2", 6000 + number)), 0.0)
    lone.tick(10.0)
    assert {path.remote[1] for _, path in lone.requests} == {3478, 6000, 6001}
    assert lone.agent.gathering_state is GatheringState.COMPLETE


def test_failed_agent_is_silent() -> None:
    lone = Lone(AgentConfig(failed_timeout=3.0))
    lone.agent.add_remote_candidate(PEER, 0.0)
    lone.tick(3.0)
    lone.check(4.0)
    assert (lone.responses, lone.agent.discarded, lone.agent.poll_timeout()) == ([], 1, None)


@pytest.mark.parametrize("stall", [2.0, 5.0, 20.0])
def test_caller_that_stood_still_is_not_the_peers_fault(stall: float) -> None:
    """F-22, F-23: what has arrived meanwhile is heard before anything is declared dead."""
    lone = Lone()
    lone.connect()
    lone.tick(1.0)
    woken = 1.0 + stall
    lone.agent.handle_timeout(woken)
    lone.agent.handle_data(Lone.PATH, 100, woken)
    lone.drain()
    lone.tick(woken + 0.2)
    assert lone.state() is State.CONNECTED
    changes = [event for event in lone.events if type(event).__name__ == "StateChanged"]
    assert len(changes) == 2  # checking, connected


def test_suspended_machine_fails_once_nothing_has_arrived() -> None:
    """F-21: ten minutes asleep; every timer acts once."""
    lone = Lone()
    lone.connect()
    before = len(lone.requests)
    lone.agent.handle_timeout(600.0)
    lone.drain()
    assert len(lone.requests) - before <= 1 and lone.state() is State.CONNECTED
    lone.tick(601.0)
    assert lone.state() is State.FAILED


def test_completed_means_that_both_have_nothing_left_to_try() -> None:
    lone = Lone(AgentConfig(role=Role.CONTROLLING))
    other = Candidate("2", 1, "udp", 5, ("192.0.2.77", 7000), CandidateType.HOST)
    lone.agent.add_remote_candidate(PEER, 0.0)
    lone.drain()
    lone.answer(0.1)
    lone.answer(0.2)
    assert lone.state() is State.CONNECTED  # the peer may have more candidates
    lone.agent.add_remote_candidate(other, 0.2)
    lone.agent.end_of_candidates(0.2)
    assert lone.state() is State.CONNECTED  # one pair is being checked
    now = 0.2
    while lone.state() is State.CONNECTED and now < 30.0:
        lone.agent.handle_data(Path(Lone.HOST, Lone.PEER), 1, now := now + 0.5)
        lone.tick(now)
        lone.answer(now, index=max(n for n, r in enumerate(lone.requests) if r[1] == Lone.PATH))
    assert lone.state() is State.COMPLETED and now == pytest.approx(17.7, abs=1.0)
