"""The header that every RTCP packet begins with. RFC 3550 §6.4.1."""

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from webrtc.errors import DecodeError

SIZE: Final = 4
MAX_COUNT: Final = 31
_HEADER: Final = struct.Struct("!BBH")


class PacketType(IntEnum):
    """RFC 3550 §12.1, RFC 4585 §9, RFC 3611 §7."""

    SENDER_REPORT = 200
    RECEIVER_REPORT = 201
    SOURCE_DESCRIPTION = 202
    GOODBYE = 203
    APPLICATION = 204
    TRANSPORT_FEEDBACK = 205
    PAYLOAD_FEEDBACK = 206
    EXTENDED_REPORT = 207


class Part(NamedTuple):
    """One packet of a compound, not yet decoded."""

    packet_type: int
    items: int
    """Reports, chunks or sources in it; the message type of feedback. 5 bits."""
    body: bytes
    """What follows the header, without padding."""


def split(data: bytes) -> Iterator[Part]:
    """The packets of a compound, in order. Raises DecodeError where one is not whole.

    RFC 3550 §6.4.1 wants padding in the last alone, a multiple of 4 bytes of it, which libwebrtc's
    transport feedback does not keep to: any is taken.
    """
    position, end = 0, len(data)
    while position < end:
        if end - position < SIZE:
            raise DecodeError(f"{end - position} bytes behind the last RTCP packet")
        first, packet_type, words = _HEADER.unpack_from(data, position)
        if first >> 6 != 2:
            raise DecodeError(f"RTCP version {first >> 6}")
        start, position = position + SIZE, position + SIZE + 4 * words
        if position > end:
            raise DecodeError(f"RTCP packet of {SIZE + 4 * words} bytes, {end - start + SIZE} left")
        body = data[start:position]
        if first & 0x20:
            body = _without_padding(body)
        yield Part(packet_type, first & 0x1F, body)


def join(packet_type: int, count: int, body: bytes) -> bytes:
    """One packet. `body` is a multiple of 4 bytes, `count` at most 31. Raises ValueError."""
    if len(body) % 4 or not 0 <= count <= MAX_COUNT:
        raise ValueError(f"RTCP packet {packet_type} with {count} items in {len(body)} bytes")
    return _HEADER.pack(0x80 | count, packet_type, len(body) // 4) + body


def _without_padding(body: bytes) -> bytes:
    padding = body[-1] if body else 0
    if not 0 < padding <= len(body):
        raise DecodeError(f"{padding} bytes of RTCP padding in {len(body)}")
    return body[:-padding]
