"""A description of the peer against itself and against the one before it."""

from pathlib import Path

import pytest

from tests.sdp_samples import FOLDER
from webrtc.errors import InvalidAccessError
from webrtc.jsep.checks import check_media, compare
from webrtc.jsep.media import MediaTerms, carries_media
from webrtc.jsep.remote import read_line
from webrtc.sdp import SessionDescription

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


def parsed(text: str) -> SessionDescription:
    return SessionDescription.parse(HEAD + text)


def check(before: str | None, after: str, *, answer: bool = False) -> None:
    compare(parsed(after), parsed(before) if before is not None else None, answer=answer)


PRINT = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "\r\n"
TRANSPORT = f"a=ice-ufrag:abcd\r\na=ice-pwd:{'p' * 22}\r\n{PRINT}a=setup:active\r\n"


def read(text: str, *, answered: bool = False) -> dict[int, MediaTerms]:
    """Check the media of a description; `answered` against itself under the usual protocol."""
    description = parsed(text)
    lines = [read_line(description, i, answer=True) for i in range(len(description.media))]
    offer = parsed(text.replace("RTP/AVP ", "UDP/TLS/RTP/SAVPF "))
    check_media(lines, offer if answered else None)
    return {line.index: line.media for line in lines}


def media(*lines: str, mid: str = "0", formats: str = "96") -> str:
    head = f"m=video 9 UDP/TLS/RTP/SAVPF {formats}\r\na=mid:{mid}\r\na=rtcp-mux\r\n{TRANSPORT}"
    return head + "".join(f"a={line}\r\n" for line in lines)


def named(kind: str, mid: str, port: int = 9) -> str:
    return f"m={kind} {port} UDP/TLS/RTP/SAVPF 0\r\na=mid:{mid}\r\na=rtcp-mux\r\n"


def test_sections_may_be_added_by_an_offer_only() -> None:
    """S-06, S-07."""
    one, two = named("audio", "0"), named("audio", "0") + named("video", "1")
    check(one, two)
    with pytest.raises(InvalidAccessError, match="2 media sections where there were 1"):
        check(one, two, answer=True)
    for answer in (False, True):
        with pytest.raises(InvalidAccessError, match="1 media sections where there were 2"):
            check(two, one, answer=answer)


@pytest.mark.parametrize("answer", [False, True])
def test_order_kind_and_mid_stay(answer: bool) -> None:
    """S-06."""
    before = named("audio", "0") + named("video", "1")
    check(before, before, answer=answer)
    with pytest.raises(InvalidAccessError, match="section 0 turned from audio to video"):
        check(before, named("video", "1") + named("audio", "0"), answer=answer)
    with pytest.raises(InvalidAccessError, match="section 1: mid x where 1 was"):
        check(before, named("audio", "0") + named("video", "x"), answer=answer)


def test_a_rejected_section_may_be_used_again_by_an_offer() -> None:
    """S-06: RFC 9429 §5.2.2."""
    before = named("audio", "0", port=0)
    check(before, named("video", "new"))
    with pytest.raises(InvalidAccessError, match="not offered"):
        check(before, named("audio", "0"), answer=True)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (named("audio", "0") + named("video", "0"), "two media sections with one mid"),
        ("a=group:BUNDLE 0 9\r\n" + named("audio", "0"), "mid 9, which no section has"),
        ("a=group:BUNDLE 0\r\na=group:BUNDLE 0\r\n" + named("audio", "0"), "two BUNDLE groups"),
        ("a=group:BUNDLE\r\n" * 65 + named("audio", "0"), "65 groups, at most 64 are accepted"),
        (
            named("audio", "0").replace("a=rtcp-mux\r\n", ""),
            "section 0 has no a=rtcp-mux: set the peer",
        ),
    ],
    ids=["mid", "unknown mid", "two groups", "many groups", "rtcp-mux"],
)
def test_descriptions_that_contradict_themselves(text: str, what: str) -> None:
    """S-05, S-06, CFG-04."""
    with pytest.raises(InvalidAccessError, match=what):
        check(None, text)


