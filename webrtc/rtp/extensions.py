"""The block of header extension elements, in its one-byte and its two-byte form. RFC 8285 §4."""

from collections.abc import Iterable, Iterator
from typing import Final

from webrtc.errors import DecodeError

ONE_BYTE: Final = 0xBEDE
TWO_BYTE: Final = 0x1000
"""The low four bits are "appbits", which no application here uses."""
_PROFILE_MASK: Final = 0xFFF0
_LAST_SHORT_ID: Final = 14
_STOP: Final = 15


def is_two_byte(profile: int) -> bool:
    """Whether that is a value of "defined by profile" for two-byte elements."""
    return profile & _PROFILE_MASK == TWO_BYTE


def decode_elements(profile: int, block: bytes) -> Iterator[tuple[int, bytes]]:
    """Id and value of each element; nothing for a block of another kind.

    Raises DecodeError when an element reaches beyond the block.
    """
    if profile == ONE_BYTE:
        return _decode_short(block)
    return _decode_long(block) if is_two_byte(profile) else iter(())


def find_element(profile: int, block: bytes, id_: int) -> int:
    """Where the value of an element begins in its block, or -1. Made for every packet."""
    position, end = 0, len(block)
    if profile == ONE_BYTE:
        while position < end:
            first = block[position]
            if not first:
                position += 1
                continue
            found = first >> 4
            behind = position + (first & 0x0F) + 2
            if found == id_:
                return position + 1 if behind <= end else -1
            if found == _STOP or not found:
                return -1
            position = behind
    elif is_two_byte(profile):
        while position + 1 < end:
            found = block[position]
            if not found:
                position += 1
                continue
            behind = position + 2 + block[position + 1]
            if found == id_:
                return position + 2 if behind <= end else -1
            position = behind
    return -1


def encode_elements(elements: Iterable[tuple[int, bytes]]) -> tuple[int, bytes]:
    """The profile and the padded block for elements, in the shortest form that takes them all.

    Raises ValueError for an id outside 1 to 255 or a value longer than 255 bytes.
    """
    elements = list(elements)
    for id_, value in elements:
        if not 1 <= id_ <= 0xFF or len(value) > 0xFF:
            raise ValueError(f"header extension {id_} of {len(value)} bytes")
    short = all(id_ <= _LAST_SHORT_ID and 1 <= len(value) <= 16 for id_, value in elements)
    block = bytearray()
    for id_, value in elements:
        block += bytes((id_ << 4 | len(value) - 1,)) if short else bytes((id_, len(value)))
        block += value
    block += bytes(-len(block) % 4)
    return ONE_BYTE if short else TWO_BYTE, bytes(block)


def _decode_short(block: bytes) -> Iterator[tuple[int, bytes]]:
    position, end = 0, len(block)
    while position < end:
        first = block[position]
        position += 1
        id_, length = first >> 4, (first & 0x0F) + 1
        if id_ == 0:
            if first:
                return  # RFC 8285 §4.2: an id 0 with a length ends the list
            continue
        if id_ == _STOP:
            return
        if position + length > end:
            raise DecodeError(f"header extension {id_} of {length} bytes, {end - position} left")
        yield id_, block[position : position + length]
        position += length


def _decode_long(block: bytes) -> Iterator[tuple[int, bytes]]:
    position, end = 0, len(block)
    while position < end:
        id_ = block[position]
        position += 1
        if id_ == 0:
            continue
        if position == end:
            raise DecodeError(f"header extension {id_} without a length")
        length = block[position]
        position += 1
        if position + length > end:
            raise DecodeError(f"header extension {id_} of {length} bytes, {end - position} left")
        yield id_, block[position : position + length]
        position += length
