"""A description of the peer against itself and against the one before it."""

import pytest

from webrtc.errors import InvalidAccessError
from webrtc.jsep.checks import compare
from webrtc.sdp import SessionDescription

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


def parsed(text: str) -> SessionDescription:
    return SessionDescription.parse(HEAD + text)


def check(before: str | None, after: str, *, answer: bool = False) -> None:
    compare(parsed(after), parsed(before) if before is not None else None, answer=answer)


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
