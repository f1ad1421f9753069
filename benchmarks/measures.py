"""What is measured on a pair of processes. CPU is user + system time of each process."""

import asyncio
import statistics
from collections.abc import Sequence
from contextlib import AsyncExitStack

from benchmarks.processes import Ends

BULK_SIZE = 16384
TRIP_SIZE = 100

Figures = dict[str, float]


async def bulk(pair: Ends, seconds: float) -> Figures:
    """Messages of 16 KiB from the offerer to the answerer, as fast as they go."""
    await pair.answerer.call("sink")
    await pair.offerer.call("pour", seconds=min(1.0, seconds), size=BULK_SIZE)
    before = await pair.spent()
    done = await pair.offerer.call("pour", seconds=seconds, size=BULK_SIZE)
    after = await pair.spent()
    gigabytes = done["bytes"] / 1e9
    return {
        "bulk_mb_per_s": gigabytes * 1e3 / done["seconds"],
        "bulk_cpu_s_per_gb_sender": (after[0] - before[0]) / gigabytes,
        "bulk_cpu_s_per_gb_receiver": (after[1] - before[1]) / gigabytes,
    }


async def round_trips(pair: Ends, seconds: float) -> Figures:
    """Messages of 100 bytes there and back, one at a time."""
    await pair.answerer.call("echo")
    await pair.offerer.call("ping", seconds=0.2, size=TRIP_SIZE)
    before = await pair.spent()
    done = await pair.offerer.call("ping", seconds=seconds, size=TRIP_SIZE)
    after = await pair.spent()
    return {
        "trips_per_s": done["trips"] / done["seconds"],
        "trip_cpu_us_offerer": (after[0] - before[0]) / done["trips"] * 1e6,
        "trip_cpu_us_answerer": (after[1] - before[1]) / done["trips"] * 1e6,
    }


async def set_ups(pair: Ends, connects: int) -> Figures:
    """Connections set up and closed, one after another."""
    clock = asyncio.get_running_loop().time
    elapsed: list[float] = []
    offering: list[float] = []
    since: list[float] = []

    async def once() -> None:
        async with AsyncExitStack() as stack:
            started = clock()
            offered = await pair.connect(stack)
            opened = clock()
            elapsed.append(opened - started)
            since.append(opened - offered)
            offering.append(offered - started)
            await pair.both("close")

    for _ in range(3):  # what only the first connection of a process costs is left out
        await once()
    before = await pair.spent()
    for _ in range(connects):
        await once()
    after = await pair.spent()
    return {
        "setup_ms_median": statistics.median(elapsed) * 1e3,
        "setup_from_offer_ms_median": statistics.median(since) * 1e3,
        "offer_ms_median": statistics.median(offering) * 1e3,
        "connections_per_cpu_s": connects / (sum(after) - sum(before)),
    }


def medians(runs: Sequence[Figures]) -> Figures:
    """The median of every figure that any run has."""
    names = dict.fromkeys(name for run in runs for name in run)
    return {name: statistics.median(run[name] for run in runs if name in run) for name in names}
