"""What closed data channels leave unread: it holds no peer back, so it has a bound of its own."""

import logging
from collections import deque
from weakref import ref

from webrtc.aio.conduit import Conduit

_log = logging.getLogger("webrtc.datachannel")


class Leftovers:
    """Drops the messages of the oldest closed channels when there are too many.

    Those of the channel that was closed last stay in any case: what it received was within the
    receive window, and who reads it may be at it.
    """

    def __init__(self, limit: int) -> None:
        self.dropped = 0
        """Messages dropped."""
        self._limit = limit
        self._closed: deque[tuple[ref[Conduit], int]] = deque()
        """Channels that were closed with something unread, which the application may have let go,
        and how much that was."""
        self._size = 0

    def add(self, conduit: Conduit, size: int) -> None:
        """A channel was closed with messages that cost `size`."""
        if size:
            self._size += size
            if self._size > self._limit:
                self._prune()
            self._closed.append((ref(conduit), size))

    def _prune(self) -> None:
        """Look at what was read since, and make some more room than is needed now."""
        closed = [(each, size) for each, size in self._closed if _is_unread(each())]
        self._size -= sum(size for _, size in self._closed) - sum(size for _, size in closed)
        self._closed = deque(closed)
        if self._size <= self._limit:
            return
        before = self.dropped
        while self._closed and self._size > self._limit * 3 // 4:
            oldest, size = self._closed.popleft()
            conduit = oldest()
            self._size -= size
            self.dropped += conduit.drop_unread() if conduit is not None else 0
        if self.dropped > before:
            _log.warning(
                "closed data channels left more than %d bytes unread: dropped %d messages of the"
                " oldest; read them, or set SettingEngine.max_unread_closed",
                self._limit,
                self.dropped - before,
            )


def _is_unread(conduit: Conduit | None) -> bool:
    return conduit is not None and bool(conduit.inbox)
