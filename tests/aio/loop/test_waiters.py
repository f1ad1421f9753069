"""Waiting for the next event."""

import asyncio

import pytest

from webrtc.aio.loop.waiters import Waiters


async def test_wake_lets_everybody_go_who_waits_and_nobody_who_comes_later() -> None:
    waiters = Waiters()
    early = [asyncio.create_task(waiters.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    waiters.wake()
    late = asyncio.create_task(waiters.wait())
    await asyncio.gather(*early)
    await asyncio.sleep(1)
    assert not late.done()
    late.cancel()


async def test_cancelled_waiter_is_forgotten() -> None:
    """F-05."""
    waiters = Waiters()
    task = asyncio.create_task(waiters.wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not waiters._futures
    waiters.wake()
