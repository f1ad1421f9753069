"""The common header and its checksum, and the walk over a packet's chunks. RFC 9260 §3.1."""

import struct
from collections.abc import Iterable, Iterator
from typing import Final

from crc32c import crc32c

from webrtc.errors import DecodeError

HEADER_SIZE: Final = 12

_HEADER: Final = struct.Struct("!HHI")
_CHECKSUM: Final = struct.Struct("<I")  # the one little-endian field: RFC 9260 appendix A
CHUNK_HEADER: Final = struct.Struct("!BBH")
"""Type, flags, length. RFC 9260 §3.2."""

_NO_CHECKSUM: Final = b"\0\0\0\0"
_COOKIE_ECHO: Final = b"\x0a"


class Header:
    """Ports and tag of all packets in one direction, with the CRC of that constant prefix."""

    __slots__ = ("_prefix", "data", "tag", "takes_zero")

    def __init__(self, source_port: int, destination_port: int, tag: int) -> None:
        self.tag = tag
        self.takes_zero = False
        """`verifies` accepts a checksum of zero, but not under a COOKIE ECHO. RFC 9653 §5.3."""
        self.data = _HEADER.pack(source_port, destination_port, tag)
        self._prefix: int = crc32c(self.data + _NO_CHECKSUM)

    def seal(self, chunks: Iterable[bytes]) -> bytes:
        """One packet of encoded, padded chunks."""
        body = b"".join(chunks)
        return self.data + _CHECKSUM.pack(crc32c(body, self._prefix)) + body

    def seal_all(self, chunks: Iterable[bytes]) -> list[bytes]:
        """A packet for each of these chunks."""
        data, prefix = self.data, self._prefix
        return [data + _CHECKSUM.pack(crc32c(chunk, prefix)) + chunk for chunk in chunks]

    def verifies(self, packet: bytes) -> bool:
        """Whether the checksum of `packet`, which starts with this header, is right."""
        if len(packet) < HEADER_SIZE:
            return False
        (found,) = _CHECKSUM.unpack_from(packet, 8)
        if not found and self.takes_zero and packet[12:13] != _COOKIE_ECHO:
            return True
        return bool(found == crc32c(packet[HEADER_SIZE:], self._prefix))


class UncheckedHeader(Header):
    """Of packets that DTLS protects, to a peer that asks for no more than that. RFC 9653 §5.2."""

    __slots__ = ()

    def seal(self, chunks: Iterable[bytes]) -> bytes:
        """One packet of encoded, padded chunks, with a checksum of zero."""
        return b"".join((self.data, _NO_CHECKSUM, *chunks))

    def seal_all(self, chunks: Iterable[bytes]) -> list[bytes]:
        """A packet for each of these chunks."""
        head = self.data + _NO_CHECKSUM
        return [head + chunk for chunk in chunks]


def decode_header(packet: bytes, *, verified: bool = False) -> tuple[int, int, int]:
    """Source port, destination port and verification tag of a packet whose CRC is right."""
    if len(packet) < HEADER_SIZE + 4:
        raise DecodeError(f"packet of {len(packet)} bytes")
    source, destination, tag = _HEADER.unpack_from(packet)
    if not verified and packet[8:HEADER_SIZE] != checksum(packet):
        raise DecodeError("wrong CRC32c")
    return source, destination, tag


def checksum(packet: bytes) -> bytes:
    """The four checksum bytes that belong into `packet`."""
    prefix = crc32c(packet[:8] + _NO_CHECKSUM)
    return _CHECKSUM.pack(crc32c(packet[HEADER_SIZE:], prefix))


def walk(packet: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Type, flags, and start and end of the value of each chunk. RFC 9260 §3.2."""
    position, end = HEADER_SIZE, len(packet)
    while position + 4 <= end:
        kind, flags, length = CHUNK_HEADER.unpack_from(packet, position)
        stop = position + length
        if length < 4 or stop > end:
            raise DecodeError(f"chunk {kind} of length {length} with {end - position} bytes left")
        yield kind, flags, position + 4, stop
        position = stop + 3 & ~3


def encode_chunk(kind: int, flags: int, value: bytes) -> bytes:
    """A chunk with its header and padding."""
    return CHUNK_HEADER.pack(kind, flags, 4 + len(value)) + value + bytes(-len(value) & 3)
