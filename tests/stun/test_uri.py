import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import InvalidSyntaxError, WebRTCError
from webrtc.stun import ServerUri, parse_uri


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stun:example.org", ("stun", "example.org", 3478, "udp")),
        ("stuns:example.org", ("stuns", "example.org", 5349, "tcp")),
        ("stun:example.org:8000", ("stun", "example.org", 8000, "udp")),
        ("turn:example.org", ("turn", "example.org", 3478, "udp")),
        ("turns:example.org", ("turns", "example.org", 5349, "tcp")),
        ("turn:example.org:8000", ("turn", "example.org", 8000, "udp")),
        ("turn:example.org?transport=udp", ("turn", "example.org", 3478, "udp")),
        ("turn:example.org?transport=tcp", ("turn", "example.org", 3478, "tcp")),
        ("turns:example.org?transport=tcp", ("turns", "example.org", 5349, "tcp")),
        ("turns:example.org:443?transport=tcp", ("turns", "example.org", 443, "tcp")),
        ("turns:example.org?transport=udp", ("turns", "example.org", 5349, "udp")),
        ("STUN:Example.Org", ("stun", "Example.Org", 3478, "udp")),
        ("turn:192.0.2.1?TRANSPORT=TCP", ("turn", "192.0.2.1", 3478, "tcp")),
        ("stun:192.0.2.1:1", ("stun", "192.0.2.1", 1, "udp")),
        ("stun:[2001:db8::1]", ("stun", "2001:db8::1", 3478, "udp")),
        ("turn:[2001:DB8:0::1]:65535", ("turn", "2001:db8::1", 65535, "udp")),
        ("stun:example.org:", ("stun", "example.org", 3478, "udp")),
    ],
)
def test_valid_uri(text: str, expected: tuple[str, str, int, str]) -> None:
    """ICE-32: RFC 7064 §3, RFC 7065 §3 and App. A."""
    uri = parse_uri(text)
    assert (uri.scheme, uri.host, uri.port, uri.transport) == expected
    assert uri.secure == text.lower().startswith(("stuns", "turns"))
    assert uri.relay == text.lower().startswith("turn")
    assert parse_uri(str(uri)) == uri


@pytest.mark.parametrize(
    "text",
    [
        "",
        "stun",
        "stun:",
        "stun::3478",
        "http:example.org",
        "stun://example.org",
        "turn:user@example.org",
        "stun:example.org/path",
        "stun:example.org?transport=udp",
        "stuns:example.org?transport=tcp",
        "turn:example.org?transport=",
        "turn:example.org?foo=bar",
        "stun:example.org:0",
        "stun:example.org:65536",
        "stun:example.org:99999999999",
        "stun:example.org:-1",
        "stun:example.org:\u0663",
        "stun:2001:db8::1",
        "stun:[2001:db8::1",
        "stun:[]",
        "stun:[192.0.2.1]",
        "stun:[::1%eth0]x",
        "turn:192.0.2.256",
        "turn:192.0.2.1.5:99",
        "turn:.",
        "stun:exa mple.org",
        "stun:example.org\n",
        " stun:example.org",
        "stun:" + "a" * 2000,
    ],
)
def test_invalid_uri(text: str) -> None:
    """ICE-32, ICE-35, X-10: the message shows what was seen, shortened and escaped."""
    with pytest.raises(InvalidSyntaxError) as caught:
        parse_uri(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


def test_slashes_get_a_hint() -> None:
    with pytest.raises(InvalidSyntaxError, match="has no //"):
        parse_uri("turn://example.org")


def test_another_transport_is_no_transport() -> None:
    """ICE-32, ICE-35: the grammar of RFC 7065 allows extensions, browsers and we know of none."""
    with pytest.raises(InvalidSyntaxError, match="'sctp' is neither"):
        parse_uri("turn:example.org?transport=sctp")


@given(st.text(max_size=40), st.sampled_from(["", "stun:", "turns:", "turn:a?transport="]))
def test_any_text_gives_a_uri_or_a_declared_error(text: str, prefix: str) -> None:
    """X-01."""
    try:
        uri = parse_uri(prefix + text)
    except WebRTCError:
        return
    assert isinstance(uri, ServerUri)
    assert parse_uri(str(uri)) == uri
