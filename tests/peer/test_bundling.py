"""BUNDLE with a peer that offers audio too: who is the tag, and what stays. RFC 9143 §7.3."""

import re
from random import Random

import pytest

from tests.peer.hands import NO_MEDIA, Hands
from tests.sdp_samples import case
from webrtc.datachannel import Channel, ChannelState
from webrtc.dtls import SrtpProfile
from webrtc.errors import InvalidAccessError
from webrtc.peer import (
    IceCandidateFound,
    PeerConnection,
    RTCIceCandidate,
    RTCSessionDescription,
    SettingEngine,
)
from webrtc.sdp import SessionDescription

BUNDLED = [
    "max-bundle-browser-offer",
    "max-bundle-jsep-offer",
    "webrtcbin-bundle-only-offer",
    "chromium-max-bundle-offer1",
    "firefox-max-bundle-offer1",
]
TRANSPORT = re.compile(r"a=(?:ice-(?:ufrag|pwd)|fingerprint|setup|candidate):[^\r]*\r\n")
AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 109\r\nc=IN IP4 0.0.0.0\r\na=mid:{}\r\na=sendrecv\r\n"
AUDIO += "a=rtcp-mux\r\na=rtpmap:109 opus/48000/2\r\na=fmtp:109 useinbandfec=1\r\n"
AUDIO += "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=msid:s t\r\na=ssrc:7 cname:c\r\n"


def answered(text: str) -> tuple[PeerConnection, SessionDescription]:
    peer = PeerConnection(settings=SettingEngine(media=NO_MEDIA))
    peer.set_remote_description(RTCSessionDescription("offer", text), 0.0)
    peer.set_local_description(None, 0.0)
    assert peer.local_description is not None
    return peer, SessionDescription.parse(peer.local_description.sdp)


@pytest.mark.parametrize("name", BUNDLED)
def test_the_tag_of_a_bundle_only_section_is_accepted_and_idle(name: str) -> None:
    """§7.3.1: formats as offered, and the lines of the transport, which are the tag's."""
    offer = SessionDescription.parse(case(name))
    peer, answer = answered(case(name))
    offered, tag, data = offer.media[0], answer.media[0], answer.media[-1]
    assert data.is_data
    assert [media.rejected for media in answer.media[1:-1]] == [True] * (len(offer.media) - 2)
    assert not tag.rejected
    assert tag.port != 0
    assert not data.rejected
    assert data.port != 0
    assert (tag.kind, tag.protocol, tag.formats) == (
        offered.kind,
        offered.protocol,
        offered.formats,
    )
    assert tag.direction == "inactive"
    assert tag.rtcp_mux
    assert [each.payload_type for each in tag.codecs] == [
        each.payload_type for each in offered.codecs
    ]
    for silent in ("msid", "ssrc", "rid", "simulcast", "bundle-only"):
        assert not tag.has(silent)
    for media in (tag, data):
        assert media.ice_ufrag == tag.ice_ufrag
        assert (media.ice_pwd, media.fingerprints) == (tag.ice_pwd, tag.fingerprints)
        assert media.setup == "active"
    [group] = answer.groups("BUNDLE")
    assert group.mids == (offered.mid, offer.media[-1].mid)
    assert peer.transports.one is not None
    known = peer.transports.one.ice.remote_credentials
    assert known is not None
    assert known.ufrag == offered.ice_ufrag


def test_the_tag_says_whose_fingerprint_counts() -> None:
    """§9: what a bundle-only section says of a transport means nothing."""
    offer = SessionDescription.parse(case("max-bundle-browser-offer"))
    peer = PeerConnection(settings=SettingEngine(media=NO_MEDIA))
    text = case("max-bundle-browser-offer")
    peer.set_remote_description(RTCSessionDescription("offer", text), 0.0)
    applied = peer.negotiation.pending_remote
    assert applied is not None
    line = applied.lines[-1]
    told = [each.value.lower() for each in line.transport.fingerprints]
    assert told == [each.value.lower() for each in offer.media[0].fingerprints]


def test_an_offer_without_a_group_is_answered_without_one() -> None:
    """§7.3: the groups of an answer are those of the offer."""
    text = re.sub(r"a=group[^\r]*\r\n", "", case("nest-like-offer"))
    _, answer = answered(text)
    assert answer.groups() == []
    assert not answer.media[0].rejected


