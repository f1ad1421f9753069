"""Offers. RFC 9429 §5.2."""

from collections.abc import Sequence

from tests.jsep.lines import ORIGIN, local
from tests.sdp_samples import sample
from webrtc.jsep.answer import build_answer
from webrtc.jsep.local import LocalLine
from webrtc.jsep.offer import build_offer
from webrtc.sdp import MediaDescription, SessionDescription


def offered(
    before: Sequence[MediaDescription] = (),
    kept: dict[int, LocalLine] | None = None,
    *new: LocalLine,
) -> SessionDescription:
    free = [index for index, media in enumerate(before) if media.is_data and media.rejected]
    return build_offer(ORIGIN, before, kept or {}, new, free, iter(["new", "newer"]))


def answered(lines: dict[int, LocalLine]) -> list[MediaDescription]:
    """The sections of an answer to audio, video and data."""
    return build_answer(ORIGIN, SessionDescription.parse(sample("offer-chromium")), lines).media


def test_an_offer_for_data() -> None:
    """SDP-03, SDP-10, JSEP: line for line."""
    assert str(offered((), None, local())).split("\r\n") == [
        "v=0",
        "o=- 7 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE new",
        "a=ice-options:trickle ice2",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=sctp-port:5000",
        "a=max-message-size:262144",
        "a=mid:new",
        "a=ice-ufrag:ufrag",
        "a=ice-pwd:" + "p" * 24,
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "",
    ]


def test_an_offer_of_nothing_has_no_section() -> None:
    """webrtc-pc: an empty offer is a good offer."""
    offer = offered()
    assert offer.media == []
    assert offer.groups() == []


def test_a_further_offer_keeps_every_section_in_its_place() -> None:
    """JSEP §5.2.2: mids too."""
    offer = offered(answered({2: local()}), {2: local()})
    assert [media.kind for media in offer.media] == ["audio", "video", "application"]
    assert [media.mid for media in offer.media] == ["0", "1", "2"]
    assert [media.rejected for media in offer.media] == [True, True, False]


def test_data_comes_behind_the_sections_of_the_peer() -> None:
    """JSEP §5.2.2."""
    offer = offered(answered({})[:2], None, local())
    assert [media.mid for media in offer.media] == ["0", "1", "new"]
    assert [media.rejected for media in offer.media] == [True, True, False]


def test_the_place_of_a_rejected_data_section_is_used_again() -> None:
    """S-06: with a new mid, instead of one section more each time."""
    offer = offered(answered({}), None, local())
    assert [media.mid for media in offer.media] == ["0", "1", "new"]
    assert offer.media[2].is_data
    assert not offer.media[2].rejected


def test_new_sections_fill_the_free_places_and_go_on_behind_them() -> None:
    offer = offered(answered({}), None, local(), local())
    assert [media.mid for media in offer.media] == ["0", "1", "new", "newer"]
    assert [group.mids for group in offer.groups("BUNDLE")] == [("new", "newer")]
