"""SACKs that come together, acted on once. RFC 9260 §3.3.4, §6.2.1."""

import struct
from collections.abc import Iterable
from typing import Final

from webrtc.errors import DecodeError

HEAD: Final = struct.Struct("!IIHH")
"""Cumulative TSN, receive window, numbers of gap blocks and of duplicates."""
_GAP: Final = struct.Struct("!HH")


class NewestSack:
    """The SACK that tells most of those that were read and not acted on."""

    __slots__ = ("advance", "gaps", "value", "waits", "window")

    def __init__(self) -> None:
        self.waits = False
        """There is one. The rest means nothing otherwise."""
        self.advance = 0
        """TSNs that it acknowledges cumulatively."""
        self.window = 0
        self.gaps = 0
        """Number of gap blocks."""
        self.value = b""
        """Of the chunk."""

    def blocks(self) -> Iterable[tuple[int, int]]:
        """The gap blocks."""
        return _GAP.iter_unpack(self.value[HEAD.size : HEAD.size + 4 * self.gaps])


def decode_head(value: bytes) -> tuple[int, int, int, int]:
    """What `HEAD` tells of a whole value of a SACK chunk."""
    if len(value) < HEAD.size:
        raise DecodeError(f"SACK of {len(value)} bytes")
    cumulative, window, gaps, duplicates = HEAD.unpack_from(value)
    if len(value) != HEAD.size + 4 * (gaps + duplicates):
        raise DecodeError(f"SACK of {len(value)} bytes with {gaps}+{duplicates} entries")
    return cumulative, window, gaps, duplicates
