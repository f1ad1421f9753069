"""The operations chain: one asynchronous operation at a time. webrtc-pc §4.4.1.2."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from webrtc.errors import InvalidStateError


class Operations:
    """Runs operations in the order of their calls. An error in one is nothing to the others.

    `on_empty` is called whenever the last one has ended.
    """

    def __init__(self, on_empty: Callable[[], None]) -> None:
        self._on_empty = on_empty
        self._turn = asyncio.Lock()
        self._count = 0
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether an operation runs or waits."""
        return self._count > 0

    @asynccontextmanager
    async def chain(self, name: str) -> AsyncIterator[None]:
        """Wait for the operations before; the block is the operation.

        Raises InvalidStateError once closed, also to those that waited when it happened: where
        JavaScript leaves a promise pending for ever, a task would never end.
        """
        self._check(name)
        self._count += 1
        try:
            async with self._turn:
                self._check(name)
                yield
        finally:
            self._count -= 1
            if not self._count:
                self._on_empty()

    def close(self) -> None:
        """No operation begins any more."""
        self._closed = True
        self._on_empty = _nothing  # its owner has us: without the cycle memory is free at once

    def _check(self, name: str) -> None:
        if self._closed:
            raise InvalidStateError(f"{name}() on a closed peer connection")


def _nothing() -> None:
    pass
