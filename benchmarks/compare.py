"""Ours beside aiortc: self-pairs of two processes over loopback UDP, interleaved in one run.

`python -m benchmarks.compare`, from the root of the repository; `--help` tells the options.
CPU is user + system time of each process. Prints a Markdown table; `--json FILE` keeps all figures.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.measures import Figures, bulk, medians, round_trips, set_ups
from benchmarks.processes import check_installed, ends
from benchmarks.relay import Direction
from benchmarks.tables import machine, markdown, short, title, write

STACKS = [
    "aiortc",
    "webrtc",
    "webrtc+compiled",
    "aiortc+uvloop",
    "webrtc+uvloop",
    "webrtc+compiled+uvloop",
]
MARK = "benchmark table"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything to do."""

    rounds: int
    seconds: float
    connects: int
    idle: int
    path: Direction | None
    """What is between the peers in both directions; None is loopback alone."""


async def idle(name: str, plan: Plan) -> Figures:
    """Slope of the resident set over many connections, after a few have warmed the process up."""
    async with ends(name) as pair, AsyncExitStack() as stack:
        for _ in range(10):
            await pair.connect(stack)
        before = await pair.both("resident")
        for _ in range(plan.idle):
            await pair.connect(stack)
        after = await pair.both("resident")
    grown = [new - old for new, old in zip(after, before, strict=True)]
    offerer, answerer = (size / plan.idle / 1e3 for size in grown)
    return {"idle_kb_offerer": offerer, "idle_kb_answerer": answerer}


async def one_round(name: str, plan: Plan) -> Figures:
    figures: Figures = {}
    async with ends(name, plan.path) as pair, AsyncExitStack() as stack:
        if plan.path is None:
            figures |= await set_ups(pair, plan.connects)
        await pair.connect(stack)
        figures |= await round_trips(pair, plan.seconds)
        figures |= await bulk(pair, plan.seconds)
    return figures


async def compare(names: Sequence[str], plan: Plan) -> dict[str, Figures]:
    """Medians of every figure, by stack."""
    runs: dict[str, list[Figures]] = {name: [] for name in names}
    for number in range(plan.rounds):
        for name in names:
            print(f"round {number + 1} of {plan.rounds}: {name}", file=sys.stderr)
            runs[name].append(await one_round(name, plan))
    results = {name: medians(figures) for name, figures in runs.items()}
    if plan.path is None and plan.idle:
        for name in names:
            print(f"{plan.idle} idle connections: {name}", file=sys.stderr)
            results[name] |= await idle(name, plan)
    return results


COLUMNS = [
    ("16 KiB messages MB/s", ["bulk_mb_per_s"]),
    ("CPU s/GB sender/receiver", ["bulk_cpu_s_per_gb_sender", "bulk_cpu_s_per_gb_receiver"]),
    ("100-byte round trips/s", ["trips_per_s"]),
    ("CPU µs per trip, each side", ["trip_cpu_us_offerer", "trip_cpu_us_answerer"]),
    ("set-up median ms", ["setup_ms_median"]),
    ("connections per CPU s", ["connections_per_cpu_s"]),
    ("kB per idle connection", ["idle_kb_offerer", "idle_kb_answerer"]),
]
LESS_IS_BETTER = ("cpu", "ms", "kb")


def table(results: dict[str, Figures]) -> str:
    """A row for each stack."""
    columns = _columns(results)
    rows = [
        [title(name), *("/".join(short(figures[k]) for k in keys) for _, keys in columns)]
        for name, figures in results.items()
    ]
    return markdown(["self-pair", *(head for head, _ in columns)], rows)


def gains(results: dict[str, Figures]) -> str:
    """How many times better ours is than aiortc on the same loop."""
    columns = _columns(results)
    rows = []
    for ours in results:
        rival = ours.replace("webrtc", "aiortc").replace("+compiled", "")
        if ours != rival and rival in results:
            better = ["/".join(_gain(results, ours, rival, k) for k in keys) for _, keys in columns]
            rows.append([title(ours), *better])
    return markdown(["times better than aiortc", *(head for head, _ in columns)], rows)


def _columns(results: dict[str, Figures]) -> list[tuple[str, list[str]]]:
    """Those that were measured."""
    return [(head, keys) for head, keys in COLUMNS if keys[0] in next(iter(results.values()))]


def _gain(results: dict[str, Figures], ours: str, rival: str, key: str) -> str:
    mine, its = results[ours][key], results[rival][key]
    less = any(
        part in key.replace("connections_per_cpu_s", "").split("_") for part in LESS_IS_BETTER
    )
    better, worse = (its, mine) if less else (mine, its)
    return f"{better / worse:.1f}" if worse > 0 else "–"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare data channels with aiortc's.")
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--stacks", default=",".join(STACKS), help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each data measurement")
    parser.add_argument("--connects", type=int, default=50)
    parser.add_argument("--idle", type=int, default=100, help="idle connections; 0 leaves them out")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--readme", action="store_true", help="also put the table into the README")
    way = parser.add_argument_group("a long path between the peers (data measurements only)")
    way.add_argument("--delay", type=float, default=0.0, help="ms, each direction")
    way.add_argument("--loss", type=float, default=0.0, help="percent, each direction")
    way.add_argument("--rate", type=float, default=0.0, help="Mbit/s, each direction; 0 = no limit")
    way.add_argument("--queue", type=int, default=512, help="KiB that wait for the rate")
    way.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def plan_of(chosen: argparse.Namespace) -> Plan:
    path = None
    if chosen.delay or chosen.loss or chosen.rate:
        path = Direction(
            delay=chosen.delay / 1e3,
            loss=chosen.loss / 100,
            rate=chosen.rate * 125_000,
            queue=chosen.queue * 1024,
            seed=chosen.seed,
        )
    if chosen.quick:
        return Plan(rounds=1, seconds=1.0, connects=10, idle=20, path=path)
    return Plan(chosen.rounds, chosen.seconds, chosen.connects, chosen.idle, path)


def main() -> None:
    chosen = options()
    names = chosen.stacks.split(",")
    for name in names:
        check_installed(name)
    plan = plan_of(chosen)
    results = asyncio.run(compare(names, plan))
    print(f"{machine()}\n\n{table(results)}\n\n{gains(results)}")
    if chosen.json is not None:
        kept = {"machine": machine(), "plan": asdict(plan), "results": results}
        chosen.json.write_text(json.dumps(kept, indent=2) + "\n")
    if chosen.readme:
        told = f"Medians of {plan.rounds} interleaved rounds over loopback; {machine()}."
        write(MARK, f"{told}\n\n{table(results)}")


if __name__ == "__main__":
    main()
