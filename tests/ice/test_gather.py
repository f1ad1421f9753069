from collections import deque
from random import Random

import pytest

from tests.ice.harness import LEFT, Call, Lone
from webrtc.core import Path, Transmit
from webrtc.errors import InvalidAccessError
from webrtc.ice import (
    Agent,
    AgentConfig,
    Candidate,
    CandidateFound,
    CandidateType,
    GatheringState,
    GatheringStateChanged,
    NetworkType,
)
from webrtc.ice.gather import Gatherer, peer_reflexive_priority
from webrtc.stun import Message, MessageClass, Method
from webrtc.stun.attributes import XorMappedAddress
from webrtc.stun.codec import RawAttribute
from webrtc.stun.responder import Responder
from webrtc.vnet import Link, Nat, Network

HOST, HOST6 = ("10.0.0.1", 5000), ("2001:db8::1", 5000)
SERVER, DEAD = ("198.51.100.53", 3478), ("198.51.100.54", 3478)
MAPPED = ("203.0.113.9", 40000)


class Bench:
    def __init__(self, config: AgentConfig | None = None) -> None:
        self.writes: deque[Transmit] = deque()
        self.gatherer = Gatherer(config or AgentConfig(), Random(1), self.writes.append)

    def found(self) -> list[Candidate]:
        found = []
        while (candidate := self.gatherer.poll_candidate()) is not None:
            found.append(candidate)
        return found

    def sent(self) -> list[tuple[Path, Message]]:
        sent = [(write.path, Message.decode(write.data)) for write in self.writes]
        self.writes.clear()
        return sent

    def run(self, until: float) -> None:
        while (due := self.gatherer.poll_timeout()) is not None and due <= until:
            self.gatherer.handle_timeout(due)

    def answer(self, request: tuple[Path, Message], mapped: tuple[str, int], now: float) -> bool:
        path, message = request
        response = message.success([XorMappedAddress(mapped)])
        return self.gatherer.handle_response(Message.decode(response.encode()), path, now)


def test_host_candidates_are_there_at_once() -> None:
    """ICE-15, ICE-27: one for each address, IPv6 first."""
    bench = Bench()
    bench.gatherer.add([HOST, HOST6, ("fe80::1%eth0", 5000)], [], 0.0)
    found = sorted(bench.found(), key=lambda one: -one.priority)
    assert [one.address[0] for one in found] == ["2001:db8::1", "10.0.0.1", "fe80::1"]
    assert found[2].base == ("fe80::1%eth0", 5000)
    assert len({one.foundation for one in found}) == len({one.priority for one in found}) == 3
    assert all(one.type is CandidateType.HOST and one.related_address is None for one in found)
    assert not bench.gatherer.busy


def test_server_reflexive_candidate_of_a_server() -> None:
    """ICE-08, ICETYP-08"""
    bench = Bench()
    bench.gatherer.add([HOST], [SERVER], 0.0)
    (request,) = bench.sent()
    assert request[0] == Path(HOST, SERVER)
    bench.found()
    assert bench.answer(request, MAPPED, 0.1)
    (candidate,) = bench.found()
    assert candidate.type is CandidateType.SERVER_REFLEXIVE
    assert (candidate.address, candidate.related_address, candidate.base) == (MAPPED, HOST, HOST)
    assert not bench.gatherer.busy
    assert not bench.answer(request, MAPPED, 0.2)


def test_without_a_nat_nothing_is_added() -> None:
    """RFC 8445 §5.1.3: a server-reflexive candidate equal to the host one is redundant."""
    bench = Bench()
    bench.gatherer.add([HOST], [SERVER], 0.0)
    bench.found()
    bench.answer(bench.sent()[0], HOST, 0.1)
    assert bench.found() == []


