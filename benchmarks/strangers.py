"""Ours, libdatachannel, Pion and aiortc with libwebrtc at the other end, and each with itself.

`python -m benchmarks.strangers`, from the root of the repository, as root; `--help` tells the
options. Every pair is two processes with a link of 1500 bytes between them, and all pairs take
turns in every round.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import veth
from benchmarks.measures import Figures, bulk, medians, round_trips, set_ups
from benchmarks.processes import Ends, Stack, Worker
from benchmarks.tables import machine, markdown, short, title, write

LIBWEBRTC = "libwebrtc"
STACKS = [LIBWEBRTC, "libdatachannel", "pion", "aiortc", "webrtc", "webrtc+compiled"]
OURS = "webrtc"
ONE_CORE = ("taskset", "-c", "0")
"""Round trips depend on which cores both ends happen to run on, unless it is one."""
MARK = "strangers table"

Ways = tuple[veth.Inside, veth.Inside]
Measure = Callable[[str, Ways, "Plan"], Awaitable[Figures]]
Results = dict[str, dict[str, Figures]]
"""Figures by measure and stack."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything to do."""

    rounds: int
    seconds: float
    connects: int


@asynccontextmanager
async def pair(offerer: str, answerer: str, ways: Ways) -> AsyncIterator[Ends]:
    """Both ends, each in its namespace, not yet connected."""
    async with AsyncExitStack() as stack:
        workers = []
        for name, inside in zip((offerer, answerer), ways, strict=True):
            workers.append(await Worker.start(name, inside))
            stack.push_async_callback(workers[-1].stop)
        yield Ends(workers[0], workers[1])


async def trips(offerer: str, answerer: str, ways: Ways, seconds: float) -> Figures:
    pinned = ((*ONE_CORE, *ways[0]), (*ONE_CORE, *ways[1]))
    async with pair(offerer, answerer, pinned) as both, AsyncExitStack() as connection:
        await both.connect(connection)
        return await round_trips(both, seconds)


async def with_libwebrtc(name: str, ways: Ways, plan: Plan) -> Figures:
    """A stack's own cost, with libwebrtc as the answerer."""
    async with pair(name, LIBWEBRTC, ways) as both, AsyncExitStack() as connection:
        await both.connect(connection)
        sending = await bulk(both, plan.seconds)
        receiving = await bulk(both.swapped(), plan.seconds)
    across = await trips(name, LIBWEBRTC, ways, plan.seconds)
    return {
        "sending_mb_per_s": sending["bulk_mb_per_s"],
        "sending_cpu_s_per_gb": sending["bulk_cpu_s_per_gb_sender"],
        "receiving_mb_per_s": receiving["bulk_mb_per_s"],
        "receiving_cpu_s_per_gb": receiving["bulk_cpu_s_per_gb_receiver"],
        "trips_per_s": across["trips_per_s"],
        "trip_cpu_us": across["trip_cpu_us_offerer"],
    }


async def alone(name: str, ways: Ways, plan: Plan) -> Figures:
    """A self-pair: what a byte, a message and a connection cost."""
    async with pair(name, name, ways) as both:
        figures = await set_ups(both, plan.connects)
        async with AsyncExitStack() as connection:
            await both.connect(connection)
            figures |= await bulk(both, plan.seconds)
    figures["connection_cpu_ms"] = 1e3 / figures.pop("connections_per_cpu_s")
    return figures | await trips(name, name, ways, plan.seconds)


async def to_ours(name: str, ways: Ways, plan: Plan) -> Figures:
    """How long a connection between a stack and ours takes once there is an offer, by whose."""
    figures = {}
    for who, ends in (("we_offer", (OURS, name)), ("they_offer", (name, OURS))):
        async with pair(*ends, ways) as both:
            found = await set_ups(both, plan.connects)
        figures[f"{who}_ms"] = found["setup_from_offer_ms_median"]
        figures[f"{who}_before_ms"] = found["offer_ms_median"]
    return figures


MEASURES: dict[str, Measure] = {"libwebrtc": with_libwebrtc, "alone": alone, "set-up": to_ours}
HEADS = {
    "libwebrtc": "libwebrtc at the other end",
    "alone": "both ends the same",
    "set-up": "set-up with asyncio-webrtc, from the offer on",
}
COLUMNS = {
    "libwebrtc": [
        ("sending MB/s", ["sending_mb_per_s"]),
        ("CPU s/GB", ["sending_cpu_s_per_gb"]),
        ("receiving MB/s", ["receiving_mb_per_s"]),
        ("CPU s/GB", ["receiving_cpu_s_per_gb"]),
        ("100-byte round trips/s on one core", ["trips_per_s"]),
        ("CPU µs per trip", ["trip_cpu_us"]),
    ],
    "alone": [
        ("16 KiB messages MB/s", ["bulk_mb_per_s"]),
        ("CPU s/GB, sender/receiver", ["bulk_cpu_s_per_gb_sender", "bulk_cpu_s_per_gb_receiver"]),
        ("100-byte round trips/s on one core", ["trips_per_s"]),
        ("CPU µs per trip, each side", ["trip_cpu_us_offerer", "trip_cpu_us_answerer"]),
        ("CPU ms per connection, both ends", ["connection_cpu_ms"]),
        ("set-up ms", ["setup_ms_median"]),
    ],
    "set-up": [
        ("we offer, ms", ["we_offer_ms"]),
        ("we answer, ms", ["they_offer_ms"]),
        (
            "before: our/its offer with candidates, ms",
            ["we_offer_before_ms", "they_offer_before_ms"],
        ),
    ],
}
RIVALS = {
    "sending_cpu_s_per_gb": "libdatachannel",
    "receiving_cpu_s_per_gb": "libdatachannel",
    "trip_cpu_us": "libdatachannel",
    "trip_cpu_us_offerer": "libdatachannel",
    "trip_cpu_us_answerer": "libdatachannel",
    "connection_cpu_ms": "pion",
}
"""Beside whom a cost of ours is shown."""


