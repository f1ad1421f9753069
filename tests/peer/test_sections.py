"""The descriptions we make. RFC 9429 §5.2 and §5.3."""

import re

import pytest

from tests.peer.sdp_samples import OFFERS, sample
from webrtc.ice import Candidate, CandidateType
from webrtc.peer.remote import data_section
from webrtc.peer.sections import LocalData, build_answer, build_offer, with_candidate
from webrtc.sdp import Fingerprint, MediaDescription, SessionDescription, Setup
from webrtc.sdp.fields import Origin

ORIGIN = Origin(7, 1)


def candidate(kind: str, host: str, priority: int = 1, protocol: str = "udp") -> Candidate:
    return Candidate("1", 1, protocol, priority, (host, 99), CandidateType(kind))  # type: ignore[arg-type] # one of two


def local(
    setup: Setup = Setup.ACTPASS, *candidates: Candidate, lite: bool = False, end: bool = False
) -> LocalData:
    return LocalData(
        ufrag="ufrag",
        pwd="p" * 24,
        lite=lite,
        fingerprint=Fingerprint("sha-256", ":".join(["AB"] * 32)),
        setup=setup,
        sctp_port=5000,
        max_message_size=262144,
        candidates=candidates,
        end_of_candidates=end,
    )


def reread(description: SessionDescription) -> SessionDescription:
    """What the peer reads."""
    return SessionDescription.parse(str(description))


def test_an_offer_for_data() -> None:
    """SDP-03, SDP-10, JSEP: line for line."""
    assert str(build_offer(ORIGIN, None, local(), "0")).split("\r\n") == [
        "v=0",
        "o=- 7 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "a=ice-options:trickle ice2",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=sctp-port:5000",
        "a=max-message-size:262144",
        "a=mid:0",
        "a=ice-ufrag:ufrag",
        "a=ice-pwd:" + "p" * 24,
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "",
    ]


def test_an_offer_of_nothing_has_no_section() -> None:
    """webrtc-pc: an empty offer is a good offer."""
    offer = build_offer(ORIGIN, None, None, "0")
    assert offer.media == []
    assert offer.groups() == []


def test_an_ice_lite_agent_says_so() -> None:
    """SDP-33."""
    assert build_offer(ORIGIN, None, local(lite=True), "0").ice_lite


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
    media = build_offer(ORIGIN, None, local(Setup.ACTPASS, *candidates), "0").media[0]
    assert media.media_name.split()[1] == name
    assert media.field("c") == f"IN {address}"
    assert len(media.candidates) == len(candidates)


def test_a_trickled_candidate_is_added_and_may_become_the_default() -> None:
    media = build_offer(
        ORIGIN, None, local(Setup.ACTPASS, candidate("host", "192.0.2.1")), "0"
    ).media[0]
    more = with_candidate(media, candidate("srflx", "203.0.113.1"))
    assert [each.address[0] for each in more.candidates] == ["192.0.2.1", "203.0.113.1"]
    assert more.field("c") == "IN IP4 203.0.113.1"
    assert len(more.fields("c")) == 1
    assert more.ice_ufrag == "ufrag"


def test_the_end_of_candidates_is_told() -> None:
    """SDP-27."""
    assert build_offer(ORIGIN, None, local(end=True), "0").media[0].end_of_candidates


def test_a_further_offer_keeps_every_section_in_its_place() -> None:
    """JSEP §5.2.2: mids too."""
    first = build_answer(ORIGIN, SessionDescription.parse(sample("offer-chromium")), local(), 2)
    offer = build_offer(ORIGIN, first, local(), "new")
    assert [media.kind for media in offer.media] == ["audio", "video", "application"]
    assert [media.mid for media in offer.media] == ["0", "1", "2"]
    assert [media.rejected for media in offer.media] == [True, True, False]


def test_data_comes_behind_the_sections_of_the_peer() -> None:
    """JSEP §5.2.2."""
    before = build_answer(ORIGIN, SessionDescription.parse(sample("offer-chromium")), None, None)
    before.media.pop()
    offer = build_offer(ORIGIN, before, local(), "x")
    assert [media.mid for media in offer.media] == ["0", "1", "x"]
    assert [media.rejected for media in offer.media] == [True, True, False]


def test_the_place_of_a_rejected_data_section_is_used_again() -> None:
    """S-06: with a new mid, instead of one section more each time."""
    before = build_answer(ORIGIN, SessionDescription.parse(sample("offer-chromium")), None, None)
    offer = build_offer(ORIGIN, before, local(), "x")
    assert [media.mid for media in offer.media] == ["0", "1", "x"]
    assert offer.media[2].is_data
    assert not offer.media[2].rejected


@pytest.mark.parametrize("name", OFFERS)
def test_an_answer_to_each_sample(name: str) -> None:
    """S-08, SDP-28: data accepted, everything else rejected, mids kept, BUNDLE to match."""
    offer = SessionDescription.parse(sample(name))
    found = data_section(offer)
    assert found is not None
    answer = reread(build_answer(ORIGIN, offer, local(Setup.ACTIVE), found[0]))
    assert [media.kind for media in answer.media] == [media.kind for media in offer.media]
    assert [media.mid for media in answer.media] == [media.mid for media in offer.media]
    assert [media.protocol for media in answer.media] == [media.protocol for media in offer.media]
    accepted = [media for media in answer.media if not media.rejected]
    assert len(accepted) == 1
    assert accepted[0].is_data
    assert [group.mids for group in answer.groups("BUNDLE")] == [(accepted[0].mid,)]
    for media in answer.media:
        if media.rejected:
            assert media.port == 0
            assert media.formats
            assert not re.search(r"a=(ice|fingerprint|setup|candidate|crypto)", str(media))


def test_an_answer_without_data_accepts_nothing() -> None:
    """RFC 9143 §7.3: no mid is left for a BUNDLE group."""
    answer = build_answer(ORIGIN, SessionDescription.parse(sample("offer-chromium")), None, None)
    assert all(media.rejected for media in answer.media)
    assert answer.groups() == []


def test_only_the_first_data_section_is_accepted() -> None:
    data = MediaDescription.data()
    offer = SessionDescription.jsep(ORIGIN, [data, MediaDescription.data()])
    answer = build_answer(ORIGIN, offer, local(Setup.ACTIVE), 0)
    assert [media.rejected for media in answer.media] == [False, True]


def test_the_form_before_rfc_8841_is_answered_in_kind() -> None:
    """SDP-03."""
    old = MediaDescription("application", 9, "DTLS/SCTP", ["5000"]).add("mid", "d")
    answer = build_answer(ORIGIN, SessionDescription.jsep(ORIGIN, [old]), local(Setup.ACTIVE), 0)
    media = reread(answer).media[0]
    assert media.media_name == "application 9 DTLS/SCTP 5000"
    assert media.get("sctpmap") == "5000 webrtc-datachannel 65535"
    assert not media.has("sctp-port")


def test_encryption_in_the_clear_is_never_answered() -> None:
    """S-08: SDES keys are not used, plain RTP is rejected."""
    offered = MediaDescription("audio", 9, "RTP/SAVP", ["0"]).add("crypto", "1 AES inline:key")
    answer = str(build_answer(ORIGIN, SessionDescription.jsep(ORIGIN, [offered]), None, None))
    assert "crypto" not in answer
    assert "m=audio 0 RTP/SAVP 0" in answer
