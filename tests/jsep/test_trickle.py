"""webrtc-pc §4.4.2 addIceCandidate, and candidates of our own. RFC 8838, RFC 8840."""

import pytest

from tests.sdp_samples import sample
from webrtc.errors import InvalidStateError, OperationError
from webrtc.ice import Candidate, CandidateType
from webrtc.jsep.negotiation import Applied, Negotiation
from webrtc.jsep.trickle import Trickle, section_of
from webrtc.peer import RTCIceCandidate, RTCSessionDescription
from webrtc.sdp import SessionDescription
from webrtc.sdp.media import MAX_CANDIDATES

LINE = "candidate:1 1 udp 2113929471 203.0.113.100 10100 typ host"
UFRAG = "sevA"


def offered(name: str = "offer-chromium") -> tuple[Negotiation, Trickle]:
    """A negotiation with a remote offer: audio 0, video 1 and data 2 in one bundle."""
    negotiation = Negotiation(1)
    description = RTCSessionDescription("offer", sample(name))
    negotiation.apply("remote", negotiation.prepare_remote(description))
    return negotiation, Trickle(negotiation)


def section(negotiation: Negotiation, index: int) -> str:
    assert negotiation.remote is not None
    return str(negotiation.remote.parsed.media[index])


def test_a_candidate_before_the_remote_description() -> None:
    """PC-05: InvalidStateError."""
    for candidate in (None, RTCIceCandidate(LINE, "0")):
        with pytest.raises(InvalidStateError):
            Trickle(Negotiation(1)).add_remote(candidate)


@pytest.mark.parametrize(
    ("mid", "index", "place"),
    [("2", 2, 2), ("2", None, 2), (None, 2, 2), ("1", 99, 1), ("0", None, 0)],
)
def test_a_candidate_goes_into_its_section(mid: str | None, index: int | None, place: int) -> None:
    """PC-05, SDP-27: an index does not count beside a mid."""
    negotiation, trickle = offered()
    [(line, candidate, ufrag)] = trickle.add_remote(RTCIceCandidate(LINE, mid, index, UFRAG))
    assert (line, ufrag) == (place, UFRAG)
    assert candidate is not None
    assert candidate.address == ("203.0.113.100", 10100)
    for number in range(3):
        assert (f"a={LINE}\r\n" in section(negotiation, number)) is (number == place)
    assert negotiation.remote_description is not None
    assert f"a={LINE}\r\n" in negotiation.remote_description.sdp


@pytest.mark.parametrize(
    "candidate",
    [
        RTCIceCandidate(LINE, "invalid", 0, UFRAG),
        RTCIceCandidate(LINE, None, 3, UFRAG),
        RTCIceCandidate(LINE, "0", 0, "invalid"),
        RTCIceCandidate("(Invalid) candidate \r\n string", "0", 0, UFRAG),
        RTCIceCandidate("candidate:1 1 udp", "0"),
    ],
    ids=["mid", "index", "ufrag", "line", "short line"],
)
def test_candidates_that_belong_nowhere(candidate: RTCIceCandidate) -> None:
    """PC-05: OperationError, and the description is left alone."""
    negotiation, trickle = offered()
    before = negotiation.remote_description
    with pytest.raises(OperationError):
        trickle.add_remote(candidate)
    assert negotiation.remote_description == before


@pytest.mark.parametrize(
    "line",
    [
        "candidate: 1 ssltcp 2113932029 192.0.2.127 443 typ host generation 0",
        "candidate:1 1 udp 2113929471 203.0.113.100 10100 typ nat64",
        "candidate:1 1 tcp 2113929471 203.0.113.100 9 typ host tcptype sideways",
    ],
)
def test_a_candidate_of_an_unknown_transport_or_type_is_ignored(line: str) -> None:
    """RFC 8839 §5.1: as it is in a description. One that belongs nowhere is still an error."""
    negotiation, trickle = offered()
    before = negotiation.remote_description
    assert trickle.add_remote(RTCIceCandidate(line, "2")) == []
    assert negotiation.remote_description == before
    with pytest.raises(OperationError):
        trickle.add_remote(RTCIceCandidate(line, "invalid"))


