"""What every STUN attribute has in common, and the few shapes that most of them share."""
# ruff: noqa: ARG002, ARG003 (all attributes share two signatures; few need the transaction ID)

import struct
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol, Self

from webrtc.errors import DecodeError, InvalidAccessError

MAX_SHOWN = 200
"""Characters or bytes of a peer's text that a `repr` shows."""


class Attribute(Protocol):
    """A value that a message carries."""

    @property
    def type(self) -> int:
        """Attribute type. RFC 8489 §18.3."""

    def encode(self, transaction_id: bytes) -> bytes:
        """The value without padding. `transaction_id` is that of the message, 12 bytes."""


class AttributeCodec(Protocol):
    """An attribute class. Whatever has this shape can be sent and asked for with `Message.get`."""

    type: ClassVar[int]

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        """Inverse of `encode`. Raises DecodeError, nothing else."""

    def encode(self, transaction_id: bytes) -> bytes:
        """As `Attribute.encode`."""


class RawAttribute(NamedTuple):
    """An attribute as it lies on the wire; the form in which unknown ones are kept."""

    type: int
    value: bytes

    def encode(self, transaction_id: bytes) -> bytes:
        return self.value

    def __repr__(self) -> str:
        return f"RawAttribute(type={self.type:#06x}, value={shorten(self.value)})"


def shorten(text: str | bytes) -> str:
    """Escaped form of what a peer wrote, fit for a log: no control characters, bounded length."""
    if len(text) <= MAX_SHOWN:
        return repr(text)
    return f"{text[:MAX_SHOWN]!r}…({len(text)})"


def encode_text(text: str, limit: int) -> bytes:
    """UTF-8 of `text`. Raises InvalidAccessError beyond `limit` bytes."""
    value = text.encode()
    if len(value) > limit:
        raise InvalidAccessError(f"{len(value)} bytes of text, {limit} are allowed")
    return value


def decode_text(value: bytes, limit: int) -> str:
    """Inverse of `encode_text`."""
    if len(value) > limit:
        raise DecodeError(f"{len(value)} bytes of text, {limit} are allowed")
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise DecodeError(f"text attribute is not UTF-8: {error.reason}") from None


@dataclass(frozen=True, slots=True, repr=False)
class Text:
    """UTF-8 text of at most `limit` bytes."""

    limit: ClassVar[int] = 763  # RFC 8489 §14.9, §14.10, §14.14

    value: str

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        return cls(decode_text(value, cls.limit))

    def encode(self, transaction_id: bytes) -> bytes:
        return encode_text(self.value, self.limit)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({shorten(self.value)})"


@dataclass(frozen=True, slots=True)
class Flag:
    """An attribute without a value: its presence says all."""

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        if value:
            raise DecodeError(f"{cls.__name__} with {len(value)} bytes")
        return cls()

    def encode(self, transaction_id: bytes) -> bytes:
        return b""


@dataclass(frozen=True, slots=True, repr=False)
class Opaque:
    """Bytes that mean nothing to STUN, between `shortest` and `longest` of them."""

    shortest: ClassVar[int] = 0
    longest: ClassVar[int] = 0xFFFF

    value: bytes

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        if not cls.shortest <= len(value) <= cls.longest:
            raise DecodeError(f"{cls.__name__} of {len(value)} bytes")
        return cls(value)

    def encode(self, transaction_id: bytes) -> bytes:
        return self.value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({shorten(self.value)})"


@dataclass(frozen=True, slots=True)
class Unsigned:
    """One unsigned number, possibly with reserved bytes behind it, laid out as `layout` says."""

    layout: ClassVar[struct.Struct] = struct.Struct("!I")

    value: int

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        if len(value) != cls.layout.size:
            raise DecodeError(f"{cls.__name__} of {len(value)} bytes")
        return cls(cls.layout.unpack(value)[0])

    def encode(self, transaction_id: bytes) -> bytes:
        return self.layout.pack(self.value)
