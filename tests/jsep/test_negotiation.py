"""The offer/answer state machine. RFC 9429 §3.2, webrtc-pc §4.3.1."""

from itertools import product
from typing import get_args

import pytest

from webrtc.errors import InvalidModificationError, InvalidStateError, SdpError
from webrtc.jsep import RTCSignalingState as State
from webrtc.jsep.descriptions import RTCSdpType
from webrtc.jsep.negotiation import Applied, Negotiation, Side
from webrtc.peer import RTCSessionDescription
from webrtc.sdp import SessionDescription

EMPTY = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
TYPES: tuple[RTCSdpType, ...] = get_args(RTCSdpType)
SIDES: tuple[Side, ...] = get_args(Side)

LEGAL = {
    ("stable", "local", "offer"): "have-local-offer",
    ("stable", "remote", "offer"): "have-remote-offer",
    ("have-local-offer", "local", "offer"): "have-local-offer",
    ("have-local-offer", "remote", "answer"): "stable",
    ("have-local-offer", "remote", "pranswer"): "have-remote-pranswer",
    ("have-local-offer", "local", "rollback"): "stable",
    ("have-local-offer", "remote", "rollback"): "stable",
    ("have-remote-offer", "remote", "offer"): "have-remote-offer",
    ("have-remote-offer", "local", "answer"): "stable",
    ("have-remote-offer", "local", "pranswer"): "have-local-pranswer",
    ("have-remote-offer", "local", "rollback"): "stable",
    ("have-remote-offer", "remote", "rollback"): "stable",
    ("have-local-pranswer", "local", "pranswer"): "have-local-pranswer",
    ("have-local-pranswer", "local", "answer"): "stable",
    ("have-remote-pranswer", "remote", "pranswer"): "have-remote-pranswer",
    ("have-remote-pranswer", "remote", "answer"): "stable",
}
WAY: dict[str, list[tuple[Side, RTCSdpType]]] = {
    "stable": [],
    "have-local-offer": [("local", "offer")],
    "have-remote-offer": [("remote", "offer")],
    "have-local-pranswer": [("remote", "offer"), ("local", "pranswer")],
    "have-remote-pranswer": [("local", "offer"), ("remote", "pranswer")],
}


def applied(type_: RTCSdpType) -> Applied:
    return Applied(type_, SessionDescription.parse(EMPTY))


def in_state(state: str) -> Negotiation:
    negotiation = Negotiation(1)
    for side, type_ in WAY[state]:
        negotiation.apply(side, applied(type_))
    assert negotiation.state == State(state)
    return negotiation


@pytest.mark.parametrize("state", WAY)
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("type_", TYPES)
def test_every_transition(state: str, side: Side, type_: RTCSdpType) -> None:
    """PC-10, CFG-15: those that exist lead where they should, all others change nothing."""
    negotiation = in_state(state)
    target = LEGAL.get((state, side, type_))
    assert negotiation.allows(side, type_) is (target is not None)
    if target is None:
        with pytest.raises(InvalidStateError, match=f'"{type_}"\\) in signaling state "{state}"'):
            negotiation.roll_back(side) if type_ == "rollback" else negotiation.apply(
                side, applied(type_)
            )
    elif type_ == "rollback":
        negotiation.roll_back(side)
    else:
        negotiation.apply(side, applied(type_))
    assert negotiation.state == State(target or state)


@pytest.mark.parametrize(("state", "type_"), list(product(WAY, ["offer", "answer"])))
def test_when_descriptions_can_be_created(state: str, type_: str) -> None:
    """PC-01, PC-02."""
    allowed = {
        "offer": {"stable", "have-local-offer"},
        "answer": {"have-remote-offer", "have-local-pranswer"},
    }
    negotiation = in_state(state)
    if state in allowed[type_]:
        negotiation.check_create(type_)  # type: ignore[arg-type] # one of two
    else:
        with pytest.raises(InvalidStateError, match=f"create_{type_}"):
            negotiation.check_create(type_)  # type: ignore[arg-type] # one of two


def described(negotiation: Negotiation) -> dict[str, Applied]:
    """Every description that is set."""
    names = ("current_local", "current_remote", "pending_local", "pending_remote")
    return {name: found for name in names if (found := getattr(negotiation, name)) is not None}


def test_pending_and_current_descriptions_of_an_offerer() -> None:
    """PC-11."""
    negotiation = Negotiation(1)
    offer, pranswer, answer = applied("offer"), applied("pranswer"), applied("answer")
    negotiation.apply("local", offer)
    assert described(negotiation) == {"pending_local": offer}
    assert (negotiation.local, negotiation.remote) == (offer, None)
    negotiation.apply("remote", pranswer)
    assert described(negotiation) == {"pending_local": offer, "pending_remote": pranswer}
    assert negotiation.remote is pranswer
    negotiation.apply("remote", answer)
    assert described(negotiation) == {"current_local": offer, "current_remote": answer}


def test_pending_and_current_descriptions_of_an_answerer() -> None:
    """PC-11: a provisional answer is followed by the real one."""
    negotiation = Negotiation(1)
    offer, pranswer, answer = applied("offer"), applied("pranswer"), applied("answer")
    negotiation.apply("remote", offer)
    negotiation.apply("local", pranswer)
    assert described(negotiation) == {"pending_remote": offer, "pending_local": pranswer}
    assert negotiation.local is pranswer
    negotiation.apply("local", answer)
    assert described(negotiation) == {"current_remote": offer, "current_local": answer}


