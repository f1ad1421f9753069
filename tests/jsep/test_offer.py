"""Offers. RFC 9429 §5.2."""

from tests.jsep.lines import ORIGIN, local
from tests.sdp_samples import sample
from webrtc.jsep.answer import build_answer
from webrtc.jsep.local import LocalLine, read_idle
from webrtc.jsep.offer import build_offer
from webrtc.sdp import SessionDescription


def offered(
    before: SessionDescription | None = None,
    lines: dict[int, LocalLine] | None = None,
    *new: LocalLine,
) -> SessionDescription:
    media = before.media if before is not None else []
    free = [index for index, each in enumerate(media) if each.rejected]
    return build_offer(ORIGIN, before, lines or {}, new, free, iter(["new", "newer"]))


def answered(lines: dict[int, LocalLine]) -> SessionDescription:
    """An answer to audio, video and data."""
    return build_answer(ORIGIN, SessionDescription.parse(sample("offer-chromium")), lines)


def test_an_offer_for_data() -> None:
    """SDP-03, SDP-10, JSEP: line for line."""
    assert str(offered(None, None, local())).split("\r\n") == [
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


def test_new_sections_come_behind_those_that_stand() -> None:
    """JSEP §5.2.2."""
    audio = SessionDescription.parse(sample("offer-chromium")).media[0]
    idle = LocalLine(local().transport, read_idle(audio))
    before = answered({0: idle})
    before.media.pop()
    before.media.pop()
    offer = offered(before, {0: idle}, local())
    assert [media.mid for media in offer.media] == ["0", "new"]
    assert not offer.media[0].rejected
    assert offer.media[0].direction == "inactive"
    assert [group.mids for group in offer.groups("BUNDLE")] == [("0", "new")]


def test_places_of_rejected_sections_are_used_again_whatever_their_kind() -> None:
    """RFC 9429 §5.2.2: under a new mid, instead of one section more each time."""
    offer = offered(answered({}), None, local(), local())
    assert [media.mid for media in offer.media] == ["new", "newer", "2"]
    assert [media.is_data for media in offer.media] == [True, True, True]
    assert [media.rejected for media in offer.media] == [False, False, True]
    assert [group.mids for group in offer.groups("BUNDLE")] == [("new", "newer")]


def test_sections_that_find_no_free_place_come_behind() -> None:
    offer = offered(answered({2: local()}), {2: local()}, local(), local())
    assert [media.mid for media in offer.media] == ["new", "newer", "2"]
    offer = offered(answered({index: local() for index in range(3)}), {2: local()}, local())
    assert [media.mid for media in offer.media] == ["0", "1", "2", "new"]


def test_the_tag_of_a_bundle_stays_the_tag() -> None:
    """RFC 9143 §7.5.1: the first mid names the section whose transport all use."""
    before = answered({0: local(), 2: local()})
    before.replace("group", "BUNDLE 2 0")
    offer = offered(before, {0: local(), 2: local()}, local())
    assert [group.mids for group in offer.groups("BUNDLE")] == [("2", "0", "new")]
