import asyncio
from typing import Any

from webrtc.aio.loop.tasks import Tasks


async def test_closing_cancels_and_joins_every_task() -> None:
    """PC-06."""
    tasks, ended = Tasks(), []

    async def worker(number: int) -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            await asyncio.sleep(1)  # what takes its time to end is waited for
            ended.append(number)

    for number in range(3):
        tasks.start(worker(number))
    await asyncio.sleep(0)
    await tasks.close()
    assert sorted(ended) == [0, 1, 2]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_task_that_closes_is_spared() -> None:
    """PC-06: close() inside a handler."""
    tasks = Tasks()
    done = asyncio.Event()

    async def closer() -> None:
        await tasks.close()
        done.set()

    tasks.start(closer())
    await asyncio.wait_for(done.wait(), 1.0)


async def test_closing_twice_and_at_once() -> None:
    tasks = Tasks()
    tasks.start(asyncio.sleep(1000))
    await asyncio.gather(tasks.close(), tasks.close())
    await tasks.close()


async def test_nothing_starts_afterwards() -> None:
    """And nothing complains that it was never awaited: warnings are errors here."""
    tasks = Tasks()
    await tasks.close()
    tasks.start(asyncio.sleep(0))
    assert len(asyncio.all_tasks()) == 1


async def test_a_failure_is_reported_and_a_cancellation_is_not() -> None:
    """DC-08 of the catalogue."""
    reports: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context))
    tasks = Tasks()

    async def fails() -> None:
        raise ValueError("oops")

    tasks.start(fails())
    tasks.start(asyncio.sleep(1000))
    await asyncio.sleep(1)
    await tasks.close()
    assert [str(report["exception"]) for report in reports] == ["oops"]
