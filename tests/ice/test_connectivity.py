"""Checks in both directions, and what an attacker makes of them."""

from dataclasses import replace
from random import Random

import pytest

from tests.ice.harness import Call, Lone
from webrtc.core import Path
from webrtc.ice import AgentConfig, Candidate, CandidateType, PairState, Role, State
from webrtc.stun import Message, MessageClass, Method
from webrtc.stun.attributes import (
    ErrorCode,
    IceControlled,
    IceControlling,
    Priority,
    UnknownAttributes,
    UseCandidate,
    Username,
    XorMappedAddress,
)
from webrtc.stun.codec import RawAttribute
from webrtc.vnet import Link, Network

ELSEWHERE = Path(Lone.HOST, ("192.0.2.66", 6666))
PEER = Candidate("1", 1, "udp", 2130706431, Lone.PEER, CandidateType.HOST)


def untouched(lone: Lone, discarded: int = 1) -> bool:
    return not (lone.requests or lone.responses or lone.agent.pairs) and (
        lone.agent.discarded == discarded
    )


def test_authentic_check_is_answered_and_checked_back() -> None:
    """ICE-24, ICE-25: RFC 8445 §7.3: a peer-reflexive candidate and a triggered check."""
    lone = Lone()
    lone.check(1.0)
    ((response, path),) = lone.responses
    assert path == Lone.PATH
    assert response.get(XorMappedAddress) == XorMappedAddress(Lone.PEER)
    assert response.verify(lone.agent.local_pwd.encode())
    ((request, path),) = lone.requests
    assert path == Lone.PATH
    assert request.get(Username) == Username(f"{lone.remote.ufrag}:{lone.agent.local_ufrag}")
    assert request.verify(lone.remote.pwd.encode())
    (candidate,) = lone.agent.remote_candidates
    assert candidate.type is CandidateType.PEER_REFLEXIVE
    assert candidate.priority == 1845494271
    assert not lone.agent.allows(Lone.PATH)
    lone.answer(1.1)
    assert lone.agent.allows(Lone.PATH)


def test_check_without_message_integrity_is_dropped() -> None:
    """I-01"""
    lone = Lone()
    lone.read(lone.request().encode(fingerprint=True), Lone.PATH, 0.1)
    assert untouched(lone)


def test_check_with_the_wrong_key_is_dropped() -> None:
    """I-02"""
    lone = Lone()
    for key in (b"wrong", lone.remote.pwd.encode(), lone.agent.local_ufrag.encode()):
        lone.read(lone.request().encode(key=key, fingerprint=True), Lone.PATH, 0.1)
    assert untouched(lone, 3)


@pytest.mark.parametrize(
    "username",
    ["{ours}", "{ours}x:{theirs}", "{prefix}:{theirs}", "{ours}:wrong", "{theirs}:{ours}", ":", ""],
)
def test_check_for_somebody_else_is_dropped(username: str) -> None:
    """I-03: even with the right key."""
    lone = Lone()
    ours, theirs = lone.agent.local_ufrag, lone.remote.ufrag
    named = username.format(ours=ours, theirs=theirs, prefix=ours[:4])
    lone.check(0.1, message=lone.request(username=named))
    assert untouched(lone)


def test_check_with_a_username_that_is_too_long_or_missing_is_dropped() -> None:
    """I-03"""
    lone = Lone()
    ours = lone.agent.local_ufrag
    long = Message.request(
        Method.BINDING, [RawAttribute(Username.type, f"{ours}:{'x' * 600}".encode())], Random(1)
    )
    lone.check(0.1, message=long)
    lone.check(0.1, message=Message.request(Method.BINDING, [Priority(1)], Random(1)))
    assert untouched(lone, 2)


def test_flood_of_forged_checks_leaves_nothing_behind_and_the_peer_connects() -> None:
    """I-04"""
    lone = Lone()
    forged = lone.request().encode(key=b"wrong", fingerprint=True)
    for number in range(2000):
        lone.read(forged, Path(Lone.HOST, ("192.0.2.66", 1024 + number)), number / 1000)
    assert untouched(lone, 2000)
    assert lone.state() is State.NEW
    lone.connect(3.0)
    assert lone.state() is State.CONNECTED