def test_what_a_peer_trickles_makes_no_description_grow_without_end() -> None:
    negotiation, trickle = offered()
    lines = [LINE.replace(" 10100 ", f" {port} ") for port in range(1, 200)]
    for line in [LINE, LINE, *lines]:
        assert trickle.add_remote(RTCIceCandidate(line, "2"))
    told = section(negotiation, 2)
    assert told.count(f"a={LINE}\r\n") == 1
    assert told.count("a=candidate:") == MAX_CANDIDATES


def test_a_ufrag_of_none_means_the_newest_generation() -> None:
    _, trickle = offered()
    for none in (None, ""):
        assert trickle.add_remote(RTCIceCandidate(LINE, "2", 2, none))[0].ufrag == UFRAG


def test_an_empty_candidate_ends_its_section() -> None:
    """PC-05, SDP-27."""
    negotiation, trickle = offered()
    assert trickle.add_remote(RTCIceCandidate("", "2", 2, UFRAG)) == [(2, None, UFRAG)]
    assert "a=end-of-candidates\r\n" in section(negotiation, 2)
    assert "a=end-of-candidates" not in section(negotiation, 0)


def test_no_candidate_ends_every_section() -> None:
    """PC-05: what `add_ice_candidate()` without argument means."""
    negotiation, trickle = offered()
    assert trickle.add_remote(None) == [(index, None, UFRAG) for index in range(3)]
    for index in range(3):
        assert section(negotiation, index).count("a=end-of-candidates\r\n") == 1


def test_candidates_of_two_generations_find_their_descriptions() -> None:
    """webrtc-pc §4.4.2: during an ICE restart the current generation goes on."""
    negotiation, trickle = offered()
    negotiation.apply(
        "local", Applied("answer", SessionDescription.parse(sample("offer-chromium")))
    )
    restarted = sample("offer-chromium").replace("a=ice-ufrag:sevA", "a=ice-ufrag:nEwA")
    description = RTCSessionDescription("offer", restarted)
    negotiation.apply("remote", negotiation.prepare_remote(description))
    trickle.add_remote(RTCIceCandidate(LINE, "2", 2, "sevA"))
    trickle.add_remote(RTCIceCandidate(LINE.replace("10100", "10101"), "2", 2, "nEwA"))
    trickle.add_remote(RTCIceCandidate(LINE.replace("10100", "10102"), "2", 2))
    assert negotiation.current_remote is not None
    assert negotiation.pending_remote is not None
    ports = [
        [each.address[1] for each in applied.parsed.media[2].candidates]
        for applied in (negotiation.current_remote, negotiation.pending_remote)
    ]
    assert ports == [[10100], [10101, 10102]]


def test_local_candidates_go_into_the_descriptions_of_their_generation() -> None:
    """PC-20: the event tells the tagged section; none for a generation nobody was told of."""
    negotiation = Negotiation(1)
    trickle = Trickle(negotiation)
    candidate = Candidate("1", 1, "udp", 1, ("192.0.2.1", 99), CandidateType.HOST)
    assert trickle.add_local(candidate, UFRAG) is None
    negotiation.apply("local", Applied("offer", SessionDescription.parse(sample("offer-chromium"))))
    assert trickle.add_local(candidate, "other") is None
    found = trickle.add_local(candidate, UFRAG)
    assert found == RTCIceCandidate("candidate:1 1 udp 1 192.0.2.1 99 typ host", "0", 0, UFRAG)
    assert trickle.end_local("other") is None
    assert trickle.end_local(UFRAG) == RTCIceCandidate("", "0", 0, UFRAG)
    assert negotiation.local is not None
    for media in negotiation.local.parsed.media:
        assert [each.address for each in media.candidates] == [("192.0.2.1", 99)]
        assert media.end_of_candidates


def test_sections_of_candidates() -> None:
    """webrtc-pc §4.4.2: the mid counts before the index."""
    description = SessionDescription.parse(sample("offer-chromium"))
    assert section_of(RTCIceCandidate("", "2"), description) == 2
    assert section_of(RTCIceCandidate("", "1", 99), description) == 1
    assert section_of(RTCIceCandidate("", None, 2), description) == 2
    assert section_of(RTCIceCandidate("", "", 1), description) == 1
    for wrong in (
        RTCIceCandidate("", "3"),
        RTCIceCandidate("", "x", 0),
        RTCIceCandidate("", None, 3),
    ):
        with pytest.raises(OperationError):
            section_of(wrong, description)
