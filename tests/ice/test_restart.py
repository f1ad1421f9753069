"""ICE restart: new credentials, old path until there is a new one. RFC 8445 §9."""

import pytest

from tests.ice.harness import LEFT, RIGHT, Call, Lone, Peer
from webrtc.core import Path
from webrtc.errors import InvalidStateError
from webrtc.ice import Candidate, GatheringState, State
from webrtc.vnet import Link, Network


def restart(call: Call, *, delay: float = 0.0) -> None:
    """Restart both; the right one learns of it `delay` later, and the left one as much later."""
    left, right = call.left.agent, call.right.agent
    for peer in call.peers:
        peer.trickle = False
    left.restart(call.now)
    left.gather(call.left.bound, [], call.now)
    offer = left.local_ufrag, left.local_pwd, left.local_candidates
    call.exchange(delay)
    right.restart(call.now)
    accept(call.right, offer)
    right.gather(call.right.bound, [], call.now)
    answer = right.local_ufrag, right.local_pwd, right.local_candidates
    call.exchange(delay)
    accept(call.left, answer)


def generations(call: Call) -> list[int]:
    """Of the selected pairs."""
    pairs = [peer.agent.selected_pair for peer in call.peers]
    return [pair.generation for pair in pairs if pair is not None]


def accept(peer: Peer, description: tuple[str, str, list[Candidate]]) -> None:
    ufrag, pwd, candidates = description
    now = peer.network.now
    peer.agent.set_remote_credentials(ufrag, pwd, now)
    for candidate in candidates:
        peer.agent.add_remote_candidate(candidate, now)
    peer.agent.end_of_candidates(now)


@pytest.mark.parametrize("delay", [0.0, 0.5, 8.0])
def test_data_flows_on_through_a_restart(delay: float) -> None:
    """ICE-14: not one packet is refused or stays unsent, however long signalling takes."""
    call = Call(Network(Link(delay=0.05))).connect()
    call.exchange(1.0)
    before = [len(peer.received) for peer in call.peers]
    old = [peer.agent.local_ufrag for peer in call.peers]
    began = call.now
    restart(call, delay=delay)
    call.exchange(3.0)
    sent = round((call.now - began) / 0.05)
    for peer, count in zip(call.peers, before, strict=True):
        assert abs(len(peer.received) - count - sent) <= 1
        assert peer.refused == 0
        assert len(peer.selections) == 2
        assert peer.agent.state is State.COMPLETED
        assert State.DISCONNECTED not in [state for _, state in peer.states]
    assert generations(call) == [1, 1]
    assert old != [peer.agent.local_ufrag for peer in call.peers]


@pytest.mark.parametrize("seed", range(20))
def test_restart_survives_loss(seed: int) -> None:
    """ICE-14"""
    call = Call(Network(Link(delay=0.03, jitter=0.02, loss=0.1), seed=seed)).connect()
    restart(call, delay=0.3)
    call.network.run_until(lambda: generations(call) == [1, 1], 10.0)


def test_checks_of_the_old_generation_are_answered_until_the_new_one_has_a_pair() -> None:
    """ICE-14, M-07: and not afterwards."""
    lone = Lone()
    lone.connect()
    old_pwd, check = lone.agent.local_pwd, lone.request()
    data = check.encode(key=old_pwd.encode(), fingerprint=True)
    lone.agent.restart(1.0)
    lone.agent.gather([lone.HOST], [], 1.0)
    lone.drain()
    lone.responses.clear()
    lone.read(data, Lone.PATH, 1.1)
    assert len(lone.responses) == 1 and lone.responses[0][0].verify(old_pwd.encode())
    lone.signal(1.2)
    lone.connect(1.3)
    assert lone.agent.selected_pair is not None and lone.agent.selected_pair.generation == 1
    lone.responses.clear()
    discarded = lone.agent.discarded
    lone.read(data, Lone.PATH, 1.4)
    assert (lone.responses, lone.agent.discarded) == ([], discarded + 1)


def test_data_of_the_old_path_is_taken_as_long_as_it_has_consent() -> None:
    """M-07: the peer changes over a moment later; consent is not renewed."""
    lone = Lone()
    lone.connect()
    lone.agent.restart(1.0)
    lone.agent.gather([lone.HOST], [], 1.0)
    lone.signal(1.0)
    other = Path(Lone.HOST, ("192.0.2.3", 6000))
    lone.check(1.1, other, use_candidate=True)
    lone.answer(1.2)
    assert lone.agent.selected_path == other
    assert lone.agent.allows(Lone.PATH)
    now = 1.2
    while (due := lone.agent.poll_timeout()) is not None and due < 31.0:
        now, before = due, len(lone.requests)
        lone.agent.handle_timeout(now)
        lone.drain()
        for index in range(before, len(lone.requests)):
            assert lone.requests[index][1] == other
            lone.answer(now, index=index)
        assert lone.agent.allows(Lone.PATH) is (now < 30.0)
    assert lone.agent.allows(other) and not lone.agent.allows(Lone.PATH)