def test_replayed_check_from_elsewhere_earns_a_check_and_no_trust() -> None:
    """I-05: data from there is refused until our own check is answered from there."""
    lone = Lone()
    sniffed = lone.check(0.0, use_candidate=True)
    lone.answer(0.1)
    lone.check(0.5, ELSEWHERE, message=sniffed)
    assert lone.requests[-1][1] == ELSEWHERE
    assert not lone.agent.allows(ELSEWHERE)
    assert lone.agent.selected_path == Lone.PATH
    lone.tick(20.0)
    assert not lone.agent.allows(ELSEWHERE)


def test_response_that_took_another_way_fails_the_pair() -> None:
    """I-06: RFC 8445 §7.2.5.2.1."""
    lone = Lone()
    lone.check(0.0)
    request, _ = lone.requests[-1]
    response = request.success([XorMappedAddress(Lone.HOST)])
    data = response.encode(key=lone.remote.pwd.encode(), fingerprint=True)
    lone.read(data, ELSEWHERE, 0.1)
    assert lone.agent.pairs[0].state is PairState.FAILED
    lone.read(data, Lone.PATH, 0.2)
    assert not lone.agent.allows(Lone.PATH) and lone.agent.discarded == 2


def test_response_from_elsewhere_does_not_harm_a_valid_pair() -> None:
    """I-06"""
    lone = Lone()
    lone.connect()
    lone.tick(2.0)
    request, _ = lone.requests[-1]
    response = request.success([XorMappedAddress(Lone.HOST)])
    lone.read(response.encode(key=lone.remote.pwd.encode()), ELSEWHERE, 2.1)
    assert lone.agent.selected_path == Lone.PATH


def test_response_to_no_request_is_dropped() -> None:
    """I-06, I-11: whatever its authenticity."""
    lone = Lone()
    lone.check(0.0)
    random = Random(99)
    for _ in range(1000):
        response = Message.request(Method.BINDING, (), random).success(
            [XorMappedAddress(Lone.HOST)]
        )
        lone.read(response.encode(key=lone.remote.pwd.encode(), fingerprint=True), Lone.PATH, 0.1)
    assert lone.agent.discarded == 1000 and not lone.agent.allows(Lone.PATH)


def test_response_that_is_not_authentic_is_dropped_and_the_check_goes_on() -> None:
    """I-07, I-20"""
    lone = Lone()
    lone.check(0.0)
    request, path = lone.requests[-1]
    response = request.success([XorMappedAddress(Lone.HOST)])
    broken = bytearray(response.encode(key=lone.remote.pwd.encode(), fingerprint=True))
    broken[-1] ^= 1
    for data in (
        response.encode(fingerprint=True),
        response.encode(key=b"wrong", fingerprint=True),
        bytes(broken),
    ):
        lone.read(data, path, 0.1)
    assert lone.agent.discarded == 3 and not lone.agent.allows(path)
    lone.tick(0.5)
    assert len(lone.requests) == 2
    lone.answer(0.6)
    assert lone.agent.allows(path)


def test_attributes_after_message_integrity_do_not_count() -> None:
    """I-08: a nomination cannot be smuggled in."""
    lone = Lone()
    data = bytearray(lone.request().encode(key=lone.agent.local_pwd.encode()))
    data += RawAttribute(UseCandidate.type, b"").type.to_bytes(2, "big") + b"\0\0"
    data[2:4] = (len(data) - 20).to_bytes(2, "big")
    lone.read(bytes(data), Lone.PATH, 0.0)
    lone.answer(0.1)
    assert lone.agent.allows(Lone.PATH) and not lone.agent.pairs[0].nominated


def test_first_of_two_equal_attributes_counts() -> None:
    """I-08"""
    lone = Lone()
    lone.check(0.0, message=lone.request(Priority(5)))
    assert lone.agent.remote_candidates[0].priority == 1845494271


def test_unknown_attribute_that_must_be_understood_is_refused() -> None:
    """I-09: 420 with the list, at most 16; no state."""
    lone = Lone()
    unknown = [RawAttribute(0x7000 + number, b"x") for number in range(40)]
    lone.check(0.0, message=lone.request(*unknown))
    ((response, _),) = lone.responses
    error, listed = response.get(ErrorCode), response.get(UnknownAttributes)
    assert error is not None and error.code == 420
    assert listed is not None and listed.types == tuple(range(0x7000, 0x7010))
    assert lone.agent.pairs == []
    lone.check(0.1, message=lone.request(RawAttribute(0xC057, b"\0\0\0\1")))
    assert lone.agent.pairs != []


