"""What happens when the pair in use dies."""

import pytest

from tests.ice.harness import LEFT, RIGHT, Call, Lone
from webrtc.core import Path
from webrtc.ice import AgentConfig, Role, State
from webrtc.ice.selection import Selection
from webrtc.stun.responder import Responder
from webrtc.vnet import Link, Nat, Network

SERVER = ("198.51.100.53", 3478)
OTHER = Path(Lone.HOST, ("192.0.2.3", 6000))


def two_ways(seed: int = 1, **more: AgentConfig) -> Call:
    """Both hosts have two addresses; the links of the first are the better candidates."""
    network = Network(Link(delay=0.01), seed=seed)
    hosts = network.host("left", LEFT), network.host("right", RIGHT)
    for number, host in enumerate(hosts, 1):
        host.add_interface(network.wan, f"198.51.100.10{number}")
    return Call(network, hosts=hosts, **more).connect()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("dies", ["left", "right"])
def test_other_valid_pair_takes_over_when_an_interface_vanishes(dies: str, seed: int) -> None:
    """F-14, ICE-13: without a restart, before anybody notices a disconnection."""
    call = two_ways(seed)
    call.exchange(1.0)
    peer = call.left if dies == "left" else call.right
    assert peer.agent.selected_path is not None
    gone = peer.agent.selected_path.local[0]
    next(card for card in peer.host.cards if gone in card.hosts).disconnect()
    began = call.now
    other = call.right if dies == "left" else call.left
    call.exchange(5.0, until=lambda: other.received[-1][0] > began + 0.1 and call.is_usable())
    assert call.now - began < 4.5
    call.exchange(1.0)
    for one in call.peers:
        assert len(one.selections) >= 2
        assert one.received[-1][0] > call.now - 0.1
        assert State.DISCONNECTED not in [state for _, state in one.states]


@pytest.mark.parametrize("inside", [Role.CONTROLLING, Role.CONTROLLED])
@pytest.mark.parametrize("talks", ["both", "inside", "outside", "nobody"])
def test_path_is_found_again_after_nat_rebinding(inside: Role, talks: str) -> None:
    """F-11: at most 5 s, whoever is behind the NAT and whoever talks."""
    network = Network(Link(delay=0.02), seed=4)
    network.add(SERVER, Responder())
    nat = Nat("203.0.113.1")
    home = network.host("home", router=network.router("home", "10.0.0.0/24", nat=nat))
    hosts = home, network.host("public", RIGHT)
    call = Call(network, hosts=hosts if inside is Role.CONTROLLING else hosts[::-1])
    call.connect(servers=[SERVER])
    peers = call.peers if inside is Role.CONTROLLING else call.peers[::-1]
    senders = {"both": peers, "inside": peers[:1], "outside": peers[1:], "nobody": ()}[talks]
    call.exchange(7.0, senders)
    nat.rebind()
    began = call.now
    call.exchange(5.0, senders)
    outside = peers[1].agent.selected_path
    assert outside is not None and outside.remote[1] != 5000
    call.exchange(0.5)
    for peer in peers:
        assert peer.received[-1][0] > began + 5.0
        assert State.FAILED not in [state for _, state in peer.states]


def test_silent_pair_stays_selected_while_nothing_else_answers() -> None:
    lone = Lone()
    lone.connect()
    lone.tick(20.0)
    assert lone.agent.selected_path == Lone.PATH
    assert lone.state() is State.DISCONNECTED


def test_number_of_pairs_that_stand_by_is_bounded() -> None:
    """RFC 7675: consent is kept for few pairs; the rest expires."""
    lone = Lone(AgentConfig(backup_pairs=1))
    paths = [Path(Lone.HOST, ("192.0.2.9", 6000 + number)) for number in range(6)]
    for number, path in enumerate(paths):
        lone.check(number / 100, path, use_candidate=number == 0)
        lone.tick(number / 100)
        lone.answer(number / 100)
    assert all(map(lone.agent.allows, paths))
    while (due := lone.agent.poll_timeout()) is not None and due < 60.0:
        before = len(lone.requests)
        lone.agent.handle_timeout(due)
        lone.drain()
        for index in range(before, len(lone.requests)):
            lone.answer(due, index=index)
    assert sum(map(lone.agent.allows, paths)) == 2
    assert lone.agent.selected_path == paths[0]


def test_pairs_found_after_the_selection_stop_when_enough_stand_by() -> None:
    call = two_ways(
        left=AgentConfig(role=Role.CONTROLLING, backup_pairs=0, fast_checks=0),
        right=AgentConfig(fast_checks=0),
    )
    call.network.run(2.0)
    assert call.left.agent.state is State.COMPLETED
    assert sum(pair.consent is not None for pair in call.left.agent.pairs) < 4


def test_nothing_to_do_without_pairs() -> None:
    selection = Selection(AgentConfig())
    assert selection.poll_timeout(0.0, 0.0) is None
    assert selection.replacement(0.0) is None
    assert selection.due(0.0) == selection.expired(0.0) == []
    selection.doubt(0.0)
    selection.clear()