def test_foundations_by_kind_base_and_server() -> None:
    """ICE-28: RFC 8445 §5.1.1.3; ports do not count."""
    bench = Bench()
    bench.gatherer.add([HOST, ("10.0.0.1", 5001), ("10.0.0.2", 5000)], [SERVER, DEAD], 0.0)
    bench.run(0.1)
    for port, request in enumerate(bench.sent()):
        bench.answer(request, (MAPPED[0], 40000 + port), 0.1)
    found = bench.found()
    hosts, others = found[:3], found[3:]
    assert hosts[0].foundation == hosts[1].foundation != hosts[2].foundation
    groups = {(one.base and one.base[0], one.foundation) for one in others}
    assert len(others) == 6 and len(groups) == len({one.foundation for one in others}) == 4
    assert len({one.priority for one in found if one.base and one.base[0] == "10.0.0.2"}) == 3


def test_server_speaks_for_its_own_family_and_scope() -> None:
    bench = Bench()
    bench.gatherer.add([HOST, HOST6, ("127.0.0.1", 5000), ("fe80::1%eth0", 1)], [SERVER], 0.0)
    bench.run(0.1)
    assert [path.local for path, _ in bench.sent()] == [HOST]


def test_answer_from_elsewhere_is_not_taken() -> None:
    """I-06"""
    bench = Bench()
    bench.gatherer.add([HOST], [SERVER], 0.0)
    (request,) = bench.sent()
    assert not bench.answer((Path(HOST, DEAD), request[1]), MAPPED, 0.1)
    assert bench.gatherer.busy


def test_dead_server_delays_nothing_and_ends_in_time() -> None:
    """ICE-08: every server has its own clock, and `stun_timeout` ends the wait."""
    network = Network(Link(delay=0.02))
    network.add(SERVER, Responder())
    home = network.router("home", "10.0.0.0/24", nat=Nat("203.0.113.1"))
    hosts = network.host("left", "10.0.0.2", router=home), network.host("right", LEFT)
    call = Call(network, hosts=hosts)
    call.left.bind()
    call.left.agent.gather(call.left.bound, [DEAD, SERVER, ("198.51.100.55", 3478)], 0.0)
    network.run(0.1)
    types = [one.type for one in call.left.agent.local_candidates]
    assert types == [CandidateType.HOST, CandidateType.SERVER_REFLEXIVE]
    assert call.left.agent.gathering_state is GatheringState.GATHERING
    network.run_until(lambda: call.left.agent.gathering_state is GatheringState.COMPLETE, 5.0)
    assert 5.0 <= network.now < 5.1


def test_a_request_that_is_spent_before_its_time_limit_ends_gathering() -> None:
    bench = Bench(AgentConfig(rto=0.01))
    bench.gatherer.add([HOST], [DEAD], 0.0)
    bench.run(0.01 * (1 + 2 + 4 + 8 + 16 + 32 + 16) + 0.001)
    assert not bench.gatherer.busy
    bench.run(10.0)
    assert len(bench.sent()) == 7


def test_a_response_that_cannot_be_understood_gives_no_candidate() -> None:
    """RFC 8489 §6.3.3, as `stun.Client` has it."""
    bench = Bench()
    bench.gatherer.add([HOST], [SERVER], 0.0)
    bench.found()
    ((path, request),) = bench.sent()
    response = request.success([XorMappedAddress(MAPPED), RawAttribute(0x7ABC, b"")])
    assert bench.gatherer.handle_response(Message.decode(response.encode()), path, 0.1)
    assert bench.found() == []
    assert not bench.gatherer.busy


def test_lost_requests_are_repeated() -> None:
    bench = Bench()
    bench.gatherer.add([HOST], [SERVER], 0.0)
    bench.run(4.9)
    sent = bench.sent()
    assert len(sent) == 4  # at 0, 0.5, 1.5 and 3.5 s
    assert len({message.transaction_id for _, message in sent}) == 1


def test_first_requests_are_paced() -> None:
    bench = Bench()
    bench.gatherer.add([HOST, ("10.0.0.2", 5000)], [SERVER, DEAD], 0.0)
    assert len(bench.sent()) == 1
    bench.run(0.0101)
    assert len(bench.sent()) == 2


