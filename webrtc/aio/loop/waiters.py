"""Waiting for whatever happens next, by any number of tasks."""

import asyncio


class Waiters:
    """Tasks that look again each time that something has happened."""

    def __init__(self) -> None:
        self._futures: set[asyncio.Future[None]] = set()

    async def wait(self) -> None:
        """Until the next `wake`."""
        waiter = asyncio.get_running_loop().create_future()
        self._futures.add(waiter)
        try:
            await waiter
        finally:
            self._futures.discard(waiter)

    def wake(self) -> None:
        """Let all go on that wait now."""
        for waiter in self._futures:
            if not waiter.done():
                waiter.set_result(None)
