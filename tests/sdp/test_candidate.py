"""Candidate lines as browsers and others write them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import SdpError, UnknownCandidate
from webrtc.ice.candidate import Candidate, CandidateType, TcpType
from webrtc.sdp.candidate import MAX_CANDIDATE, format_candidate, parse_candidate

CORPUS = [
    "candidate:1 1 udp 2113929471 203.0.113.100 10100 typ host",
    "candidate:1 2 udp 2113929470 203.0.113.100 10101 typ host",
    "candidate:1 1 udp 1845494015 198.51.100.100 11100 typ srflx raddr 203.0.113.100 rport 10100",
    "candidate:1 1 udp 255 192.0.2.100 12100 typ relay raddr 198.51.100.100 rport 11100",
    "candidate:3077952869 1 udp 2122265343 fd00::2 34351 typ host generation 0 network-id 2",
    (
        "candidate:842163049 1 udp 1677729535 198.51.100.7 45664 typ srflx raddr 0.0.0.0 rport 0 "
        "generation 0 ufrag sevA network-id 1 network-cost 10"
    ),
    (
        "candidate:1467250027 1 udp 2122260223 0b5f1a6e-7c1d-4e55-9a0c-1de2c4b1f0aa.local 46243 "
        "typ host generation 0 ufrag EsAw network-id 1"
    ),
    (
        "candidate:1876313031 1 tcp 1518157055 192.0.2.1 9 typ host tcptype active generation 0 "
        "ufrag T/My network-id 1"
    ),
    "candidate:2 1 tcp 2105458942 192.0.2.1 9000 typ host tcptype passive",
    "candidate:3 1 tcp 1015021823 192.0.2.1 8000 typ srflx raddr 10.0.0.1 rport 8000 tcptype so",
    "candidate:4 1 udp 41885439 2001:db8::1 3478 typ relay raddr :: rport 0 generation 2",
    "candidate:9 1 udp 2130706431 fe80::1%eth0 5000 typ host",
    "candidate:32b1715da3b0ef8ba684454eb 1 udp 2116026367 192.0.2.2 37757 typ host ufrag e224",
    "candidate:7 1 udp 1853824767 203.0.113.5 5 typ prflx raddr 10.0.0.1 rport 5",
    "candidate:8 1 udp 1 192.0.2.3 1 typ host ufrag  generation 0",
    "candidate:8 1 udp 1 turn.example.net 1 typ host raddr 10.0.0.1",
    "candidate:8 1 udp 1 192.0.2.3 1 typ host generation",
]


@pytest.mark.parametrize("line", CORPUS)
@pytest.mark.parametrize("prefix", ["a=", "", "bare"])
def test_candidate_is_written_as_it_was_read(line: str, prefix: str) -> None:
    """ICETYP-11, ICETYP-12, CFG-19, ICE-03: exact strings, unknown extensions kept."""
    text = line.removeprefix("candidate:") if prefix == "bare" else prefix + line
    assert format_candidate(parse_candidate(text)) == line
    assert format_candidate(parse_candidate(f" {text}\r\n")) == line


def test_fields() -> None:
    """ICE-03, ICETYP-01, ICETYP-03, ICETYP-06, ICETYP-07, ICETYP-09: RFC 8839 §5.1."""
    assert parse_candidate(CORPUS[5]) == Candidate(
        foundation="842163049",
        component=1,
        protocol="udp",
        priority=1677729535,
        address=("198.51.100.7", 45664),
        type=CandidateType.SERVER_REFLEXIVE,
        related_address=("0.0.0.0", 0),
        extensions=(
            ("generation", "0"),
            ("ufrag", "sevA"),
            ("network-id", "1"),
            ("network-cost", "10"),
        ),
    )
    name = "0b5f1a6e-7c1d-4e55-9a0c-1de2c4b1f0aa.local"
    assert parse_candidate(CORPUS[6]).address == (name, 46243)
    assert parse_candidate("1 256 udp 1 192.0.2.1 9 typ host").component == 256


def test_type_of_a_tcp_candidate() -> None:
    """ICETYP-10: RFC 6544 §4.5, at any place among the extensions."""
    assert parse_candidate(CORPUS[5]).tcp_type is None
    assert parse_candidate(CORPUS[7]).tcp_type is TcpType.ACTIVE
    late = "1 1 tcp 1 192.0.2.1 9 typ host generation 0 tcptype so ufrag x"
    assert parse_candidate(late).tcp_type is TcpType.SIMULTANEOUS_OPEN
    assert parse_candidate(late).extensions == (("generation", "0"), ("ufrag", "x"))


def test_transport_in_capitals() -> None:
    """ICETYP-12: webrtcbin, libdatachannel and Janus write it so."""
    for word, protocol in (("UDP", "udp"), ("TCP", "tcp"), ("Udp", "udp")):
        candidate = parse_candidate(f"1 1 {word} 2015363327 192.0.2.1 5000 typ host")
        assert candidate.protocol == protocol


numbers = st.integers(0, 65535)
names = st.text("az09-", min_size=1, max_size=8)
hosts = st.one_of(
    st.ip_addresses().map(str), st.uuids().map(lambda uuid: f"{uuid}.local"), st.just("fe80::1%5")
)
candidates = st.builds(
    Candidate,
    foundation=st.text("azAZ09+/", max_size=32),
    component=st.integers(1, 256),
    protocol=st.sampled_from(["udp", "tcp"]),
    priority=st.integers(1, 2**32 - 1),
    address=st.tuples(hosts, numbers),
    type=st.sampled_from(CandidateType),
    related_address=st.one_of(st.none(), st.tuples(hosts, numbers)),
    tcp_type=st.one_of(st.none(), st.sampled_from(TcpType)),
    extensions=st.lists(st.tuples(names, names), max_size=4).map(tuple),
)


@given(candidates)
def test_round_trip(candidate: Candidate) -> None:
    """ICETYP-11, X-06."""
    assert parse_candidate(format_candidate(candidate)) == candidate


@pytest.mark.parametrize(
    "text",
    [
        "",
        "candidate:",
        "1 1 udp 1 192.0.2.1 1 typ",
        "1 1 udp 1 192.0.2.1 1 type host",
        "1 1 udp 1 192.0.2.1 1 typ ho/st",
        "1 1 ud/p 1 192.0.2.1 1 typ host",
        "udp 1 192.0.2.1 1 typ host",
        "1 2 3 udp 1 192.0.2.1 1 typ host",
        "1 1 udp 1 192.0.2.1 typ typ host",
        "1 0 udp 1 192.0.2.1 1 typ host",
        "1 257 udp 1 192.0.2.1 1 typ host",
        "1 1 udp 0 192.0.2.1 1 typ host",
        "1 1 udp 4294967296 192.0.2.1 1 typ host",
        "1 1 udp -1 192.0.2.1 1 typ host",
        "1 1 udp ٣ 192.0.2.1 1 typ host",
        "1 1 udp 1 192.0.2.1 65536 typ host",
        "1 1 udp 1 192.0.2.1 1_0 typ host",
        "1 1 udp 1 192.0.2 1 typ host",
        "1 1 udp 1 192.0.2.256 1 typ host",
        "1 1 udp 1 1:2 1 typ host",
        "1 1 udp 1 [::1] 1 typ host",
        "1 1 udp 1 a/b 1 typ host",
        "1 1 udp 1 ä.local 1 typ host",
        "1 1 udp 1 192.0.2.1 1 typ host raddr 1:2 rport 1",
        "1 1 udp 1 192.0.2.1 1 typ host raddr 10.0.0.1 rport x",
        "1 1 ssltcp 1 192.0.2.1 65536 typ host",
        "1 1 udp 1 192.0.2 1 typ nat64",
        " " * 100_000,
        "1 1 udp 1 192.0.2.1 1 typ host x " + "y" * MAX_CANDIDATE,
        "1 1 udp 1 192.0.2.1 1 typ host x a\rb",
        "1 1 udp 1 192.0.2.1 1 typ host x a\na=b",
        "1 1 udp 1 192.0.2.1 1 typ host x \0",
        "1 1 udp 1 192.0.2.1 1 typ host x \ud800",
        "é 1 udp 1 192.0.2.1 1 typ host",
        f"{'f' * 65} 1 udp 1 192.0.2.1 1 typ host",
    ],
)
def test_malformed_candidates_raise_sdp_error(text: str) -> None:
    """S-03, S-04, X-02: and are not taken for unknown ones, which are ignored."""
    with pytest.raises(SdpError) as caught:
        parse_candidate(text)
    assert not isinstance(caught.value, UnknownCandidate)


@pytest.mark.parametrize(
    "text",
    [
        "1 1 udp 1 192.0.2.1 1 typ hosts",
        "1 1 ssltcp 1 192.0.2.1 1 typ host",
        " 1 ssltcp 1 192.0.2.1 1 typ host",
        "1 1 tcp 1 192.0.2.1 9 typ host tcptype sideways",
    ],
)
def test_unknown_transports_and_types_are_told_apart(text: str) -> None:
    """RFC 8839 §5.1: they are to be ignored."""
    with pytest.raises(UnknownCandidate):
        parse_candidate(text)


@pytest.mark.parametrize(
    "text",
    [
        "candidate: 1 udp 7 192.0.2.1 5000 typ srflx raddr 10.0.0.1 rport 9 generation 0",
        "candidate:  1 UDP  7 192.0.2.1 5000  typ  SRFLX  raddr 10.0.0.1  rport 9 generation  0",
    ],
)
def test_the_place_of_typ_decides_where_the_foundation_is_empty(text: str) -> None:
    """Cameras write no foundation, others two spaces."""
    candidate = parse_candidate(text)
    assert candidate == Candidate(
        "",
        1,
        "udp",
        7,
        ("192.0.2.1", 5000),
        CandidateType.SERVER_REFLEXIVE,
        ("10.0.0.1", 9),
        extensions=(("generation", "0"),),
    )
    with_one = text.replace("candidate:", "candidate:f ")
    assert parse_candidate(with_one) == replace(candidate, foundation="f")


@given(st.text(st.sampled_from("0123456789 .:-candidateudphost\0\r\n\ud800é")))
def test_garbage_raises_only_sdp_error(text: str) -> None:
    """X-01."""
    for line in (text, f"1 1 udp 1 192.0.2.1 1 typ host {text}", f"1 1 udp 1 {text} 1 typ host"):
        try:
            candidate = parse_candidate(line)
        except SdpError:
            continue
        assert parse_candidate(format_candidate(candidate)) == candidate


@pytest.mark.parametrize("value", ["a\r\nb", "a b", "a\0", "\udfff"])
def test_local_fields_cannot_break_out(value: str) -> None:
    """S-13."""
    base = parse_candidate(CORPUS[0])
    for candidate in (
        Candidate(value, 1, "udp", 1, base.address, base.type),
        Candidate("1", 1, "udp", 1, (value, 1), base.type),
        Candidate("1", 1, "udp", 1, base.address, base.type, extensions=(("x", value),)),
    ):
        with pytest.raises(ValueError, match="forbidden characters"):
            format_candidate(candidate)
