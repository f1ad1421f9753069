"""What descriptions do, and that those which cannot be do nothing."""

from random import Random

import pytest

from tests.peer.hands import NO_MEDIA, Hands, drained, with_channel
from tests.sdp_samples import ANSWERS, OFFERS, only_data, sample, sections
from webrtc.engine import MediaEngine
from webrtc.errors import (
    InvalidAccessError,
    InvalidModificationError,
    InvalidStateError,
    SdpError,
)
from webrtc.peer import (
    PeerConnection,
    RTCSessionDescription,
    SettingEngine,
)
from webrtc.peer.events import (
    AddressesBound,
    NegotiationNeeded,
    SelectedPairChanged,
)
from webrtc.sdp import SessionDescription

EMPTY = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


def test_a_local_description_without_argument_is_made() -> None:
    """PC-03."""
    left, right = with_channel(), PeerConnection()
    left.set_local_description(None, 0.0)
    assert left.local_description is not None
    assert left.local_description.type == "offer"
    right.set_remote_description(left.local_description, 0.0)
    right.set_local_description(None, 0.0)
    assert right.local_description is not None
    assert right.local_description.type == "answer"
    left.set_remote_description(right.local_description, 0.0)
    assert left.signaling_state == right.signaling_state == "stable"


def test_a_description_without_sdp_is_the_one_created_last() -> None:
    """PC-03: webrtc-pc §4.4.2."""
    peer = with_channel()
    offer = peer.create_offer()
    peer.set_local_description(RTCSessionDescription("offer"), 0.0)
    assert peer.local_description == offer


def test_a_description_that_no_longer_holds_is_made_anew() -> None:
    """PC-03."""
    peer = PeerConnection()
    empty = peer.create_offer()
    peer.create_data_channel("", 0.0)
    peer.set_local_description(None, 0.0)
    assert peer.local_description is not None
    assert "m=application" in peer.local_description.sdp
    assert "m=application" not in empty.sdp


def test_an_offer_created_before_a_channel_can_be_set() -> None:
    """It is still the last one created."""
    peer = PeerConnection()
    empty = peer.create_offer()
    peer.create_data_channel("", 0.0)
    peer.set_local_description(empty, 0.0)
    assert peer.transports.one is None


def test_a_provisional_answer_without_sdp() -> None:
    left, right = with_channel(), PeerConnection()
    right.set_remote_description(left.create_offer(), 0.0)
    right.set_local_description(RTCSessionDescription("pranswer"), 0.0)
    assert right.signaling_state == "have-local-pranswer"
    right.set_local_description(None, 0.0)
    assert right.local_description is not None
    assert right.local_description.type == "answer"


def test_changed_sdp_is_refused() -> None:
    """PC-03: InvalidModificationError, and nothing has changed."""
    peer = with_channel()
    offer = peer.create_offer()
    changed = RTCSessionDescription("offer", offer.sdp.replace("5000", "5001"))
    with pytest.raises(InvalidModificationError):
        peer.set_local_description(changed, 0.0)
    assert peer.local_description is None
    assert peer.signaling_state == "stable"


def test_wrong_answers_leave_everything_as_it_was() -> None:
    """S-06, S-07, S-12: setting is atomic."""
    hands = Hands()
    left = hands.left.core
    left.create_data_channel("", 0.0)
    offer = hands.left.offer()
    answer = hands.right.answer(offer)
    before = left.local_description, left.remote_description, left.signaling_state
    wrong = [
        ("nonsense", SdpError),
        ("", SdpError),
        (answer.sdp + "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n", InvalidAccessError),
        (EMPTY, InvalidAccessError),
        (answer.sdp.replace("m=application", "m=audio"), InvalidAccessError),
        (
            answer.sdp.replace("a=mid:0", "a=mid:1").replace("BUNDLE 0", "BUNDLE 1"),
            InvalidAccessError,
        ),
        (answer.sdp.replace("a=setup:active\r\n", ""), InvalidAccessError),
        (answer.sdp.replace("setup:active", "setup:actpass"), InvalidAccessError),
    ]
    for sdp, error in wrong:
        with pytest.raises(error):
            left.set_remote_description(RTCSessionDescription("answer", sdp), 0.0)
        assert (left.local_description, left.remote_description, left.signaling_state) == before
    with pytest.raises(InvalidStateError):
        hands.right.core.set_remote_description(answer, 0.0)
    hands.left.accept(answer)
    hands.network.run_until(lambda: hands.left.of(SelectedPairChanged), limit=10.0)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("96", "72", "payload type 72, which RTCP has"),
        ("apt=96", "apt=77", "rtx of payload type 77"),
        ("simulcast:send q;h;f", "simulcast:send q;h;x", "simulcast of x"),
    ],
)
def test_media_that_cannot_be_leave_everything_as_it_was(old: str, new: str, what: str) -> None:
    """RFC 9429 §5.8, RFC 5761 §4, RFC 8853 §5.2."""
    peer = PeerConnection()
    offer = RTCSessionDescription("offer", sample("simulcast-offer-chromium").replace(old, new))
    with pytest.raises(InvalidAccessError, match=what):
        peer.set_remote_description(offer, 0.0)
    assert peer.signaling_state == "stable"
    assert peer.remote_description is None