def test_rollback_brings_the_current_descriptions_back() -> None:
    """S-11."""
    negotiation = Negotiation(1)
    negotiation.apply("local", applied("offer"))
    negotiation.apply("remote", applied("answer"))
    before = negotiation.local, negotiation.remote
    negotiation.apply("remote", applied("offer"))
    assert negotiation.remote is not before[1]
    negotiation.roll_back("remote")
    assert (negotiation.local, negotiation.remote) == before


def test_only_what_was_created_last_can_be_set() -> None:
    """PC-03: InvalidModificationError for SDP that was changed, or came from elsewhere."""
    negotiation = Negotiation(1)
    first = negotiation.create_offer({}, ())
    second = negotiation.create_offer({}, ())
    assert first.sdp != second.sdp
    with pytest.raises(InvalidModificationError):
        negotiation.prepare_local(first)
    with pytest.raises(InvalidModificationError):
        negotiation.prepare_local(RTCSessionDescription("offer", second.sdp + "a=x\r\n"))
    with pytest.raises(InvalidModificationError):
        negotiation.prepare_local(RTCSessionDescription("answer", second.sdp))
    assert negotiation.prepare_local(second).type == "offer"


def test_what_is_set_again_begins_without_the_candidates_of_the_first_time() -> None:
    """PC-03: each is a description of its own."""
    negotiation = Negotiation(1)
    offer = negotiation.create_offer({}, ())
    first = negotiation.prepare_local(offer)
    first.parsed.add("end-of-candidates")
    second = negotiation.prepare_local(offer)
    assert first.description != second.description == offer


def test_an_answer_may_be_set_provisionally_first() -> None:
    negotiation = Negotiation(1)
    negotiation.apply("remote", applied("offer"))
    answer = negotiation.create_answer({})
    pranswer = negotiation.prepare_local(RTCSessionDescription("pranswer", answer.sdp))
    negotiation.apply("local", pranswer)
    negotiation.apply("local", negotiation.prepare_local(answer))
    assert negotiation.state is State.STABLE


def test_an_answer_to_an_older_offer_cannot_be_set() -> None:
    negotiation = Negotiation(1)
    negotiation.apply("remote", applied("offer"))
    answer = negotiation.create_answer({})
    negotiation.apply("remote", applied("offer"))
    with pytest.raises(InvalidModificationError):
        negotiation.prepare_local(answer)


def test_what_is_implied_is_what_was_created_as_long_as_it_holds() -> None:
    """PC-03: webrtc-pc §4.4.2, set_local_description without SDP."""
    negotiation = Negotiation(1)
    assert negotiation.implied(None) == RTCSessionDescription("offer", "")
    offer = negotiation.create_offer({}, ())
    assert negotiation.implied(None) == negotiation.implied("offer") == offer
    negotiation.outdate()
    assert negotiation.implied(None).sdp == ""
    assert negotiation.prepare_local(offer).type == "offer"


@pytest.mark.parametrize(
    ("state", "type_"),
    [
        ("stable", "offer"),
        ("have-local-offer", "offer"),
        ("have-remote-offer", "answer"),
        ("have-local-pranswer", "answer"),
    ],
)
def test_which_type_is_implied(state: str, type_: str) -> None:
    """PC-03."""
    assert in_state(state).implied(None).type == type_


def test_nothing_is_implied_while_the_peer_has_to_answer() -> None:
    with pytest.raises(InvalidStateError):
        in_state("have-remote-pranswer").implied(None)


def test_sdp_that_is_none_names_the_line() -> None:
    """PC-04: W3C sdp-syntax-error with sdpLineNumber."""
    negotiation = Negotiation(1)
    with pytest.raises(SdpError) as caught:
        negotiation.prepare_remote(RTCSessionDescription("offer", EMPTY + "nonsense\r\n"))
    assert caught.value.sdp_line_number == 5
    with pytest.raises(SdpError):
        negotiation.prepare_remote(RTCSessionDescription("offer", ""))


def test_the_session_version_grows_with_every_description() -> None:
    """RFC 9429 §5.2.1, §5.2.2: the session id stays."""
    negotiation = Negotiation(77)
    origins = [
        SessionDescription.parse(negotiation.create_offer({}, ()).sdp).origin for _ in range(3)
    ]
    assert [origin.session_id for origin in origins] == [77, 77, 77]
    assert [origin.session_version for origin in origins] == [1, 2, 3]


def test_whether_the_peer_takes_trickled_candidates() -> None:
    """webrtc-pc §4.4.2, canTrickleIceCandidates."""
    negotiation = Negotiation(1)
    assert negotiation.can_trickle_ice_candidates is None
    section = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=rtcp-mux\r\n"
    for line, can in (
        ("", False),
        ("a=ice-options:trickle\r\n", True),
        ("a=ice-options:x\r\n", False),
    ):
        sdp = EMPTY + line + section
        described = negotiation.prepare_remote(RTCSessionDescription("offer", sdp))
        negotiation.apply("remote", described)
        assert negotiation.can_trickle_ice_candidates is can


def test_whether_an_offer_has_data_channels() -> None:
    """webrtc-pc §4.4.1.5: what W3C `sctp` goes by until there is an answer."""
    data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    for sdp, there in (
        (EMPTY, False),
        (EMPTY + data, True),
        (EMPTY + data.replace("9", "0"), False),
    ):
        negotiation = Negotiation(1)
        assert not negotiation.offers_data
        negotiation.apply("local", Applied("offer", SessionDescription.parse(sdp)))
        assert negotiation.offers_data is there
        negotiation.roll_back("local")
        assert not negotiation.offers_data