def test_binding_of_the_nat_is_kept_alive_until_a_pair_is_selected() -> None:
    """RFC 8445 §5.1.1.4"""
    bench = Bench()
    bench.gatherer.add([HOST], [SERVER], 0.0)
    bench.answer(bench.sent()[0], MAPPED, 0.1)
    bench.run(50.0)
    sent = bench.sent()
    assert [message.message_class for _, message in sent] == [MessageClass.INDICATION] * 3
    assert {path for path, _ in sent} == {Path(HOST, SERVER)}
    bench.gatherer.settle()
    assert bench.gatherer.poll_timeout() is None


def test_binding_is_kept_until_the_pair_in_use_is_nominated() -> None:
    """The peer may not have heard of us yet, and then check the address that the server saw."""
    lone = Lone()
    lone.agent.gather([Lone.HOST], [SERVER], 0.0)
    lone.drain()
    lone.answer(0.0, MAPPED)  # the server's answer has no integrity, and needs none
    lone.connect(0.1)
    assert lone.agent.selected_path == Lone.PATH
    waiting = lone.agent._gatherer.poll_timeout()
    assert waiting is None
    other = Lone()
    other.agent.gather([Lone.HOST], [SERVER], 0.0)
    other.drain()
    other.answer(0.0, MAPPED)
    other.check(0.1)
    other.answer(0.2)
    assert other.agent.selected_path == Lone.PATH
    assert other.agent._gatherer.poll_timeout() == 15.0


def test_static_nat_as_host_candidate() -> None:
    """ICECFG-16, ICECFG-17: the local address is not told."""
    config = AgentConfig(nat_1to1_ips=("203.0.113.1",))
    bench = Bench(config)
    bench.gatherer.add([HOST], [], 0.0)
    (candidate,) = bench.found()
    assert candidate.address == ("203.0.113.1", 5000)
    assert candidate.type is CandidateType.HOST
    assert (candidate.base, candidate.related_address) == (HOST, None)


def test_static_nat_as_server_reflexive_candidate() -> None:
    """ICECFG-16, ICECFG-17"""
    reflexive = CandidateType.SERVER_REFLEXIVE
    config = AgentConfig(nat_1to1_ips=("203.0.113.1/10.0.0.1",), nat_1to1_candidate_type=reflexive)
    bench = Bench(config)
    bench.gatherer.add([HOST, ("10.0.0.2", 5000)], [], 0.0)
    assert [(one.type, one.address[0]) for one in bench.found()] == [
        (CandidateType.HOST, "10.0.0.1"),
        (reflexive, "203.0.113.1"),
        (CandidateType.HOST, "10.0.0.2"),
    ]


def test_only_relayed_candidates_when_nothing_else_is_wanted() -> None:
    """ICECFG-09: neither hosts nor servers, and servers are not asked."""
    bench = Bench(AgentConfig(candidate_types=frozenset({CandidateType.RELAYED})))
    bench.gatherer.add([HOST], [SERVER], 0.0)
    bench.gatherer.add_relayed(("198.51.100.99", 50000), MAPPED, None)
    (candidate,) = bench.found()
    assert candidate.type is CandidateType.RELAYED
    assert (candidate.base, candidate.related_address) == (candidate.address, MAPPED)
    assert bench.sent() == [] and not bench.gatherer.busy


def test_relay_only_agent_does_not_answer_at_its_host_address() -> None:
    """ICECFG-09: an answer would give the address away."""
    lone = Lone(AgentConfig(candidate_types=frozenset({CandidateType.RELAYED})))
    lone.check(0.1)
    assert (lone.responses, lone.requests, lone.agent.discarded) == ([], [], 1)


def test_only_reflexive_candidates_when_hosts_are_not_wanted() -> None:
    """ICECFG-09: the pair then begins at the base of the reflexive candidate."""
    network = Network(Link(delay=0.01))
    network.add(SERVER, Responder())
    home = network.router("home", "10.0.0.0/24", nat=Nat("203.0.113.1"))
    hosts = network.host("left", "10.0.0.2", router=home), network.host("right", LEFT)
    config = AgentConfig(candidate_types=frozenset({CandidateType.SERVER_REFLEXIVE}))
    call = Call(network, hosts=hosts, left=config).connect(servers=[SERVER])
    assert [one.type for one in call.left.agent.local_candidates] == ["srflx"]
    assert call.left.agent.selected_path == Path(("10.0.0.2", 5000), (LEFT, 5000))


