"""The examples of RFC 9429 §7 and RFC 4317."""

from webrtc.ice.candidate import CandidateType
from webrtc.sdp import Direction, Group, SessionDescription, Setup, parse_candidate
from webrtc.sdp.codecs import Codec
from webrtc.sdp.sources import Encoding, Msid, Rid

PRINT_A = (
    "19:E2:1C:3B:4B:9F:81:E6:B8:5C:F4:A5:A8:D8:73:04:"
    "BB:05:2F:70:9F:04:A9:0E:05:E9:26:33:E8:70:88:A2"
)
OFFER_A1 = f"""\
v=0
o=- 4962303333179871722 1 IN IP4 0.0.0.0
s=-
t=0 0
a=ice-options:trickle ice2
a=group:BUNDLE a1 v1
a=group:LS a1 v1
m=audio 10100 UDP/TLS/RTP/SAVPF 96 0 8 97 98
c=IN IP4 203.0.113.100
a=mid:a1
a=sendrecv
a=rtpmap:96 opus/48000/2
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:97 telephone-event/8000
a=rtpmap:98 telephone-event/48000
a=fmtp:97 0-15
a=fmtp:98 0-15
a=maxptime:120
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=msid:47017fee-b6c1-4162-929c-a25110252400
a=ice-ufrag:ETEn
a=ice-pwd:OtSK0WpNtpUjkY4+86js7ZQl
a=fingerprint:sha-256 {PRINT_A}
a=setup:actpass
a=tls-id:91bbf309c0990a6bec11e38ba2933cee
a=rtcp:10101 IN IP4 203.0.113.100
a=rtcp-mux
a=rtcp-rsize
a=candidate:1 1 udp 2113929471 203.0.113.100 10100 typ host
a=candidate:1 2 udp 2113929470 203.0.113.100 10101 typ host
a=end-of-candidates
m=video 10102 UDP/TLS/RTP/SAVPF 100 101 102 103
c=IN IP4 203.0.113.100
a=mid:v1
a=sendrecv
a=rtpmap:100 VP8/90000
a=rtpmap:101 H264/90000
a=fmtp:101 packetization-mode=1;profile-level-id=42e01f
a=rtpmap:102 rtx/90000
a=fmtp:102 apt=100
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=101
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=rtcp-fb:100 ccm fir
a=rtcp-fb:100 nack
a=rtcp-fb:100 nack pli
a=msid:47017fee-b6c1-4162-929c-a25110252400
a=ice-ufrag:BGKk
a=ice-pwd:mqyWsAjvtKwTGnvhPztQ9mIf
a=fingerprint:sha-256 {PRINT_A}
a=setup:actpass
a=tls-id:91bbf309c0990a6bec11e38ba2933cee
a=rtcp:10103 IN IP4 203.0.113.100
a=rtcp-mux
a=rtcp-rsize
a=candidate:1 1 udp 2113929471 203.0.113.100 10102 typ host
a=candidate:1 2 udp 2113929470 203.0.113.100 10103 typ host
a=end-of-candidates
"""
OFFER_B2_TAIL = """\
v=0
o=- 7729291447651054566 2 IN IP4 0.0.0.0
s=-
t=0 0
a=ice-options:trickle ice2
a=group:BUNDLE a1 d1 v1 v2
a=group:LS a1 v1
m=application 12200 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 192.0.2.200
a=mid:d1
a=sctp-port:5000
a=max-message-size:65536
m=video 12200 UDP/TLS/RTP/SAVPF 100 101 102 103 104
c=IN IP4 192.0.2.200
a=mid:v1
a=sendrecv
a=rtpmap:100 VP8/90000
a=rtpmap:101 H264/90000
a=fmtp:101 packetization-mode=1;profile-level-id=42e01f
a=rtpmap:102 rtx/90000
a=fmtp:102 apt=100
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=101
a=rtpmap:104 flexfec/90000
a=imageattr:100 recv [x=[48:1920],y=[48:1080],q=1.0]
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=rtcp-fb:100 ccm fir
a=rtcp-fb:100 nack
a=rtcp-fb:100 nack pli
a=msid:71317484-2ed4-49d7-9eb7-1414322a7aae
a=rid:1 send
a=rid:2 send
a=rid:3 send
a=simulcast:send 1;2;3
"""
RFC_4317_OFFER = """\
v=0
o=alice 2890844526 2890844526 IN IP4 host.atlanta.example.com
s=
c=IN IP4 host.atlanta.example.com
t=0 0
m=audio 49170 RTP/AVP 0 8 97
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:97 iLBC/8000
m=video 51372 RTP/AVP 31 32
a=rtpmap:31 H261/90000
a=rtpmap:32 MPV/90000
"""


