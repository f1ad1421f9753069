"""webrtc-pc §4.4.1.2."""

import asyncio

import pytest

from webrtc.aio.loop.operations import Operations
from webrtc.errors import InvalidStateError


class Log:
    """Operations that note when they run."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.chain = Operations(lambda: self.entries.append("empty"))

    async def run(self, name: str, *, fails: bool = False, turns: int = 2) -> None:
        async with self.chain.chain(name):
            self.entries.append(f"{name} begins")
            for _ in range(turns):
                await asyncio.sleep(0)
            if fails:
                raise ValueError(name)
            self.entries.append(f"{name} ends")


async def test_operations_run_one_after_the_other_in_the_order_of_their_calls() -> None:
    log = Log()
    await asyncio.gather(log.run("a", turns=5), log.run("b"), log.run("c", turns=0))
    assert log.entries == [
        *("a begins", "a ends", "b begins", "b ends", "c begins", "c ends"),
        "empty",
    ]


async def test_an_error_in_one_is_nothing_to_the_others() -> None:
    log = Log()
    results = await asyncio.gather(
        log.run("a"), log.run("b", fails=True), log.run("c"), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), ValueError, type(None)]
    assert log.entries[-2:] == ["c ends", "empty"]


async def test_a_single_operation_does_not_wait_for_the_loop() -> None:
    log = Log()
    coroutine = log.run("a", turns=0)
    with pytest.raises(StopIteration):
        coroutine.send(None)
    assert log.entries == ["a begins", "a ends", "empty"]


async def test_busy_from_the_first_call_to_the_last_end() -> None:
    log = Log()
    busy = [log.chain.busy]
    task = asyncio.ensure_future(log.run("a"))
    await asyncio.sleep(0)
    busy.append(log.chain.busy)
    await task
    assert [*busy, log.chain.busy] == [False, True, False]


@pytest.mark.parametrize("which", ["running", "waiting"])
async def test_a_cancelled_operation_makes_room(which: str) -> None:
    """F-31."""
    log = Log()
    tasks = [asyncio.ensure_future(log.run(name, turns=5)) for name in "abc"]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone = tasks[0 if which == "running" else 1]
    gone.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(each, asyncio.CancelledError) for each in results] == [
        task is gone for task in tasks
    ]
    assert log.entries[-2:] == ["c ends", "empty"]


async def test_closing_ends_those_that_wait() -> None:
    """S-12: in JavaScript their promises stay pending; a task must end."""
    log = Log()
    tasks = [asyncio.ensure_future(log.run(name)) for name in "ab"]
    await asyncio.sleep(0)
    log.chain.close()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results[0] is None
    assert isinstance(results[1], InvalidStateError)
    with pytest.raises(InvalidStateError, match=r"c\(\) on a closed peer connection"):
        await log.run("c")
    assert not log.chain.busy
