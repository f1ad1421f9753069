"""Cancels a coroutine at a chosen one of the points where it waits."""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")
Moment = Literal["waiting", "waking"]
"""While it waits, or in the instant in which what it waited for has come."""


class Injection(Generic[T]):
    """Await it in place of `coroutine`, which is cancelled at its wait number `at`, from 1."""

    def __init__(
        self, coroutine: Coroutine[Any, Any, T], at: int = 0, moment: Moment = "waiting"
    ) -> None:
        self.waits = 0
        """How often it has waited so far."""
        self._coroutine = coroutine
        self._at = at
        self._moment = moment

    def __await__(self) -> Generator[Any, Any, T]:
        step = self._coroutine.send
        argument: Any = None
        while True:
            try:
                wanted = step(argument)
            except StopIteration as end:
                result: T = end.value
                return result
            self.waits += 1
            here = self.waits == self._at
            if here and self._moment == "waiting":
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            try:
                argument = yield wanted
                step = self._coroutine.send
            except BaseException as error:
                step, argument = self._coroutine.throw, error
            else:
                if here and self._moment == "waking":
                    step, argument = self._coroutine.throw, asyncio.CancelledError()
