from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ice.harness import Call
from webrtc.ice import AgentConfig, Role
from webrtc.ice.roles import MAX_SWITCHES, Roles
from webrtc.stun.attributes import IceControlled, IceControlling
from webrtc.vnet import Link, Network


@pytest.mark.parametrize(
    ("role", "claim", "ours", "theirs", "yields"),
    [
        (Role.CONTROLLING, IceControlling, 5, 5, False),
        (Role.CONTROLLING, IceControlling, 6, 5, False),
        (Role.CONTROLLING, IceControlling, 4, 5, True),
        (Role.CONTROLLED, IceControlled, 5, 5, True),
        (Role.CONTROLLED, IceControlled, 6, 5, True),
        (Role.CONTROLLED, IceControlled, 4, 5, False),
    ],
)
def test_conflict_in_a_request(
    role: Role, claim: type[IceControlled], ours: int, theirs: int, *, yields: bool
) -> None:
    """ICE-23, ICETYP-25: the table of RFC 8445 §7.3.1.1."""
    roles = Roles(role, Random(1), lite=False)
    roles.tie_breaker = ours
    assert roles.conflicts(claim(theirs))
    assert roles.yields_to(claim(theirs)) is yields


def test_no_conflict() -> None:
    roles = Roles(Role.CONTROLLING, Random(1), lite=False)
    assert not roles.conflicts(IceControlled(1))
    assert not roles.conflicts(None)
    assert roles.attribute() == IceControlling(roles.tie_breaker)
    assert roles.role.opposite.opposite is roles.role


def test_lite_agent_never_yields() -> None:
    roles = Roles(Role.CONTROLLED, Random(1), lite=True)
    assert not roles.yields_to(IceControlled(0))


def test_refusal_switches_the_role_that_was_claimed_and_redraws() -> None:
    """I-18: RFC 8445 §7.2.5.1; a refusal that a request has overtaken changes nothing."""
    roles = Roles(Role.CONTROLLING, Random(1), lite=False)
    before = roles.tie_breaker
    seen = []
    for _ in range(2):
        assert roles.refused(Role.CONTROLLING)
        seen.append((roles.role, roles.switches, roles.tie_breaker))
    assert seen[0] == seen[1] == (Role.CONTROLLED, 1, roles.tie_breaker)
    assert roles.tie_breaker != before


def test_switches_are_bounded() -> None:
    """I-18: a peer that refuses for ever is not obeyed for ever."""
    roles = Roles(Role.CONTROLLING, Random(1), lite=False)
    answers = [roles.refused(roles.role) for _ in range(50)]
    assert answers.count(True) == MAX_SWITCHES
    assert not roles.yields_to(IceControlling(2**64 - 1))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("seed", range(20))
def test_two_agents_in_one_role_agree_and_connect(role: Role, seed: int) -> None:
    """ICE-23"""
    network = Network(Link(delay=0.02, jitter=0.01, loss=0.05), seed=seed)
    config = AgentConfig(role=role)
    call = Call(network, left=config, right=config).connect(10.0)
    network.run(3.0)
    assert {peer.agent.role for peer in call.peers} == set(Role)
    assert call.is_usable()


@settings(max_examples=40)
@given(st.integers(0, 2**64 - 1), st.lists(st.floats(0.001, 0.2), max_size=8), st.booleans())
def test_equal_tie_breakers_and_any_delays_converge(
    tie_breaker: int, delays: list[float], controlling: bool
) -> None:
    """I-18, ICE-23"""
    role = Role.CONTROLLING if controlling else Role.CONTROLLED
    network = Network(Link(delay=0.01), seed=tie_breaker)
    call = Call(network, left=AgentConfig(role=role), right=AgentConfig(role=role))
    for peer in call.peers:
        peer.agent._roles.tie_breaker = tie_breaker
    call.start()
    for delay in delays:
        for peer in call.peers:
            peer.host.cards[0].outbound.delay = delay
        network.run(delay)
    network.run_until(call.is_usable, 10.0)
    network.run(5.0)  # consent checks settle what the first ones left open
    assert {peer.agent.role for peer in call.peers} == set(Role)
    assert all(peer.agent._roles.switches <= 4 for peer in call.peers)
