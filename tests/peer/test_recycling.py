"""Sections that one side has rejected, and what comes in their place. RFC 9429 §5.2.2, §5.10."""

import re

import pytest

from tests.peer.hands import NO_MEDIA, Hands
from tests.sdp_samples import sample, sections
from webrtc.datachannel import ChannelState
from webrtc.errors import InvalidAccessError
from webrtc.peer import PeerConnection, RTCSessionDescription, SettingEngine
from webrtc.sdp import SessionDescription


def renamed(text: str, *mids: tuple[str, str]) -> str:
    """Other mids, in their sections and in the BUNDLE group."""
    for old, new in mids:
        text = text.replace(f"a=mid:{old}\r\n", f"a=mid:{new}\r\n")
        text = re.sub(rf"(BUNDLE[^\r]*) {old}\b", rf"\1 {new}", text)
    return text


def answer_to(peer: PeerConnection, text: str) -> SessionDescription:
    peer.set_remote_description(RTCSessionDescription("offer", text), 0.0)
    peer.set_local_description(None, 0.0)
    assert peer.local_description is not None
    return SessionDescription.parse(peer.local_description.sdp)


def test_a_browser_whose_media_we_rejected_offers_again() -> None:
    """As Chromium and Firefox do: in the same places, under new mids, more than once."""
    peer = PeerConnection(settings=SettingEngine(media=NO_MEDIA))
    text = sample("offer-chromium")
    answer = answer_to(peer, text)
    assert [media.rejected for media in answer.media] == [False, True, False]
    for video in ("4", "5", "6"):
        answer = answer_to(peer, renamed(text, ("1", video)))
        assert [media.mid for media in answer.media] == ["0", video, "2"]
        assert [media.rejected for media in answer.media] == [False, True, False]
        assert answer.media[0].direction == "inactive"
    assert peer.data.negotiated


def test_a_tag_that_we_rejected_comes_back() -> None:
    """Where the data has a transport of its own, and the bundle was negotiated without audio."""
    peer = PeerConnection(settings=SettingEngine(media=NO_MEDIA))
    head, audio, _, data = sections(sample("offer-chromium"))
    head = head.replace("BUNDLE 0 1 2", "BUNDLE 0 2")
    text = "\r\n".join([head, audio.replace("ice-ufrag:", "ice-ufrag:x"), data])
    for mid in ("0", "3", "4"):
        answer = answer_to(peer, renamed(text, ("0", mid)))
        assert [media.mid for media in answer.media] == [mid, "2"]
        assert [media.rejected for media in answer.media] == [True, False]
        assert [group.mids for group in answer.groups("BUNDLE")] == [("2",)]
    assert peer.data.negotiated


def test_a_place_may_be_used_for_another_kind_when_either_side_has_rejected_it() -> None:
    peer = PeerConnection(settings=SettingEngine(media=NO_MEDIA))
    head, audio, video, data = sections(sample("offer-chromium"))
    answer_to(peer, "\r\n".join([head, audio, video, data]))
    other = video.replace("m=video", "m=audio")
    answer = answer_to(peer, renamed("\r\n".join([head, audio, other, data]), ("1", "9")))
    assert [media.kind for media in answer.media] == ["audio", "audio", "application"]


def test_a_place_in_use_keeps_its_mid() -> None:
    """S-06: only what was rejected is recycled."""
    peer = PeerConnection(settings=SettingEngine(media=NO_MEDIA))
    text = sample("offer-chromium")
    answer_to(peer, text)
    with pytest.raises(InvalidAccessError, match="section 2: mid 9 where 2 was"):
        answer_to(peer, renamed(text, ("2", "9")))


def test_what_the_peer_rejected_is_offered_again_under_a_new_mid() -> None:
    """And no mid comes back, since a peer may remember what it stood for."""
    hands = Hands()
    left = hands.left.core
    seen = []
    for _ in range(3):
        left.create_data_channel("", hands.network.now)
        offer = hands.left.offer()
        [media] = SessionDescription.parse(offer.sdp).media
        seen.append(media.mid)
        refused = re.sub(r"m=application \d+", "m=application 0", offer.sdp)
        refused = re.sub(r"BUNDLE \d+", "BUNDLE", refused).replace("actpass", "active")
        hands.left.accept(RTCSessionDescription("answer", refused))
        hands.network.run(0.1)
    assert seen == ["0", "1", "2"]
    channel = left.create_data_channel("", hands.network.now)
    hands.negotiate()
    hands.network.run_until(lambda: channel.state is ChannelState.OPEN, limit=10.0)


def test_our_section_takes_the_place_that_we_had_rejected() -> None:
    """Whatever kind was there; the peer's other sections stay where they are."""
    hands = Hands(left=SettingEngine(media=NO_MEDIA))
    head, audio, video, _ = sections(sample("offer-chromium"))
    sdp = "\r\n".join([head.replace("BUNDLE 0 1 2", "BUNDLE 0 1"), audio, video]) + "\r\n"
    peer = hands.left.core
    answer_to(peer, sdp)
    peer.create_data_channel("", 0.0)
    offer = SessionDescription.parse(peer.create_offer().sdp)
    assert [(media.kind, media.mid) for media in offer.media] == [
        ("application", "2"),
        ("video", "1"),
    ]
    assert [group.mids for group in offer.groups("BUNDLE")] == [("2",)]