@pytest.mark.parametrize("plain", ["RTP/AVP", "UDP/BFCP"])
def test_a_tag_that_cannot_be_accepted_takes_the_data_with_it(plain: str) -> None:
    """§7.3.3: and the peer can offer again."""
    text = case("max-bundle-jsep-offer")
    peer, answer = answered(text.replace("UDP/TLS/RTP/SAVPF", plain))
    assert [media.rejected for media in answer.media] == [True, True]
    assert answer.groups() == []
    assert peer.transports.one is None
    again = text.replace("a=mid:0", "a=mid:2").replace("a=mid:1", "a=mid:3")
    again = again.replace("BUNDLE 0 1", "BUNDLE 2 3")
    peer.set_remote_description(RTCSessionDescription("offer", again), 0.0)
    peer.set_local_description(None, 0.0)
    assert peer.transports.one is not None


class Between:
    """What is between two peers: the right one sees audio, as the tag, before the data."""

    def __init__(self) -> None:
        refusing = SettingEngine(random=Random(2), media=NO_MEDIA)
        self.hands = Hands(right=refusing)
        self.hands.left.other = self.hands.right.other = None
        self.mid = "audio"

    def connect(self) -> tuple[Channel, Channel]:
        channel = self.hands.left.core.create_data_channel("", 0.0)
        self.offer_to_right(bundle_only=True)
        self.hands.network.run_until(lambda: self.hands.right.announced, limit=10.0)
        return channel, self.hands.right.announced[0]

    def offer_to_right(
        self, *, bundle_only: bool = False, port: int = 9, restart: bool = False
    ) -> SessionDescription:
        """Gives the answer as the right peer says it."""
        left, right = self.hands.left, self.hands.right
        left.offer(ice_restart=restart)
        self.hands.network.run(0.5)
        assert left.core.local_description is not None
        offer = self.with_audio(left.core.local_description.sdp, port=port)
        if bundle_only:
            offer = re.sub(r"m=application \d+", "m=application 0", offer) + "a=bundle-only\r\n"
        right.answer(RTCSessionDescription("offer", offer))
        self.hands.network.run(0.5)
        assert right.core.local_description is not None
        answer = right.core.local_description.sdp
        left.accept(RTCSessionDescription("answer", self.without_audio(answer)))
        return SessionDescription.parse(answer)

    def offer_to_left(self) -> SessionDescription:
        """Gives the offer as the right peer makes it."""
        left, right = self.hands.left, self.hands.right
        right.offer()
        self.hands.network.run(0.5)
        assert right.core.local_description is not None
        offer = right.core.local_description.sdp
        left.answer(RTCSessionDescription("offer", self.without_audio(offer)))
        self.hands.network.run(0.5)
        assert left.core.local_description is not None
        answer = self.with_audio(left.core.local_description.sdp)
        right.accept(RTCSessionDescription("answer", answer.replace("sendrecv", "inactive")))
        return SessionDescription.parse(offer)

    def with_audio(self, text: str, port: int = 9) -> str:
        """The lines of the transport are in the tagged section alone, as RFC 9429 §5.2.1 wants."""
        head, data = text.split("\r\nm=")
        group = f"BUNDLE {self.mid} 0" if port else "BUNDLE 0"
        head = head.replace("BUNDLE 0", group)
        audio = AUDIO.format(self.mid).replace("m=audio 9", f"m=audio {port}")
        if port:
            audio += "".join(TRANSPORT.findall(data))
            data = TRANSPORT.sub("", data)
        return f"{head}\r\n{audio}m={data}"

    def without_audio(self, text: str) -> str:
        head, _, data = text.split("\r\nm=")
        return re.sub("BUNDLE [^\r]*", "BUNDLE 0", head) + "\r\nm=" + data

    def works(self, channels: tuple[Channel, Channel]) -> bool:
        """Whether a message of each side arrives."""
        hands = self.hands
        there = hands.talk(hands.left, channels[0], "there")
        return (there, hands.talk(hands.right, channels[1], "back")) == (["there"], ["back"])


def test_data_flows_over_the_transport_of_an_idle_tag() -> None:
    """RFC 9429 §5.3.1: `use_srtp` is answered, too, since the media may come later."""
    between = Between()
    assert between.works(between.connect())
    transport = between.hands.right.core.transports.one
    assert transport is not None
    assert transport.dtls is not None
    assert isinstance(transport.dtls.srtp_profile, SrtpProfile)


