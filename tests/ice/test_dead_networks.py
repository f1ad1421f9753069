"""Twenty networks on each side that lead nowhere, and one that works, ranked last.

As on machines with containers, VPNs and virtual adapters.
"""

import pytest

from tests.ice.harness import Call, Lone
from webrtc.core import Path
from webrtc.ice import AgentConfig, Candidate, CandidateType, PairState, Role
from webrtc.stun.responder import Responder
from webrtc.vnet import Host, Link, Nat, Network
from webrtc.vnet.router import Router

DEAD = 20
DELAY = 0.05
SERVER = ("198.51.100.53", 3478)


def host(network: Network, side: int, works: Router, *address: str) -> Host:
    """A machine whose first networks lose everything."""
    made: Host | None = None
    for number in range(DEAD):
        router = network.router(f"dead{side}.{number}", f"172.{side}.{number}.0/24")
        router.filter(lambda _: True)
        if made is None:
            made = network.host(f"host{side}", router=router)
        else:
            made.add_interface(router)
    assert made is not None
    made.add_interface(works, *address)
    return made


def call(kind: str) -> Call:
    network = Network(Link(delay=DELAY), seed=3)
    network.add(SERVER, Responder())
    if kind == "one subnet":
        lan = network.router("lan", "10.0.0.0/24")
        hosts = host(network, 16, lan), host(network, 17, lan)
    elif kind == "one public":
        home = network.router("home", "10.0.0.0/24", nat=Nat("203.0.113.1"))
        hosts = host(network, 16, home), host(network, 17, network.wan, "198.51.100.2")
    elif kind == "both public":
        hosts = (
            host(network, 16, network.wan, "198.51.100.1"),
            host(network, 17, network.wan, "198.51.100.2"),
        )
    else:
        homes = [
            network.router(f"home{n}", f"10.{n}.0.0/24", nat=Nat(f"203.0.113.{n}")) for n in (1, 2)
        ]
        hosts = host(network, 16, homes[0]), host(network, 17, homes[1])
    return Call(network, hosts=hosts)


@pytest.mark.parametrize("kind", ["one subnet", "one public", "both public"])
def test_neighbours_and_those_who_are_heard_connect_in_five_seconds(kind: str) -> None:
    one = call(kind)
    one.connect(5.0)
    assert one.left.agent.selected_path is not None


def test_all_others_connect_once_every_pair_was_checked() -> None:
    """441 x Ta and two round trips."""
    one = call("behind NATs")
    one.connect(441 * AgentConfig().check_interval + 4 * DELAY, servers=[SERVER])
    assert len(one.left.agent.pairs) > 441


def lone(dead: int) -> Lone:
    """An agent with many candidates of its peer, the last of which is at `Lone.PEER`."""
    made = Lone(AgentConfig(role=Role.CONTROLLING))
    candidates = [
        Candidate(str(n), 1, "udp", 1000 - n, ("172.16.0.1", 6000 + n), CandidateType.HOST)
        for n in range(dead)
    ]
    candidates.append(Candidate("x", 1, "udp", 1, Lone.PEER, CandidateType.HOST))
    made.agent.add_remote_candidates(candidates, 0.0)
    made.drain()
    return made


def test_a_pair_for_which_there_is_no_way_fails_at_once_and_gives_its_turn_away() -> None:
    """ENETUNREACH: thirty such pairs take no time."""
    agent = lone(30)
    while (path := agent.requests[-1][1]) != Lone.PATH:
        agent.agent.handle_unreachable(path, 0.0)
        agent.drain()
    assert [pair.state for pair in agent.agent.pairs] == [PairState.FAILED] * 30 + [
        PairState.IN_PROGRESS
    ]
    agent.answer(0.1)
    assert agent.agent.selected_path == Lone.PATH


def test_a_pair_for_which_there_was_no_way_is_checked_again_two_seconds_later() -> None:
    """As an interface may come up meanwhile."""
    agent = lone(1)
    dead = agent.requests[0][1]
    agent.agent.handle_unreachable(dead, 0.0)
    agent.drain()
    agent.tick(1.9)
    assert [path for _, path in agent.requests].count(dead) == 1
    agent.tick(4.5)
    assert [path for _, path in agent.requests].count(dead) == 3


def test_no_way_for_a_moment_does_not_end_a_pair_that_works() -> None:
    agent = lone(0)
    agent.answer(0.1)
    agent.agent.handle_unreachable(Lone.PATH, 0.2)
    agent.agent.handle_unreachable(Path(Lone.HOST, ("192.0.2.9", 9)), 0.2)
    assert agent.agent.selected_path == Lone.PATH
    agent.agent.close(0.3)
    agent.agent.handle_unreachable(Lone.PATH, 0.3)
