"""Ours beside aiortc: self-pairs of two processes over loopback UDP, interleaved in one run.

`python -m benchmarks.compare`, from the root of the repository; `--help` tells the options.
CPU is user + system time of each process. Prints a Markdown table; `--json FILE` keeps all figures.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.relay import Direction, host_candidate, redirected, relay

ROOT = Path(__file__).parent.parent
PYTHONS = {
    "webrtc": Path(sys.executable),
    "aiortc": ROOT / ".venv-aiortc" / "bin" / "python",
}
COMPILED = ROOT / "build" / "compiled"
STACKS = [
    "aiortc",
    "webrtc",
    "webrtc+compiled",
    "aiortc+uvloop",
    "webrtc+uvloop",
    "webrtc+compiled+uvloop",
]
ANSWER_WITHIN = 120.0
BULK_SIZE = 16384
TRIP_SIZE = 100

Json = dict[str, Any]
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything to do."""

    rounds: int
    seconds: float
    connects: int
    idle: int
    path: Direction | None
    """What is between the peers in both directions; None is loopback alone."""


class Worker:
    """One end in a process of its own."""

    def __init__(self, process: Process, name: str) -> None:
        self._process = process
        self._name = name

    @classmethod
    async def start(cls, stack: str) -> "Worker":
        library, *variants = stack.split("+")
        command = [str(PYTHONS[library]), "-m", f"benchmarks.peer_{library}"]
        if "uvloop" in variants:
            command.append("--uvloop")
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            cwd=COMPILED if "compiled" in variants else ROOT,  # where `webrtc` is looked for first
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            limit=1 << 20,
        )
        return cls(process, stack)

    async def call(self, op: str, **arguments: Any) -> Any:
        inlet, outlet = self._process.stdin, self._process.stdout
        if inlet is None or outlet is None:
            raise RuntimeError("started without pipes")
        inlet.write(json.dumps({"op": op, **arguments}).encode() + b"\n")
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                line = await outlet.readline()
        except TimeoutError as error:
            raise TimeoutError(f"{self._name} did not answer to {op}") from error
        if not line:
            raise ConnectionError(f"{self._name} died at {op}")
        return json.loads(line)

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


class Ends:
    """A self-pair: an offerer and an answerer."""

    def __init__(self, offerer: Worker, answerer: Worker, path: Direction | None) -> None:
        self.offerer = offerer
        self.answerer = answerer
        self._path = path

    async def connect(self, stack: AsyncExitStack) -> None:
        """Set up one connection; what is between the peers lives as long as `stack`."""
        offer = await self.offerer.call("offer")
        if self._path is None:
            answer = await self.answerer.call("answer", description=offer)
        else:
            here = host_candidate(offer)
            way = await stack.enter_async_context(relay(here[0], self._path, self._path))
            way.locate("a", here)
            offer = redirected(offer, way.addresses["b"])
            answer = await self.answerer.call("answer", description=offer)
            way.locate("b", host_candidate(answer))
            answer = redirected(answer, way.addresses["a"])
        await self.offerer.call("accept", description=answer)
        await self.both("opened")

    async def both(self, op: str) -> tuple[Any, Any]:
        return await asyncio.gather(self.offerer.call(op), self.answerer.call(op))

    async def spent(self) -> tuple[float, float]:
        """CPU seconds so far, of each."""
        return await self.both("usage")


@asynccontextmanager
async def ends(stack: str, path: Direction | None = None) -> AsyncIterator[Ends]:
    offerer, answerer = await Worker.start(stack), await Worker.start(stack)
    try:
        yield Ends(offerer, answerer, path)
    finally:
        await offerer.stop()
        await answerer.stop()


async def bulk(pair: Ends, plan: Plan) -> Figures:
    await pair.answerer.call("sink")
    await pair.offerer.call("pour", seconds=min(1.0, plan.seconds), size=BULK_SIZE)
    before = await pair.spent()
    done = await pair.offerer.call("pour", seconds=plan.seconds, size=BULK_SIZE)
    after = await pair.spent()
    gigabytes = done["bytes"] / 1e9
    return {
        "bulk_mb_per_s": gigabytes * 1e3 / done["seconds"],
        "bulk_cpu_s_per_gb_sender": (after[0] - before[0]) / gigabytes,
        "bulk_cpu_s_per_gb_receiver": (after[1] - before[1]) / gigabytes,
    }


