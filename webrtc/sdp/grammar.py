"""Lines, numbers and characters of a session description. RFC 8866 §5 and §9."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from webrtc.errors import SdpError

UINT64 = 2**64 - 1
UINT32 = 2**32 - 1

_UNSAFE = re.compile(r"[\0\r\n\ud800-\udfff]")
_UNSAFE_IN_LINES = re.compile(r"[\0\r\ud800-\udfff]")
_TOKEN = re.compile(r"[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+")
_TYPES = frozenset("vosiuepcbtrzkam")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a description may contain. One that exceeds a limit is an SdpError."""

    size: int = 1 << 20
    """Bytes of UTF-8."""
    lines: int = 32768
    media: int = 256
    formats: int = 256
    """Formats, thus codecs, of one m= line."""
    repeats: int = 4096
    """Lines in one section with the same attribute name."""


class Line(NamedTuple):
    """A line that is not an attribute, such as `c=IN IP4 0.0.0.0`."""

    type: str
    """One letter."""
    value: str

    def __str__(self) -> str:
        return f"{self.type}={self.value}"


class Attribute(NamedTuple):
    """An `a=` line: a property (`a=rtcp-mux`) when `value` is None, else `a=name:value`."""

    name: str
    value: str | None = None

    @property
    def type(self) -> str:
        """The letter of every attribute line."""
        return "a"

    def __str__(self) -> str:
        return f"a={self.name}" if self.value is None else f"a={self.name}:{self.value}"


def split_lines(text: str, limits: Limits) -> list[str]:
    """Cut a description at LF or CR LF, and at nothing else.

    A byte order mark in front and empty lines at the end are dropped: both come with text that was
    pasted. Raises SdpError for NUL, a lone CR, a surrogate, or a text over the limits.
    """
    if len(text) > limits.size:
        raise SdpError(f"description of {len(text)} characters, at most {limits.size} are accepted")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").rstrip("\n")
    if (count := text.count("\n") + 1) > limits.lines:
        raise SdpError(f"description of {count} lines, at most {limits.lines} are accepted")
    if unsafe := _UNSAFE_IN_LINES.search(text):
        number = text.count("\n", 0, unsafe.start()) + 1
        raise SdpError(f"forbidden character {unsafe[0]!r}", number)
    if not text.isascii() and (size := len(text.encode())) > limits.size:
        raise SdpError(f"description of {size} bytes, at most {limits.size} are accepted")
    return text.split("\n")


def split_line(text: str) -> tuple[str, str, str | None]:
    """Type, name (of an attribute) and value of one line; spaces at its end mean nothing.

    Raises SdpError for a type letter that RFC 8866 does not know.
    """
    kind, value = text[:1], text[2:].rstrip(" \t")
    if text[1:2] != "=" or kind not in _TYPES:
        raise SdpError(f"not a line of a description: {shorten(text)}")
    if kind != "a":
        return kind, "", value
    name, colon, value = value.partition(":")
    if not name:
        raise SdpError(f"attribute without a name: {shorten(text)}")
    return kind, name, value if colon else None


def to_line(text: str) -> Line | Attribute:
    """What one line says."""
    kind, name, value = split_line(text)
    return Attribute(name, value) if kind == "a" else Line(kind, value or "")


def parse_uint(text: str, maximum: int, what: str = "number", minimum: int = 0) -> int:
    """Read a decimal number of ASCII digits. Raises SdpError outside `minimum`…`maximum`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise SdpError(f"{what} is not a number: {shorten(text)}")
    number = int(text)
    if not minimum <= number <= maximum:
        raise SdpError(f"{what} {text} is outside {minimum}…{maximum}")
    return number


def parse_token(text: str, what: str = "token") -> str:
    """Return `text` when it is a token of RFC 8866 §9, else raise SdpError."""
    if not _TOKEN.fullmatch(text):
        raise SdpError(f"{what} is not a token: {shorten(text)}")
    return text


def split_words(text: str) -> list[str]:
    """Words between spaces; peers also write two spaces, or one at the end."""
    return [word for word in text.split(" ") if word]


def is_safe(text: str) -> bool:
    """Whether `text` may stand in a line: no CR, LF, NUL or surrogate."""
    return not _UNSAFE.search(text)


def require_safe(text: str) -> str:
    """Return `text`, or raise ValueError when it would break out of its line."""
    if _UNSAFE.search(text):
        raise ValueError(f"CR, LF, NUL or a surrogate in a line: {shorten(text)}")
    return text


def shorten(text: str) -> str:
    """`text` as it may appear in an error message: quoted and of bounded length."""
    return repr(text if len(text) <= 80 else text[:80] + "…")
