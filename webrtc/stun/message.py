"""STUN messages. RFC 8489 §5, §14.

A decoded message keeps its attributes as they lay on the wire; one is decoded when it is asked for.
"""

import struct
from collections.abc import Container, Iterable
from random import Random
from typing import Final, Self, TypeVar

from webrtc.errors import DecodeError, InvalidAccessError
from webrtc.stun.attributes import BY_TYPE
from webrtc.stun.codec import Attribute, AttributeCodec, RawAttribute
from webrtc.stun.error import ErrorCode
from webrtc.stun.integrity import (
    HEADER_SIZE,
    SHA256_SIZE,
    TLV,
    Integrity,
    append_fingerprint,
    append_integrity,
    append_integrity_sha256,
    check_fingerprint,
    check_integrity,
    check_integrity_sha256,
)
from webrtc.stun.registry import (
    COMPREHENSION_OPTIONAL,
    MAGIC_COOKIE,
    PHRASES,
    AttributeType,
    Code,
    MessageClass,
    Method,
    message_type,
)

MAX_ATTRIBUTES = 64
"""More attributes than this are not decoded."""
MAX_UNKNOWN = 16
"""As many unknown attributes are reported to a peer."""

AttributeT = TypeVar("AttributeT", bound=AttributeCodec)

_HEADER = struct.Struct("!HHI12s")  # type, length, cookie, transaction ID
_COOKIE = MAGIC_COOKIE.to_bytes(4, "big")
_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")
_ENCODED_TYPES = {
    (method, message_class): message_type(method, message_class)
    for method in Method
    for message_class in MessageClass
}
_DECODED_TYPES = {number: kind for kind, number in _ENCODED_TYPES.items()}
_MAX_BODY = 0xFFFF - 68  # leaves room for all three attributes that authenticate
_INTEGRITY = int(AttributeType.MESSAGE_INTEGRITY)
_INTEGRITY_SHA256 = int(AttributeType.MESSAGE_INTEGRITY_SHA256)
_FINGERPRINT = int(AttributeType.FINGERPRINT)
_ACCEPTED_AFTER = {
    _INTEGRITY: frozenset({_INTEGRITY_SHA256, _FINGERPRINT}),
    _INTEGRITY_SHA256: frozenset({_FINGERPRINT}),
    _FINGERPRINT: frozenset[int](),
}


def is_stun(data: bytes) -> bool:
    """Whether `data` has the shape of a STUN message: leading zero bits, cookie, length."""
    return (
        len(data) >= HEADER_SIZE
        and data[0] <= 3
        and data[4:8] == _COOKIE
        and not data[3] & 3
        and (data[2] << 8 | data[3]) == len(data) - HEADER_SIZE
    )


