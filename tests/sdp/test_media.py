"""One media description: what it says, and building one."""

import pytest

from tests.sdp.reading import AUDIO, DATA, one_media
from webrtc.errors import SdpError
from webrtc.ice.candidate import Candidate, CandidateType
from webrtc.rtp.header_values import TRANSPORT_CC
from webrtc.sdp.attributes import Direction, ExtMap, Setup
from webrtc.sdp.codecs import Codec
from webrtc.sdp.grammar import Attribute, Line
from webrtc.sdp.media import MAX_CANDIDATES, MediaDescription
from webrtc.sdp.sources import Msid

CANDIDATE = Candidate("1", 1, "udp", 2113929471, ("192.0.2.1", 5000), CandidateType.HOST)


def test_data_section_as_it_is_built() -> None:
    """SDP-03, SDP-18, SDP-20, SDP-23: the lines in the order they were added."""
    media = MediaDescription.data(sctp_port=5000, max_message_size=262144)
    media.set_ice_credentials("ufrg", "p" * 22).add("setup", Setup.ACTPASS).add("mid", "0")
    media.add_candidate(CANDIDATE).add("end-of-candidates")
    assert str(media).split("\r\n") == [
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=sctp-port:5000",
        "a=max-message-size:262144",
        "a=ice-ufrag:ufrg",
        f"a=ice-pwd:{'p' * 22}",
        "a=setup:actpass",
        "a=mid:0",
        "a=candidate:1 1 udp 2113929471 192.0.2.1 5000 typ host",
        "a=end-of-candidates",
        "",
    ]
    assert media.is_data
    assert (media.mid, media.setup, media.ice_ufrag) == ("0", Setup.ACTPASS, "ufrg")
    assert media.candidates == [CANDIDATE]
    assert media.set_ice_credentials("newu", "q" * 22).get_all("ice-ufrag") == ["newu"]


def test_rtp_section_as_it_is_built() -> None:
    """SDP-18, SDP-21, SDP-22, SDP-24, SDP-32."""
    opus = Codec(111, "opus", 48000, 2, "useinbandfec=1", ("nack",))
    media = MediaDescription.rtp("audio", [opus]).set_direction(Direction.SENDONLY)
    media.add_transport_cc(3).add_source(1234, "name", Msid("stream", "track")).add_source(5, "n")
    assert str(media).split("\r\n") == [
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=rtpmap:111 opus/48000/2",
        "a=rtcp-fb:111 nack",
        "a=fmtp:111 useinbandfec=1",
        "a=sendonly",
        f"a=extmap:3 {TRANSPORT_CC}",
        "a=rtcp-fb:111 transport-cc",
        "a=ssrc:1234 cname:name",
        "a=ssrc:1234 msid:stream track",
        "a=ssrc:5 cname:n",
        "",
    ]
    assert media.is_rtp and media.rtcp_mux and media.rtcp_rsize
    assert media.extmaps == [ExtMap(3, TRANSPORT_CC)]
    assert media.codecs[0].feedback == ("nack", "transport-cc")
    assert media.sources[0].msid == Msid("stream", "track")
    media.set_direction(Direction.INACTIVE)
    assert [line for line in media.attributes if line.name in set(Direction)] == [
        Attribute("inactive")
    ]


def test_media_line() -> None:
    """SDP-17, SDP-40."""
    media = one_media("i=title", name="m=video 49170/2 RTP/AVP 31 32\r\n")
    assert (media.kind, media.port, media.port_count) == ("video", 49170, 2)
    assert (media.protocol, media.formats) == ("RTP/AVP", ["31", "32"])
    assert media.information == "title"
    assert media.media_name == "video 49170/2 RTP/AVP 31 32"
    assert repr(media) == "<MediaDescription 'video 49170/2 RTP/AVP 31 32'>"
    media.port = 0
    assert media.rejected
    assert str(media).startswith("m=video 0/2 ")
    assert not media.add("bundle-only").rejected
    media.protocol = "x\r\na=evil"
    with pytest.raises(ValueError, match="CR, LF"):
        str(media)


@pytest.mark.parametrize(
    ("name", "rtp", "data"),
    [
        ("audio 9 UDP/TLS/RTP/SAVPF 0", True, False),
        ("video 9 RTP/SAVPF 96", True, False),
        ("video 9 TCP/DTLS/RTP/SAVPF 96", True, False),
        ("video 9 TCP/TLS/RTP/SAVP 96", True, False),
        ("audio 9 RTP/AVP 0", False, False),
        ("audio 9 RTP/AVPF 0", False, False),
        ("audio 9 UDP/DTLS/SCTP 0", False, False),
        ("application 9 UDP/DTLS/SCTP webrtc-datachannel", False, True),
        ("application 9 TCP/DTLS/SCTP webrtc-datachannel", False, True),
        ("application 9 DTLS/SCTP 5000", False, True),
        ("application 9 RTP/SAVPF 0", False, False),
        ("message 9 TCP/MSRP *", False, False),
    ],
)
def test_protocols(name: str, *, rtp: bool, data: bool) -> None:
    """S-08, SDP-44: only secure profiles count."""
    media = one_media(name=f"m={name}\r\n")
    assert (media.is_rtp, media.is_data) == (rtp, data)
    assert media.media_name == name


