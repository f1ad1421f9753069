"""ICE-lite on either side. RFC 8445 §2.5, §6.1.1, §8.2."""

import pytest

from tests.ice.harness import LEFT, RIGHT, Call, Lone
from webrtc.core import Path
from webrtc.ice import AgentConfig, Role, State
from webrtc.vnet import Link, Network

LITE, FULL = AgentConfig(lite=True), AgentConfig()


@pytest.mark.parametrize(("left", "right"), [(LITE, FULL), (FULL, LITE)])
@pytest.mark.parametrize("seed", range(10))
def test_lite_and_full_agent_connect(left: AgentConfig, right: AgentConfig, seed: int) -> None:
    """ICECFG-12: whoever offers; the full one controls, the lite one sends no check."""
    network = Network(Link(delay=0.02, jitter=0.01, loss=0.1), seed=seed)
    call = Call(network, left=left, right=right).connect(10.0)
    lite, full = call.peers if left.lite else call.peers[::-1]
    assert (lite.agent.role, full.agent.role) == (Role.CONTROLLED, Role.CONTROLLING)
    call.exchange(40.0)
    assert call.is_usable()
    assert [pair.requests_sent for pair in lite.agent.pairs] == [0]
    assert lite.received[-1][0] > call.now - 0.3 < full.received[-1][0] + 0.3


def test_lite_agent_needs_no_candidates_of_the_peer() -> None:
    """ICECFG-12: it takes what an authentic check shows; data only from there."""
    lone = Lone(LITE)
    lone.check(0.0)
    assert lone.agent.allows(Lone.PATH) and lone.agent.selected_pair is None
    lone.check(0.1, use_candidate=True)
    assert lone.agent.selected_path == Lone.PATH
    assert lone.requests == [] and len(lone.responses) == 2
    assert lone.state() is State.CONNECTED


def test_checks_of_the_peer_are_the_consent_that_a_lite_agent_goes_by() -> None:
    """ICE-04: it cannot ask, so it lives by what it is asked."""
    lone = Lone(LITE)
    lone.check(0.0, use_candidate=True)
    for second in range(5, 100, 5):
        lone.tick(second)
        lone.check(float(second))
    assert lone.state() is State.CONNECTED
    lone.tick(104.9)
    assert lone.state() is State.CONNECTED
    lone.tick(105.0)
    assert lone.state() is State.DISCONNECTED
    lone.tick(125.0)
    assert lone.state() is State.FAILED
    assert not lone.agent.allows(Lone.PATH)


def test_lite_agent_follows_a_peer_that_moved() -> None:
    """F-11"""
    lone = Lone(LITE)
    lone.check(0.0, use_candidate=True)
    moved = Path(Lone.HOST, ("192.0.2.2", 61000))
    lone.check(2.5, moved, use_candidate=True)
    assert lone.agent.selected_path == moved
    for second in range(5, 20, 2):  # never nominated again
        lone.check(float(second), Lone.PATH)
        lone.tick(float(second))
    assert lone.agent.selected_path == Lone.PATH


def test_two_lite_agents_agree_by_priority_alone() -> None:
    """ICECFG-12: RFC 8445 §6.1.1, §8.2: roles as signalled, no check at all."""
    network = Network(Link(delay=0.02))
    hosts = network.host("left", LEFT), network.host("right", RIGHT)
    hosts[0].add_interface(network.wan, "198.51.100.11")
    left = AgentConfig(lite=True, role=Role.CONTROLLING)
    call = Call(network, hosts=hosts, left=left, right=LITE).start()
    seen: list[bytes] = []
    network.watch(lambda now, action, packet, place: seen.append(packet.data))
    network.run(0.1)
    assert call.is_usable() and seen == []
    assert [peer.agent.role for peer in call.peers] == [Role.CONTROLLING, Role.CONTROLLED]
    one, other = (peer.agent.selected_path for peer in call.peers)
    assert one and other and (one.local, one.remote) == (other.remote, other.local)
    call.exchange(1.0)
    network.run(3600.0)
    assert call.is_usable()
    assert len(call.left.received) == len(call.right.received) == 20


def test_role_follows_from_who_is_lite() -> None:
    """ICECFG-10"""
    lone = Lone(FULL)
    lone.agent.remote_lite = True
    assert lone.role() is Role.CONTROLLING
    lone.agent.set_role(Role.CONTROLLED)
    assert lone.role() is Role.CONTROLLING
    lite = Lone(AgentConfig(lite=True, role=Role.CONTROLLING))
    lite.agent.set_role(Role.CONTROLLING)
    assert lite.role() is Role.CONTROLLED
