"""Descriptions in words."""

import pytest

from tests.sdp_samples import OFFERS, sample
from webrtc.cli.explain import explain
from webrtc.errors import SdpError
from webrtc.sdp import SessionDescription

DATA = """v=0
o=- 7 3 IN IP4 127.0.0.1
s=-
t=0 0
a=ice-lite
a=group:BUNDLE 0
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=mid:0
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=ice-options:trickle
a=fingerprint:sha-256 {fingerprint}
a=setup:actpass
a=sctp-port:5000
a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host
a=candidate:2 1 udp 1694498815 203.0.113.1 6000 typ srflx raddr 192.0.2.1 rport 5000
""".format(fingerprint=":".join(["AB"] * 32)).replace("\n", "\r\n")

AUDIO = """v=0
o=- 7 3 IN IP4 127.0.0.1
s=-
t=0 0
m=audio 9 UDP/TLS/RTP/SAVPF 111 0
a=rtpmap:111 opus/48000/2
a=fmtp:111 useinbandfec=1
a=sendonly
a=end-of-candidates
m=video 0 UDP/TLS/RTP/SAVPF 96
""".replace("\n", "\r\n")


def test_section_for_data() -> None:
    assert list(explain(DATA, "offer")) == [
        "offer: session 7, version 3",
        "  bundle: 0",
        "  ICE lite: answers checks and sends none",
        "section 0: application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "  mid 0",
        "  ICE: ufrag abcd, options trickle",
        "  candidates: 1 host udp, 1 srflx udp",
        "    host udp 192.0.2.1 port 5000",
        "    srflx udp 203.0.113.1 port 6000",
        "  candidates may follow",
        f"  DTLS: setup actpass, certificate sha-256 {':'.join(['AB'] * 32)}",
        "  data channels: SCTP port 5000, largest message 65536 bytes",
    ]


def test_sections_for_media() -> None:
    assert list(explain(AUDIO)) == [
        "description: session 7, version 3",
        "section 0: audio 9 UDP/TLS/RTP/SAVPF 111 0",
        "  no mid",
        "  no more candidates",
        "  direction sendonly",
        "  codec 111: opus/48000/2 useinbandfec=1",
        "  codec 0: PCMU/8000",
        "section 1: video 0 UDP/TLS/RTP/SAVPF 96",
        "  rejected",
    ]


def test_password_is_not_shown() -> None:
    assert "0123456789" not in "\n".join(explain(DATA))


@pytest.mark.parametrize("name", OFFERS)
def test_offers_of_others_can_be_explained(name: str) -> None:
    text = sample(name)
    lines = list(explain(text, "offer"))
    assert len(lines) > len(SessionDescription.parse(text).media) * 2


def test_what_is_none_is_an_error() -> None:
    with pytest.raises(SdpError):
        list(explain("v=0\r\nnonsense"))