def parse(text: str) -> SessionDescription:
    description = SessionDescription.parse(text)
    assert str(description) == text.replace("\n", "\r\n")
    return description


def test_jsep_simple_offer() -> None:
    """SDP-02, SDP-04, SDP-28: RFC 9429 §7.1, offer A1."""
    description = parse(OFFER_A1)
    audio, video = description.media
    assert description.groups() == [Group("BUNDLE", ("a1", "v1")), Group("LS", ("a1", "v1"))]
    assert description.ice_options(audio) == ("trickle", "ice2")
    assert description.setup(video) is Setup.ACTPASS
    assert description.tls_id(video) == "91bbf309c0990a6bec11e38ba2933cee"
    assert description.fingerprints(audio)[0].value == PRINT_A
    assert (audio.ice_ufrag, video.ice_ufrag) == ("ETEn", "BGKk")
    assert [candidate.component for candidate in audio.candidates] == [1, 2]
    assert audio.codecs[-1] == Codec(98, "telephone-event", 48000, fmtp="0-15")
    assert audio.max_packet_time == 120
    assert audio.msids == [Msid("47017fee-b6c1-4162-929c-a25110252400")]
    assert video.codec(103) == Codec(103, "rtx", 90000, fmtp="apt=101")


def test_jsep_simulcast_offer() -> None:
    """SDP-03, SDP-35: RFC 9429 §7.2, offer B2; bundled sections carry no transport attributes."""
    description = parse(OFFER_B2_TAIL)
    data, video = description.media
    assert description.ice_ufrag(data) is None
    assert (data.sctp_port, data.max_message_size) == (5000, 65536)
    assert video.rids == [Rid("1", "send"), Rid("2", "send"), Rid("3", "send")]
    simulcast = video.simulcast
    assert simulcast is not None
    assert simulcast.send == ((Encoding("1"),), (Encoding("2"),), (Encoding("3"),))
    assert video.get("imageattr") == "100 recv [x=[48:1920],y=[48:1080],q=1.0]"


def test_jsep_trickled_candidates() -> None:
    """ICETYP-12: RFC 9429 §7.2, candidates of offer B1."""
    reflexive = parse_candidate(
        "candidate:1 1 udp 1845494015 198.51.100.100 11100 typ srflx "
        "raddr 203.0.113.100 rport 10100"
    )
    assert reflexive.type is CandidateType.SERVER_REFLEXIVE
    assert reflexive.related_address == ("203.0.113.100", 10100)
    relayed = parse_candidate(
        "candidate:1 1 udp 255 192.0.2.100 12100 typ relay raddr 198.51.100.100 rport 11100"
    )
    assert (relayed.type, relayed.priority) == (CandidateType.RELAYED, 255)


def test_offer_before_webrtc() -> None:
    """SDP-01, S-08: RFC 4317 §2.1; it parses, and its plain RTP is not for us."""
    description = parse(RFC_4317_OFFER)
    audio, video = description.media
    assert description.session_name == ""
    assert description.origin.address == "host.atlanta.example.com"
    assert [codec.name for codec in audio.codecs + video.codecs] == [
        *("PCMU", "PCMA", "iLBC"),
        *("H261", "MPV"),
    ]
    assert not audio.is_rtp
    assert description.direction(audio) is Direction.SENDRECV
