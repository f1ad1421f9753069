"""The tasks of one peer connection: all are owned, all are joined."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from webrtc.errors import ConnectionFailed

_log = logging.getLogger("webrtc.aio")


class Tasks:
    """Starts tasks, reports those that fail, ends them together."""

    def __init__(self) -> None:
        self._loop = running_loop()
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False
        self.over: Callable[[], bool] = _never
        """Whether the connection is gone: a handler that finds so is no error."""

    def start(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run `coroutine`; once closed it is dropped unstarted."""
        if self._closed:
            coroutine.close()
            return
        task = self._loop.create_task(coroutine)
        self._running.add(task)
        task.add_done_callback(self._done)

    async def close(self) -> None:
        """Cancel all but the caller's own task, and wait for them."""
        self._closed = True
        others = self._running - {asyncio.current_task()}
        for task in others:
            task.cancel()
        if others:
            await asyncio.wait(others)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, ConnectionFailed) and self.over():
            _log.debug("event handler ended: %s", error)
        else:
            self._loop.call_exception_handler(
                {"message": "event handler raised", "exception": error, "task": task}
            )


def running_loop() -> asyncio.AbstractEventLoop:
    """The loop of the caller. Raises RuntimeError that says how to get one."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "no running event loop: make this object inside a coroutine, as one that asyncio.run()"
            " runs, or use webrtc.blocking"
        ) from None


def _never() -> bool:
    return False