def test_filters_of_families_and_addresses() -> None:
    """ICECFG-02, ICECFG-15"""
    bench = Bench(AgentConfig(network_types=frozenset({NetworkType.UDP6})))
    bench.gatherer.add([HOST, HOST6], [], 0.0)
    assert [one.address for one in bench.found()] == [HOST6]
    bench = Bench(AgentConfig(ip_filter=lambda host: not host.startswith("10.")))
    bench.gatherer.add([HOST, HOST6], [SERVER], 0.0)
    assert [one.address for one in bench.found()] == [HOST6]
    assert bench.sent() == []


def test_local_preference_can_be_given() -> None:
    """ICE-27"""
    bench = Bench(AgentConfig(local_preference=lambda host: 7 if host == HOST[0] else 6))
    bench.gatherer.add([HOST6, HOST], [], 0.0)
    assert [one.priority >> 8 & 0xFFFF for one in bench.found()] == [6, 7]


def test_lite_agent_has_host_candidates_only() -> None:
    """ICECFG-12"""
    bench = Bench(AgentConfig(lite=True))
    bench.gatherer.add([HOST], [SERVER], 0.0)
    assert [one.type for one in bench.found()] == [CandidateType.HOST]
    assert bench.sent() == []


def test_peer_reflexive_candidates_are_bounded() -> None:
    """ICE-24: a peer that answers with ever new addresses is not believed for ever."""
    bench = Bench(AgentConfig(max_peer_reflexive=3))
    bench.gatherer.add([HOST], [], 0.0)
    (host,) = bench.found()
    learnt = [bench.gatherer.add_peer_reflexive((MAPPED[0], port), host) for port in range(9)]
    assert [one is None for one in learnt] == [False] * 3 + [True] * 6
    assert learnt[0] and learnt[0].priority == peer_reflexive_priority(host)
    assert learnt[0].priority >> 24 == 110 and learnt[0].base == HOST
    assert bench.found() == []


def test_events_of_gathering_in_order() -> None:
    """ICE-12, ICETYP-23: the end is an event of its own, and more hosts begin it again."""
    agent = Agent(AgentConfig(), Random(1))
    assert agent.gathering_state is GatheringState.NEW
    agent.gather([HOST], [], 0.0, more=True)
    agent.gather([HOST, HOST6], [], 0.1)
    events = []
    while (event := agent.poll_event()) is not None:
        events.append(event)
    began, first, second, ended = events
    assert began == GatheringStateChanged(GatheringState.GATHERING)
    assert isinstance(first, CandidateFound) and first.candidate.address == HOST
    assert isinstance(second, CandidateFound) and second.candidate.address == HOST6
    assert ended == GatheringStateChanged(GatheringState.COMPLETE)


def test_relayed_candidates_may_come_until_gathering_is_said_to_end() -> None:
    agent = Agent(AgentConfig(), Random(1))
    agent.gather([HOST], [], 0.0, more=True)
    agent.add_relayed_candidate(("198.51.100.99", 50000), MAPPED, 0.5)
    states = [agent.gathering_state]
    agent.gather([], [], 0.6)
    states.append(agent.gathering_state)
    assert states == [GatheringState.GATHERING, GatheringState.COMPLETE]
    assert [one.type for one in agent.local_candidates] == ["host", "relay"]


def test_host_that_is_a_name_is_misuse() -> None:
    with pytest.raises(InvalidAccessError):
        Bench().gatherer.add([("host.local", 1)], [], 0.0)


def test_error_response_ends_the_request() -> None:
    bench = Bench()
    bench.gatherer.add([HOST], [SERVER], 0.0)
    path, message = bench.sent()[0]
    error = Message.decode(message.error(500).encode())
    assert message.method is Method.BINDING
    assert bench.gatherer.handle_response(error, path, 0.1)
    assert not bench.gatherer.busy