def test_thousands_of_candidates_and_sources_stay_within_limits() -> None:
    """I-15: all that a peer can make grow."""
    lone = Lone()
    for number in range(2000):
        address = (f"10.1.{number >> 8}.{number & 255}", 5000)
        lone.agent.add_remote_candidate(replace(PEER, address=address, priority=number), 0.0)
    for number in range(2000):
        lone.check(0.0, Path(Lone.HOST, (f"10.2.{number >> 8}.{number & 255}", 5000)))
    assert len(lone.agent.remote_candidates) <= 64
    assert len(lone.agent.pairs) <= 500


def test_strangers_get_few_packets() -> None:
    """I-16: a hundred at first, then 20 a second; a candidate seven, then one in two seconds."""
    lone = Lone()
    for number in range(64):
        address = ("198.51.100.7", 2000 + number)
        lone.agent.add_remote_candidate(replace(PEER, address=address), 0.0)
    times: list[float] = []
    while (due := lone.agent.poll_timeout()) is not None and due < 25.0:
        before = len(lone.requests)
        lone.agent.handle_timeout(due)
        lone.drain()
        times += [due] * (len(lone.requests) - before)
    assert sum(time < 1.0 for time in times) <= 100
    for start in range(1, 25):
        assert sum(start <= time < start + 1 for time in times) <= 21
    rechecks = sum(time > 20.0 for time in times)
    assert 0 < rechecks <= 51
    per_candidate = [path.remote for _, path in lone.requests]
    assert max(map(per_candidate.count, per_candidate)) <= 7 + 4
    assert len(set(per_candidate)) == 64


def test_addresses_that_nobody_has_get_no_check() -> None:
    """I-17"""
    lone = Lone()
    for host, port in (("0.0.0.0", 1), ("224.0.0.1", 1), ("255.255.255.255", 1), ("192.0.2.2", 0)):
        lone.agent.add_remote_candidate(replace(PEER, address=(host, port)), 0.0)
    lone.tick(1.0)
    assert (lone.requests, lone.agent.remote_candidates) == ([], [])
    assert sum(lone.agent.ignored_candidates.values()) == 4


def test_role_conflict_in_a_request() -> None:
    """ICE-23: the larger tie breaker stays; a 487 leaves no state."""
    lone = Lone(AgentConfig(role=Role.CONTROLLING))
    lone.check(0.0, message=lone.request(claim=IceControlling(0)))
    error = lone.responses[0][0].get(ErrorCode)
    assert error is not None and error.code == 487
    assert lone.role() is Role.CONTROLLING and lone.agent.pairs == []
    lone.check(0.1, message=lone.request(claim=IceControlling(2**64 - 1)))
    assert lone.role() is Role.CONTROLLED
    assert lone.responses[1][0].get(ErrorCode) is None


def test_role_conflict_in_a_response_switches_once_and_checks_again() -> None:
    """I-18, ICE-23: RFC 8445 §7.2.5.1."""
    lone = Lone(AgentConfig(role=Role.CONTROLLING))
    lone.agent.add_remote_candidate(PEER, 0.0)
    lone.drain()
    now = 0.0
    for _ in range(30):
        now += 0.1
        request, path = lone.requests[-1]
        refusal = request.error(487).encode(key=lone.remote.pwd.encode(), fingerprint=True)
        lone.read(refusal, path, now)
        lone.tick(now)
    roles = [IceControlling in request for request, _ in lone.requests]
    # Eight switches, then the pair has failed; what follows is a check of a failed pair.
    assert roles == [True, False] * 4 + [True, True]
    assert lone.agent.pairs[0].state is PairState.FAILED


