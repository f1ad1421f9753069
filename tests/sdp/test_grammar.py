"""Lines and numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import SdpError
from webrtc.sdp.grammar import (
    Attribute,
    Limits,
    Line,
    is_safe,
    parse_token,
    parse_uint,
    require_safe,
    shorten,
    split_line,
    split_lines,
    split_words,
    to_line,
)

LIMITS = Limits()


@pytest.mark.parametrize(
    "trap", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\t"]
)
def test_only_lf_and_crlf_end_a_line(trap: str) -> None:
    """S-04."""
    assert split_lines(f"s=a{trap}b\r\nt=0 0\ni=c", LIMITS) == [f"s=a{trap}b", "t=0 0", "i=c"]


@pytest.mark.parametrize("bad", ["\0", "\r", "\udc80"])
def test_nul_lone_cr_and_surrogates_are_refused_with_their_line(bad: str) -> None:
    """S-04."""
    with pytest.raises(SdpError) as caught:
        split_lines(f"v=0\r\ns=a{bad}b\r\n", LIMITS)
    assert caught.value.sdp_line_number == 2


def test_byte_order_mark_and_empty_lines_at_the_end_are_dropped() -> None:
    """S-04."""
    assert split_lines("\ufeffv=0\r\ns=-\r\n\r\n\n", LIMITS) == ["v=0", "s=-"]


def test_size_counts_bytes_and_lines() -> None:
    """S-01."""
    assert split_lines("s=é\n", Limits(size=5)) == ["s=é"]
    with pytest.raises(SdpError, match="6 bytes, at most 4"):
        split_lines("s=éé", Limits(size=4))
    with pytest.raises(SdpError, match="6 characters, at most 5"):
        split_lines("s=abcd", Limits(size=5))
    assert len(split_lines("a=b\n" * 3, Limits(lines=3))) == 3
    with pytest.raises(SdpError, match="4 lines, at most 3"):
        split_lines("a=b\n" * 4, Limits(lines=3))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("c=IN IP4 0.0.0.0", Line("c", "IN IP4 0.0.0.0")),
        ("s=", Line("s", "")),
        ("a=rtcp-mux", Attribute("rtcp-mux")),
        ("a=mid:0", Attribute("mid", "0")),
        ("a=x:", Attribute("x", "")),
        ("a=x:a:b", Attribute("x", "a:b")),
    ],
)
def test_line_is_written_as_it_was_read(text: str, line: Line | Attribute) -> None:
    """SDP-40."""
    assert to_line(text) == line
    assert str(line) == text
    name = line.name if isinstance(line, Attribute) else ""
    assert split_line(text) == (line.type, name, line.value)


@pytest.mark.parametrize("text", ["", "a", "aa", "a=", "a=:x", "A=x", "x=1", " a=x", "é=1", "=v"])
def test_what_is_no_line_is_refused(text: str) -> None:
    """SDP-42: RFC 8866 §5 does not let a parser pass over a type it does not know."""
    with pytest.raises(SdpError):
        split_line(text)


@given(st.integers(0, 2**64 - 1))
def test_numbers(number: int) -> None:
    assert parse_uint(str(number), 2**64 - 1) == number


@pytest.mark.parametrize(
    "text", ["", "1_000", " 12 ", "+5", "-1", "٣٤", "²", "1.0", "0x1", "9" * 5000, "1\n"]
)
def test_numbers_python_would_take_are_refused(text: str) -> None:
    """S-04."""
    with pytest.raises(SdpError) as caught:
        parse_uint(text, 10**30)
    assert len(str(caught.value)) < 200


def test_numbers_outside_the_range_are_refused() -> None:
    assert parse_uint("0", 7) == 0
    assert parse_uint("7", 7, minimum=7) == 7
    with pytest.raises(SdpError, match="port 8 is outside 1…7"):
        parse_uint("8", 7, "port", minimum=1)
    with pytest.raises(SdpError, match="port 0 is outside 1…7"):
        parse_uint("0", 7, "port", minimum=1)


def test_tokens() -> None:
    assert parse_token("{a-1}!") == "{a-1}!"
    for text in ("", "a b", "a:b", "ä", "a\n", "(x)"):
        with pytest.raises(SdpError):
            parse_token(text)


def test_words_have_only_spaces_between() -> None:
    assert split_words(" a  b\u00a0c ") == ["a", "b\u00a0c"]


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\0b", "\ud900"])
def test_text_that_would_break_out_of_its_line(text: str) -> None:
    """S-13."""
    assert not is_safe(text)
    with pytest.raises(ValueError, match="CR, LF, NUL or a surrogate"):
        require_safe(text)
    assert require_safe("ä\u2028") == "ä\u2028"


def test_messages_quote_and_shorten() -> None:
    """X-10."""
    assert shorten("a\x1b[31m\r\n") == r"'a\x1b[31m\r\n'"
    assert len(shorten("x" * 50_000)) < 100
