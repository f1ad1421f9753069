"""The commands and their options; what a command does is in the module of its name."""

from pathlib import Path
from typing import Unpack

import click
from rich.console import Console

from webrtc.cli import bench as benchmarks
from webrtc.cli import demo as demonstration
from webrtc.cli import files
from webrtc.cli.dump import dump
from webrtc.cli.rules import rules_options
from webrtc.signaling import Rules

MIB = 2**20


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="asyncio-webrtc")
def webrtc() -> None:
    """WebRTC for asyncio: a live demo, files from terminal to terminal, a benchmark."""


for command in (files.send, files.receive, files.rendezvous, dump):
    webrtc.add_command(command)


@webrtc.command()
@click.option(
    "--host", default="localhost", show_default=True, help="Address to serve the page at."
)
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="TCP port of the page; the next free one when it is busy, any free one for 0.",
)
@click.option("--headless", is_flag=True, help="Stop after the self-check: exit status 0 or 1.")
@click.option(
    "--browser/--no-browser", default=True, show_default=True, help="Open the page in a browser."
)
@click.option(
    "--size",
    default=64,
    show_default=True,
    type=click.IntRange(1, 4096),
    help="MiB of data that the self-check sends.",
)
@click.option(
    "--limit",
    default=60.0,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds that the self-check may take.",
)
@click.option(
    "--report",
    default=".demo/report.json",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write what the self-check measured.",
)
@rules_options
def demo(
    *,
    host: str,
    port: int,
    headless: bool,
    browser: bool,
    size: int,
    limit: float,
    report: Path,
    **rules: Unpack[Rules],
) -> None:
    """Check this machine with two local peers, then serve a page that talks to Python."""
    console = Console(highlight=False)
    check = demonstration.Check(size * MIB, limit, report)
    page = None if headless else demonstration.Page(host, port, browser, rules)
    raise SystemExit(demonstration.run(console, check, page))


@webrtc.command()
@click.option(
    "--size",
    default=128,
    show_default=True,
    type=click.IntRange(1, 65536),
    help="MiB to send for the data rate.",
)
@click.option(
    "--message-size",
    default=16384,
    show_default=True,
    type=click.IntRange(1, 262144),
    help="Bytes in a message.",
)
@click.option(
    "--round-trips",
    default=2000,
    show_default=True,
    type=click.IntRange(1),
    help="Echoes of 100 bytes, one after the other.",
)
@click.option(
    "--connections",
    default=10,
    show_default=True,
    type=click.IntRange(1, 10000),
    help="Connections to set up, one after the other.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def bench(
    *, size: int, message_size: int, round_trips: int, connections: int, as_json: bool
) -> None:
    """Measure two peers in this process: set-up time, data rate, round trips."""
    plan = benchmarks.Plan(size * MIB, message_size, round_trips, connections)
    raise SystemExit(benchmarks.run(Console(highlight=False), plan, as_json=as_json))
