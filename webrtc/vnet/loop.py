"""An asyncio loop on virtual time: waiting costs nothing and runs repeat exactly."""

import asyncio
import selectors
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

ArgsT = TypeVarTuple("ArgsT")
ResultT = TypeVar("ResultT")
Ready = list[tuple[selectors.SelectorKey, int]]

PATIENCE = 1.0
"""Real seconds to wait for a thread or another process before virtual time goes on without it."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """`asyncio.sleep(3600)` returns at once, and `loop.time()` has moved by 3600.

    Time starts at 0.0 and moves only when nothing is ready to run: then it jumps to the next timer.
    When no timer is pending either, the tasks can never go on, and the loop raises `RuntimeError`
    naming them instead of hanging.

    Real things still work. Real sockets are polled before time moves; while a job of
    `run_in_executor` runs, time stands still until it is done, or until it has kept the loop
    waiting for `patience` real seconds. Threads of other origin may use `call_soon_threadsafe`,
    but time does not wait for them.

        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(asyncio.sleep(3600))
    """

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._now = 0.0
        self._patience = patience
        self._jobs = 0
        super().__init__(_SkippingSelector(self._idle))

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def skip(self, seconds: float) -> None:
        """Move the clock forward by `seconds`; timers passed on the way run afterwards."""
        self._now += seconds

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[*ArgsT], ResultT],
        *args: *ArgsT,
    ) -> asyncio.Future[ResultT]:
        """Run `func` in a thread; virtual time waits for it."""
        future = super().run_in_executor(executor, func, *args)
        self._jobs += 1
        future.add_done_callback(self._job_done)
        return future

    async def shutdown_default_executor(self, *timeout: float | None) -> None:
        """Join the threads of the default executor; virtual time waits for them."""
        self._jobs += 1
        try:
            await super().shutdown_default_executor(*timeout)
        finally:
            self._jobs -= 1

    def _job_done(self, _: asyncio.Future[ResultT]) -> None:
        self._jobs -= 1

    def _idle(self, real: selectors.BaseSelector, timeout: float | None) -> Ready:
        """Stand in for `select`: nothing is ready, and the next timer is `timeout` away."""
        if timeout is None:
            if self._jobs:
                return real.select(None)
            strangers = threading.active_count() > 1 or len(real.get_map()) > 1
            ready = real.select(self._patience) if strangers else []
            if not ready:
                raise RuntimeError(self._deadlock())
            return ready
        ready = real.select(self._patience) if self._jobs else []
        if not ready:
            self.skip(timeout)
        return ready

    def _deadlock(self) -> str:
        tasks = sorted(str(task) for task in asyncio.all_tasks(self))
        waiting = "".join(f"\n  {task}" for task in tasks)
        return f"deadlock: every task waits and no timer is pending{waiting}"


class _SkippingSelector(selectors.BaseSelector):
    """The platform's selector, except that `idle` decides what happens instead of sleeping."""

    def __init__(self, idle: Callable[[selectors.BaseSelector, float | None], Ready]) -> None:
        self._idle = idle
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> Ready:
        ready = self._real.select(0)
        return ready if ready or timeout == 0 else self._idle(self._real, timeout)

    def register(
        self, fileobj: "FileDescriptorLike", events: int, data: object = None
    ) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: "FileDescriptorLike") -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(
        self, fileobj: "FileDescriptorLike", events: int, data: object = None
    ) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping["FileDescriptorLike", selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()
