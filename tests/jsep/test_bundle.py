"""Which sections share a transport."""

from webrtc.jsep.bundle import shares_transport
from webrtc.sdp import SessionDescription

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


def section(mid: str) -> str:
    return f"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:{mid}\r\na=rtcp-mux\r\n"


def test_bundled_sections_share_a_transport() -> None:
    text = section("0") + section("1") + section("2")
    description = SessionDescription.parse(HEAD + "a=group:BUNDLE 0 1\r\n" + text)
    assert shares_transport(description, 0, 1)
    assert shares_transport(description, 2, 2)
    assert not shares_transport(description, 0, 2)
