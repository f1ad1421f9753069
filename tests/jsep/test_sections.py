"""One section of a description of ours, and the session around them."""

import pytest

from tests.jsep.lines import ORIGIN, candidate, local
from webrtc.ice import Candidate
from webrtc.jsep.sections import accepted, rejected, session, with_candidate
from webrtc.sdp import MediaDescription, Setup


def test_an_ice_lite_agent_says_so() -> None:
    """SDP-33."""
    assert session(ORIGIN, [], [local(lite=True)], []).ice_lite
    assert not session(ORIGIN, [], [local()], []).ice_lite


@pytest.mark.parametrize(
    ("candidates", "name", "address"),
    [
        ([candidate("host", "192.0.2.1")], "99", "IP4 192.0.2.1"),
        (
            [candidate("host", "192.0.2.1"), candidate("srflx", "203.0.113.1")],
            "99",
            "IP4 203.0.113.1",
        ),
        (
            [candidate("srflx", "203.0.113.1"), candidate("relay", "198.51.100.1")],
            "99",
            "IP4 198.51.100.1",
        ),
        (
            [candidate("host", "2001:db8::1", 9), candidate("host", "192.0.2.1")],
            "99",
            "IP4 192.0.2.1",
        ),
        ([candidate("host", "2001:db8::1")], "99", "IP6 2001:db8::1"),
        (
            [candidate("host", "192.0.2.1", 1), candidate("host", "192.0.2.9", 2)],
            "99",
            "IP4 192.0.2.9",
        ),
        ([candidate("host", "192.0.2.1", protocol="tcp")], "9", "IP4 0.0.0.0"),
    ],
)
def test_the_default_candidate(candidates: list[Candidate], name: str, address: str) -> None:
    """RFC 8839 §4.2.1.2: the one likeliest to work for anybody."""
    media = accepted(local(Setup.ACTPASS, *candidates), "0")
    assert media.media_name.split()[1] == name
    assert media.field("c") == f"IN {address}"
    assert len(media.candidates) == len(candidates)


def test_a_trickled_candidate_is_added_and_may_become_the_default() -> None:
    media = accepted(local(Setup.ACTPASS, candidate("host", "192.0.2.1")), "0")
    more = with_candidate(media, candidate("srflx", "203.0.113.1"))
    assert [each.address[0] for each in more.candidates] == ["192.0.2.1", "203.0.113.1"]
    assert more.field("c") == "IN IP4 203.0.113.1"
    assert len(more.fields("c")) == 1
    assert more.ice_ufrag == "ufrag"


def test_the_end_of_candidates_is_told() -> None:
    """SDP-27."""
    assert accepted(local(end=True), "0").end_of_candidates


def test_a_rejected_section_keeps_what_it_was_and_says_nothing_of_a_transport() -> None:
    """S-08: SDES keys are not used, plain RTP is rejected."""
    offered = MediaDescription("audio", 9, "RTP/SAVP", ["0"]).add("crypto", "1 AES inline:key")
    assert str(rejected(offered)).split("\r\n") == [
        "m=audio 0 RTP/SAVP 0",
        "c=IN IP4 0.0.0.0",
        "a=inactive",
        "",
    ]
