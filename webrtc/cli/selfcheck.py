"""The demo's check of this machine: two peers, every stage timed, data and video compared."""

import asyncio
import json
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from webrtc.cli.pair import Pair, Transfer, connected_pair, transfer
from webrtc.cli.paths import describe_path
from webrtc.cli.reflection import FRAMES, Reflection, reflection
from webrtc.errors import WebRTCError

MESSAGE_SIZE = 65536
INDENT = "      "


@dataclass(slots=True)
class Report:
    """What was seen, as it is written to `.demo/report.json`."""

    ok: bool = False
    reason: str | None = None
    """Why it is not ok."""
    python: str = field(default_factory=platform.python_version)
    platform: str = field(default_factory=platform.platform)
    candidates: list[str] = field(default_factory=list)
    path: str | None = None
    milliseconds: dict[str, float] = field(default_factory=dict)
    """Of each stage, and `total`."""
    data: dict[str, float | int | bool] = field(default_factory=dict)
    video: dict[str, float | int] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")


async def check(console: Console, size: int, limit: float) -> Report:
    """Connect two peers and send `size` bytes within `limit` seconds. Never raises."""
    report = Report()
    try:
        async with asyncio.timeout(limit), connected_pair() as pair:
            _note_connection(pair, report)
            _show_connection(console, report)
            sent = await _send(console, pair, size)
            _note_transfer(sent, report)
            if report.ok:
                _note_video(console, await reflection(), report)
    except TimeoutError:
        report.reason = f"not done after {limit:g} s: {_stopped_after(report)}"
    except (WebRTCError, OSError) as error:
        report.reason = f"{type(error).__name__}: {error}"
    return report


def _note_connection(pair: Pair, report: Report) -> None:
    milliseconds = {
        stage: round(seconds * 1000, 2) for stage, seconds in pair.milestones.durations().items()
    }
    report.milliseconds = {**milliseconds, "total": round(pair.milestones.total * 1000, 2)}
    report.candidates = [candidate.candidate for candidate in pair.candidates]
    report.path = describe_path(pair.offerer)


def _show_connection(console: Console, report: Report) -> None:
    for line in report.candidates:
        _, _, protocol, _, host, port, _, kind, *_ = line.split()
        console.print(f"{INDENT}[dim]candidate  {kind} {protocol.lower()} {host} port {port}[/]")
    rows = [
        (f"gathered {len(report.candidates)} candidates", "gather"),
        (f"ICE   {report.path}", "ice"),
        ("DTLS  fingerprints verified", "dtls"),
        ("SCTP  data channel open", "sctp"),
        ("first message and its echo", "message"),
        ("[bold]connected[/]", "total"),
    ]
    for text, stage in rows:
        if (spent := report.milliseconds.get(stage)) is not None:
            padding = " " * (54 - console.measure(text).maximum)
            console.print(f"{INDENT}{text}{padding}{spent:8.1f} ms")


async def _send(console: Console, pair: Pair, size: int) -> Transfer:
    columns = (
        TextColumn(f"{INDENT}data  {size / 2**20:g} MiB"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TextColumn("[bold]{task.fields[rate]}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=size, rate="")

        def advance(count: int) -> None:
            progress.advance(task, count)
            if speed := progress.tasks[task].speed:
                progress.update(task, rate=f"{speed / 1e6:.0f} MB/s")

        sent = await transfer(pair, size, MESSAGE_SIZE, advance)
        progress.update(task, rate=f"{sent.megabytes_per_second:.0f} MB/s")
    return sent


def _note_transfer(sent: Transfer, report: Report) -> None:
    report.data = {
        "bytes": sent.size,
        "seconds": round(sent.seconds, 3),
        "cpu_seconds": round(sent.cpu_seconds, 3),
        "megabytes_per_second": round(sent.megabytes_per_second, 1),
        "sha256_equal": sent.intact,
    }
    report.ok = sent.intact
    if not sent.intact:
        report.reason = "the data that arrived is not the data that was sent"


def _note_video(console: Console, seen: Reflection, report: Report) -> None:
    report.video = {
        "frames_sent": FRAMES,
        "frames_back": seen.back,
        "milliseconds": round(seen.median * 1000, 2),
    }
    text = f"video {seen.back} of {FRAMES} frames reflected, the median in"
    console.print(f"{INDENT}{text:<54}{report.video['milliseconds']:8.1f} ms")
    report.ok = seen.back == FRAMES
    if not report.ok:
        report.reason = f"{FRAMES - seen.back} of {FRAMES} frames of video did not come back whole"


def _stopped_after(report: Report) -> str:
    if report.data:
        return "the data arrived, but video did not come back"
    if report.milliseconds:
        return "connected, but the data is too slow for this limit"
    return "the two peers did not connect; does a firewall drop UDP on this machine?"
