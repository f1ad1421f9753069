"""The one queue between the core and somebody who reads media."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class Mailbox(Generic[ItemT]):
    """Holds what one reader has not taken yet. When it is full the oldest is dropped."""

    def __init__(self, limit: int) -> None:
        self.dropped = 0
        """Items that were dropped because nobody took them."""
        self._items: deque[ItemT] = deque(maxlen=limit)
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False
        self._reason: Exception | None = None

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: ItemT) -> None:
        """Add the newest. Without effect when closed."""
        if self._closed:
            return
        self.dropped += len(self._items) == self._items.maxlen
        self._items.append(item)
        self._wake()

    def close(self, reason: Exception | None = None) -> None:
        """Nothing more comes, in order or for `reason`; what is here can still be taken."""
        if not self._closed:
            self._closed, self._reason = True, reason
            self._wake()

    async def get(self) -> ItemT | None:
        """The oldest, waiting for one; None when nothing more comes. Raises the reason.

        One reader at a time: raises RuntimeError for a second one.
        """
        if self._waiter is not None:
            raise RuntimeError("two readers of one stream: give each its own")
        while not self._items:
            if self._closed:
                if self._reason is not None:
                    raise self._reason
                return None
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._items.popleft()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
