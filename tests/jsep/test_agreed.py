"""What two descriptions settle."""

from dataclasses import replace

import pytest

from tests.jsep.terms import KINDS, wishes, without
from tests.sdp_samples import sample
from webrtc.jsep.agreed import agree
from webrtc.jsep.media import MediaTerms, read_media
from webrtc.jsep.numbers import Numbers
from webrtc.jsep.wishes import answered_terms, offered_terms
from webrtc.rtp import header_values as uris
from webrtc.sdp import Direction, SessionDescription
from webrtc.sdp.codecs import Codec


def told(name: str, index: int) -> MediaTerms:
    description = SessionDescription.parse(sample(name))
    return read_media(description, description.media[index])


def test_the_answerer_sends_what_the_offerer_prefers() -> None:
    """RFC 9429 §5.11: the first of the remote list."""
    offered = told("offer-firefox", 1)
    ours = answered_terms(wishes("video"), offered)
    assert ours is not None
    agreed = agree(ours, offered)
    assert agreed.send_codec is not None
    assert (agreed.send_codec.payload_type, agreed.send_codec.name) == (120, "VP8")
    assert agreed.send_repairs == agreed.receive_repairs == {120: 124, 121: 125, 99: 100}
    assert agreed.direction is Direction.SENDRECV


@pytest.mark.parametrize("peer", ["chromium", "firefox", "aiortc", "pion", "werift", "gst", "wrtc"])
def test_an_answer_to_our_own_offer_is_agreed_from_both_ends(peer: str) -> None:
    """Each end sends under the numbers that the other has given."""
    for index, kind in enumerate(KINDS):
        offered = told(f"offer-{peer}", index)
        answered = answered_terms(wishes(kind), offered)
        assert answered is not None
        ours, theirs = agree(answered, offered), agree(offered, answered)
        assert ours.send_codecs == tuple(
            replace(codec, fmtp=mine.fmtp)
            for codec, mine in zip(theirs.receive_codecs, ours.send_codecs, strict=True)
        )
        assert ours.direction is theirs.direction.reversed()
        assert [each.id for each in ours.extensions] == [each.id for each in theirs.extensions]


def test_each_side_may_have_its_own_numbers() -> None:
    ours = offered_terms(wishes("video"), Numbers())
    renumbered = (Codec(120, "VP8", 90000), Codec(121, "rtx", 90000, fmtp="apt=120"))
    agreed = agree(ours, replace(ours, codecs=renumbered))
    assert [each.payload_type for each in agreed.send_codecs] == [120, 121]
    assert [each.payload_type for each in agreed.receive_codecs] == [96, 97]
    assert agreed.send_repairs == {120: 121}
    assert agreed.receive_repairs == {96: 97}


def test_what_fills_gaps_is_not_what_is_sent() -> None:
    audio = offered_terms(wishes("audio"), Numbers())
    red_first = replace(audio, codecs=(audio.codecs[1], audio.codecs[-1], *audio.codecs))
    codec = agree(audio, red_first).send_codec
    assert codec is not None
    assert codec.name == "opus"


def test_formats_that_an_answer_adds_are_legal_and_not_used() -> None:
    """RFC 9429 §5.3.1."""
    ours = offered_terms(wishes("video"), Numbers())
    added = (Codec(35, "H263", 90000), *ours.codecs)
    assert agree(ours, replace(ours, codecs=added)).send_codecs == ours.codecs


@pytest.mark.parametrize("name", ["reduced_size", "receiver_times", "mixed", "cryptex"])
def test_it_takes_both_sides(name: str) -> None:
    ours = offered_terms(wishes("video"), Numbers())
    assert getattr(agree(ours, ours), name)
    assert not getattr(agree(ours, without(ours, name)), name)
    assert not getattr(agree(without(ours, name), ours), name)


def test_the_peer_bounds_what_we_send() -> None:
    ours = offered_terms(replace(wishes("video"), max_bitrate=5), Numbers())
    assert agree(ours, replace(ours, bandwidth=64_000)).max_send_bitrate == 64_000


def test_extensions_have_our_direction() -> None:
    """Firefox receives playout delays, so we may send them."""
    offered = told("offer-firefox", 1)
    ours = answered_terms(wishes("video"), offered)
    assert ours is not None
    found = {each.uri: each.direction for each in agree(ours, offered).extensions}
    assert found[uris.PLAYOUT_DELAY] is Direction.SENDONLY
    assert found[uris.MID] is Direction.SENDRECV
