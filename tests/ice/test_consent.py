"""Consent freshness, RFC 7675, on virtual time."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ice.harness import CONNECTED, Call, Lone
from webrtc.ice import AgentConfig, Candidate, CandidateType, Role, State
from webrtc.ice.consent import Consent
from webrtc.stun.attributes import UseCandidate
from webrtc.vnet import Link, Network

PEER = Candidate("1", 1, "udp", 9, Lone.PEER, CandidateType.HOST)
QUIET = AgentConfig(keepalive_interval=None)


def request_times(lone: Lone, until: float, *, answer: bool) -> list[float]:
    times = []
    while (due := lone.agent.poll_timeout()) is not None and due <= until:
        before = len(lone.requests)
        lone.agent.handle_timeout(due)
        lone.drain()
        if len(lone.requests) > before:
            times.append(due)
            if answer:
                lone.answer(due)
    return times


def test_checks_come_every_4_to_6_seconds_at_random() -> None:
    """ICE-04, I-20: RFC 7675 §5.1; each is a new transaction."""
    lone = Lone(QUIET)
    lone.connect()
    times = request_times(lone, 600.0, answer=True)
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert all(4.0 <= pause <= 6.0 for pause in pauses)
    assert max(pauses) - min(pauses) > 1.0
    ids = [request.transaction_id for request, _ in lone.requests]
    assert len(set(ids)) == len(ids)


def test_sending_stops_30_seconds_after_the_last_response() -> None:
    """I-20, ICE-04: exactly, with checks going on until then and no repetition."""
    lone = Lone(QUIET)
    lone.connect()
    request_times(lone, 20.0, answer=True)
    pair = lone.agent.selected_pair
    last = (pair and pair.last_response_received) or 0.0
    assert last > 14.0
    times = request_times(lone, last + 29.999, answer=False)
    assert lone.agent.selected_path == Lone.PATH and lone.agent.allows(Lone.PATH)
    assert 5 <= len(times) <= 7
    lone.tick(last + 30.0)
    assert lone.agent.selected_pair is None and not lone.agent.allows(Lone.PATH)
    assert lone.state() is State.FAILED


def test_answers_without_integrity_are_no_consent() -> None:
    """I-20"""
    lone = Lone(QUIET)
    lone.connect()
    while (due := lone.agent.poll_timeout()) is not None and due < 40.0:
        lone.agent.handle_timeout(due)
        lone.drain()
        request, path = lone.requests[-1]
        lone.read(request.success().encode(fingerprint=True), path, due)
    assert lone.state() is State.FAILED


@pytest.mark.parametrize("seed", range(20))
def test_loss_does_not_end_consent_early(seed: int) -> None:
    """ICE-04: a third of all checks lost, one minute."""
    network = Network(Link(delay=0.02), seed=seed)
    call = Call(network).connect()
    for peer in call.peers:
        peer.host.cards[0].outbound.loss = 0.2
    network.run(60.0)
    assert all(State.FAILED not in [state for _, state in peer.states] for peer in call.peers)


def test_silence_is_asked_about_after_the_keepalive_interval() -> None:
    """ICECFG-06: an idle path is asked every 2 s; a busy one at the consent interval only."""
    lone = Lone()
    lone.connect()
    times = [0.0, *request_times(lone, 60.0, answer=True)]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert all(1.6 <= pause <= 2.0 for pause in pauses)
    busy = Lone()
    busy.connect()
    times, now = [], 0.0
    while now < 60.0:
        now += 0.1
        busy.agent.handle_data(Lone.PATH, 100, now)
        times += request_times(busy, now, answer=True)
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert all(4.0 <= pause <= 6.0 for pause in pauses)


def test_one_side_asks_when_both_are_idle() -> None:
    """ICECFG-06: the request of the other side is a sign of life too."""
    call = Call().connect()
    call.network.run(60.0)
    sent = [peer.agent.pairs[0].consent_requests_sent for peer in call.peers]
    assert 30 <= sum(sent) <= 40


def test_probes_of_a_silent_path_are_half_a_second_apart() -> None:
    lone = Lone()
    lone.connect()
    times = request_times(lone, 4.1, answer=False)
    assert 1.6 <= times[0] <= 2.0
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses == pytest.approx([0.5] * len(pauses)) and len(pauses) >= 4


def test_lite_peer_is_asked_with_use_candidate() -> None:
    """User report: OpenAI Realtime drops a client whose consent checks do not nominate."""
    lone = Lone()
    lone.agent.remote_lite = True
    lone.agent.add_remote_candidate(PEER, 0.0)
    lone.drain()
    lone.answer(0.1)
    lone.answer(0.2)
    assert lone.agent.selected_pair is not None and lone.agent.selected_pair.nominated
    before = len(lone.requests)
    request_times(lone, 60.0, answer=True)
    assert all(UseCandidate in request for request, _ in lone.requests[before:])


def test_full_peer_is_reminded_of_its_nominated_pair_only() -> None:
    lone = Lone(AgentConfig(role=Role.CONTROLLING))
    lone.agent.add_remote_candidate(PEER, 0.0)
    lone.drain()
    lone.answer(0.1)
    lone.answer(0.2)
    before = len(lone.requests)
    request_times(lone, 20.0, answer=True)
    other = Candidate("2", 1, "udp", 5, ("192.0.2.77", 7), CandidateType.HOST)
    lone.agent.add_remote_candidate(other, 20.0)
    lone.drain()
    lone.answer(20.1)
    request_times(lone, 60.0, answer=True)
    for request, path in lone.requests[before:]:
        assert (UseCandidate in request) is (path == Lone.PATH)


@given(st.lists(st.sampled_from(["answer", "send", "probe", "listen"]), max_size=30))
def test_next_check_is_never_long_overdue_nor_far_away(steps: list[str]) -> None:
    config = AgentConfig()
    consent, now = Consent(config, Random(1), 0.0), 0.0
    for step in steps:
        now += 0.3
        match step:
            case "answer":
                consent.renew(now)
            case "send":
                consent.check_sent(now)
            case "probe":
                consent.probe(now)
            case "listen":
                consent.listen(now)
        assert consent.sent <= consent.next_check(now) <= max(now, consent.sent) + 6.0
        assert consent.expires == consent.answered + 30.0
    consent.muted = True
    assert consent.next_check(now) == float("inf")


def test_answers_that_take_five_seconds_keep_consent() -> None:
    """F-06: a probe each half second does not make the agent forget those that are under way."""
    lite = AgentConfig(lite=True)
    call = Call(Network(Link(delay=0.02), seed=3), right=lite).connect()
    for peer in call.peers:
        for card in peer.host.cards:
            card.outbound.delay = 2.5
    call.network.run(200.0)
    pair = call.left.agent.selected_pair
    assert pair is not None and pair.consent is not None
    assert pair.consent.answered > call.now - 15.0
    assert call.left.agent.state in CONNECTED
