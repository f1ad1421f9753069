"""What the terminal shows of a transfer: lines, and below them the bar."""

import time
from types import TracebackType
from typing import Self

from rich import progress as bars
from rich.console import Console
from rich.filesize import decimal
from rich.markup import escape

from webrtc import RTCPeerConnection
from webrtc.cli.paths import describe_path, kind_of_path
from webrtc.transfer import Progress, Transfer

LABEL = 12


class Display:
    """Use it with `with`, around everything that is shown."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._path = ""
        self._task: bars.TaskID | None = None
        self._started = 0.0
        self._bars = bars.Progress(
            bars.TextColumn("{task.description}", markup=False),
            bars.BarColumn(bar_width=24),
            bars.TaskProgressColumn(),
            bars.DownloadColumn(),
            bars.TransferSpeedColumn(),
            bars.TimeRemainingColumn(),
            bars.TextColumn("{task.fields[path]}", markup=False),
            console=console,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def say(self, label: str, text: str) -> None:
        """A line above the bar."""
        padding = " " * (LABEL - len(label))
        self._console.print(f"[bold]{label}[/]{padding}{escape(text)}", soft_wrap=True)

    def connected(self, pc: RTCPeerConnection) -> None:
        """Say over which path; another transfer begins."""
        self._path = kind_of_path(pc)
        self.say("connected", describe_path(pc))
        if self._task is not None:
            self._bars.remove_task(self._task)
            self._task = None

    def update(self, now: Progress) -> None:
        """Move the bar."""
        if self._task is None:
            self._started = time.perf_counter()
            if now.offset:
                self.say("resuming", f"at {decimal(now.offset)} of {decimal(now.size)}")
            # A bar of nothing would never be full.
            self._task = self._bars.add_task(now.name, total=now.size or 1, path=self._path)
        self._bars.update(self._task, completed=now.done if now.size else 1)

    def done(self, transfer: Transfer) -> None:
        """Say what was transferred, and how fast."""
        seconds = time.perf_counter() - self._started
        moved = transfer.size - transfer.offset
        rate = f"{moved / seconds / 1e6:.1f} MB/s" if seconds else ""
        self.say("done", f"{decimal(transfer.size)} in {seconds:.1f} s  {rate}")
        self.say("SHA-256", transfer.sha256)