def test_no_section_leaves_a_negotiated_bundle() -> None:
    """§7.3.3: re-offers of both sides, an ICE restart among them, and the channel goes on."""
    between = Between()
    channels = between.connect()
    for restart in (False, True, False):
        answer = between.offer_to_right(restart=restart)
        assert [media.rejected for media in answer.media] == [False, False]
        assert answer.media[0].direction == "inactive"
        assert answer.groups("BUNDLE")[0].mids == ("audio", "0")
        assert between.works(channels)
        offer = between.offer_to_left()
        assert [media.rejected for media in offer.media] == [False, False]
        assert offer.media[0].direction == "inactive"
        assert [each.payload_type for each in offer.media[0].codecs] == [109]
        assert offer.groups("BUNDLE")[0].mids == ("audio", "0")
        assert between.works(channels)


def test_a_tag_that_is_withdrawn_hands_its_transport_on() -> None:
    """§7.5.3: the next section is the tag; audio that comes back is a section like any other."""
    between = Between()
    channels = between.connect()
    answer = between.offer_to_right(port=0)
    assert [media.rejected for media in answer.media] == [True, False]
    assert answer.groups("BUNDLE")[0].mids == ("0",)
    assert between.works(channels)
    between.mid = "again"
    answer = between.offer_to_right()
    assert [media.mid for media in answer.media] == ["again", "0"]
    assert [media.rejected for media in answer.media] == [True, False]
    assert answer.groups("BUNDLE")[0].mids == ("0",)
    assert between.works(channels)


def test_candidates_of_the_tag_are_those_of_the_data() -> None:
    """RFC 9429 §4.1.19: trickled for the section whose transport they belong to."""
    between = Between()
    left, right = between.hands.left, between.hands.right
    channel = left.core.create_data_channel("", 0.0)
    offer = between.with_audio(left.core.create_offer().sdp)
    right.answer(RTCSessionDescription("offer", offer))
    between.hands.network.run(0.1)
    line = "candidate:1 1 udp 1 192.0.2.77 40009 typ host"
    for mid, address in (("audio", "192.0.2.77"), ("0", "192.0.2.78")):
        given = RTCIceCandidate(line.replace("192.0.2.77", address), mid)
        right.core.add_ice_candidate(given, right.now)
    assert right.core.transports.one is not None
    found = right.core.transports.one.ice.remote_candidates
    assert {each.address[0] for each in found} == {"192.0.2.77", "192.0.2.78"}
    told = [each.candidate for each in right.of(IceCandidateFound)]
    assert told[0] is not None
    assert told[0].sdp_mid == "audio"
    assert channel.state is ChannelState.CONNECTING


@pytest.mark.parametrize("kind", ["answer", "re-offer"])
def test_port_zero_with_bundle_only_is_accepted(kind: str) -> None:
    """RFC 8843 had it in answers and later offers, too."""
    hands = Hands()
    channels = hands.connect()

    def old(description: RTCSessionDescription) -> RTCSessionDescription:
        sdp = re.sub(r"m=application \d+", "m=application 0", description.sdp)
        return RTCSessionDescription(description.type, sdp + "a=bundle-only\r\n")

    offer = hands.left.offer()
    answer = hands.right.answer(old(offer) if kind == "re-offer" else offer)
    hands.left.accept(old(answer) if kind == "answer" else answer)
    assert hands.talk(hands.left, channels[0], "there") == ["there"]
    assert hands.left.core.data.negotiated
    assert hands.right.core.data.negotiated


def test_an_answer_that_copies_the_group_of_the_offer() -> None:
    """An echo of `a=group` is harmless: what is rejected is no tag."""
    hands = Hands()
    channels = hands.connect()
    offer = hands.right.offer()
    answer = hands.left.answer(offer)
    copied = answer.sdp.replace("BUNDLE 0", "BUNDLE 0 audio")
    with pytest.raises(InvalidAccessError, match="mid audio, which no section has"):
        hands.right.accept(RTCSessionDescription("answer", copied))
    hands.right.accept(answer)
    assert hands.talk(hands.left, channels[0], "there") == ["there"]
