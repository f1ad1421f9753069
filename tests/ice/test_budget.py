"""One rate of checks to strangers for many agents."""

from dataclasses import replace
from random import Random

import pytest

from tests.ice.harness import Lone
from webrtc.core import Path
from webrtc.ice import Agent, AgentConfig, Candidate, CandidateType
from webrtc.ice.budget import Budget

PEER = Candidate("1", 1, "udp", 9, Lone.PEER, CandidateType.HOST)


def test_places_are_a_pause_apart_after_a_burst() -> None:
    budget = Budget(100.0)  # so that a burst of 0.1 s is 11 places
    assert [budget.reserve(5.0) for _ in range(11)] == [5.0] * 11
    assert [budget.reserve(5.0) for _ in range(3)] == pytest.approx([5.01, 5.02, 5.03])
    assert budget.reserve(6.0) == 6.0


def checks(agents: list[Agent], until: float) -> list[tuple[float, Path]]:
    """When each check goes out, agent by agent as their timers are due."""
    sent = []
    now = 0.0
    while now <= until:
        for agent in agents:
            while (transmit := agent.poll_write()) is not None:
                sent.append((now, transmit.path))
        due = [(agent.poll_timeout() or until + 1.0, n) for n, agent in enumerate(agents)]
        now, number = min(due)
        agents[number].handle_timeout(now)
    return sent


def start(config: AgentConfig, number: int) -> Agent:
    """An agent that wants to check three addresses at once."""
    agent = Agent(config, Random(number))
    agent.gather([Lone.HOST], [], 0.0)
    agent.set_remote_credentials("peer", "p" * 22, 0.0)
    candidates = [replace(PEER, address=("192.0.2.9", 6000 + port)) for port in range(3)]
    agent.add_remote_candidates(candidates, 0.0)
    return agent


def test_agents_share_a_budget() -> None:
    """The flood that a thousand connections would be is spread, and each gets its turn."""
    config = AgentConfig(budget=Budget(1000.0))
    agents = [start(config, number) for number in range(400)]
    times = [now for now, _ in checks(agents, 1.5)]
    for tenth in range(14):
        assert sum(tenth / 10 <= now < (tenth + 1) / 10 for now in times) <= 202
    assert len([now for now in times if now < 0.5]) > 550
    assert len(times) >= 1200
    assert all(pair.requests_sent for agent in agents for pair in agent.pairs)


def test_who_was_heard_is_not_kept_waiting() -> None:
    """Triggered checks, and later those for consent, take no place in the budget."""
    budget = Budget(1000.0)
    lone = Lone(AgentConfig(budget=budget))
    for _ in range(5000):
        budget.reserve(0.0)
    lone.agent.add_remote_candidate(replace(PEER, address=("192.0.2.9", 6000)), 0.0)
    lone.drain()
    assert lone.requests == []
    lone.check(0.0, use_candidate=True)
    assert [path for _, path in lone.requests] == [Lone.PATH]
    lone.answer(0.01)
    before = budget.reserve(0.1)
    lone.tick(4.0)
    asked = {path for _, path in lone.requests}
    assert asked == {Lone.PATH}
    assert len(lone.requests) > 2
    assert budget.reserve(0.1) == pytest.approx(before + 0.001)  # nobody has taken one between


def test_an_agent_without_a_budget_waits_for_nobody() -> None:
    agents = [start(AgentConfig(), number) for number in range(10)]
    assert [now for now, _ in checks(agents, 0.0)] == [0.0] * 10
