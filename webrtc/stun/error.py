"""ERROR-CODE and UNKNOWN-ATTRIBUTES. RFC 8489 §14.8, §14.13."""
# ruff: noqa: ARG002, ARG003 (all attributes share two signatures; few need the transaction ID)

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

from webrtc.errors import DecodeError, InvalidAccessError
from webrtc.stun.codec import decode_text, encode_text, shorten
from webrtc.stun.registry import AttributeType

REASON_LIMIT = 763

_CODE = struct.Struct("!2xBB")  # class, number


def decode_code(error_class: int, number: int) -> int:
    """Error code of its two parts; of the first only three bits count."""
    error_class &= 7
    if not 3 <= error_class <= 6 or number > 99:
        raise DecodeError(f"error class {error_class} with number {number}")
    return error_class * 100 + number


def encode_code(code: int) -> tuple[int, int]:
    """Inverse of `decode_code`. Raises InvalidAccessError for what is no error code."""
    if not 300 <= code <= 699:
        raise InvalidAccessError(f"error code {code}")
    return divmod(code, 100)


@dataclass(frozen=True, slots=True, repr=False)
class ErrorCode:
    """Why a request was refused."""

    type: ClassVar[int] = AttributeType.ERROR_CODE

    code: int
    """300 to 699."""
    reason: str = ""
    """For people; never to be interpreted."""

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        if len(value) < _CODE.size:
            raise DecodeError(f"ErrorCode of {len(value)} bytes")
        code = decode_code(*_CODE.unpack_from(value))
        return cls(code, decode_text(value[_CODE.size :], REASON_LIMIT))

    def encode(self, transaction_id: bytes) -> bytes:
        return _CODE.pack(*encode_code(self.code)) + encode_text(self.reason, REASON_LIMIT)

    def __repr__(self) -> str:
        return f"ErrorCode({self.code}, {shorten(self.reason)})"


@dataclass(frozen=True, slots=True)
class UnknownAttributes:
    """The attribute types that made a server answer 420."""

    type: ClassVar[int] = AttributeType.UNKNOWN_ATTRIBUTES

    types: tuple[int, ...]

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        if len(value) % 2:
            raise DecodeError(f"UnknownAttributes of {len(value)} bytes")
        return cls(struct.unpack(f"!{len(value) // 2}H", value))

    def encode(self, transaction_id: bytes) -> bytes:
        return struct.pack(f"!{len(self.types)}H", *self.types)