def test_refusal_that_cannot_be_read_is_dropped_and_the_check_goes_on() -> None:
    lone = Lone()
    lone.check(0.0)
    request, path = lone.requests[-1]
    refusal = Message(Method.BINDING, MessageClass.ERROR, request.transaction_id)
    malformed = refusal.add(RawAttribute(ErrorCode.type, b"\0"))
    lone.read(malformed.encode(key=lone.remote.pwd.encode(), fingerprint=True), path, 0.1)
    lone.tick(0.5)
    assert len(lone.requests) == 2
    empty = refusal.encode(key=lone.remote.pwd.encode(), fingerprint=True)
    lone.read(empty, path, 0.6)
    assert lone.agent.pairs[0].state is PairState.FAILED


def test_nomination_by_the_controlled_agent_is_ignored() -> None:
    """I-19"""
    lone = Lone(AgentConfig(role=Role.CONTROLLING, prflx_min_wait=1.0))
    lone.check(0.0, message=lone.request(UseCandidate(), claim=IceControlled(1)))
    lone.answer(0.1)
    assert lone.agent.allows(Lone.PATH) and not lone.agent.pairs[0].nominated


def test_only_a_valid_pair_can_be_nominated() -> None:
    """I-19: a thousand nominations of a pair that does not answer select nothing."""
    lone = Lone()
    for number in range(1000):
        lone.check(number / 1000, use_candidate=True)
    assert lone.agent.selected_pair is None
    assert len(lone.requests) < 30
    lone.answer(1.0)
    assert lone.agent.selected_pair is not None


