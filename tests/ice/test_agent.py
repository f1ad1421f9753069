from random import Random

import pytest

from tests.ice.harness import LEFT, RIGHT, Call, Lone
from tests.work import work
from webrtc.core import Path
from webrtc.errors import InvalidAccessError, InvalidStateError
from webrtc.ice import (
    Agent,
    AgentConfig,
    Candidate,
    CandidateFound,
    CandidateType,
    GatheringState,
    GatheringStateChanged,
    Role,
    State,
)
from webrtc.ice.credentials import Credentials
from webrtc.stun.address import XorMappedAddress
from webrtc.vnet import Link, Network

PEER_CANDIDATE = Candidate("1", 1, "udp", 9, Lone.PEER, CandidateType.HOST)


def test_new_agent_has_nothing_and_wants_nothing() -> None:
    """ICE-05"""
    agent = Agent(AgentConfig(), Random(1))
    assert (agent.state, agent.gathering_state) == (State.NEW, GatheringState.NEW)
    assert (agent.selected_pair, agent.selected_path, agent.remote_credentials) == (None,) * 3
    assert (agent.poll_write(), agent.poll_event(), agent.poll_timeout()) == (None, None, None)
    agent.handle_timeout(100.0)
    assert agent.poll_timeout() is None


@pytest.mark.parametrize("hosts", [("127.0.0.1",), ("192.0.2.1", "2001:db8::1", "127.0.0.1")])
def test_connection_on_one_host_takes_no_time(hosts: tuple[str, ...]) -> None:
    """Delight 1: far below 0.1 s, whatever Ta is."""
    network = Network()
    call = Call(network, hosts=(network.host("left", LEFT), network.host("right", RIGHT)))
    call.connect()
    assert network.now < 0.001
    agents = [
        Agent(AgentConfig(role=role), Random(n)) for n, role in enumerate((*Role,))
    ]  # one machine: the datagrams are handed over by hand
    now = 5.0
    for n, agent in enumerate(agents):
        other = agents[1 - n]
        agent.set_remote_credentials(other.local_ufrag, other.local_pwd, now)
        agent.gather([(host, 5000 + n) for host in hosts], [], now)
    for _ in range(1000):
        for n, agent in enumerate(agents):
            while (event := agent.poll_event()) is not None:
                if isinstance(event, CandidateFound):
                    agents[1 - n].add_remote_candidate(event.candidate, now)
            while (write := agent.poll_write()) is not None:
                local, remote, _ = write.path
                agents[1 - n].handle_read(write.data, Path(remote, local), now)
            agent.handle_timeout(now)
        now += 0.001
        if all(agent.selected_path for agent in agents):
            break
    assert now < 5.01


def test_first_check_goes_out_in_the_call_that_makes_it_possible() -> None:
    """ICE-02: Ta lies between checks, not before them."""
    lone = Lone()
    lone.agent.add_remote_candidate(PEER_CANDIDATE, 7.0)
    assert lone.agent.poll_write() is not None


def test_of_candidates_that_come_together_the_best_is_checked_first() -> None:
    """ICE-09: whatever their order, and a useless one among them harms nothing."""
    lone = Lone()
    hosts = ("192.0.2.7", "192.0.2.8", "not an address")
    peers = [
        Candidate(str(rank), 1, "udp", rank, (host, 9000), CandidateType.HOST)
        for rank, host in enumerate(hosts, 1)
    ]
    lone.agent.add_remote_candidates(peers, 7.0)
    first = lone.agent.poll_write()
    assert first is not None and first.path.remote == ("192.0.2.8", 9000)
    assert len(lone.agent.pairs) == 2
    assert lone.agent.ignored_candidates == {"not an IP address": 1}


def test_checks_begin_before_gathering_ends() -> None:
    """ICE-02, ICE-12: a dead STUN server on both sides delays nothing."""
    call = Call(Network(Link(delay=0.01))).start([("198.51.100.99", 3478)])
    call.network.run_until(call.is_usable, 0.1)
    ended = GatheringStateChanged(GatheringState.COMPLETE)
    assert ended not in call.left.events
    call.network.run(6.0)
    assert ended in call.left.events


def test_candidates_may_come_before_the_credentials() -> None:
    """ICE-09"""
    lone = Lone(signalled=False)
    lone.agent.add_remote_candidate(PEER_CANDIDATE, 0.0)
    lone.drain()
    assert lone.requests == [] and lone.state() is State.NEW
    lone.signal(1.0)
    assert [path for _, path in lone.requests] == [Lone.PATH]


