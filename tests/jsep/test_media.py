"""What a section says of media: read, and written."""

from pathlib import Path

import pytest

from tests.sdp_samples import FOLDER
from webrtc.jsep.media import MediaSource, MediaTerms, read_media, write_media
from webrtc.sdp import Direction, SessionDescription
from webrtc.sdp.attributes import ExtMap
from webrtc.sdp.codecs import Codec
from webrtc.sdp.sources import Encoding, Msid, Rid, Simulcast, SsrcGroup

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
FILES = sorted(FOLDER.parent.glob("*/*.sdp"))

FULL = MediaTerms(
    kind="video",
    direction=Direction.SENDONLY,
    codecs=(Codec(96, "VP8", 90000, None, "", ("nack",)),),
    protocol="UDP/TLS/RTP/SAVP",
    extensions=(ExtMap(1, "uri:a", Direction.SENDONLY),),
    msids=(Msid("stream"), Msid("other")),
    sources=(MediaSource(1, "cname"), MediaSource(2, "cname")),
    groups=(SsrcGroup("FID", (1, 2)),),
    rids=(Rid("q", "send"), Rid("f", "send", (96,))),
    simulcast=Simulcast(((Encoding("q"),), (Encoding("f"),))),
    bandwidth=2_500_000,
    max_packet_time=120,
    mux_only=True,
    reduced_size=True,
    receiver_times=True,
    mixed=True,
    cryptex=True,
)


def read(*lines: str, session: str = "") -> MediaTerms:
    text = HEAD + session + AUDIO + "".join(f"{line}\r\n" for line in lines)
    description = SessionDescription.parse(text)
    return read_media(description, description.media[0])


def test_a_section_line_for_line() -> None:
    """JSEP: RFC 9429 §5.2.1, RFC 8866 §5 for the order of b= and a=."""
    assert str(write_media(FULL)).split("\r\n") == [
        "m=video 9 UDP/TLS/RTP/SAVP 96",
        "c=IN IP4 0.0.0.0",
        "b=TIAS:2500000",
        "a=sendonly",
        "a=msid:stream",
        "a=msid:other",
        "a=rtcp-mux",
        "a=rtcp-mux-only",
        "a=rtcp-rsize",
        "a=cryptex",
        "a=rtcp-xr:rcvr-rtt=all",
        "a=maxptime:120",
        "a=rtpmap:96 VP8/90000",
        "a=rtcp-fb:96 nack",
        "a=extmap:1/sendonly uri:a",
        "a=rid:q send",
        "a=rid:f send pt=96",
        "a=simulcast:send q;f",
        "a=ssrc-group:FID 1 2",
        "a=ssrc:1 cname:cname",
        "a=ssrc:2 cname:cname",
        "",
    ]


@pytest.mark.parametrize("terms", [FULL, MediaTerms("audio", Direction.INACTIVE, ())])
def test_what_is_written_is_read(terms: MediaTerms) -> None:
    description = SessionDescription([], [write_media(terms)])
    if terms.mixed:
        description.add("extmap-allow-mixed")  # which is said once for all sections
    parsed = SessionDescription.parse(HEAD.rstrip() + "\r\n" + str(description).lstrip())
    assert read_media(parsed, parsed.media[0]) == terms


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_others_wrote_is_read_and_means_the_same_when_written(path: Path) -> None:
    description = SessionDescription.parse(path.read_text())
    for media in description.media:
        if not media.is_rtp:
            continue
        terms = read_media(description, media)
        again = write_media(terms)
        if terms.mixed:
            again.add("extmap-allow-mixed")
        assert read_media(SessionDescription([], [again]), again) == terms


def test_the_session_speaks_for_sections_that_are_silent() -> None:
    """Odd offers: no direction at all is sendrecv."""
    assert read().direction is Direction.SENDRECV
    assert read(session="a=recvonly\r\n").direction is Direction.RECVONLY
    assert read("a=sendonly", session="a=recvonly\r\n").direction is Direction.SENDONLY
    terms = read(
        session="a=extmap:1 uri:a\r\na=extmap-allow-mixed\r\na=cryptex\r\na=rtcp-rsize\r\n"
    )
    assert terms.extensions == (ExtMap(1, "uri:a"),)
    assert (terms.mixed, terms.cryptex, terms.reduced_size) == (True, True, True)


@pytest.mark.parametrize(
    ("lines", "streams"),
    [
        (["a=msid:a", "a=msid:b x"], ("a", "b")),
        (["a=msid:a x", "a=msid:a y"], ("a",)),
        (["a=msid:- x"], ()),
        (["a=msid:-", "a=msid:a"], ("a",)),
        ([], None),
        (["a=ssrc:1 msid:a x"], ("a",)),
        (["a=ssrc:1 msid:a x", "a=ssrc:2 msid:b y"], ("a",)),
        (["a=ssrc:1 msid:- x"], ()),
        (["a=ssrc:1 cname:x"], None),
        (["a=msid:a", "a=ssrc:1 msid:b x"], ("a",)),
    ],
    ids=[
        "several",
        "twice",
        "none",
        "none and one",
        "silent",
        "of a source",
        "Plan B: the first",
        "of a source: none",
        "silent source",
        "section before source",
    ],
)
def test_streams_of_a_track(lines: list[str], streams: tuple[str, ...] | None) -> None:
    """Trap 40: None stands for the one default stream of a connection, "-" for no stream."""
    assert read(*lines).stream_ids == streams


@pytest.mark.parametrize(
    ("lines", "bits"),
    [
        ([], None),
        (["b=TIAS:64000"], 64000),
        (["b=AS:80"], 60000),
        (["b=AS:80", "b=TIAS:50000"], 50000),
        (["b=AS:1"], 0),
        (["b=CT:80", "b=RS:1"], None),
        (["b=TIAS:1", "b=TIAS:2"], 1),
    ],
)
def test_bandwidth(lines: list[str], bits: int | None) -> None:
    """RFC 9429 §5.9: TIAS, else what AS leaves without headers."""
    assert read(*lines).bandwidth == bits


def test_bandwidth_of_the_session_is_not_that_of_a_section() -> None:
    assert read(session="b=AS:100\r\n").bandwidth is None


def test_sources_and_their_retransmissions() -> None:
    terms = read(
        "a=ssrc-group:FID 1 2",
        "a=ssrc-group:SIM 1 3",
        "a=ssrc-group:FID 9",
        "a=ssrc:1 cname:x",
        "a=ssrc:2 cname:x",
        "a=ssrc:99999999999 cname:x",
    )
    assert [(each.ssrc, each.cname) for each in terms.sources] == [(1, "x"), (2, "x")]
    assert terms.repairs == {1: 2}


def test_what_is_malformed_is_left_out() -> None:
    terms = read("a=msid:", "a=ssrc:x y", "a=rid:!", "a=simulcast:", "a=extmap:0 x", "b=TIAS:x")
    assert terms == read()


def test_extended_reports() -> None:
    assert read("a=rtcp-xr:pkt-loss-rle rcvr-rtt=all:10000").receiver_times
    assert not read("a=rtcp-xr").receiver_times
