import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import InvalidAccessError
from webrtc.stun.precis import opaque_string, saslprep


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("correct horse battery staple", "correct horse battery staple"),
        ("Correct Horse Battery Staple", "Correct Horse Battery Staple"),
        ("\u03c0\u00df\u00e5", "\u03c0\u00df\u00e5"),
        ("Jack of \u2666s", "Jack of \u2666s"),
        ("foo\u1680bar", "foo bar"),
        ("a\u00a0b\u3000c", "a b c"),
        ("e\u0301", "\u00e9"),
        ("\u212b", "\u00c5"),
        ("\uff21\u00aa\u2168", "\uff21\u00aa\u2168"),
        ("\u30de\u30c8\u30ea\u30c3\u30af\u30b9", "\u30de\u30c8\u30ea\u30c3\u30af\u30b9"),
        ("a\u00b7l\u00b7l"[2:], "l\u00b7l"),
        ("\u0375\u03b1", "\u0375\u03b1"),
        ("\u05d0\u05f3", "\u05d0\u05f3"),
        ("\u30fb\u30a2", "\u30fb\u30a2"),
        ("\u0915\u094d\u200d", "\u0915\u094d\u200d"),
        ("\u0661", "\u0661"),
        ("\u06f1", "\u06f1"),
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_opaque_string(text: str, prepared: str) -> None:
    """STUN-23: RFC 8265 §4.3 examples 15 to 19, and each rule once."""
    assert opaque_string(text) == prepared
    assert opaque_string(prepared) == prepared


@pytest.mark.parametrize(
    "text",
    [
        "",
        "my cat is a \tby",
        "a\x00",
        "\x7f",
        "\u00ad",
        "The\u00adM",
        "\u200b",
        "\u200d",
        "a\u200c",
        "\u1100",
        "\u0640",
        "\ue000",
        "\ud800",
        "\ufdd0",
        "\u0378",
        "\u2028",
        "\u00b7",
        "l\u00b7m",
        "\u0375a",
        "\u05f3",
        "\u30fb",
        "\u0661\u06f1",
        "\ufeff",
    ],
    ids=ascii,
)
def test_disallowed_string(text: str) -> None:
    """STUN-23: RFC 8264 §4.3.2, RFC 8265 §4.3 example 21 and 22."""
    with pytest.raises(InvalidAccessError):
        opaque_string(text)


@given(st.text(max_size=20))
def test_opaque_string_is_idempotent_or_refuses(text: str) -> None:
    try:
        prepared = opaque_string(text)
    except InvalidAccessError:
        return
    assert opaque_string(prepared) == prepared


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("The\u00adM\u00aatr\u2168", "TheMatrIX"),
        ("a\u00a0b", "a b"),
        ("", ""),
        ("\u0627\u0628", "\u0627\u0628"),
    ],
)
def test_saslprep(text: str, prepared: str) -> None:
    """STUN-23: RFC 4013 §3 and the password of RFC 5769 §2.4."""
    assert saslprep(text) == prepared


@pytest.mark.parametrize("text", ["\x07", "\u0627\u0031", "\u0627a\u0628", "\u0221", "\ue000"])
def test_saslprep_refuses(text: str) -> None:
    """STUN-23: RFC 4013 §3: prohibited, bidirectional, unassigned."""
    with pytest.raises(InvalidAccessError):
        saslprep(text)
