from dataclasses import replace

import pytest

from tests.ice.harness import Call
from webrtc.core import Path
from webrtc.ice import AgentConfig, Candidate, CandidatePair, CandidateType, Role
from webrtc.ice.priority import pair_priority
from webrtc.vnet import Link, Network

HERE, THERE = ("10.0.0.1", 1), ("10.0.0.2", 2)
LOCAL = Candidate("1", 1, "udp", 5, HERE, CandidateType.HOST, base=HERE)
REMOTE = Candidate("1", 1, "udp", 7, THERE, CandidateType.HOST)


def make(role: Role = Role.CONTROLLING) -> CandidatePair:
    return CandidatePair(LOCAL, REMOTE, Path(HERE, THERE), role, 3)


def test_priority_and_identity() -> None:
    """ICETYP-26"""
    pair = make()
    assert pair.priority == pair_priority(5, 7)
    assert make(Role.CONTROLLED).priority == pair_priority(7, 5)
    assert pair.id == "3:udp:10.0.0.1:1:10.0.0.2:2"
    assert repr(pair) == "<host:udp:10.0.0.1:1 → host:udp:10.0.0.2:2 frozen>"


@pytest.mark.parametrize(
    ("local", "remote", "kind"),
    [("host", "host", 0), ("host", "prflx", 1), ("srflx", "host", 2), ("srflx", "relay", 3)],
)
def test_kind_is_that_of_the_less_direct_side(local: str, remote: str, kind: int) -> None:
    pair = make()
    pair.local = replace(LOCAL, type=CandidateType(local))
    pair.remote = replace(REMOTE, type=CandidateType(remote))
    assert pair.kind == kind


def test_round_trip_times() -> None:
    """ICE-20"""
    pair = make()
    averages = [pair.average_round_trip_time]
    for seconds in (0.1, 0.3):
        pair.measured(seconds)
        averages.append(pair.average_round_trip_time)
    assert averages == [None, 0.1, pytest.approx(0.2)]
    assert pair.current_round_trip_time == 0.3


def test_last_heard_is_the_latest_of_all_signs_of_life() -> None:
    assert make().last_heard == float("-inf")
    call = Call().connect()
    pair = call.left.agent.selected_pair
    assert pair is not None
    checked = [pair.last_request_received, pair.last_response_received]
    assert pair.last_heard == max(each for each in checked if each is not None)
    call.exchange(1.0)
    assert pair.last_heard == pair.last_packet_received is not None
    call.network.run(4.0)
    assert pair.last_heard == pair.last_response_received is not None


def test_statistics_of_a_connection() -> None:
    """ICE-19, ICE-20, ICE-21, ICE-31, ICE-37, ICETYP-04, ICETYP-14: both ends count the same."""
    call = Call().connect()
    call.exchange(20.0)
    call.network.run(1.0)
    pairs = [peer.agent.selected_pair for peer in call.peers]
    left, right = pairs
    assert left is not None and right is not None
    assert left.current_round_trip_time == pytest.approx(0.02)
    assert left.average_round_trip_time == pytest.approx(0.02)
    assert left.packets_sent == right.packets_received == 400
    assert right.bytes_sent == left.bytes_received == 400 * 5
    assert left.responses_received == left.requests_sent == right.requests_received
    assert right.responses_sent == right.requests_received
    assert 3 <= left.consent_requests_sent <= 6
    assert left.loss == 0.0 and left.retransmissions_sent == 0
    assert left.last_packet_received == pytest.approx(call.now - 1.04)
    assert left.last_packet_sent == pytest.approx(call.now - 1.05, abs=0.05)
    assert call.left.agent.bytes_sent == left.bytes_sent
    assert call.left.agent.packets_received == left.packets_received


def test_loss_of_a_path_is_visible() -> None:
    """ICE-37"""
    network = Network(seed=3)
    lossy = network.host("left", "198.51.100.1", outbound=Link(delay=0.01, loss=0.5))
    config = AgentConfig(consent_interval=0.1, keepalive_interval=None)
    hosts = lossy, network.host("right", "198.51.100.2")
    call = Call(network, hosts=hosts, left=config).connect()
    network.run(60.0)
    pair = call.left.agent.selected_pair
    assert pair is not None
    assert 0.4 < pair.loss < 0.6
