"""Messages that go back and forth beside an attack: nothing lost, and hardly slower."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import quantiles

from tests.support import PATIENCE, Pair
from webrtc.vnet import VirtualTimeLoop


@asynccontextmanager
async def echoing(
    pair: Pair, interval: float = 0.01, warm_up: int = 20, slack: float = 0.05
) -> AsyncIterator[None]:
    """Bounce numbered messages for as long as the block lasts.

    Afterwards none may be missing, and in virtual time the slowest must be below twice those
    before plus `slack`. In real time that would depend on what else the machine does.
    """
    loop = asyncio.get_running_loop()
    virtual = isinstance(loop, VirtualTimeLoop)
    times: list[float] = []
    going = True

    async def answer() -> None:
        while True:
            await pair.remote.send(await pair.remote.recv())

    async def ask() -> None:
        while going or len(times) < warm_up:
            sent = loop.time()
            await pair.channel.send(str(len(times)))
            async with asyncio.timeout(10.0 if virtual else PATIENCE):
                assert await pair.channel.recv() == str(len(times))
            times.append(loop.time() - sent)
            await asyncio.sleep(interval)

    answering, asking = asyncio.create_task(answer()), asyncio.create_task(ask())
    try:
        while len(times) < warm_up:
            await asyncio.sleep(interval)
            if asking.done():
                break
        before = len(times)
        yield
        going = False
        await asking
        assert len(times) > before
        assert not virtual or p99(times[before:]) < 2 * p99(times[:before]) + slack
    finally:
        for task in (asking, answering):
            task.cancel()
        await asyncio.wait([asking, answering])


def p99(times: list[float]) -> float:
    """The time that one in a hundred exceeds."""
    return quantiles(times, n=100)[-1] if len(times) > 1 else times[0]