class Message:
    """One STUN message; not to be changed after it is built.

    Equal messages say the same; how they are authenticated does not count.
    """

    __slots__ = ("_items", "_trailers", "message_class", "method", "raw", "transaction_id")

    def __init__(
        self,
        method: Method,
        message_class: MessageClass,
        transaction_id: bytes,
        attributes: Iterable[Attribute] = (),
        raw: bytes = b"",
    ) -> None:
        """Raises InvalidAccessError unless `transaction_id` has 12 bytes."""
        if len(transaction_id) != 12:
            raise InvalidAccessError(f"transaction ID of {len(transaction_id)} bytes")
        self.method: Final = method
        self.message_class: Final = message_class
        self.transaction_id: Final = transaction_id
        self.raw: Final = raw
        """The bytes that the message was decoded from; empty when it was built here."""
        self._items: Final = tuple(attributes)
        self._trailers: dict[int, int] = {}
        """Offset in `raw` of each attribute that authenticates the message, by its type."""

    @classmethod
    def request(cls, method: Method, attributes: Iterable[Attribute], random: Random) -> Self:
        """A request with a new transaction ID."""
        return cls(method, MessageClass.REQUEST, random.randbytes(12), attributes)

    @classmethod
    def indication(cls, method: Method, attributes: Iterable[Attribute], random: Random) -> Self:
        """An indication with a new transaction ID."""
        return cls(method, MessageClass.INDICATION, random.randbytes(12), attributes)

    def success(self, attributes: Iterable[Attribute] = ()) -> "Message":
        """The response that grants this request."""
        return Message(self.method, MessageClass.SUCCESS, self.transaction_id, attributes)

    def error(self, code: int, reason: str = "", attributes: Iterable[Attribute] = ()) -> "Message":
        """The response that refuses this request; `reason` defaults to that of the RFC."""
        error = ErrorCode(code, reason or PHRASES.get(code, ""))
        return Message(self.method, MessageClass.ERROR, self.transaction_id, (error, *attributes))

    def add(self, *attributes: Attribute) -> "Message":
        """A copy with `attributes` behind those it has."""
        return Message(
            self.method, self.message_class, self.transaction_id, (*self._items, *attributes)
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Decode one message that fills `data`. Raises DecodeError.

        Of what follows MESSAGE-INTEGRITY only MESSAGE-INTEGRITY-SHA256 and FINGERPRINT count,
        and nothing does that follows FINGERPRINT. RFC 8489 §14.5 to §14.7.
        """
        size = len(data)
        if size < HEADER_SIZE:
            raise DecodeError(f"STUN message of {size} bytes")
        number, length, cookie, transaction_id = _HEADER.unpack_from(data)
        if cookie != MAGIC_COOKIE:
            raise DecodeError(f"magic cookie {cookie:#010x}")
        if length != size - HEADER_SIZE or length & 3:
            raise DecodeError(f"STUN length {length} in {size} bytes")
        kind = _DECODED_TYPES.get(number)
        if kind is None:
            raise DecodeError(f"STUN message type {number:#06x}")
        trailers: dict[int, int] = {}
        message = cls(kind[0], kind[1], transaction_id, _walk(data, trailers), data)
        message._trailers = trailers
        return message

    def encode(
        self,
        *,
        key: bytes | None = None,
        fingerprint: bool = False,
        integrity: Integrity = Integrity.SHA1,
        sha256_size: int = SHA256_SIZE,
    ) -> bytes:
        """The bytes of the message, authenticated with `key` when there is one.

        `sha256_size` below 32 cuts MESSAGE-INTEGRITY-SHA256, where the usage allows that.
        """
        parts = [b""]
        transaction_id = self.transaction_id
        for attribute in self._items:
            value = attribute.encode(transaction_id)
            size = len(value)
            if size > _MAX_BODY:
                raise InvalidAccessError(f"attribute of {size} bytes")
            parts += (TLV.pack(attribute.type, size), value, _PADDING[size & 3])
        length = sum(map(len, parts))
        if length > _MAX_BODY:
            raise InvalidAccessError(f"attributes of {length} bytes")
        number = _ENCODED_TYPES[self.method, self.message_class]
        parts[0] = _HEADER.pack(number, length, MAGIC_COOKIE, transaction_id)
        encoded = bytearray().join(parts)
        if key is not None:
            if integrity is not Integrity.SHA256:
                append_integrity(encoded, key)
            if integrity is not Integrity.SHA1:
                append_integrity_sha256(encoded, key, sha256_size)
        if fingerprint:
            append_fingerprint(encoded)
        return bytes(encoded)

    def __bytes__(self) -> bytes:
        return self.encode()

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Attributes in their order, without those that authenticate a decoded message.

        Those of unknown type are RawAttribute. Raises DecodeError when a decoded message has a
        malformed one; `get` looks at no more than what is asked for.
        """
        return tuple(map(self._typed, self._items))

    def get(self, attribute_class: type[AttributeT]) -> AttributeT | None:
        """The first attribute of that class, or None. Raises DecodeError when it is malformed."""
        wanted = attribute_class.type
        for item in self._items:
            if item.type == wanted:
                return self._as(attribute_class, item)
        offset = self._trailers.get(wanted)
        if offset is None:
            return None
        size = TLV.unpack_from(self.raw, offset)[1]
        value = self.raw[offset + TLV.size : offset + TLV.size + size]
        return attribute_class.decode(value, self.transaction_id)

    def require(self, attribute_class: type[AttributeT]) -> AttributeT:
        """As `get`; raises DecodeError with code 400 when there is none."""
        attribute = self.get(attribute_class)
        if attribute is None:
            raise DecodeError(f"{attribute_class.__name__} is missing", Code.BAD_REQUEST)
        return attribute

    def get_all(self, attribute_class: type[AttributeT]) -> list[AttributeT]:
        """Every attribute of that class, in order. Raises DecodeError as `get` does."""
        wanted = attribute_class.type
        return [self._as(attribute_class, item) for item in self._items if item.type == wanted]

    def __contains__(self, attribute_class: type[AttributeCodec]) -> bool:
        wanted = attribute_class.type
        return wanted in self._trailers or any(item.type == wanted for item in self._items)

    def unknown_attributes(self, understood: Container[int] = BY_TYPE) -> tuple[int, ...]:
        """Types that must be understood and are not among `understood`: distinct, at most 16."""
        types = [item.type for item in self._items]
        found = [type_ for type_ in types if type_ not in understood]
        required = [type_ for type_ in found if type_ < COMPREHENSION_OPTIONAL]
        return tuple(dict.fromkeys(required))[:MAX_UNKNOWN]

    @property
    def integrity(self) -> Integrity | None:
        """Which message authentication a decoded message has, right or wrong."""
        if _INTEGRITY_SHA256 in self._trailers:
            return Integrity.BOTH if _INTEGRITY in self._trailers else Integrity.SHA256
        return Integrity.SHA1 if _INTEGRITY in self._trailers else None

    def verify(self, key: bytes, *, sha256_size: int = SHA256_SIZE) -> bool:
        """Whether a decoded message was made with `key`: False when it is not authenticated.

        The stronger attribute decides when both are there. `sha256_size` is the shortest
        MESSAGE-INTEGRITY-SHA256 to accept.
        """
        offset = self._trailers.get(_INTEGRITY_SHA256)
        if offset is not None:
            return check_integrity_sha256(self.raw, offset, key, sha256_size)
        offset = self._trailers.get(_INTEGRITY)
        return offset is not None and check_integrity(self.raw, offset, key)

    @property
    def fingerprint_ok(self) -> bool:
        """Whether a decoded message ends in a correct FINGERPRINT."""
        offset = self._trailers.get(_FINGERPRINT)
        return offset is not None and check_fingerprint(self.raw, offset)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self.transaction_id)

    def __repr__(self) -> str:
        shown = ", ".join(map(self._shown, self._items))
        kind = f"{self.method.name} {self.message_class.name}"
        return f"<{kind} {self.transaction_id.hex()} [{shown}]>"

    def _as(self, attribute_class: type[AttributeT], item: Attribute) -> AttributeT:
        if isinstance(item, attribute_class):
            return item
        return attribute_class.decode(item.encode(self.transaction_id), self.transaction_id)

    def _typed(self, item: Attribute) -> Attribute:
        attribute_class = BY_TYPE.get(item.type)
        if attribute_class is None or not isinstance(item, RawAttribute):
            return item
        return attribute_class.decode(item.value, self.transaction_id)

    def _shown(self, item: Attribute) -> str:
        try:
            return repr(self._typed(item))
        except DecodeError:
            return repr(item)

    def _content(self) -> tuple[object, ...]:
        items = [(item.type, item.encode(self.transaction_id)) for item in self._items]
        return self.method, self.message_class, self.transaction_id, items


def _walk(data: bytes, trailers: dict[int, int]) -> list[RawAttribute]:
    """Attributes of `data` that count; the offsets of those that authenticate go to `trailers`."""
    found: list[RawAttribute] = []
    position, size = HEADER_SIZE, len(data)
    accepted: frozenset[int] | None = None  # all types
    for _ in range(MAX_ATTRIBUTES + 1):
        if position == size:
            return found
        number, length = TLV.unpack_from(data, position)
        end = position + 4 + length
        if end > size:
            raise DecodeError(f"attribute {number:#06x} of {length} bytes is cut off")
        if accepted is None or number in accepted:
            if number in _ACCEPTED_AFTER:
                trailers[number] = position
                accepted = _ACCEPTED_AFTER[number]
            else:
                found.append(RawAttribute(number, data[position + 4 : end]))
        position = end + 3 & ~3
    raise DecodeError(f"more than {MAX_ATTRIBUTES} attributes")
