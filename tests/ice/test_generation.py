from random import Random

import pytest

from webrtc.core import Path
from webrtc.errors import InvalidStateError
from webrtc.ice import AgentConfig, Candidate, CandidateType, Role
from webrtc.ice.address import Subnets
from webrtc.ice.binding import CheckRequest
from webrtc.ice.credentials import Credentials
from webrtc.ice.generation import EarlyCheck, Generation
from webrtc.stun import Message, Method

REMOTE = Credentials("theirs", "t" * 22)
ROLE = Role.CONTROLLING


def make(config: AgentConfig | None = None) -> Generation:
    return Generation(config or AgentConfig(), Credentials("ours", "o" * 22), 0, Subnets())


def local(host: str, type_: CandidateType = CandidateType.HOST, priority: int = 9) -> Candidate:
    base = ("10.0.0.1", 5000) if type_ is CandidateType.SERVER_REFLEXIVE else (host, 5000)
    return Candidate("1", 1, "udp", priority, (host, 5000), type_, base=base)


def remote(host: str, port: int = 6000, priority: int = 9) -> Candidate:
    return Candidate("1", 1, "udp", priority, (host, port), CandidateType.HOST)


def early(port: int, ufrag: str = REMOTE.ufrag) -> EarlyCheck:
    message = Message.request(Method.BINDING, (), Random(1))
    request = CheckRequest(message, ufrag, 1, None, use_candidate=False)
    return EarlyCheck(request, Path(("10.0.0.1", 5000), ("10.0.0.2", port)))


def test_early_checks_are_bounded_and_filtered_by_sender() -> None:
    """RFC 8445 §7.3.1.4: kept until it is known who the peer is, the newest of them."""
    generation = make()
    for port in range(1, 101):
        generation.remember(early(port))
        generation.remember(early(port))
    generation.remember(early(200, "stranger"))
    kept = generation.set_remote(REMOTE)
    assert [one.path.remote[1] for one in kept] == [*range(70, 101)]
    assert generation.set_remote(REMOTE) == []


def test_the_way_of_an_early_check_is_known_until_its_sender_is() -> None:
    generation = make()
    generation.remember(early(1))
    assert generation.checked_early(early(1).path)
    assert not generation.checked_early(early(2).path)
    generation.set_remote(REMOTE)
    assert not generation.checked_early(early(1).path)


def test_remote_credentials_change_with_a_restart_only() -> None:
    generation = make()
    generation.set_remote(REMOTE)
    with pytest.raises(InvalidStateError):
        generation.set_remote(Credentials("other", "t" * 22))


def test_one_pair_for_candidates_with_one_base() -> None:
    """ICE-25: RFC 8445 §6.1.2.4; the candidate of higher priority stands for the base."""
    generation = make()
    reflexive = local("203.0.113.1", CandidateType.SERVER_REFLEXIVE, 5)
    generation.form_pairs([reflexive, local("10.0.0.1")], [remote("192.0.2.1")], ROLE)
    (pair,) = generation.checklist
    assert pair.local.type is CandidateType.HOST


def test_checks_are_not_sent_to_oneself() -> None:
    """I-17: a remote candidate with our own address, a relay's for one, makes no pair."""
    generation = make()
    relayed = local("198.51.100.9", CandidateType.RELAYED)
    candidates = [local("10.0.0.1"), relayed]
    own = [remote("198.51.100.9", 5000), remote("10.0.0.1", 5000)]
    generation.form_pairs(candidates, own, ROLE)
    assert len(generation.checklist) == 0


def test_signalled_candidate_corrects_the_pair_that_a_check_made() -> None:
    """ICE-24"""
    generation = make()
    here = local("10.0.0.1")
    path = Path(("10.0.0.1", 5000), ("192.0.2.1", 6000))
    pair = generation.pair_at(path, here, 3, ROLE)
    assert pair is not None and pair.remote.type is CandidateType.PEER_REFLEXIVE
    assert generation.pair_at(path, here, 3, ROLE) is pair
    before = pair.priority
    kept = generation.remote_candidates.add(remote("192.0.2.1"), None)
    assert kept is not None
    generation.form_pairs([here], [kept], ROLE)
    assert generation.checklist.pairs == [pair]
    assert pair.remote is kept and pair.priority > before


def test_neighbours_and_broadcast_addresses_of_our_subnets() -> None:
    """Those are checked first, these never, and counted."""
    subnets = Subnets()
    subnets.add(["10.0.0.0/24"])
    generation = Generation(AgentConfig(), Credentials("ours", "o" * 22), 0, subnets)
    hosts = ("10.0.0.7", "10.0.0.255", "192.0.2.1")
    candidates = [generation.remote_candidates.add(remote(host), None) for host in hosts]
    known = [one for one in candidates if one is not None]
    generation.form_pairs([local("10.0.0.1"), local("10.9.0.1")], known, ROLE)
    assert [pair.path.remote[0] for pair in generation.checklist if pair.near] == ["10.0.0.7"]
    assert len(generation.checklist) == 4
    assert generation.remote_candidates.ignored == {"broadcast address": 1}
    path = Path(("10.0.0.1", 5000), ("10.0.0.255", 6000))
    assert generation.pair_at(path, local("10.0.0.1"), 3, ROLE) is None


def test_no_pair_without_room() -> None:
    """I-15: ten thousand sources of checks make no more than the limits allow."""
    generation = make(AgentConfig(max_pairs=10))
    here = local("10.0.0.1")
    for port in range(1, 10_001):
        generation.pair_at(Path(("10.0.0.1", 5000), ("192.0.2.1", port)), here, 3, ROLE)
    assert (len(generation.checklist), len(generation.remote_candidates)) == (10, 64)
