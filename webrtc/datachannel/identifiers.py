"""Stream identifiers for channels that this side opens. RFC 8832 §6."""

import heapq
from collections.abc import Container
from typing import Final

MAX_ID: Final = 65534
"""Largest stream identifier of a data channel; 65535 is reserved."""


class Identifiers:
    """The even ones for the DTLS client, the odd ones for the server."""

    def __init__(self, *, client: bool) -> None:
        self.blocked: set[int] = set()
        """Of either side, whose streams are being reset though no channel has them: not for use.

        Those whose reset the peer never finishes stay here.
        """
        self._parity = 0 if client else 1
        self._next = self._parity
        self._free: list[int] = []  # a heap of those that may be used again
        self._freed: set[int] = set()  # what it holds: negotiated channels come and go

    def owns(self, id_: int) -> bool:
        """Whether it is for this side to open a channel on that stream."""
        return id_ % 2 == self._parity

    def take(self, in_use: Container[int]) -> int | None:
        """The lowest that is known to be free, None when none is left."""
        while self._free:
            id_ = heapq.heappop(self._free)
            self._freed.remove(id_)
            if id_ not in in_use and id_ not in self.blocked:
                return id_
        while self._next in in_use or self._next in self.blocked:
            self._next += 2
        return self._next if self._next <= MAX_ID else None

    def give_back(self, id_: int) -> None:
        """A channel has ended, or a stream is not blocked any more."""
        passed = id_ < self._next and self.owns(id_)
        if passed and id_ not in self._freed and id_ not in self.blocked:
            self._freed.add(id_)
            heapq.heappush(self._free, id_)
