from dataclasses import asdict
from random import Random
from typing import Any

import pytest

from webrtc.errors import InvalidAccessError
from webrtc.ice import Agent, AgentConfig, CandidateType, NetworkType, Role

DEFAULTS = {
    "role": Role.CONTROLLED,
    "lite": False,
    "ufrag": None,
    "pwd": None,
    "candidate_types": frozenset(CandidateType),
    "network_types": frozenset({NetworkType.UDP4, NetworkType.UDP6}),
    "low_ports": False,
    "ip_filter": None,
    "local_preference": None,
    "nat_1to1_ips": (),
    "nat_1to1_candidate_type": CandidateType.HOST,
    "stun_timeout": 5.0,
    "gather_interval": 0.005,
    "server_keepalive_interval": 15.0,
    "check_interval": 0.05,
    "fast_check_interval": 0.01,
    "fast_checks": 100,
    "recheck_interval": 2.0,
    "budget": None,
    "triggered_check_interval": 0.005,
    "rto": 0.5,
    "max_rto": 2.0,
    "max_binding_requests": 7,
    "host_min_wait": 0.0,
    "prflx_min_wait": 0.1,
    "srflx_min_wait": 0.1,
    "relay_min_wait": 0.5,
    "accepting_max_wait": 2.0,
    "disconnected_timeout": 5.0,
    "failed_timeout": 25.0,
    "keepalive_interval": 2.0,
    "consent_interval": 5.0,
    "consent_timeout": 30.0,
    "probe_interval": 0.5,
    "switch_timeout": 1.5,
    "max_pairs": 500,
    "max_remote_candidates": 64,
    "max_peer_reflexive": 16,
    "max_early_checks": 32,
    "backup_pairs": 2,
}


def test_defaults() -> None:
    """ICECFG-21"""
    assert asdict(AgentConfig()) == DEFAULTS


def test_transaction_time_is_the_life_of_one_check() -> None:
    assert AgentConfig().transaction_time == 0.5 + 1.0 + 4 * 2.0 + 8.0
    # RFC 8489 §6.2.1 without a limit to the doubling
    assert AgentConfig(max_rto=100.0).transaction_time == 39.5


@pytest.mark.parametrize(
    "setting",
    [
        {"rto": 0.0},
        {"rto": -1.0},
        {"check_interval": 0.0},
        {"recheck_interval": 0.0},
        {"max_pairs": 0},
        {"consent_timeout": -1.0},
        {"nat_1to1_candidate_type": CandidateType.RELAYED},
    ],
)
def test_values_that_cannot_work_are_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(InvalidAccessError):
        AgentConfig(**setting)


def test_credentials_and_role_can_be_set() -> None:
    """ICECFG-10"""
    config = AgentConfig(role=Role.CONTROLLING, ufrag="ufrag", pwd="p" * 22)
    agent = Agent(config, Random(1))
    assert (agent.local_ufrag, agent.local_pwd) == ("ufrag", "p" * 22)
    assert agent.role is Role.CONTROLLING