@pytest.mark.parametrize(("honest", "most"), [(True, 1), (False, 4)])
def test_storm_of_nominations_does_not_make_the_path_flap(*, honest: bool, most: int) -> None:
    """I-19: the better of two valid pairs stays, or for a peer that takes back what it said, the
    changes are few."""
    lone = Lone()
    other = Path(Lone.HOST, ("192.0.2.3", 6000))
    for path in (Lone.PATH, other):
        lone.check(0.0, path, use_candidate=True)
        lone.tick(0.01)
        lone.answer(0.01)
    changes = [event for event in lone.events if type(event).__name__ == "SelectedPairChanged"]
    for number in range(1000):
        path = (Lone.PATH, other)[number // 2 % 2]
        lone.check(0.1 + number / 1000, path, use_candidate=honest or number % 2 == 0)
    after = [event for event in lone.events if type(event).__name__ == "SelectedPairChanged"]
    assert len(changes) == 1 <= len(after) <= most


def test_checks_before_the_credentials_are_answered_and_remembered() -> None:
    """ICE-02: RFC 8445 §7.3.1.4, of the right peer only."""
    lone = Lone(signalled=False)
    lone.check(0.0, use_candidate=True)
    other = Path(Lone.HOST, ("192.0.2.3", 6000))
    lone.check(0.0, other, message=lone.request(username=f"{lone.agent.local_ufrag}:other"))
    assert len(lone.responses) == 2 and lone.requests == []
    lone.signal(1.0)
    assert [path for _, path in lone.requests] == [Lone.PATH]
    lone.answer(1.1)
    assert lone.agent.selected_path == Lone.PATH


def test_mapped_address_makes_a_peer_reflexive_candidate() -> None:
    """ICE-24: RFC 8445 §7.2.5.3.1; the path stays that of the base."""
    lone = Lone()
    lone.check(0.0)
    lone.answer(0.1, mapped=("203.0.113.5", 40000))
    (pair,) = lone.agent.pairs
    assert (pair.local.type, pair.local.address) == ("prflx", ("203.0.113.5", 40000))
    assert pair.local.base == Lone.HOST and pair.path == Lone.PATH
    assert [one.type for one in lone.agent.local_candidates] == ["host"]


def test_peer_that_never_answers_but_always_asks_is_not_asked_in_turn_for_ever() -> None:
    """I-16: triggered checks do not become a ping-pong."""
    lone = Lone()
    for number in range(2000):
        lone.check(number / 200)
        lone.tick(number / 200)
    assert len(lone.requests) < 40


def test_ordinary_checks_are_paced_and_the_first_is_not_delayed() -> None:
    """ICE-25, ICECFG-07"""
    lone = Lone(AgentConfig(check_interval=0.02, fast_check_interval=0.01, fast_checks=4))
    times = []
    for number in range(6):
        candidate = replace(PEER, foundation=str(number), address=("192.0.2.9", 2000 + number))
        lone.agent.add_remote_candidate(candidate, 1.0)
    lone.drain()
    times += [1.0] * len(lone.requests)
    while (due := lone.agent.poll_timeout()) is not None and due < 1.4:
        before = len(lone.requests)
        lone.agent.handle_timeout(due)
        lone.drain()
        times += [due] * (len(lone.requests) - before)
    assert times == pytest.approx([1.0, 1.01, 1.02, 1.03, 1.05, 1.07])


def test_an_ordinary_check_is_not_sent_together_with_a_triggered_one() -> None:
    """ICE-25: RFC 8445 §6.1.4.2, one check in each interval; the first may make it needless."""
    lone = Lone(AgentConfig(check_interval=0.02), signalled=False)
    lone.check(0.5)
    lone.signal(1.0)
    assert [path for _, path in lone.requests] == [Lone.PATH]
    lone.agent.add_remote_candidate(replace(PEER, address=("192.0.2.9", 2000)), 1.0)
    lone.tick(1.019)
    assert len(lone.requests) == 1
    lone.tick(1.021)
    assert [path.remote for _, path in lone.requests] == [Lone.PEER, ("192.0.2.9", 2000)]


def test_a_check_that_crosses_our_own_is_followed_by_none_when_that_is_answered() -> None:
    """ICE-25: agents that begin together need one check each, not two."""
    lone = Lone()
    lone.agent.add_remote_candidate(PEER, 1.0)
    lone.check(1.015)
    assert len(lone.requests) == 1
    lone.answer(1.019)
    lone.tick(1.03)
    assert lone.agent.allows(Lone.PATH) and len(lone.requests) == 1


def test_a_check_that_crosses_our_own_is_followed_by_another_when_that_was_lost() -> None:
    """ICE-25: RFC 8445 §7.3.1.4: the peer's NAT may have dropped it. Other pairs wait for it."""
    lone = Lone()
    lone.agent.add_remote_candidate(PEER, 1.0)
    lone.agent.add_remote_candidate(replace(PEER, address=("192.0.2.9", 2000)), 1.0)
    lone.check(1.005)
    lone.tick(1.019)
    assert len(lone.requests) == 1
    lone.tick(1.021)
    assert [path for _, path in lone.requests] == [Lone.PATH, Lone.PATH]


def test_a_check_that_comes_while_an_older_one_of_ours_is_unanswered_is_followed_at_once() -> None:
    """ICE-25: RFC 8445 §7.3.1.4"""
    lone = Lone()
    lone.agent.add_remote_candidate(PEER, 1.0)
    lone.check(1.021)
    assert len(lone.requests) == 2


def test_other_methods_are_not_for_ice() -> None:
    lone = Lone()
    message = Message.request(Method.ALLOCATE, [], Random(1))
    lone.read(message.encode(key=lone.agent.local_pwd.encode()), Lone.PATH, 0.0)
    assert untouched(lone)


def test_two_agents_meet_through_duplicates_reordering_and_loss() -> None:
    """ICE-01: 50 seeds; both ends use one path."""
    for seed in range(50):
        link = Link(delay=0.02, jitter=0.02, loss=0.15, duplicate=0.1, reorder=0.2)
        call = Call(Network(link, seed=seed)).connect(15.0)
        left, right = (peer.agent.selected_path for peer in call.peers)
        assert left and right and (left.local, left.remote) == (right.remote, right.local)


def test_garbage_is_counted_and_never_raises() -> None:
    """X-08 in small: bytes of the wrong shape, and right ones with every byte broken in turn."""
    lone = Lone()
    good = lone.request().encode(key=lone.agent.local_pwd.encode(), fingerprint=True)
    for position in range(len(good)):
        broken = bytearray(good)
        broken[position] ^= 0x55
        lone.read(bytes(broken), Lone.PATH, 0.0)
    for size in range(len(good)):
        lone.read(good[:size], Lone.PATH, 0.0)
    # Damage to the FINGERPRINT's own header leaves the message authentic without it.
    assert lone.agent.discarded >= 2 * len(good) - 4
    assert not lone.agent.allows(Lone.PATH)


def test_credentials_of_both_sides_are_shown() -> None:
    """ICE-10, ICE-18"""
    lone = Lone()
    assert lone.agent.remote_credentials == lone.remote
    assert lone.request().get(Username) == Username(f"{lone.agent.local_ufrag}:{lone.remote.ufrag}")
