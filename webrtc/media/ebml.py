"""Elements of EBML, as a writer needs them. RFC 8794."""

import struct
from typing import Final

UNKNOWN_SIZE: Final = b"\x01" + b"\xff" * 7
"""In eight bytes: the element goes on to the next of its level, or to the end. §6.2."""
VOID: Final = 0xEC
_DOUBLE: Final = struct.Struct("!d")


def element(id_: int, *parts: bytes) -> bytes:
    """An element with what it contains."""
    content = b"".join(parts)
    return identifier(id_) + size(len(content)) + content


def uint(id_: int, value: int) -> bytes:
    """An element with an unsigned integer, in as few bytes as it needs."""
    return element(id_, value.to_bytes((value.bit_length() + 7) // 8 or 1, "big"))


def double(id_: int, value: float) -> bytes:
    """An element with a floating point number of eight bytes."""
    return element(id_, _DOUBLE.pack(value))


def text(id_: int, value: str) -> bytes:
    """An element with a string."""
    return element(id_, value.encode())


def void(length: int) -> bytes:
    """An element of `length` bytes in all, at least 2, that says nothing. §11.3.2."""
    if length < 9:
        return element(VOID, bytes(length - 2))
    return identifier(VOID) + long_size(length - 9) + bytes(length - 9)


def identifier(id_: int) -> bytes:
    """An element id, which has its length marker in it."""
    return id_.to_bytes((id_.bit_length() + 7) // 8, "big")


def size(value: int) -> bytes:
    """The size of an element, in as few bytes as it needs. §4."""
    length = 1
    while value >= (1 << 7 * length) - 1:  # all bits set is the size that is not known
        length += 1
    return (value | 1 << 7 * length).to_bytes(length, "big")


def long_size(value: int) -> bytes:
    """The size of an element in eight bytes, to be put where `UNKNOWN_SIZE` was."""
    return (value | 1 << 56).to_bytes(8, "big")
