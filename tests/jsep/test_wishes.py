"""The offer or answer that follows from what a transceiver wants."""

from dataclasses import replace

import pytest

from tests.jsep.terms import ENGINE, wishes, without
from webrtc.engine import HeaderExtension
from webrtc.jsep.media import PROFILES, MediaTerms, write_media
from webrtc.jsep.numbers import Numbers
from webrtc.jsep.wishes import Wishes, answered_terms, offered_terms
from webrtc.rtp import header_values as uris
from webrtc.sdp import Direction
from webrtc.sdp.codecs import Codec
from webrtc.sdp.sources import Simulcast

VIDEO, AUDIO = wishes("video"), wishes("audio")
OFFER = offered_terms(VIDEO, Numbers())

each_direction = pytest.mark.parametrize("direction", list(Direction))


def offer(wishes: Wishes) -> MediaTerms:
    return offered_terms(wishes, Numbers())


def answer(wishes: Wishes, offered: MediaTerms = OFFER) -> MediaTerms:
    answered = answered_terms(wishes, offered)
    assert answered is not None
    return answered


@each_direction
def test_streams_and_sources_are_told_by_who_sends(direction: Direction) -> None:
    for terms in (
        offer(replace(VIDEO, direction=direction)),
        answer(replace(VIDEO, direction=direction)),
    ):
        assert terms.direction is direction
        assert bool(terms.msids) is direction.sends
        assert terms.repairs == ({1: 2} if direction.sends else {})
        assert [each.cname for each in terms.sources] == ["cname"] * len(terms.sources)


@each_direction
@pytest.mark.parametrize("offered", list(Direction))
def test_an_answer_is_what_both_want(direction: Direction, offered: Direction) -> None:
    """Traps 8 and 9: sendrecv is never the answer to recvonly or sendonly."""
    terms = answer(replace(VIDEO, direction=direction), replace(OFFER, direction=offered))
    assert terms.direction.sends is (direction.sends and offered.receives)
    assert terms.direction.receives is (direction.receives and offered.sends)


def test_streams_are_told_even_if_nobody_listens() -> None:
    """Trap 12: or the need for negotiation would never end. Sources are those that send."""
    terms = answer(VIDEO, replace(OFFER, direction=Direction.SENDONLY))
    assert terms.direction is Direction.RECVONLY
    assert [str(each) for each in terms.msids] == ["stream"]
    assert not terms.sources


def test_a_track_without_streams_says_so() -> None:
    """RFC 9429 §5.2.1: `a=msid:-`, or the negotiation would never end."""
    assert [str(each) for each in offer(replace(VIDEO, stream_ids=())).msids] == ["-"]
    several = offer(replace(VIDEO, stream_ids=("a", "b"))).msids
    assert [str(each) for each in several] == ["a", "b"]


def test_no_source_of_retransmissions_without_rtx() -> None:
    bare = replace(VIDEO, codecs=ENGINE.video[:1])
    for terms in (offer(bare), answer(bare)):
        assert [each.ssrc for each in terms.sources] == [1]
        assert terms.groups == ()


def test_no_common_codec_rejects() -> None:
    """Trap 14: without an error."""
    unknown = replace(OFFER, codecs=(Codec(96, "H263", 90000),))
    assert answered_terms(VIDEO, unknown) is None
    only_events = replace(OFFER, kind="audio", codecs=(Codec(101, "telephone-event", 8000),))
    assert answered_terms(AUDIO, only_events) is None


@pytest.mark.parametrize("protocol", sorted(PROFILES))
def test_every_profile_is_answered_in_kind(protocol: str) -> None:
    """RFC 9429 §5.1.2; a later offer of ours has the usual one again."""
    assert answer(VIDEO, replace(OFFER, protocol=protocol)).protocol == protocol
    assert OFFER.protocol == "UDP/TLS/RTP/SAVPF"


def test_other_profiles_are_rejected() -> None:
    assert len(PROFILES) == 8
    assert answered_terms(VIDEO, replace(OFFER, protocol="RTP/QUIC")) is None


def test_an_offer_asks_for_all_that_we_can() -> None:
    assert OFFER.reduced_size
    assert OFFER.receiver_times
    assert OFFER.mixed
    assert OFFER.cryptex
    assert OFFER.mux_only


@pytest.mark.parametrize("name", ["reduced_size", "receiver_times", "mixed", "cryptex"])
def test_an_answer_has_what_was_offered(name: str) -> None:
    """Trap 37, RFC 9335 §4, RFC 5506 §5, RFC 3611 §5."""
    assert getattr(answer(VIDEO), name)
    assert not getattr(answer(VIDEO, without(OFFER, name)), name)


def test_cryptex_can_be_off() -> None:
    off = replace(VIDEO, cryptex=False)
    assert not offer(off).cryptex
    assert not answer(off).cryptex


