"""Ours beside aiortc over long, lossy and narrow paths: two processes and a relay between them.

`python -m benchmarks.long_paths`, from the root of the repository; `--help` tells the options. Each
path is measured with fresh processes, interleaved, and carries datagrams as large as Ethernet does.
Prints a Markdown table of medians in Mbit/s of messages, once the connection has warmed up.
"""

import argparse
import asyncio
import os
import statistics
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack

from benchmarks.measures import BULK_SIZE
from benchmarks.processes import check_installed, ends
from benchmarks.relay import Direction
from benchmarks.tables import machine

ETHERNET = 1472
"""Bytes of UDP payload in 1500 bytes of IPv4."""
PATHS = [
    ("60 ms, 1 % loss", Direction(delay=0.03, loss=0.01, mtu=ETHERNET), 20),
    ("100 ms", Direction(delay=0.05, mtu=ETHERNET), 100),
    ("100 ms, 5 % loss", Direction(delay=0.05, loss=0.05, mtu=ETHERNET), 8),
    (
        "40 ms, 18 Mbit/s, queue of 256 KB",
        Direction(delay=0.02, rate=18e6 / 8, queue=256_000, mtu=ETHERNET),
        17,
    ),
]
"""Name, both directions, and the Mbit/s that ours is to reach."""
MARK = "path table"


async def rate(stack: str, path: Direction, warm_up: float, seconds: float) -> float:
    """Mbit/s of messages that arrive, not counting what is still on its way."""
    async with ends(stack, path) as pair, AsyncExitStack() as connection:
        await pair.connect(connection)
        await pair.answerer.call("sink")
        pouring = asyncio.create_task(
            pair.offerer.call("pour", seconds=warm_up + seconds + 1.0, size=BULK_SIZE)
        )
        await asyncio.sleep(warm_up)
        started, before = await pair.answerer.call("arrived")
        await asyncio.sleep(seconds)
        ended, after = await pair.answerer.call("arrived")
        pouring.cancel()
    return float((after - before) * 8 / 1e6 / (ended - started))


async def measure(stacks: Sequence[str], chosen: argparse.Namespace) -> list[list[float]]:
    """A row of medians for each path, in the order of `stacks`."""
    rows = []
    for name, path, _ in PATHS:
        runs: list[list[float]] = [[] for _ in stacks]
        for number in range(chosen.rounds):
            for stack, rates in zip(stacks, runs, strict=True):
                rates.append(await rate(stack, path, chosen.warm_up, chosen.seconds))
                load = os.getloadavg()[0]
                told = f"{rates[-1]:.2f} Mbit/s, load {load:.1f}"
                print(f"{name}, round {number + 1}: {stack}: {told}", file=sys.stderr)
        rows.append([statistics.median(rates) for rates in runs])
    return rows


def table(stacks: Sequence[str], rows: list[list[float]]) -> str:
    heads = ["round trip, each way", *(f"{stack} Mbit/s" for stack in stacks), "to reach"]
    lines = [heads, ["---"] * len(heads)]
    for (name, _, aim), found in zip(PATHS, rows, strict=True):
        lines.append([name, *(f"{each:.3g}" for each in found), str(aim)])
    body = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"<!-- {MARK} -->\n{body}\n<!-- /{MARK} -->"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Data channels over bad paths, beside aiortc's.")
    parser.add_argument("--stacks", default="aiortc,webrtc", help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--warm-up",
        type=float,
        default=7.0,
        help="seconds that do not count: the search for the packet size takes 6",
    )
    parser.add_argument("--seconds", type=float, default=6.0, help="that count")
    return parser.parse_args()


def main() -> None:
    chosen = options()
    stacks = chosen.stacks.split(",")
    for stack in stacks:
        check_installed(stack)
    rows = asyncio.run(measure(stacks, chosen))
    print(f"{machine()}\n\n{table(stacks, rows)}")


if __name__ == "__main__":
    main()
