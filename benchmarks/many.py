"""Many connections in one process over loopback: how fast they come up, what they cost, who waits.

Both ends of each are in this process. Prints: seconds until all were open, connections that failed,
KiB of resident memory for each end, lag of the loop while connecting, and round-trip times of one
message a second on each. `python benchmarks/many.py [connections] [seconds] [new ones a second]`
"""

import asyncio
import gc
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median, quantiles
from time import monotonic

from tests.support import Pair, over_loopback

PAGE = os.sysconf("SC_PAGE_SIZE")
AT_ONCE = 32
"""Handshakes under way: more only wait for each other."""


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


class Lag:
    """How late the loop is, sampled every 10 ms."""

    def __init__(self) -> None:
        self.samples: list[float] = []
        self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        while True:
            started = monotonic()
            await asyncio.sleep(0.01)
            self.samples.append(monotonic() - started - 0.01)

    async def stop(self) -> list[float]:
        self._task.cancel()
        await asyncio.wait([self._task])
        return self.samples


async def connect(
    stack: AsyncExitStack, limit: asyncio.Semaphore, delay: float
) -> tuple[Pair, float]:
    await asyncio.sleep(delay)
    started = monotonic()
    async with limit:
        pair = await stack.enter_async_context(over_loopback())
    pair.remote.on("message", pair.remote.send)
    return pair, monotonic() - started


async def talk(pair: Pair, seconds: float, offset: float) -> list[float]:
    await asyncio.sleep(offset)
    times = []
    for _ in range(int(seconds)):
        started = monotonic()
        pair.channel.send("x")
        await pair.channel.recv()
        times.append(monotonic() - started)
        await asyncio.sleep(1.0)
    return times


def show(name: str, times: list[float]) -> None:
    p99 = quantiles(times, n=100)[-1]
    print(f"{name:24} median {median(times) * 1e3:8.1f} ms  p99 {p99 * 1e3:8.1f} ms", flush=True)


async def run(count: int, seconds: float, rate: float) -> None:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(over_loopback())  # what the first one loads
        gc.collect()
        before, started, lag = resident(), monotonic(), Lag()
        limit = asyncio.Semaphore(AT_ONCE)
        tasks = [connect(stack, limit, number / rate if rate else 0.0) for number in range(count)]
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        elapsed = monotonic() - started
        opened = [each for each in outcomes if not isinstance(each, BaseException)]
        print(f"open                     {len(opened)} of {count} in {elapsed:.1f} s")
        show("time to open", [time for _, time in opened])
        show("lag of the loop", await lag.stop())
        gc.collect()
        print(f"memory                   {(resident() - before) / 2048 / count:.0f} KiB an end")
        talks = [talk(pair, seconds, number / count) for number, (pair, _) in enumerate(opened)]
        found = await asyncio.gather(*talks)
        show("round trip", [time for times in found for time in times])


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0
    rate = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
    asyncio.run(run(count, seconds, rate))


if __name__ == "__main__":
    main()
