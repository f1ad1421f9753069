"""Pages of Ogg. RFC 3533 §6."""

import struct
from collections.abc import Sequence
from typing import BinaryIO, Final, NamedTuple
from zlib import crc32

from webrtc.errors import DecodeError

CONTINUED, FIRST, LAST = 1, 2, 4
"""Bits of a page's header type."""
MAX_SEGMENTS: Final = 255
NO_GRANULE: Final = -1
"""The granule position of a page on which no packet ends."""
_HEADER: Final = struct.Struct("<4sBBqIIIB")
_CRC: Final = slice(22, 26)
_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Page(NamedTuple):
    """One page."""

    flags: int
    granule: int
    serial: int
    sequence: int
    packets: tuple[bytes, ...]
    """Or parts of such: the first if the page is continued, the last if it is not complete."""
    complete: bool = True
    """Whether the last packet ends on this page."""

    def encode(self) -> bytes:
        """The page with its checksum. Raises ValueError for more segments than it can have."""
        lacing = bytearray()
        for packet in self.packets:
            lacing += b"\xff" * (len(packet) // 255) + bytes((len(packet) % 255,))
        if not self.complete:
            lacing.pop()
        if len(lacing) > MAX_SEGMENTS:
            raise ValueError(f"an Ogg page of {len(lacing)} segments")
        header = bytearray(
            _HEADER.pack(
                b"OggS",
                0,
                self.flags,
                self.granule,
                self.serial,
                self.sequence & 0xFFFFFFFF,
                0,
                len(lacing),
            )
        )
        rest = bytes(lacing) + b"".join(self.packets)
        header[_CRC] = checksum(bytes(header) + rest)
        return bytes(header) + rest


def read_page(file: BinaryIO) -> Page | None:
    """The next page; None at the end of the file, or where it is cut off. Raises DecodeError."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    signature, version, flags, granule, serial, sequence, _, count = _HEADER.unpack(header)
    if signature != b"OggS" or version:
        raise DecodeError("not an Ogg page")
    lacing = file.read(count)
    body = file.read(sum(lacing))
    if len(lacing) < count or len(body) < sum(lacing):
        return None
    plain = header[: _CRC.start] + bytes(4) + header[_CRC.stop :]
    if checksum(plain + lacing + body) != header[_CRC]:
        raise DecodeError(f"Ogg page {sequence} with a wrong checksum")
    complete = not lacing or lacing[-1] < 255
    return Page(flags, granule, serial, sequence, _packets(lacing, body), complete)


def checksum(page: bytes) -> bytes:
    """Of a page whose own checksum is zero. RFC 3533 §6.

    The polynomial of CRC-32 with the highest bit first and no inversions: that of zlib between
    mirrors.
    """
    mirrored = crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return mirrored.to_bytes(4, "little").translate(_REVERSED)[::-1]


def _packets(lacing: Sequence[int], body: bytes) -> tuple[bytes, ...]:
    found: list[bytes] = []
    start = end = 0
    for length in lacing:
        end += length
        if length < 255:
            found.append(body[start:end])
            start = end
    if lacing and lacing[-1] == 255:
        found.append(body[start:])
    return tuple(found)