def test_old_path_keeps_its_consent_while_the_answer_is_awaited() -> None:
    """ICE-14: for minutes, if need be."""
    call = Call().connect()
    call.left.trickle = False
    call.left.agent.restart(call.now)
    call.left.agent.gather(call.left.bound, [], call.now)
    call.network.run(120.0)
    assert call.is_usable()


def test_failed_connection_comes_back_by_a_restart() -> None:
    """F-04"""
    call = Call(Network(Link(delay=0.02))).connect()
    for peer in call.peers:
        peer.host.cards[0].outbound.blackhole(call.now, 45.0)
    call.network.run(50.0)
    assert {peer.agent.state for peer in call.peers} == {State.FAILED}
    restart(call)
    assert {peer.agent.state for peer in call.peers} == {State.CHECKING}
    call.network.run_until(call.is_usable, 1.0)


def test_restart_on_another_network_moves_the_path() -> None:
    """F-14: the old interface is gone, the new address comes with the restart."""
    network = Network(Link(delay=0.02), seed=1)
    call = Call(network, hosts=(network.host("left", LEFT), network.host("right", RIGHT))).connect()
    call.exchange(1.0)
    call.left.host.cards[0].disconnect()
    call.left.host.add_interface(network.wan, "203.0.113.77")
    call.left.bind()
    began = call.now
    call.left.bound = call.left.bound[1:]
    restart(call, delay=0.1)
    network.run_until(lambda: generations(call) == [1, 1], 3.0)
    call.exchange(0.5)
    assert call.now - began < 1.0
    assert call.right.agent.selected_path == Path((RIGHT, 5000), ("203.0.113.77", 5000))
    assert call.left.received[-1][0] > call.now - 0.1


def test_second_restart_before_the_first_is_answered() -> None:
    """ICE-14: the pair in use outlives both."""
    call = Call().connect()
    call.left.agent.restart(call.now)
    call.left.agent.gather(call.left.bound, [], call.now)
    call.network.run(3.0)
    restart(call)
    call.exchange(20.0)
    assert call.is_usable()
    assert generations(call) == [2, 1]


def test_everything_of_a_generation_is_new() -> None:
    lone = Lone()
    lone.connect()
    before = lone.agent.local_ufrag, lone.agent.local_pwd
    lone.agent.restart(1.0)
    assert lone.agent.local_ufrag != before[0] and lone.agent.local_pwd != before[1]
    assert lone.agent.local_candidates == lone.agent.remote_candidates == []
    assert lone.agent.pairs == []
    assert lone.agent.remote_credentials is None
    assert lone.agent.gathering_state is GatheringState.NEW
    assert lone.agent.selected_path == Lone.PATH and lone.agent.allows(Lone.PATH)
    lone.agent.restart(2.0, "given", "p" * 22)
    assert (lone.agent.local_ufrag, lone.agent.local_pwd) == ("given", "p" * 22)


def test_new_remote_credentials_without_a_restart_are_misuse() -> None:
    lone = Lone()
    with pytest.raises(InvalidStateError):
        lone.agent.set_remote_credentials("other", "p" * 22, 1.0)


def test_late_answers_to_old_checks_do_no_harm() -> None:
    lone = Lone()
    lone.connect()
    lone.tick(2.0)
    lone.agent.restart(2.1)
    lone.answer(2.2)
    assert lone.agent.discarded == 1


def test_another_peer_gets_nothing_of_the_one_before() -> None:
    """W3C forking: our credentials and candidates stand, which it was told; every pair is gone."""
    call = Call(Network(Link(delay=0.01))).connect()
    call.exchange(1.0)
    agent = call.left.agent
    pair, told = agent.selected_pair, (agent.local_credentials, agent.local_candidates)
    assert pair is not None
    agent.replace_peer(call.now)
    assert (agent.local_credentials, agent.local_candidates) == told
    assert agent.remote_credentials is None
    assert (agent.selected_path, agent.pairs, agent.remote_candidates) == (None, [], [])
    assert not agent.allows(pair.path)
    assert agent.state is State.CHECKING
    assert agent.poll_write() is None
    agent.set_remote_credentials("another", "p" * 24, call.now)
    refused = call.right.agent.generation, agent.generation
    call.exchange(2.0)
    assert agent.selected_pair is None
    assert refused == (0, 1)
