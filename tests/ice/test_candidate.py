from dataclasses import replace

from webrtc.ice import Candidate, CandidateType, NetworkType, TcpType

HOST = Candidate("1", 1, "udp", 2130706431, ("192.0.2.1", 5000), CandidateType.HOST)


def test_kinds_have_the_words_of_the_candidate_line() -> None:
    """ICETYP-09, ICETYP-10, ICETYP-20, ICETYP-21: one dataclass, tagged with its kind."""
    assert [*CandidateType] == ["host", "srflx", "prflx", "relay"]
    assert [*TcpType] == ["active", "passive", "so"]


def test_network_type_is_protocol_and_family() -> None:
    """ICETYP-05, ICETYP-24"""
    assert HOST.network_type is NetworkType.UDP4
    assert replace(HOST, address=("2001:db8::1", 1)).network_type is NetworkType.UDP6
    assert replace(HOST, protocol="tcp").network_type is NetworkType.TCP4


def test_id_tells_the_candidates_of_an_agent_apart() -> None:
    """ICETYP-02: two bases that one NAT shows as one address stay two candidates."""
    reflexive = replace(HOST, type=CandidateType.SERVER_REFLEXIVE, base=("10.0.0.1", 5000))
    other = replace(reflexive, base=("10.0.0.2", 5000))
    ids = {HOST.id, replace(HOST, base=HOST.address).id, reflexive.id, other.id}
    assert len(ids) == 3
    assert replace(HOST, priority=1).id == HOST.id


def test_redundant_means_same_address_and_same_base() -> None:
    """ICETYP-16: RFC 8445 §5.1.3."""
    host = replace(HOST, base=HOST.address)
    assert host.redundant_with(replace(host, type=CandidateType.SERVER_REFLEXIVE, priority=1))
    assert not host.redundant_with(replace(host, base=("10.0.0.1", 5000)))
    assert not host.redundant_with(replace(host, component=2))
    assert not host.redundant_with(replace(host, protocol="tcp"))


def test_base_is_no_part_of_what_a_candidate_says() -> None:
    assert replace(HOST, base=("10.0.0.1", 1)) == HOST


def test_extensions_by_name() -> None:
    candidate = replace(HOST, extensions=(("generation", "0"), ("ufrag", "a"), ("ufrag", "b")))
    assert candidate.extension("ufrag") == "a"
    assert candidate.extension("network-id") is None
