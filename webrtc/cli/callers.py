"""Which calls `webrtc send` answers, when there are more than it can.

Nobody who proves nothing keeps out the receiver that knows the code: the newest call goes first,
and the oldest session without a proof makes room for it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from webrtc import RTCPeerConnection
from webrtc.signaling import Call, Place

MAX_SESSIONS = 8
"""Sessions at a time that have not proven anything."""
MAX_WAITING = 4
"""Calls that wait for one of them to end; a rendezvous lets no more wait either."""
PROOF_GRACE = 5.0
"""Seconds in which an answered call may connect and prove itself before it has to make room."""


@dataclass(slots=True, eq=False)
class Caller:
    """One call, and the connection it is answered with."""

    call: Call
    pc: RTCPeerConnection
    since: float
    """When it was the caller's turn."""


class Callers:
    """Runs `serve` for each caller that is let in. Its connection is closed afterwards."""

    def __init__(
        self,
        create: Callable[[], RTCPeerConnection],
        serve: Callable[[Caller], Coroutine[Any, Any, None]],
    ) -> None:
        self._create = create
        self._serve = serve
        self._waiting: deque[Call] = deque()
        self._unproven: list[Caller] = []
        """The one whose turn began first comes first."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    async def take(self, place: Place) -> None:
        """Take calls until the rendezvous goes away, and wait for who is being served by then."""
        async for call in place:
            self._waiting.append(call)
            if len(self._waiting) > MAX_WAITING:
                await self._waiting.popleft().refuse("the sender is busy")
            self._admit()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def answered(self, caller: Caller) -> None:
        """From here on it is the caller's turn."""
        if caller in self._unproven:
            self._unproven.remove(caller)
            self._unproven.append(caller)
            caller.since = self._loop.time()

    def proven(self, caller: Caller) -> None:
        """The caller stays, and takes nobody's place."""
        if caller in self._unproven:
            self._unproven.remove(caller)
            self._admit()

    async def close(self) -> None:
        """End every session."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for caller in self._unproven:  # whose task was cancelled before it began
            await caller.pc.close()

    def _admit(self) -> None:
        while self._waiting and self._has_room():
            caller = Caller(self._waiting.pop(), self._create(), self._loop.time())
            self._unproven.append(caller)
            self._spawn(self._run(caller))

    def _has_room(self) -> bool:
        """Whether one more may be let in, for which the oldest may have to go."""
        if len(self._unproven) < MAX_SESSIONS:
            return True
        rest = self._unproven[0].since + PROOF_GRACE - self._loop.time()
        if rest > 0:
            if self._timer is None:
                self._timer = self._loop.call_later(rest, self._retry)
            return False
        self._spawn(self._unproven.pop(0).pc.close())
        return True

    def _retry(self) -> None:
        self._timer = None
        self._admit()

    async def _run(self, caller: Caller) -> None:
        try:
            async with caller.pc:
                await self._serve(caller)
        finally:
            self.proven(caller)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