@pytest.mark.parametrize("side", ["local", "remote"])
def test_provisional_answers_connect(side: str) -> None:
    """CFG-13: and the answer that follows changes nothing."""
    hands = Hands()
    hands.left.core.create_data_channel("early", 0.0)
    offer = hands.left.offer()
    hands.right.core.set_remote_description(offer, 0.0)
    answer = hands.right.core.create_answer()
    provisional = RTCSessionDescription("pranswer", answer.sdp)
    hands.right.core.set_local_description(provisional if side == "local" else answer, 0.0)
    hands.left.accept(provisional if side == "remote" else answer)
    hands.network.run_until(lambda: hands.right.announced, limit=10.0)
    peer = (hands.right if side == "local" else hands.left).core
    assert peer.signaling_state == f"have-{side}-pranswer"
    transport = peer.transports.one
    if side == "local":
        peer.set_local_description(answer, hands.network.now)
    else:
        peer.set_remote_description(answer, hands.network.now)
    hands.network.run(1.0)
    assert peer.signaling_state == "stable"
    assert peer.transports.one is transport
    assert hands.left.core.connection_state == hands.right.core.connection_state == "connected"


def test_negotiating_again_changes_nothing() -> None:
    """PC-01: a re-offer of either side keeps transport, roles and channels."""
    hands = Hands()
    channel, remote = hands.connect()
    transport = hands.left.core.transports.one
    assert transport is not None
    ufrag, pair = transport.ice.local_ufrag, transport.ice.selected_pair
    for offerer in (hands.left, hands.right, hands.left):
        hands.negotiate(offerer)
        hands.network.run(1.0)
    assert hands.left.core.transports.one is transport
    assert (transport.ice.local_ufrag, transport.ice.selected_pair) == (ufrag, pair)
    assert hands.talk(hands.left, channel, "a") == ["a"]
    assert hands.talk(hands.right, remote, "b") == ["b"]
    assert hands.right.core.create_data_channel("", hands.network.now).id == 0


def test_a_second_offer_of_the_peer_replaces_the_first() -> None:
    """webrtc-pc §4.4.1.5: checked as if it had been answered."""
    left, right = PeerConnection(), PeerConnection()
    right.set_remote_description(left.create_offer(), 0.0)
    left.create_data_channel("", 0.0)
    second = left.create_offer()
    right.set_remote_description(second, 0.0)
    assert right.remote_description == second
    with pytest.raises(InvalidAccessError, match="0 media sections where there were 1"):
        right.set_remote_description(RTCSessionDescription("offer", EMPTY), 0.0)
    assert right.remote_description == second


def test_a_bad_offer_takes_ours_back_all_the_same() -> None:
    """webrtc-pc §4.4.2: the rollback comes first, and is not undone."""
    peer = with_channel()
    peer.set_local_description(None, 0.0)
    with pytest.raises(SdpError):
        peer.set_remote_description(RTCSessionDescription("offer", "Invalid SDP"), 0.0)
    assert peer.signaling_state == "stable"
    assert peer.local_description is None


@pytest.mark.parametrize("side", ["local", "remote"])
def test_an_offer_cannot_interrupt_a_provisional_answer(side: str) -> None:
    left, right = with_channel(), PeerConnection()
    left.set_local_description(None, 0.0)
    assert left.local_description is not None
    right.set_remote_description(left.local_description, 0.0)
    right.set_local_description(RTCSessionDescription("pranswer"), 0.0)
    assert right.local_description is not None
    left.set_remote_description(right.local_description, 0.0)
    peer = right if side == "local" else left
    with pytest.raises(InvalidStateError):
        peer.set_remote_description(with_channel().create_offer(), 0.0)
    assert peer.signaling_state == f"have-{side}-pranswer"


