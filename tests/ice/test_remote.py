from dataclasses import replace

import pytest

from webrtc.ice import AgentConfig, Candidate, CandidateType, NetworkType, TcpType
from webrtc.ice.remote import LOW_PORT, RemoteCandidates

HOST = Candidate("1", 1, "udp", 100, ("192.0.2.1", 5000), CandidateType.HOST)


def make(config: AgentConfig | None = None, kept: str = "") -> RemoteCandidates:
    return RemoteCandidates(config or AgentConfig(), lambda one: one.address[0] == kept)


@pytest.mark.parametrize(
    "candidate",
    [
        replace(HOST, address=("0.0.0.0", 5000)),
        replace(HOST, address=("224.0.0.1", 5000)),
        replace(HOST, address=("ff02::1", 5000)),
        replace(HOST, address=("192.0.2.1", 0)),
        replace(HOST, address=("192.0.2.1", 9), protocol="tcp"),
        replace(HOST, address=("name.local", 5000)),
        replace(HOST, component=2),
        replace(HOST, protocol="tcp"),
    ],
)
def test_candidates_that_cannot_be_used_are_ignored_with_a_reason(candidate: Candidate) -> None:
    """I-17, ICE-34"""
    remote = make()
    assert remote.add(candidate, None) is None
    assert len(remote) == 0 and remote.ignored.total() == 1


def test_family_that_is_not_in_use() -> None:
    """ICECFG-02"""
    remote = make(AgentConfig(network_types=frozenset({NetworkType.UDP6})))
    assert remote.add(HOST, None) is None
    assert remote.add(replace(HOST, address=("2001:db8::1", 5000)), None) is not None


@pytest.mark.parametrize("port", [1, 22, 53, 123, 1023])
def test_signalled_low_ports_are_ignored_and_counted(port: int) -> None:
    """I-16: a peer must not make us send to the name server of a stranger."""
    low = replace(HOST, address=("192.0.2.1", port))
    passive = replace(low, protocol="tcp", tcp_type=TcpType.PASSIVE)
    remote = make()
    assert remote.add(low, None) is None and remote.add(passive, None) is None
    assert remote.ignored == {LOW_PORT: 2}
    lifted = make(AgentConfig(low_ports=True))
    assert lifted.add(low, None) == low


@pytest.mark.parametrize("port", [80, 443, 1024])
def test_ports_of_media_servers_are_taken(port: int) -> None:
    assert make().add(replace(HOST, address=("192.0.2.1", port)), None) is not None


@pytest.mark.parametrize("port", [0, 9, 53])
def test_the_port_of_an_active_tcp_candidate_means_nothing(port: int) -> None:
    """RFC 6544 §4.5"""
    remote = make()
    active = replace(HOST, address=("192.0.2.1", port), protocol="tcp", tcp_type=TcpType.ACTIVE)
    assert remote.add(active, None) is None
    assert remote.ignored == {"network type not in use": 1}


def test_the_source_of_an_authentic_check_may_have_any_port() -> None:
    assert make().discover(("192.0.2.1", 53), 1) is not None


def test_duplicates_are_one() -> None:
    """ICE-09: however the address is written."""
    remote = make()
    assert remote.add(replace(HOST, address=("2001:DB8:0::1", 5000)), None) is not None
    assert remote.add(replace(HOST, address=("2001:db8::1", 5000)), None) is None
    assert [one.address for one in remote] == [("2001:db8::1", 5000)]
    assert remote.get(("2001:db8::1%eth0", 5000)) is not None


def test_signalled_candidate_takes_the_place_of_the_discovered_one() -> None:
    """ICE-24: RFC 8445 §7.3.1.3."""
    remote = make()
    found = remote.discover(HOST.address, 55)
    assert found is not None
    assert (found.type, found.priority) == (CandidateType.PEER_REFLEXIVE, 55)
    assert remote.add(HOST, None) == HOST
    assert [*remote] == [HOST]


def test_discovered_foundations_are_distinct() -> None:
    """ICE-28"""
    remote = make()
    found = [remote.discover(("192.0.2.1", port), 1) for port in range(1000, 1010)]
    assert len({one.foundation for one in found if one is not None}) == 10


def test_candidate_of_another_generation_is_ignored() -> None:
    """RFC 8838 §5: told by its `ufrag`, before or after the credentials are known."""
    remote = make()
    ours, other = (replace(HOST, extensions=(("ufrag", ufrag),)) for ufrag in ("new", "old"))
    assert remote.add(other, "new") is None
    assert remote.add(ours, "new") is not None
    later = make()
    assert later.add(other, None) is not None
    later.retain("new")
    assert len(later) == 0 and later.ignored["other generation"] == 1


def test_ten_thousand_candidates_leave_the_best() -> None:
    """I-15"""
    remote = make(kept="10.0.0.0")
    for number in range(10_000):
        address = (f"10.0.{number >> 8}.{number & 255}", 5000)
        candidate = replace(HOST, address=address, priority=number)
        assert remote.add(candidate, None) is not None
    assert len(remote) == 64
    assert remote.get(("10.0.0.0", 5000)) is not None  # in use
    assert sorted(one.priority for one in remote)[1] == 10_000 - 63
    assert remote.add(replace(HOST, priority=1), None) is None
    assert remote.discover(("192.0.2.9", 1), 1) is None
    assert remote.ignored["too many candidates"] == 2