def measured(measure: str, name: str) -> bool:
    """Whether a measure has a row for this stack."""
    if measure == "set-up":
        return not name.startswith(OURS)
    return measure == "alone" or name != LIBWEBRTC


async def run(names: Sequence[str], measures: Sequence[str], plan: Plan) -> Results:
    """Medians of every figure."""
    jobs = [(measure, name) for measure in measures for name in names if measured(measure, name)]
    runs: dict[tuple[str, str], list[Figures]] = {job: [] for job in jobs}
    with veth.cable() as ways:
        for number in range(plan.rounds):
            for measure, name in jobs:
                print(f"round {number + 1} of {plan.rounds}: {measure}: {name}", file=sys.stderr)
                try:
                    runs[measure, name].append(await MEASURES[measure](name, ways, plan))
                except (ConnectionError, TimeoutError) as error:
                    print(f"  no figures: {error}", file=sys.stderr)
    results: Results = {measure: {} for measure in measures}
    for (measure, name), found in runs.items():
        results[measure][name] = medians(found)
    return results


def tables(results: Results) -> str:
    """One for each measure."""
    parts = []
    for measure, figures in results.items():
        columns = COLUMNS[measure]
        rows = [
            [title(name), *("/".join(short(found.get(k)) for k in keys) for _, keys in columns)]
            for name, found in figures.items()
        ]
        parts.append(markdown([HEADS[measure], *(head for head, _ in columns)], rows))
    return "\n\n".join(parts)


def ratios(results: Results) -> str:
    """Our costs as parts of the rival's."""
    lines = []
    for measure, figures in results.items():
        for name, found in figures.items():
            for key, rival in RIVALS.items():
                its = figures.get(rival, {}).get(key)
                if name.startswith(OURS) and key in found and its:
                    lines.append(f"{measure}: {key}: {name} / {rival} = {found[key] / its:.2f}")
    return "\n".join(lines)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Data channels with peers of other makes.")
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument(
        "--stacks",
        default=",".join(STACKS),
        help="default: %(default)s; webrtc@FOLDER and webrtc@FOLDER+compiled are other checkouts",
    )
    parser.add_argument("--measures", default=",".join(MEASURES), help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each data measurement")
    parser.add_argument("--connects", type=int, default=20)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--readme", action="store_true", help="also put the tables into the README")
    return parser.parse_args()


def present(names: Sequence[str], measures: Sequence[str]) -> tuple[list[str], list[str]]:
    """The stacks and measures that this machine can run; says what is left out."""
    reasons = {name: Stack(name).missing for name in names}
    for name, reason in reasons.items():
        if reason is not None:
            print(f"without {name}: {reason}", file=sys.stderr)
    if (reason := Stack(LIBWEBRTC).missing) is not None and "libwebrtc" in measures:
        print(f"nothing with libwebrtc at the other end: {reason}", file=sys.stderr)
        measures = [measure for measure in measures if measure != "libwebrtc"]
    return [name for name, reason in reasons.items() if reason is None], list(measures)


def main() -> None:
    chosen = options()
    if (reason := veth.missing()) is not None:
        print(f"no pairs with other peers: {reason}", file=sys.stderr)
        return
    names, measures = present(chosen.stacks.split(","), chosen.measures.split(","))
    plan = Plan(chosen.rounds, chosen.seconds, chosen.connects)
    if chosen.quick:
        plan = Plan(rounds=1, seconds=1.0, connects=5)
    results = asyncio.run(run(names, measures, plan))
    print(f"{machine()}\n\n{tables(results)}\n\n{ratios(results)}")
    if chosen.json is not None:
        kept = {"machine": machine(), "plan": asdict(plan), "results": results}
        chosen.json.write_text(json.dumps(kept, indent=2) + "\n")
    if chosen.readme:
        told = f"Medians of {plan.rounds} interleaved rounds; {machine()}."
        write(MARK, f"{told}\n\n{tables(results)}")


if __name__ == "__main__":
    main()