@pytest.mark.parametrize(
    ("lines", "port", "size"),
    [
        ([], None, 65536),
        (["a=sctp-port:5001", "a=max-message-size:100"], 5001, 100),
        (["a=sctp-port:5001", "a=sctp-port:5002", "a=max-message-size:0"], 5001, None),
        (["a=sctpmap:5003 webrtc-datachannel 1024"], 5003, 65536),
        (["a=sctpmap:junk", "a=sctpmap:5004 webrtc-datachannel"], 5004, 65536),
        (["a=sctpmap:0 x 1"], None, 65536),
    ],
)
def test_sctp_values(lines: list[str], port: int | None, size: int | None) -> None:
    """SDP-03, S-05, S-10."""
    media = one_media(*lines, name=DATA)
    assert (media.sctp_port, media.max_message_size) == (port, size)


@pytest.mark.parametrize(
    ("lines", "ptime", "maxptime", "rate"),
    [
        (["a=ptime:20", "a=maxptime:120", "a=framerate:29.97"], 20, 120, 29.97),
        (["a=ptime:0", "a=maxptime:-1", "a=framerate:0"], None, None, None),
        (["a=ptime:1000000000", "a=maxptime", "a=framerate:nan"], None, None, None),
        (["a=ptime:1.5", "a=maxptime:x", "a=framerate:1e308"], None, None, None),
        (["a=framerate:inf"], None, None, None),
        (["a=framerate:٣"], None, None, None),
        (["a=framerate:1001"], None, None, None),
        (["a=framerate:."], None, None, None),
    ],
)
def test_rates_that_make_no_sense_are_ignored(
    lines: list[str], ptime: int | None, maxptime: int | None, rate: float | None
) -> None:
    """S-09."""
    media = one_media(*lines)
    assert (media.packet_time, media.max_packet_time, media.frame_rate) == (ptime, maxptime, rate)


def test_malformed_media_attributes_are_ignored() -> None:
    """S-09, RFC 8851 §6.3, RFC 8853 §5.2: the connection goes on without them."""
    media = one_media(
        "a=rtpmap:111 opus/0",
        "a=extmap:0 urn:x",
        "a=extmap:5 urn:y",
        "a=msid:a b c",
        "a=rid:1",
        "a=rid:2 send",
        "a=rid:2 recv",
        "a=simulcast:send",
        "a=ssrc-group",
        "a=candidate:junk",
        "a=candidate:1 1 ssltcp 1 192.0.2.1 1 typ host",
        "a=candidate:1 1 udp 1 192.0.2.1 1 typ host",
    )
    assert media.codecs == []
    assert media.extmaps == [ExtMap(5, "urn:y")]
    assert (media.msids, media.simulcast, media.ssrc_groups) == ([], None, [])
    assert [str(rid) for rid in media.rids] == ["2 send"]
    assert len(media.candidates) == 1


def test_only_so_many_candidates_are_used() -> None:
    """S-02."""
    lines = [
        f"a=candidate:1 1 udp 1 192.0.2.1 {port} typ host" for port in range(MAX_CANDIDATES + 10)
    ]
    candidates = one_media(*lines).candidates
    assert [candidate.address[1] for candidate in candidates] == list(range(MAX_CANDIDATES))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "audio",
        "audio 9",
        "audio x RTP/SAVPF 0",
        "audio 65536 RTP/SAVPF 0",
        "audio 9/0 RTP/SAVPF 0",
        "audio 9/ RTP/SAVPF 0",
        "au(dio 9 RTP/SAVPF 0",
        " audio 9 RTP/SAVPF 0",
    ],
)
def test_malformed_media_lines_raise_sdp_error(name: str) -> None:
    """SDP-42."""
    with pytest.raises(SdpError):
        MediaDescription.parse_name(name)


def test_first_direction_counts() -> None:
    """S-05, SDP-34."""
    assert one_media("a=recvonly", "a=sendrecv").direction is Direction.RECVONLY
    assert one_media("a=inactive").direction is Direction.INACTIVE
    assert one_media().direction is None


def test_property_attributes() -> None:
    """SDP-32, SDP-33, SDP-35."""
    media = one_media("a=rtcp-mux", "a=rtcp-rsize", "a=extmap-allow-mixed", "a=tls-id:abc")
    assert media.rtcp_mux and media.rtcp_rsize and media.extmap_allow_mixed
    assert media.tls_id == "abc"
    plain = MediaDescription("audio", 9, "UDP/TLS/RTP/SAVPF", ["0"], [Line("b", "AS:1")])
    assert not (plain.rtcp_mux or plain.rtcp_rsize or plain.end_of_candidates)
    assert str(plain) == AUDIO.replace("111", "0") + "b=AS:1\r\n"
