"""MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and FINGERPRINT. RFC 8489 §14.5 to §14.7.

The functions work on encoded messages: all three cover the bytes before them, with a header
whose length already counts the attribute itself.
"""

import hmac
import struct
import zlib
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from webrtc.errors import InvalidAccessError
from webrtc.stun.codec import Opaque, Unsigned
from webrtc.stun.registry import AttributeType

HEADER_SIZE = 20
TLV = struct.Struct("!HH")  # type, length
SHA1_SIZE, SHA256_SIZE, FINGERPRINT_SIZE = 20, 32, 4

_LENGTH = struct.Struct("!H")
_FINGERPRINT = struct.Struct("!HHI")
_FINGERPRINT_XOR = 0x5354554E


class Integrity(Enum):
    """Which message authentication a sender adds."""

    SHA1 = "MESSAGE-INTEGRITY"
    SHA256 = "MESSAGE-INTEGRITY-SHA256"
    BOTH = "MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256"
    """For a first request, while it is unknown what the peer understands. RFC 8489 §9.1.2."""


@dataclass(frozen=True, slots=True, repr=False)
class MessageIntegrity(Opaque):
    """HMAC-SHA1 over the message before it."""

    type: ClassVar[int] = AttributeType.MESSAGE_INTEGRITY
    shortest: ClassVar[int] = SHA1_SIZE
    longest: ClassVar[int] = SHA1_SIZE


@dataclass(frozen=True, slots=True, repr=False)
class MessageIntegritySha256(Opaque):
    """HMAC-SHA256 over the message before it, of which a usage may allow to send a part."""

    type: ClassVar[int] = AttributeType.MESSAGE_INTEGRITY_SHA256
    shortest: ClassVar[int] = 16
    longest: ClassVar[int] = SHA256_SIZE


@dataclass(frozen=True, slots=True)
class Fingerprint(Unsigned):
    """CRC-32 over the message before it, to tell STUN from other protocols."""

    type: ClassVar[int] = AttributeType.FINGERPRINT


def append_integrity(message: bytearray, key: bytes) -> None:
    """Add MESSAGE-INTEGRITY."""
    _set_length(message, 4 + SHA1_SIZE)
    code = hmac.digest(key, message, "sha1")
    message += TLV.pack(AttributeType.MESSAGE_INTEGRITY, SHA1_SIZE)
    message += code


def append_integrity_sha256(message: bytearray, key: bytes, size: int = SHA256_SIZE) -> None:
    """Add MESSAGE-INTEGRITY-SHA256 of `size` bytes: 16 to 32 in steps of 4."""
    if size % 4 or not 16 <= size <= SHA256_SIZE:
        raise InvalidAccessError(f"MESSAGE-INTEGRITY-SHA256 of {size} bytes")
    _set_length(message, 4 + size)
    code = hmac.digest(key, message, "sha256")
    message += TLV.pack(AttributeType.MESSAGE_INTEGRITY_SHA256, size)
    message += code[:size]


def append_fingerprint(message: bytearray) -> None:
    """Add FINGERPRINT; nothing may follow it."""
    _set_length(message, 4 + FINGERPRINT_SIZE)
    checksum = zlib.crc32(message) ^ _FINGERPRINT_XOR
    message += _FINGERPRINT.pack(AttributeType.FINGERPRINT, FINGERPRINT_SIZE, checksum)


def check_integrity(raw: bytes, offset: int, key: bytes) -> bool:
    """Whether the MESSAGE-INTEGRITY that begins at `offset` of `raw` was made with `key`."""
    return _check(raw, offset, key, "sha1", SHA1_SIZE)


def check_integrity_sha256(raw: bytes, offset: int, key: bytes, shortest: int) -> bool:
    """As `check_integrity`, for a MESSAGE-INTEGRITY-SHA256 of at least `shortest` bytes."""
    return _check(raw, offset, key, "sha256", max(shortest, 16))


def check_fingerprint(raw: bytes, offset: int) -> bool:
    """Whether the FINGERPRINT that begins at `offset` of `raw` is right and ends it."""
    checksum = zlib.crc32(raw[:offset]) ^ _FINGERPRINT_XOR
    expected = _FINGERPRINT.pack(AttributeType.FINGERPRINT, FINGERPRINT_SIZE, checksum)
    return raw[offset:] == expected


def _check(raw: bytes, offset: int, key: bytes, digest: str, shortest: int) -> bool:
    size = TLV.unpack_from(raw, offset)[1]
    if size < shortest or size % 4:
        return False
    covered = bytearray(raw[:offset])
    _set_length(covered, 4 + size)
    code = hmac.digest(key, covered, digest)
    # A value longer than the digest is unequal to it: the slice has the length of the value.
    return hmac.compare_digest(code[:size], raw[offset + 4 : offset + 4 + size])


def _set_length(message: bytearray, more: int) -> None:
    """Let the header count an attribute of `more` bytes that is about to follow."""
    _LENGTH.pack_into(message, 2, len(message) - HEADER_SIZE + more)
