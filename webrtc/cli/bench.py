"""`webrtc bench`: set-up time, data rate and round trips of two peers in this process."""

import asyncio
import json
import statistics
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from webrtc.cli.pair import connected_pair, round_trips, transfer
from webrtc.errors import WebRTCError

ECHO_SIZE = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything to do."""

    size: int
    message_size: int
    round_trips: int
    connections: int


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured. This one process does the work of both peers."""

    connect_ms_median: float
    connect_ms_worst: float
    megabytes_per_second: float
    cpu_seconds_per_gigabyte: float
    intact: bool
    round_trips_per_second: float
    round_trip_us_median: float
    round_trip_us_p99: float


def run(console: Console, plan: Plan, *, as_json: bool) -> int:
    """Measure and print. Returns the exit status."""
    try:
        result = asyncio.run(measure(plan))
    except WebRTCError as error:
        console.print(f"[red]failed[/]  {type(error).__name__}: {error}")
        return 1
    if as_json:
        console.print_json(json.dumps({"plan": asdict(plan), "result": asdict(result)}))
    else:
        console.print(_table(plan, result))
    return 0 if result.intact else 1


async def measure(plan: Plan) -> Result:
    """Do what `plan` says, one thing after the other."""
    connects = []
    for _ in range(plan.connections):
        async with connected_pair() as pair:
            connects.append(pair.milestones.total * 1e3)
    async with connected_pair() as pair:
        trips = await round_trips(pair, plan.round_trips, ECHO_SIZE)
        sent = await transfer(pair, plan.size, plan.message_size)
    return Result(
        connect_ms_median=round(statistics.median(connects), 2),
        connect_ms_worst=round(max(connects), 2),
        megabytes_per_second=round(sent.megabytes_per_second, 1),
        cpu_seconds_per_gigabyte=round(sent.cpu_seconds / sent.size * 1e9, 2),
        intact=sent.intact,
        round_trips_per_second=round(len(trips) / sum(trips)),
        round_trip_us_median=round(statistics.median(trips) * 1e6, 1),
        round_trip_us_p99=round(sorted(trips)[int(len(trips) * 0.99)] * 1e6, 1),
    )


def _table(plan: Plan, result: Result) -> Table:
    table = Table(title="two peers in one process", title_justify="left", show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column(style="dim")
    table.add_row(
        "connect",
        f"{result.connect_ms_median:.1f} ms",
        f"median of {plan.connections}, worst {result.connect_ms_worst:.1f} ms",
    )
    table.add_row(
        "data",
        f"{result.megabytes_per_second:.1f} MB/s",
        f"{plan.size / 2**20:g} MiB in messages of {plan.message_size} bytes, "
        f"{'SHA-256 equal' if result.intact else 'SHA-256 DIFFERS'}",
    )
    table.add_row(
        "processor", f"{result.cpu_seconds_per_gigabyte:.1f} s/GB", "sender and receiver together"
    )
    table.add_row(
        "round trips",
        f"{result.round_trips_per_second:.0f} /s",
        f"{ECHO_SIZE} bytes, median {result.round_trip_us_median:.0f} µs, "
        f"99 % within {result.round_trip_us_p99:.0f} µs",
    )
    return table
