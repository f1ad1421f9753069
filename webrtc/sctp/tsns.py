"""Which TSNs were received: the cumulative one, the gap blocks, the duplicates. RFC 9260 §6.2."""

import struct
from bisect import bisect_right
from typing import Final

from webrtc.sctp.chunks import ChunkType

MAX_DUPLICATES: Final = 20
"""Duplicates reported in one SACK; more are not remembered."""

SACK_SIZE: Final = 16
"""Bytes of a SACK without gaps and duplicates."""

_NO_LIMIT: Final = 0xFFFF
_BEYOND: Final = 1 << 62  # of every TSN
_KIND: Final = int(ChunkType.SACK)
_MASK: Final = 0xFFFF_FFFF
_SACK: Final = struct.Struct("!BBHIIHH")
_GAP: Final = struct.Struct("!HH")
_TSN: Final = struct.Struct("!I")


class ReceivedTsns:
    """Received TSNs as integers that do not wrap."""

    def __init__(self, first: int) -> None:
        self.cumulative = first - 1
        self.gaps: list[list[int]] = []
        """First and last TSN of each block beyond the cumulative one, ascending."""
        self.duplicates: list[int] = []

    @property
    def highest(self) -> int:
        """The highest TSN received."""
        return self.gaps[-1][1] if self.gaps else self.cumulative

    def unwrap(self, wire: int) -> int:
        """The TSN nearest to the cumulative one that has those 32 bits."""
        ahead = wire - self.cumulative & _MASK
        return self.cumulative + (ahead if ahead < 0x8000_0000 else ahead - 0x1_0000_0000)

    def has(self, tsn: int) -> bool:
        """Whether `tsn` was received or skipped."""
        if tsn <= self.cumulative:
            return True
        index = bisect_right(self.gaps, [tsn, _BEYOND]) - 1
        return index >= 0 and tsn <= self.gaps[index][1]

    def duplicate(self, tsn: int) -> None:
        """Remember to report `tsn`."""
        if len(self.duplicates) < MAX_DUPLICATES:
            self.duplicates.append(tsn & _MASK)

    def add(self, tsn: int) -> None:
        """Record a TSN that `has` does not know."""
        gaps = self.gaps
        if tsn == self.cumulative + 1:
            self.cumulative = tsn
            self._absorb()
        elif not gaps or tsn > gaps[-1][1] + 1:
            gaps.append([tsn, tsn])
        elif tsn == gaps[-1][1] + 1:
            gaps[-1][1] = tsn
        else:
            self._insert(tsn)

    def forward(self, tsn: int) -> list[list[int]]:
        """Take all up to `tsn`, beyond the cumulative TSN, for received.

        Returns the first and last TSNs of what really was.
        """
        self.cumulative = tsn
        return self._absorb()

    def encode(self, window: int, room: int, max_gaps: int = _NO_LIMIT) -> bytes:
        """The SACK chunk, of at most `room` bytes; the duplicates in it are then forgotten."""
        if not self.gaps and not self.duplicates:
            return _SACK.pack(_KIND, 0, SACK_SIZE, self.cumulative & _MASK, window, 0, 0)
        limit = (room - SACK_SIZE) // 4
        duplicates, self.duplicates = self.duplicates[:limit], self.duplicates[limit:]
        limit -= len(duplicates)
        base = self.cumulative
        blocks = [
            _GAP.pack(first - base, last - base)
            for first, last in self.gaps[: limit if limit < max_gaps else max_gaps]
            if last - base <= 0xFFFF
        ]
        length = SACK_SIZE + 4 * (len(blocks) + len(duplicates))
        head = _SACK.pack(_KIND, 0, length, base & _MASK, window, len(blocks), len(duplicates))
        return head + b"".join(blocks) + b"".join([_TSN.pack(tsn) for tsn in duplicates])

    def _insert(self, tsn: int) -> None:
        gaps = self.gaps
        index = bisect_right(gaps, [tsn, _BEYOND])
        before = gaps[index - 1] if index else None
        after = gaps[index]
        joins = after[0] == tsn + 1
        if before is not None and before[1] == tsn - 1:
            before[1] = after[1] if joins else tsn
            if joins:
                del gaps[index]
        elif joins:
            after[0] = tsn
        else:
            gaps.insert(index, [tsn, tsn])

    def _absorb(self) -> list[list[int]]:
        """Move the cumulative TSN to the end of what it has reached; returns those blocks."""
        gaps = self.gaps
        if not gaps or gaps[0][0] > self.cumulative + 1:
            return []
        count = bisect_right(gaps, [self.cumulative + 1, _BEYOND])
        reached = gaps[:count]
        del gaps[:count]
        last = reached[-1][1]
        if last > self.cumulative:
            self.cumulative = last
        return reached
