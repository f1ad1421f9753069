"""The thread that runs the event loop, and the way into it and back."""

import asyncio
import atexit
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from webrtc.aio.peer_connection import RTCPeerConnection

LINGER = 2.0
"""How long the end of the interpreter waits for connections that were left open, in seconds."""
SLICE = 1.0
"""How often a waiting call looks whether the thread is still there, in seconds."""

_ENDED = "the thread of the connection has ended, or stayed behind in a fork"

T = TypeVar("T")
P = ParamSpec("P")

_lock = threading.Lock()
_shared: "Background | None" = None


def background() -> "Background":
    """The one of this process, started when it is first needed. After a fork there is another."""
    global _shared  # noqa: PLW0603 - one thread for all connections is the point
    with _lock:
        if _shared is None or not _shared.alive:
            _shared = Background()
        return _shared


class Background:
    """An event loop in a daemon thread. It ends with the interpreter, which it never holds up."""

    def __init__(self) -> None:
        self.connections: set[RTCPeerConnection] = set()
        """Those that are not closed: the end of the interpreter closes them."""
        self._stopped = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._main, name="webrtc", daemon=True)
        self._thread.start()
        atexit.register(self.stop)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def run(self, coroutine: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Wait for `coroutine`, run by the loop; what it raises is raised here.

        Raises TimeoutError after `timeout` seconds, RuntimeError in the loop's own thread. When
        the wait ends early, by either or by Ctrl-C, the coroutine is cancelled.
        """
        # The limit is kept by the loop, so that no result comes in the moment of giving up.
        limited = coroutine if timeout is None else asyncio.wait_for(coroutine, timeout)
        try:
            self._check()
            future = asyncio.run_coroutine_threadsafe(limited, self._loop)
        except RuntimeError:
            limited.close()
            coroutine.close()
            raise
        return self._wait(future)

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `run`, for a function that does not wait."""
        self._check()
        future: concurrent.futures.Future[T] = concurrent.futures.Future()

        def answer() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(function(*args, **kwargs))
            except BaseException as error:  # belongs to the caller, whatever it is
                future.set_exception(error)

        self._loop.call_soon_threadsafe(answer)
        return self._wait(future)

    def stop(self) -> None:
        """Close what is open, and end the thread. Gives up after a time."""
        atexit.unregister(self.stop)
        if not self.alive:
            return
        self._stopped = True
        closing = asyncio.run_coroutine_threadsafe(self._close_all(), self._loop)
        concurrent.futures.wait([closing], LINGER)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LINGER)

    def _main(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    async def _close_all(self) -> None:
        await asyncio.gather(*(pc.close() for pc in self.connections), return_exceptions=True)
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    def _check(self) -> None:
        if threading.current_thread() is self._thread:
            raise RuntimeError("a blocking call in an event handler: it would wait for itself")
        if not self.alive:
            raise RuntimeError(_ENDED)

    def _wait(self, future: concurrent.futures.Future[T]) -> T:
        try:
            while True:
                try:
                    return future.result(SLICE)
                except TimeoutError:  # of this look, or what the coroutine has raised
                    if future.done():
                        return future.result()
                self._check()
        except concurrent.futures.CancelledError:
            if self._stopped:
                raise RuntimeError(_ENDED) from None
            raise
        except BaseException:
            future.cancel()
            raise