def test_the_wish_for_less_is_told_in_bits() -> None:
    limited = replace(VIDEO, max_bitrate=2_500_000)
    for terms in (offer(limited), answer(limited)):
        assert "b=TIAS:2500000\r\n" in str(write_media(terms))


def test_audio_has_no_limit_but_its_own() -> None:
    assert offer(AUDIO).max_packet_time == 120
    assert offer(VIDEO).max_packet_time is None


def test_a_simulcast_offer_has_rids_instead_of_sources() -> None:
    """Trap 34: and both ids in the section."""
    terms = offer(replace(VIDEO, rids=("q", "h", "f")))
    assert [str(each) for each in terms.rids] == ["q send", "h send", "f send"]
    assert str(terms.simulcast) == "send q;h;f"
    assert not terms.sources
    assert not terms.groups
    assert {uris.RID, uris.REPAIRED_RID, uris.MID} <= {each.uri for each in terms.extensions}


def test_one_rid_is_one_source() -> None:
    assert offer(replace(VIDEO, rids=("q",))) == OFFER


@each_direction
def test_simulcast_follows_the_direction(direction: Direction) -> None:
    both = replace(VIDEO, direction=direction, rids=("q", "h"), receive_rids=("1", "2"))
    simulcast = offer(both).simulcast
    assert bool(simulcast.send) is direction.sends
    assert bool(simulcast.receive) is direction.receives


def test_simulcast_of_the_peer_is_received() -> None:
    offered = offer(replace(VIDEO, rids=("q", "h", "f")))
    assert str(answer(VIDEO, offered).simulcast) == "recv q;h;f"
    assert answer(VIDEO, offered).sources
    for other in (
        replace(VIDEO, receive_simulcast=False),
        replace(VIDEO, direction=Direction.SENDONLY),
    ):
        assert answer(other, offered).simulcast == Simulcast()
        assert answer(other, offered).rids == ()


def test_simulcast_without_the_extension_for_rids_is_neither_offered_nor_answered() -> None:
    """Trap 34: nobody could tell the encodings apart."""
    silent = replace(VIDEO, rids=("q", "h"), receive_rids=("1", "2"), extensions=())
    assert offer(silent).simulcast == Simulcast()
    assert offer(silent).sources
    offered = replace(offer(replace(silent, extensions=VIDEO.extensions)), extensions=())
    assert offered.simulcast.send
    assert answer(VIDEO, offered).simulcast == Simulcast()


def test_the_peer_asks_for_simulcast() -> None:
    offered = offer(replace(VIDEO, receive_rids=("q", "h", "f")))
    terms = answer(replace(VIDEO, rids=("q", "h")), offered)
    assert str(terms.simulcast) == "send q;h"
    assert terms.sources == ()
    assert answer(VIDEO, offered).simulcast == Simulcast()


def test_preferences_order_offers_and_answers() -> None:
    """H264 before VP8, and no rtx as it is not listed."""
    vp8, h264 = ENGINE.video[0], ENGINE.video[2]
    preferring = replace(VIDEO, codecs=(h264, vp8), preferred=True)
    assert [each.name for each in offer(preferring).codecs] == ["H264", "VP8"]
    assert [each.name for each in answer(preferring).codecs] == ["H264", "VP8"]
    assert answer(VIDEO).codecs[0].name == "VP8"


def test_a_further_offer_goes_by_the_order_of_the_last_answer() -> None:
    """RFC 9429 §5.2.2: unless codecs are preferred."""
    last = replace(OFFER, codecs=OFFER.codecs[2:4])
    names = [each.name for each in offered_terms(VIDEO, Numbers(), last).codecs]
    assert names[:4] == ["VP9", "rtx", "VP8", "rtx"]
    assert len(names) == len(OFFER.codecs)
    preferring = replace(VIDEO, preferred=True)
    assert offered_terms(preferring, Numbers(), last).codecs == OFFER.codecs


def test_the_long_form_is_used_after_an_answer_that_allows_it() -> None:
    """RFC 8285 §6."""
    many = tuple(HeaderExtension(f"uri:{index}") for index in range(20))
    wanted, numbers = replace(VIDEO, extensions=many), Numbers()
    assert len(offered_terms(wanted, numbers).extensions) == 14
    assert len(offered_terms(wanted, numbers, without(OFFER, "mixed")).extensions) == 14
    assert len(offered_terms(wanted, numbers, OFFER).extensions) == 20


def test_a_further_offer_has_all_that_is_supported() -> None:
    """RFC 9429 §5.2.2: what the answer left out, too, under the same numbers."""
    numbers = Numbers()
    before = offered_terms(VIDEO, numbers)
    assert (
        offered_terms(replace(VIDEO, direction=Direction.RECVONLY), numbers).codecs == before.codecs
    )
    assert offered_terms(VIDEO, numbers) == before
