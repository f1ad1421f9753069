"""Moments at even distances, on virtual time."""

import asyncio

import pytest

from webrtc.aio.loop.ticks import ticks
from webrtc.errors import InvalidAccessError


async def test_they_do_not_drift_and_late_ones_are_left_out() -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    began, seen = loop.time(), list[float]()
    busy = {0: 0.3, 2: 2.5}
    async for _ in ticks(1.0, ended):
        seen.append(round(loop.time() - began, 6))
        await asyncio.sleep(busy.get(len(seen) - 1, 0.0))
        if len(seen) == 5:
            ended.set()
    assert seen == [0.0, 1.0, 2.0, 5.0, 6.0]


async def test_the_end_ends_the_wait() -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.call_later(2.5, ended.set)
    count = [None async for _ in ticks(2.0, ended)]
    assert (len(count), round(loop.time(), 6) % 1) == (2, 0.5)
    assert [None async for _ in ticks(1.0, ended)] == []


async def test_cancelled_waiter_leaves_nothing_and_can_begin_anew() -> None:
    """F-05."""
    ended = asyncio.Event()
    moments = ticks(1.0, ended)
    await anext(moments)
    waiting = asyncio.ensure_future(anext(moments))
    await asyncio.sleep(0.5)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not ended._waiters
    assert asyncio.all_tasks() == {asyncio.current_task()}
    await anext(ticks(1.0, ended))


@pytest.mark.parametrize("every", [0.0, -1.0, float("nan")])
async def test_distance_is_above_nothing(every: float) -> None:
    with pytest.raises(InvalidAccessError, match="not above 0"):
        ticks(every, asyncio.Event())
