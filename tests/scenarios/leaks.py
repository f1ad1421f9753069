"""What a connection must not leave behind: tasks, timers, file descriptors, threads, complaints."""

import asyncio
import gc
import os
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from webrtc.vnet.engine import Engine


def descriptors() -> dict[str, str]:
    """Open file descriptors and what they are, where the system tells."""
    found = {}
    for number in os.listdir("/proc/self/fd") if Path("/proc/self/fd").is_dir() else ():
        try:
            found[number] = os.readlink(f"/proc/self/fd/{number}")
        except FileNotFoundError:  # the one that listed them
            continue
    return found


def timers() -> list[asyncio.TimerHandle]:
    """Timers of the running loop, without the one of a virtual network."""
    scheduled: list[asyncio.TimerHandle] = getattr(asyncio.get_running_loop(), "_scheduled", [])
    return [
        timer
        for timer in scheduled
        if not timer.cancelled() and not isinstance(_owner(timer), Engine)
    ]


def _owner(timer: asyncio.TimerHandle) -> object:
    return getattr(getattr(timer, "_callback", None), "__self__", None)


@asynccontextmanager
async def leakless(*, collect: bool = False) -> AsyncIterator[None]:
    """Fail unless what is there after the block was there before.

    Anything told to the loop's exception handler fails, too. `collect` waits for the garbage
    collector, so that what is complained about in `__del__` is noticed.
    """
    loop = asyncio.get_running_loop()
    complaints: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    before = descriptors(), set(threading.enumerate()), asyncio.all_tasks(), timers()
    try:
        yield
        await asyncio.sleep(0)  # a task that ended calls its callbacks in the next turn
        assert asyncio.all_tasks() == before[2]
        assert timers() == before[3]
        assert descriptors() == before[0]
        assert set(threading.enumerate()) == before[1]
        if collect:
            gc.collect()
        assert not complaints, complaints
    finally:
        loop.set_exception_handler(None)


@pytest.fixture(autouse=True)
def leaves_nothing() -> Iterator[None]:
    """Fail when file descriptors or threads are left after a test and its event loop have ended."""
    files, threads = descriptors(), set(threading.enumerate())
    yield
    if not _left(files, threads):
        return
    gc.collect()
    left = _left(files, threads)
    assert not left, left


def _left(files: dict[str, str], threads: set[threading.Thread]) -> list[object]:
    found: list[object] = [each for each in threading.enumerate() if each not in threads]
    now = descriptors()
    return found + [(number, now[number]) for number in now if number not in files]
