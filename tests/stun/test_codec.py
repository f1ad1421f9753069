import struct
from dataclasses import dataclass
from typing import ClassVar

import pytest

from webrtc.errors import DecodeError, InvalidAccessError
from webrtc.stun.codec import (
    Flag,
    Opaque,
    RawAttribute,
    Text,
    Unsigned,
    decode_text,
    encode_text,
    shorten,
)

ID = bytes(12)


@dataclass(frozen=True, slots=True)
class Short(Unsigned):
    layout: ClassVar[struct.Struct] = struct.Struct("!H2x")


@dataclass(frozen=True, slots=True, repr=False)
class Tag(Opaque):
    shortest: ClassVar[int] = 2
    longest: ClassVar[int] = 4


def test_number_has_exactly_the_size_of_its_layout() -> None:
    """STUN-26."""
    assert Short(0x1234).encode(ID) == b"\x12\x34\0\0"
    assert Short.decode(b"\x12\x34\xff\xff", ID) == Short(0x1234)
    for value in (b"", b"\x12\x34", b"\x12\x34\0\0\0"):
        with pytest.raises(DecodeError):
            Short.decode(value, ID)


def test_opaque_bytes_keep_within_their_limits() -> None:
    for value in (b"ab", b"abcd"):
        assert Tag.decode(value, ID).encode(ID) == value
    for value in (b"", b"a", b"abcde"):
        with pytest.raises(DecodeError):
            Tag.decode(value, ID)
    assert repr(Tag(b"\n")) == "Tag(b'\\n')"


def test_flag_has_no_value() -> None:
    assert Flag.decode(b"", ID) == Flag()
    assert Flag().encode(ID) == b""
    with pytest.raises(DecodeError):
        Flag.decode(b"\0", ID)


def test_text_limit_counts_bytes() -> None:
    """STUN-23: both ways; invalid UTF-8 is an error."""
    assert decode_text(encode_text("\u30de" * 254, 763), 763) == "\u30de" * 254
    with pytest.raises(InvalidAccessError):
        encode_text("\u30de" * 255, 763)
    with pytest.raises(DecodeError):
        decode_text(bytes(764), 763)
    with pytest.raises(DecodeError):
        Text.decode(b"\xc3\x28", ID)
    with pytest.raises(DecodeError):
        Text.decode(b"\xed\xa0\x80", ID)


def test_what_a_peer_wrote_is_shown_escaped_and_short() -> None:
    """X-10."""
    assert shorten("a\r\n\x1b[0m") == r"'a\r\n\x1b[0m'"
    assert shorten("x" * 201) == "'" + "x" * 200 + "'…(201)"
    assert repr(RawAttribute(0x8022, b"\n" * 300)).endswith("…(300))")
    assert repr(Text("\u2028")) == r"Text('\u2028')"
