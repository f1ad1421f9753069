"""One section of a description of ours, and the session around them."""

import re
from dataclasses import replace

import pytest

from tests.jsep.lines import ORIGIN, candidate, local
from tests.jsep.terms import wishes, without
from webrtc.ice import Candidate
from webrtc.jsep.local import LocalLine
from webrtc.jsep.media import MediaTerms
from webrtc.jsep.numbers import Numbers
from webrtc.jsep.sections import accepted, lip_sync, rejected, session, with_candidate
from webrtc.jsep.wishes import offered_terms
from webrtc.sdp import Group, MediaDescription, Setup


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


def test_a_bundle_only_section_has_no_transport() -> None:
    """RFC 9143 §7.2: and port 0, which is no rejection."""
    media = accepted(replace(local(), bundle_only=True), "0")
    assert (media.port, media.bundle_only, media.rejected) == (0, True, False)
    assert not re.search(r"a=(ice|fingerprint|setup|candidate)", str(media))


def test_a_rejected_section_has_a_format() -> None:
    """Trap 16."""
    assert rejected(MediaDescription("audio", 9, "RTP/SAVP")).formats == ["0"]


def test_forms_of_header_extensions_are_mixed_where_all_sections_allow_it() -> None:
    """RFC 8285 §6."""
    transport = local().transport
    mixing = LocalLine(transport, offered_terms(wishes("audio"), Numbers()))
    other = LocalLine(transport, offered_terms(wishes("video"), Numbers()))
    assert session(ORIGIN, [], [mixing, other, local()], []).extmap_allow_mixed
    assert isinstance(other.content, MediaTerms)
    without_it = replace(other, content=without(other.content, "mixed"))
    assert not session(ORIGIN, [], [mixing, without_it], []).extmap_allow_mixed
    assert not session(ORIGIN, [], [local()], []).extmap_allow_mixed


def test_tracks_of_one_stream_are_played_together() -> None:
    """RFC 9429 §5.2.1: a group for each stream that has two."""
    media = [
        MediaDescription("audio", 9, "UDP/TLS/RTP/SAVPF").add("mid", str(index))
        for index in range(4)
    ]
    for section, streams in zip(media, ["a b", "a -", "b", "- c"], strict=True):
        for stream in streams.split():
            section.add("msid", stream)
    assert lip_sync(media) == [Group("LS", ("0", "1")), Group("LS", ("0", "2"))]