async def round_trips(pair: Ends, plan: Plan) -> Figures:
    await pair.answerer.call("echo")
    await pair.offerer.call("ping", seconds=0.2, size=TRIP_SIZE)
    before = await pair.spent()
    done = await pair.offerer.call("ping", seconds=plan.seconds, size=TRIP_SIZE)
    after = await pair.spent()
    return {
        "trips_per_s": done["trips"] / done["seconds"],
        "trip_cpu_us_offerer": (after[0] - before[0]) / done["trips"] * 1e6,
        "trip_cpu_us_answerer": (after[1] - before[1]) / done["trips"] * 1e6,
    }


async def set_ups(pair: Ends, plan: Plan) -> Figures:
    clock = asyncio.get_running_loop().time
    elapsed: list[float] = []

    async def once() -> None:
        async with AsyncExitStack() as stack:
            started = clock()
            await pair.connect(stack)
            elapsed.append(clock() - started)
            await pair.both("close")

    for _ in range(3):  # what only the first connection of a process costs is left out
        await once()
    before = await pair.spent()
    for _ in range(plan.connects):
        await once()
    after = await pair.spent()
    return {
        "setup_ms_median": statistics.median(elapsed) * 1e3,
        "connections_per_cpu_s": plan.connects / (sum(after) - sum(before)),
    }


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
            figures |= await set_ups(pair, plan)
        await pair.connect(stack)
        figures |= await round_trips(pair, plan)
        figures |= await bulk(pair, plan)
    return figures


async def compare(names: Sequence[str], plan: Plan) -> dict[str, Figures]:
    """Medians of every figure, by stack."""
    runs: dict[str, list[Figures]] = {name: [] for name in names}
    for number in range(plan.rounds):
        for name in names:
            print(f"round {number + 1} of {plan.rounds}: {name}", file=sys.stderr)
            runs[name].append(await one_round(name, plan))
    results = {name: _medians(figures) for name, figures in runs.items()}
    if plan.path is None and plan.idle:
        for name in names:
            print(f"{plan.idle} idle connections: {name}", file=sys.stderr)
            results[name] |= await idle(name, plan)
    return results


def _medians(runs: Sequence[Figures]) -> Figures:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


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
    """A row for each stack, then how many times better ours is than aiortc on the same loop."""
    columns = [(title, keys) for title, keys in COLUMNS if keys[0] in next(iter(results.values()))]
    rows = [["self-pair", *(title for title, _ in columns)], ["---"] * (len(columns) + 1)]
    for name, figures in results.items():
        rows.append([name, *("/".join(_short(figures[k]) for k in keys) for _, keys in columns)])
    for ours in results:
        rival = ours.replace("webrtc", "aiortc").replace("+compiled", "")
        if ours != rival and rival in results:
            gains = ["/".join(_gain(results, ours, rival, k) for k in keys) for _, keys in columns]
            rows.append([f"{ours}, times better", *gains])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _gain(results: dict[str, Figures], ours: str, rival: str, key: str) -> str:
    mine, its = results[ours][key], results[rival][key]
    less = any(
        part in key.replace("connections_per_cpu_s", "").split("_") for part in LESS_IS_BETTER
    )
    better, worse = (its, mine) if less else (mine, its)
    return f"**{better / worse:.1f}×**" if worse > 0 else "–"


def machine() -> str:
    """CPU, kernel and Python, on one line."""
    model = "unknown CPU"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    system = f"{platform.system()} {platform.release()}"
    return f"{os.cpu_count()} × {model}, {system}, Python {platform.python_version()}"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare data channels with aiortc's.")
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--stacks", default=",".join(STACKS), help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each data measurement")
    parser.add_argument("--connects", type=int, default=50)
    parser.add_argument("--idle", type=int, default=100, help="idle connections; 0 leaves them out")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
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


def check_installed(stack: str) -> None:
    """Exit with what to do when `stack` cannot run."""
    library, *variants = stack.split("+")
    if not PYTHONS[library].exists():
        sys.exit(f"{PYTHONS[library]} is missing: run scripts/install-peers")
    if "compiled" in variants and not COMPILED.exists():
        sys.exit(f"{COMPILED} is missing: run `make compile`")


def main() -> None:
    chosen = options()
    names = chosen.stacks.split(",")
    for name in names:
        check_installed(name)
    plan = plan_of(chosen)
    results = asyncio.run(compare(names, plan))
    print(f"{machine()}\n\n{table(results)}")
    if chosen.json is not None:
        kept = {"machine": machine(), "plan": asdict(plan), "results": results}
        chosen.json.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
