"""Attributes that negotiate how a long-term credential is used. RFC 8489 §14.4, §14.11, §14.12."""
# ruff: noqa: ARG002, ARG003 (all attributes share two signatures; few need the transaction ID)

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from webrtc.errors import DecodeError
from webrtc.stun.codec import Opaque
from webrtc.stun.registry import AttributeType

MD5, SHA256 = 1, 2
"""Password algorithms, i.e. how a key is made of a password. RFC 8489 §18.5."""

_ALGORITHM = struct.Struct("!HH")  # number, length of its parameters


@dataclass(frozen=True, slots=True, repr=False)
class Userhash(Opaque):
    """SHA-256 of user name and realm, in place of USERNAME."""

    type: ClassVar[int] = AttributeType.USERHASH
    shortest: ClassVar[int] = 32
    longest: ClassVar[int] = 32


@dataclass(frozen=True, slots=True)
class PasswordAlgorithm:
    """The algorithm that the sender used: `MD5`, `SHA256` or one that is unknown here."""

    type: ClassVar[int] = AttributeType.PASSWORD_ALGORITHM

    algorithm: int
    parameters: bytes = b""

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        found = list(_walk(value))
        if len(found) != 1:
            raise DecodeError(f"PasswordAlgorithm with {len(found)} algorithms")
        return cls(*found[0])

    def encode(self, transaction_id: bytes) -> bytes:
        return _padded(self.algorithm, self.parameters)


@dataclass(frozen=True, slots=True)
class PasswordAlgorithms:
    """What a server accepts, best first; a client sends it back as it came."""

    type: ClassVar[int] = AttributeType.PASSWORD_ALGORITHMS

    algorithms: tuple[PasswordAlgorithm, ...]

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        return cls(tuple(PasswordAlgorithm(*found) for found in _walk(value)))

    def encode(self, transaction_id: bytes) -> bytes:
        return b"".join(one.encode(transaction_id) for one in self.algorithms)


def _padded(algorithm: int, parameters: bytes) -> bytes:
    padding = bytes(-len(parameters) % 4)
    return _ALGORITHM.pack(algorithm, len(parameters)) + parameters + padding


def _walk(value: bytes) -> Iterator[tuple[int, bytes]]:
    position, end = 0, len(value)
    while position < end:
        if end - position < _ALGORITHM.size:
            raise DecodeError("password algorithm is cut off")
        algorithm, size = _ALGORITHM.unpack_from(value, position)
        position += _ALGORITHM.size
        if size > end - position:
            raise DecodeError(f"password algorithm with {size} bytes of parameters")
        yield algorithm, value[position : position + size]
        position += size + -size % 4
