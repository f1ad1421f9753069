"""Which TSNs were received: the cumulative one, the gap blocks, the duplicates. RFC 9260 §6.2."""

import struct
from bisect import bisect_right
from typing import Final

from webrtc.sctp.chunks import ChunkType

MAX_DUPLICATES: Final = 20
"""Duplicates reported in one SACK; more are not remembered."""

SACK_SIZE: Final = 16
"""Bytes of a SACK without gaps and duplicates."""

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
        index = bisect_right(self.gaps, tsn, key=_first) - 1
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

    def forward(self, tsn: int) -> None:
        """Take all up to `tsn` for received."""
        if tsn > self.cumulative:
            self.cumulative = tsn
            self._absorb()

    def encode(self, window: int, room: int) -> bytes:
        """The SACK chunk, of at most `room` bytes; the duplicates are then forgotten."""
        if not self.gaps and not self.duplicates:
            return _SACK.pack(_KIND, 0, SACK_SIZE, self.cumulative & _MASK, window, 0, 0)
        duplicates, self.duplicates = self.duplicates, []
        base = self.cumulative
        limit = (room - SACK_SIZE) // 4 - len(duplicates)
        blocks = [
            _GAP.pack(first - base, last - base)
            for first, last in self.gaps[:limit]
            if last - base <= 0xFFFF
        ]
        length = SACK_SIZE + 4 * (len(blocks) + len(duplicates))
        head = _SACK.pack(_KIND, 0, length, base & _MASK, window, len(blocks), len(duplicates))
        return head + b"".join(blocks) + b"".join([_TSN.pack(tsn) for tsn in duplicates])

    def _insert(self, tsn: int) -> None:
        gaps = self.gaps
        index = bisect_right(gaps, tsn, key=_first)
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

    def _absorb(self) -> None:
        gaps = self.gaps
        count = 0
        while count < len(gaps) and gaps[count][0] <= self.cumulative + 1:
            self.cumulative = max(self.cumulative, gaps[count][1])
            count += 1
        del gaps[:count]


def _first(gap: list[int]) -> int:
    return gap[0]