def test_rejected_and_insecure_sections_need_no_rtcp_mux() -> None:
    """S-08: they are rejected anyway."""
    check(None, named("audio", "0", port=0).replace("a=rtcp-mux\r\n", ""))
    check(None, "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n")


def test_the_tagged_section_speaks_of_rtcp_for_all_of_its_bundle() -> None:
    """RFC 9143 §9.3: other sections may be silent, but not where they are alone."""
    silent = named("video", "1").replace("a=rtcp-mux\r\n", "")
    check(None, "a=group:BUNDLE 0 1\r\n" + named("audio", "0") + silent)
    with pytest.raises(InvalidAccessError, match="section 1 has no a=rtcp-mux"):
        check(None, named("audio", "0") + silent)
    with pytest.raises(InvalidAccessError, match="section 0 has no a=rtcp-mux"):
        check(None, "a=group:BUNDLE 1\r\n" + silent)


def test_a_fingerprint_makes_rtcp_mux_needed_whatever_the_profile() -> None:
    """RFC 9429 §5.1.2: "RTP/AVP" then means DTLS-SRTP."""
    with pytest.raises(InvalidAccessError, match="rtcp-mux"):
        check(None, "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n" + PRINT)


@pytest.mark.parametrize("path", sorted(FOLDER.parent.glob("*/*.sdp")), ids=lambda path: path.stem)
def test_media_of_every_sample_are_good(path: Path) -> None:
    description = SessionDescription.parse(path.read_text())
    answer = "answer" in path.stem
    found = [i for i in range(len(description.media)) if carries_media(description, i)]
    if "no-setup" in path.stem:
        with pytest.raises(InvalidAccessError, match="no a=setup"):
            read_line(description, 0, answer=False)
        return
    check_media([read_line(description, i, answer=answer) for i in found], None)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (media("rtpmap:72 VP8/90000", formats="72"), "payload type 72, which RTCP has"),
        (
            media("rtpmap:96 VP8/90000", "rtpmap:97 rtx/90000", "fmtp:97 apt=98", formats="96 97"),
            "rtx of payload type 98",
        ),
        (media("rtpmap:96 VP8/90000", "simulcast:send q;h", "rid:q send"), "simulcast of h"),
        (media("rtpmap:96 VP8/90000", "simulcast:recv q", "rid:q send"), "simulcast of q"),
        (
            "a=group:BUNDLE 0 1\r\n"
            + media("rtpmap:96 VP8/90000")
            + media("rtpmap:96 VP9/90000", mid="1"),
            "payload type 96 of two codecs",
        ),
        (
            "a=group:BUNDLE 0 1\r\n" + media("extmap:1 a") + media("extmap:1 b", mid="1"),
            "id 1 of two header extensions",
        ),
    ],
    ids=["RTCP", "apt", "rid", "direction of a rid", "codecs collide", "extensions collide"],
)
def test_media_that_contradict_themselves(text: str, what: str) -> None:
    with pytest.raises(InvalidAccessError, match=what):
        read(text)


def test_sections_that_share_no_transport_have_numbers_of_their_own() -> None:
    """RFC 9143 §9.1 is about bundles."""
    assert len(read(media("rtpmap:96 VP8/90000") + media("rtpmap:96 VP9/90000", mid="1"))) == 2


def test_an_rtx_of_a_codec_that_is_unknown_or_of_nothing_is_no_error() -> None:
    lines = ["rtpmap:96 H263/90000", "rtpmap:97 rtx/90000", "fmtp:97 apt=96"]
    assert len(read(media(*lines, formats="96 97"))[0].codecs) == 2
    assert len(read(media("rtpmap:97 rtx/90000", formats="97"))[0].codecs) == 1


def test_an_answer_has_the_protocol_of_the_offer() -> None:
    read(media(), answered=True)
    with pytest.raises(InvalidAccessError, match="section 0: protocol RTP/AVP"):
        read(media().replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), answered=True)
