"""Encodings in offers and answers. RFC 8853."""

import pytest

from webrtc.jsep.media import NO_SIMULCAST, MediaTerms
from webrtc.jsep.simulcast import accepted_rids, answered_layers, offered_layers, proposed_rids
from webrtc.sdp import Direction
from webrtc.sdp.sources import Rid, Simulcast


def terms(simulcast: str, *rids: str) -> MediaTerms:
    return MediaTerms(
        "video",
        Direction.SENDRECV,
        (),
        rids=tuple(map(Rid.parse, rids)),
        simulcast=Simulcast.parse(simulcast) if simulcast else NO_SIMULCAST,
    )


def answer(offered: MediaTerms, *send: str, receive: bool = False) -> list[str]:
    layers = answered_layers(offered, send, {96, 97}, receive=receive)
    return [*map(str, layers.rids), str(layers.simulcast)]


SENT = terms("send q;h;f", "q send", "h send pt=96", "f send pt=99,97;max-width=320")
WANTED = terms("recv q;h,g;~f", "q recv", "h recv", "g recv", "f recv")


def test_an_offer_of_encodings() -> None:
    layers = offered_layers(("q", "h"), ("1", "2"))
    assert [*map(str, layers.rids)] == ["q send", "h send", "1 recv", "2 recv"]
    assert str(layers.simulcast) == "send q;h recv 1;2"


def test_one_encoding_is_no_simulcast() -> None:
    assert offered_layers(("q",), ("1",)) == ((), NO_SIMULCAST)


def test_all_encodings_of_the_peer_are_taken() -> None:
    """RFC 8853 §5.3.2: send becomes recv; of payload types what was accepted."""
    told = ["q recv", "h recv pt=96", "f recv pt=97;max-width=320", "recv q;h;f"]
    assert answer(SENT, receive=True) == told
    assert answer(SENT) == [""]


def test_an_encoding_with_no_codec_that_is_accepted_is_not_taken() -> None:
    assert answer(terms("send q;h", "q send pt=99", "h send"), receive=True) == ["h recv", "recv h"]


def test_of_alternatives_the_first_is_taken() -> None:
    offered = terms("send q,h;~f,g;q", "q send", "h send", "f send", "g send")
    assert answer(offered, receive=True) == ["q recv", "f recv", "recv q;f"]


def test_an_encoding_without_its_line_does_not_exist() -> None:
    assert answer(terms("send q;h", "q send", "h recv"), receive=True) == ["q recv", "recv q"]


def test_our_encodings_that_the_peer_wants_are_sent() -> None:
    """In its order, not ours, and never one that it has not named."""
    assert answer(WANTED, "f", "q", "x") == ["q send", "f send", "send q;f"]
    assert answer(WANTED, "x") == [""]
    assert answer(WANTED, "q") == [""]


def test_the_encodings_that_a_peer_asks_for() -> None:
    """webrtc-pc §4.4.1.5: the first alternatives, each once."""
    assert proposed_rids(WANTED) == ("q", "h", "f")
    assert proposed_rids(SENT) == ()
    assert proposed_rids(terms("recv q;q", "q recv")) == ("q",)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (terms("recv q;f", "q recv", "f recv"), ("q", "f")),
        (terms("recv f", "f recv"), ("f",)),
        (terms(""), ("q",)),
        (terms("recv x", "x recv"), ("q",)),
        (terms("recv x,h;f", "h recv"), ("h", "f")),
    ],
    ids=["fewer", "one", "no simulcast", "unknown", "alternatives"],
)
def test_an_answer_leaves_encodings(told: MediaTerms, kept: tuple[str, ...]) -> None:
    """Without simulcast the first stays, and there is no error."""
    assert accepted_rids(("q", "h", "f"), told) == kept


def test_who_has_no_rids_keeps_none() -> None:
    assert accepted_rids((), WANTED) == ()