def test_an_offer_of_media_alone_is_answered_with_nothing() -> None:
    """S-08: every section rejected, no BUNDLE group, no transport."""
    head, audio, video, _ = sections(sample("offer-chromium"))
    sdp = "\r\n".join([head.replace("BUNDLE 0 1 2", "BUNDLE 0 1"), audio, video]) + "\r\n"
    peer = with_channel(NO_MEDIA)
    peer.set_remote_description(RTCSessionDescription("offer", sdp), 0.0)
    peer.set_local_description(None, 0.0)
    assert peer.local_description is not None
    answer = SessionDescription.parse(peer.local_description.sdp)
    assert [(media.mid, media.port) for media in answer.media] == [("0", 0), ("1", 0)]
    assert answer.groups() == []
    assert peer.transports.one is None
    assert peer.negotiation_needed is False
    assert drained(peer)[-1] == NegotiationNeeded()
    offer = SessionDescription.parse(peer.create_offer().sdp)
    assert [(media.kind, media.mid, media.rejected) for media in offer.media] == [
        ("application", "2", False),
        ("video", "1", True),
    ]


@pytest.mark.parametrize("name", OFFERS)
def test_every_sample_offer_is_answered(name: str) -> None:
    """SDP-01 to SDP-04: whatever else it offers, data channels are accepted."""
    peer = PeerConnection(settings=SettingEngine(random=Random(1), media=NO_MEDIA))
    peer.set_remote_description(RTCSessionDescription("offer", sample(name)), 0.0)
    peer.set_local_description(None, 0.0)
    peer.handle_event(AddressesBound((("192.0.2.1", 5000),)), 0.0)
    assert peer.signaling_state == "stable"
    assert peer.local_description is not None
    offer = SessionDescription.parse(sample(name))
    answer = SessionDescription.parse(peer.local_description.sdp)
    assert [media.mid for media in answer.media] == [media.mid for media in offer.media]
    assert [each.is_data or each.direction == "inactive" for each in answer.media] == [
        True for _ in answer.media
    ]
    data = answer.media[-1]
    assert data.setup == "active"
    assert len(data.candidates) == 1
    assert peer.transports.one is not None
    credentials = peer.transports.one.ice.remote_credentials
    assert credentials is not None
    assert credentials.ufrag == offer.ice_ufrag(offer.media[-1])
    told = offer.media[-1].max_message_size
    assert peer.channels.max_message_size == min(told or 2**40, 16 * 1024 * 1024)


@pytest.mark.parametrize(
    "name", [name for name in ANSWERS if "m=application 0" not in sample(name)]
)
def test_every_sample_answer_is_accepted(name: str) -> None:
    """SDP-01 to SDP-04: as the answer to an offer of data alone."""
    text = only_data(sample(name))
    if "m=application" not in text:
        pytest.skip("it has no data section")
    mid = SessionDescription.parse(text).media[0].mid
    peer = with_channel()
    peer.set_local_description(None, 0.0)
    if mid is not None:
        text = text.replace(f"a=mid:{mid}", "a=mid:0").replace(f"BUNDLE {mid}", "BUNDLE 0")
    peer.set_remote_description(RTCSessionDescription("answer", text), 0.0)
    assert peer.signaling_state == "stable"
    assert peer.data.negotiated
    assert peer.channels.active[0].id in {0, 1}


def test_a_transceiver_without_a_codec_takes_no_line_from_the_next() -> None:
    """Nothing can be said of it: the lines of an offer are for the others."""
    hands = Hands(left=SettingEngine(random=Random(1), media=MediaEngine(audio=())))
    media = hands.left.core.media
    audio = media.add_transceiver("audio", None, None, "sendrecv", (), ())
    video = media.add_transceiver("video", None, None, "sendrecv", (), ())
    offer = hands.left.offer()
    assert [each.kind for each in SessionDescription.parse(offer.sdp).media] == ["video"]
    assert (audio.mid, video.mid) == (None, "0")
    hands.left.accept(hands.right.answer(offer))
    assert (audio.current_direction, video.current_direction) == (None, "sendonly")


def test_header_extensions_are_sent_in_the_direction_that_was_agreed_on() -> None:
    """RFC 8285 §7: what a peer only sends is nothing that it takes."""
    hands = Hands()
    media = hands.left.core.media
    media.add_transceiver("video", None, None, "sendrecv", (), ())
    answer = hands.right.answer(hands.left.offer())
    line = "a=extmap:{} urn:3gpp:video-orientation"
    number = next(n for n in range(1, 15) if line.format(n) in answer.sdp)
    told = answer.sdp.replace(line.format(number), line.format(f"{number}/sendonly"))
    hands.left.accept(RTCSessionDescription("answer", told.replace("a=recvonly", "a=sendrecv")))
    [section] = media
    assert "urn:3gpp:video-orientation" not in section.sender.terms.extensions
    assert "urn:3gpp:video-orientation" in section.receiver.terms.extensions
