"""The operations chain: one asynchronous operation at a time. webrtc-pc §4.4.1.2."""

import asyncio
from collections.abc import Callable

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

    def chain(self, name: str) -> "_Operation":
        """Wait for the operations before; the block of `async with` is the operation.

        Raises InvalidStateError once closed, also to those that waited when it happened: where
        JavaScript leaves a promise pending for ever, a task would never end.
        """
        return _Operation(self, name)

    async def begin(self, name: str) -> None:
        """Wait for a turn, to be followed by `end`. Raises as `chain`."""
        self._check(name)
        self._count += 1
        try:
            await self._turn.acquire()
        except BaseException:
            self._leave()
            raise
        if self._closed:
            self.end()
            self._check(name)

    def end(self) -> None:
        """The operation is over; the next one has its turn."""
        self._turn.release()
        self._leave()

    def close(self) -> None:
        """No operation begins any more."""
        self._closed = True
        self._on_empty = _nothing  # its owner has us: without the cycle memory is free at once

    def _leave(self) -> None:
        self._count -= 1
        if not self._count:
            self._on_empty()

    def _check(self, name: str) -> None:
        if self._closed:
            raise InvalidStateError(f"{name}() on a closed peer connection")


class _Operation:
    """One block of `async with`."""

    __slots__ = ("_name", "_operations")

    def __init__(self, operations: Operations, name: str) -> None:
        self._operations = operations
        self._name = name

    async def __aenter__(self) -> None:
        await self._operations.begin(self._name)

    async def __aexit__(self, *_: object) -> None:
        self._operations.end()


def _nothing() -> None:
    pass
