"""The send buffer that all data channels of a connection share, for who awaits room in it."""

import asyncio
from collections import deque

from webrtc.peer import PeerConnection


class Room:
    """Lets go on, one by one, who waits until the buffer holds no more than it should.

    One by one, since each of them is going to send again: the next has to find what is left.
    """

    def __init__(self, core: PeerConnection) -> None:
        self._channels = core.channels
        self._loop = asyncio.get_running_loop()
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._turn: asyncio.Handle | None = None
        self.full = False
        """A message has gone beyond the buffer, and since then not all could go on."""

    def queue(self) -> asyncio.Future[None]:
        """Wait behind the others: done when it is one's turn, or when somebody else says so."""
        waiter = self._loop.create_future()
        self._waiters.append(waiter)
        return waiter

    def wake(self) -> None:
        """Let go on who has waited longest, if there is room."""
        waiters = self._waiters
        while waiters and waiters[0].done():  # was told of an end, or does not wait any more
            waiters.popleft()
        if self._turn is not None or self._channels.send_room < 0:
            return
        if waiters:
            waiters.popleft().set_result(None)
            # Nothing else may come that would wake the others: not everyone sends again.
            self._turn = self._loop.call_soon(self._next)
        else:
            self.full = False

    def _next(self) -> None:
        self._turn = None
        self.wake()
