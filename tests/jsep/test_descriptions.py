"""RTCSessionDescription and RTCIceCandidate, to and from what browsers send."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import OperationError, SdpError
from webrtc.jsep import ReadDescription
from webrtc.peer import RTCIceCandidate, RTCSessionDescription

CHROMIUM = {
    "candidate": "candidate:842163049 1 udp 1677729535 203.0.113.7 56143 typ srflx"
    " raddr 192.0.2.7 rport 56143 generation 0 ufrag sevA network-cost 999",
    "sdpMid": "0",
    "sdpMLineIndex": 0,
    "usernameFragment": "sevA",
}
FIREFOX = {
    "candidate": "candidate:0 1 UDP 2122187007 7a5c4e3e-9b0b-4f4e-9d0e-2f4b5d0f9f4e.local 58352"
    " typ host",
    "sdpMid": "0",
    "sdpMLineIndex": 0,
    "usernameFragment": "fd36e66e",
}
TCP = {
    "candidate": "candidate:3 1 tcp 1518214911 192.0.2.7 9 typ host tcptype active",
    "sdpMid": "data",
    "sdpMLineIndex": 2,
    "usernameFragment": None,
}
END = {"candidate": "", "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "fd36e66e"}


@pytest.mark.parametrize("value", [CHROMIUM, FIREFOX, TCP, END], ids="CFTE")
def test_candidates_of_browsers_survive_both_ways(value: dict[str, object]) -> None:
    """CFG-19."""
    candidate = RTCIceCandidate.from_json(json.loads(json.dumps(value)))
    assert candidate.to_json() == value


def test_attributes_of_a_candidate() -> None:
    """CFG-19: webrtc-pc §4.8.1."""
    found = RTCIceCandidate.from_json(CHROMIUM)
    assert found.foundation == "842163049"
    assert found.component == "rtp"
    assert found.priority == 1677729535
    assert (found.address, found.port) == ("203.0.113.7", 56143)
    assert (found.related_address, found.related_port) == ("192.0.2.7", 56143)
    assert (found.protocol, found.type, found.tcp_type) == ("udp", "srflx", None)
    tcp = RTCIceCandidate.from_json(TCP)
    assert (tcp.protocol, tcp.tcp_type) == ("tcp", "active")
    assert (tcp.related_address, tcp.related_port) == (None, None)
    hidden = RTCIceCandidate.from_json(FIREFOX)
    assert (hidden.protocol, hidden.address) == ("udp", str(FIREFOX["candidate"]).split()[4])


def test_the_second_component_is_rtcp() -> None:
    line = "candidate:1 2 udp 2113929470 203.0.113.100 10101 typ host"
    assert RTCIceCandidate(line, "0").component == "rtcp"
    assert RTCIceCandidate(line.replace(" 2 udp", " 3 udp"), "0").component is None


DERIVED = [
    "foundation",
    "component",
    "priority",
    "address",
    "port",
    "protocol",
    "type",
    "tcp_type",
    "related_address",
    "related_port",
]


@pytest.mark.parametrize("line", ["", "(Invalid) candidate \r\n string", "candidate:1 1 udp", "x"])
def test_attributes_of_what_is_no_candidate_are_none(line: str) -> None:
    """webrtc-pc §4.8.1: the constructor ignores it; add_ice_candidate will not."""
    candidate = RTCIceCandidate(line, "0")
    assert candidate.candidate == line
    assert {getattr(candidate, name) for name in DERIVED} == {None}
    with pytest.raises(OperationError):
        _ = candidate.parsed


def test_a_candidate_belongs_somewhere() -> None:
    with pytest.raises(TypeError, match="sdp_mid or sdp_m_line_index"):
        RTCIceCandidate("candidate:…")
    assert RTCIceCandidate("", "").sdp_mid == ""
    assert RTCIceCandidate("", None, 0).sdp_m_line_index == 0


@pytest.mark.parametrize(
    "members",
    [
        {"candidate": 3, "sdpMid": "0"},
        {"candidate": 0, "sdpMid": "0"},
        {"candidate": [], "sdpMid": "0"},
        {"sdpMLineIndex": True},
        {"sdpMid": 0},
        {"sdpMLineIndex": -1},
        {"sdpMLineIndex": 65536},
        {"sdpMLineIndex": "0"},
        {"sdpMid": "0", "usernameFragment": 7},
        {},
        {"candidate": "x"},
    ],
    ids=str,
)
def test_candidates_of_the_wrong_type(members: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        RTCIceCandidate.from_json(members)


def test_none_is_the_default_of_a_member_that_has_one() -> None:
    members = {"candidate": None, "sdpMid": None, "sdpMLineIndex": 0, "usernameFragment": None}
    assert RTCIceCandidate.from_json(members) == RTCIceCandidate("", None, 0)


def test_descriptions_of_browsers_survive_both_ways() -> None:
    """CFG-12."""
    value = {"type": "offer", "sdp": "v=0\r\n"}
    description = RTCSessionDescription.from_json(value)
    assert (description.type, description.sdp) == ("offer", "v=0\r\n")
    assert description.to_json() == value


@pytest.mark.parametrize("type_", ["offer", "answer", "pranswer", "rollback"])
def test_every_type_of_description(type_: str) -> None:
    """CFG-13: the SDP may be left out."""
    assert RTCSessionDescription.from_json({"type": type_}).to_json() == {"type": type_, "sdp": ""}
    assert RTCSessionDescription.from_json({"type": type_, "sdp": None}).sdp == ""


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"sdp": "v=0"},
        {"type": None},
        {"type": "Offer"},
        {"type": ["offer"]},
        {"type": "offer", "sdp": 3},
        {"type": "offer", "sdp": 0},
        {"type": "offer", "sdp": {}},
    ],
    ids=str,
)
def test_descriptions_of_the_wrong_type(value: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        RTCSessionDescription.from_json(value)


@pytest.mark.parametrize("value", [None, "offer", 3, ["offer"]])
def test_what_is_no_object_is_a_type_error(value: dict[str, object]) -> None:
    for kind in (RTCSessionDescription, RTCIceCandidate):
        with pytest.raises(TypeError, match="is an object, not a"):
            kind.from_json(value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
names = st.sampled_from(["type", "sdp", "candidate", "sdpMid", "sdpMLineIndex", "usernameFragment"])


@given(st.dictionaries(names, json_values))
def test_any_json_is_taken_or_a_type_error(value: dict[str, object]) -> None:
    """X-01: what a signalling server relays."""
    for kind in (RTCSessionDescription, RTCIceCandidate):
        try:
            made = kind.from_json(value)
        except TypeError:
            continue
        assert made == kind.from_json(made.to_json())


def test_description_that_was_read_is_the_same_with_its_parsed_form() -> None:
    sdp = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    read = ReadDescription.read(RTCSessionDescription("offer", sdp))
    assert (read.type, read.sdp, str(read.parsed)) == ("offer", sdp, sdp)
    with pytest.raises(SdpError):
        ReadDescription.read(RTCSessionDescription("offer", "nonsense"))