def test_hosts_may_come_after_the_candidates_of_the_peer() -> None:
    """ICE-02: also when a network appears later."""
    network = Network(Link(delay=0.01))
    call = Call(network)
    call.signal()
    call.right.bind()
    call.right.agent.gather(call.right.bound, [], 0.0)
    network.run(2.0)
    call.left.bind()
    call.left.agent.gather(call.left.bound, [], network.now)
    network.run_until(call.is_usable, 0.1)


@pytest.mark.parametrize("seed", range(50))
def test_set_up_survives_30_percent_loss(seed: int) -> None:
    """F-02: the share of ICE in it."""
    network = Network(seed=seed)
    hosts = [
        network.host(name, address, outbound=Link(delay=0.025, loss=0.3, jitter=0.01))
        for name, address in (("left", LEFT), ("right", RIGHT))
    ]
    Call(network, hosts=(hosts[0], hosts[1])).connect(10.0)


def test_half_of_the_set_ups_with_30_percent_loss_take_less_than_half_a_second() -> None:
    """F-02"""
    times = []
    for seed in range(50):
        network = Network(Link(delay=0.025, loss=0.3), seed=seed)
        Call(network).connect(10.0)
        times.append(network.now)
    times.sort()
    assert times[25] < 0.7 and times[-1] < 6.0


def test_link_local_addresses_work_with_their_zones() -> None:
    """F-13: candidates have no zone, paths do."""
    agents = [Agent(AgentConfig(role=role), Random(n)) for n, role in enumerate(Role)]
    hosts = [(f"fe80::{n + 1}%eth{n}", 5000) for n in range(2)]
    for agent, other, host in zip(agents, agents[::-1], hosts, strict=True):
        agent.set_remote_credentials(other.local_ufrag, other.local_pwd, 0.0)
        agent.gather([host], [], 0.0)
        assert agent.local_candidates[0].address == (host[0].partition("%")[0], 5000)
    for agent, other in zip(agents, agents[::-1], strict=True):
        other.add_remote_candidate(agent.local_candidates[0], 0.0)
    seen = [(f"fe80::{2 - n}%eth{n}", 5000) for n in range(2)]  # the peer, as each host writes it
    for _ in range(6):
        for n, agent in enumerate(agents):
            while (write := agent.poll_write()) is not None:
                assert write.path == Path(hosts[n], seen[n])
                agents[1 - n].handle_read(write.data, Path(hosts[1 - n], seen[1 - n]), 0.1)
    assert [agent.selected_path for agent in agents] == [
        Path(host, other) for host, other in zip(hosts, seen, strict=True)
    ]
    assert [one.type for one in agents[0].local_candidates] == ["host"]


def test_close_is_idempotent_and_final() -> None:
    """ICE-22"""
    lone = Lone()
    lone.connect()
    lone.agent.close(1.0)
    lone.agent.close(1.0)
    lone.drain()
    written = len(lone.requests) + len(lone.responses)
    assert lone.agent.poll_timeout() is None and lone.agent.selected_path is None
    assert not lone.agent.allows(Lone.PATH)
    lone.check(2.0)
    lone.agent.handle_timeout(100.0)
    lone.agent.end_of_candidates(100.0)
    lone.drain()
    assert len(lone.requests) + len(lone.responses) == written
    assert lone.state() is State.CLOSED
    with pytest.raises(InvalidStateError):
        lone.agent.gather([], [], 3.0)
    with pytest.raises(InvalidStateError):
        lone.agent.restart(3.0)
    with pytest.raises(InvalidStateError):
        lone.agent.set_remote_credentials("ufrag", "p" * 22, 3.0)
    with pytest.raises(InvalidStateError):
        lone.agent.add_relayed_candidate(("192.0.2.9", 1), ("192.0.2.8", 1), 3.0)


def test_a_whole_description_is_taken_in_one_step() -> None:
    """The same checks as when its parts come one by one."""
    remote = Candidate("1", 1, "udp", 100, Lone.PEER, CandidateType.HOST)
    whole, parts = Lone(signalled=False), Lone(signalled=False)
    whole.agent.set_remote(whole.remote, [remote], 0.0, ended=True)
    parts.agent.set_remote_credentials(parts.remote.ufrag, parts.remote.pwd, 0.0)
    parts.agent.add_remote_candidate(remote, 0.0)
    parts.agent.end_of_candidates(0.0)
    for lone in (whole, parts):
        lone.drain()
    assert [path for _, path in whole.requests] == [Lone.PATH]
    assert [request.raw for request, _ in whole.requests] == [
        request.raw for request, _ in parts.requests
    ]
    assert whole.agent.poll_timeout() == parts.agent.poll_timeout()
    assert (whole.agent.state, whole.events) == (parts.agent.state, parts.events)
    with pytest.raises(InvalidStateError):
        whole.agent.set_remote(Credentials("other", "p" * 22), [], 0.0)


def test_bad_remote_credentials_are_refused() -> None:
    """I-22"""
    lone = Lone(signalled=False)
    with pytest.raises(InvalidAccessError):
        lone.agent.set_remote_credentials("abc", "p" * 22, 0.0)


def test_data_counts_on_valid_paths_only() -> None:
    """M-04, ICE-19"""
    lone = Lone()
    lone.agent.handle_data(Lone.PATH, 100, 0.0)
    lone.agent.handle_sent(100)
    assert (lone.agent.bytes_received, lone.agent.bytes_sent) == (0, 0)
    lone.connect()
    lone.agent.handle_data(Path(Lone.HOST, Lone.PEER), 100, 0.0)
    lone.agent.handle_data(Path(Lone.HOST, ("192.0.2.9", 1)), 100, 0.0)
    lone.agent.handle_sent(50)
    assert (lone.agent.bytes_received, lone.agent.bytes_sent) == (100, 50)
    assert (lone.agent.packets_received, lone.agent.packets_sent) == (1, 1)


def test_data_before_a_valid_pair_is_refused() -> None:
    """M-04, I-21: it is never kept for later."""
    call = Call(Network(Link(delay=0.05)))
    call.start()
    for n in range(20):
        call.network.inject(b"\x16dtls", (LEFT, 5000), (RIGHT, 5000))
        call.network.run(0.001 * n)
    before = call.right.when(State.CONNECTED)
    assert all(at >= before - 0.05 for at, _ in call.right.received)
    assert call.right.refused >= 10


def test_same_seed_same_bytes() -> None:
    """Promise 13: no clock, no chance but the injected one."""

    def trace() -> list[tuple[float, bytes]]:
        network = Network(Link(delay=0.02, jitter=0.01, loss=0.1), seed=5)
        seen: list[tuple[float, bytes]] = []
        network.watch(lambda now, action, packet, place: seen.append((now, packet.data)))
        Call(network).connect()
        network.run(60.0)
        return seen

    assert trace() == trace()


def test_handle_timeout_is_harmless_when_nothing_is_due() -> None:
    lone = Lone()
    lone.connect()
    deadline = lone.agent.poll_timeout()
    for _ in range(3):
        lone.agent.handle_timeout(1.0)
    lone.drain()
    assert lone.agent.poll_timeout() == deadline


def test_deadline_is_never_in_the_past_after_a_timeout() -> None:
    lone = Lone()
    lone.connect()
    for _ in range(500):
        due = lone.agent.poll_timeout()
        if due is None:
            break
        lone.agent.handle_timeout(due)
        lone.drain()
        later = lone.agent.poll_timeout()
        assert later is None or later > due
    assert lone.state() is State.FAILED


def test_what_is_done_for_each_packet_is_cheap() -> None:
    """Performance: allows, handle_data, selected_path and handle_sent are a few lines in all."""
    lone = Lone()
    lone.connect()
    agent, path = lone.agent, Path(Lone.HOST, Lone.PEER)

    def packet() -> None:
        if agent.allows(path):
            agent.handle_data(path, 1200, 1.0)
        if agent.selected_path is not None:
            agent.handle_sent(1200)

    assert work(packet) <= 40


@pytest.mark.parametrize("together", [True, False])
def test_an_answer_that_comes_with_a_check_makes_another_check_needless(*, together: bool) -> None:
    """Performance: what is said at once is understood before anything is done about it."""
    lone = Lone()
    lone.agent.add_remote_candidate(PEER_CANDIDATE, 0.0)
    lone.drain()
    (request, path), key = lone.requests[0], lone.remote.pwd.encode()
    answer = request.success([XorMappedAddress(Lone.HOST)]).encode(key=key, fingerprint=True)
    check = lone.request().encode(key=lone.agent.local_pwd.encode(), fingerprint=True)
    if together:
        lone.agent.handle_reads([check, answer], path, 0.1)
    else:
        lone.agent.handle_read(check, path, 0.1)
        lone.agent.handle_read(answer, path, 0.1)
    lone.drain()
    assert len(lone.responses) == 1
    assert len(lone.requests) == (1 if together else 2)
    assert lone.agent.selected_path == path
