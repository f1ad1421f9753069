"""A command in a process of its own, as in a terminal of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import PATIENCE

ROOT = Path(__file__).parents[2]


class Terminal:
    """Runs `webrtc` with arguments; what it prints goes to a file."""

    def __init__(self, log: Path, *arguments: str) -> None:
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "error", "-m", "webrtc", *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=ROOT,
                env=os.environ | {"COLUMNS": "100"},
            )

    @property
    def text(self) -> str:
        return self._log.read_text()

    def line(self, label: str) -> str:
        """The rest of the line that begins with `label`, as soon as it is there."""
        wait_for(lambda: self._find(label) or self._process.poll() is not None, label)
        found = self._find(label)
        assert found, self.text
        return found

    def status(self) -> int:
        """Exit status, when it is over."""
        return self._process.wait(PATIENCE)

    def kill(self, number: int = signal.SIGKILL) -> None:
        self._process.send_signal(number)

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def _find(self, label: str) -> str | None:
        lines = [line for line in self.text.split("\n")[:-1] if line.startswith(label)]
        return lines[-1].removeprefix(label).strip() if lines else None


class Desk:
    """Terminals that are closed in the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._terminals: list[Terminal] = []

    def run(self, *arguments: str) -> Terminal:
        log = self._folder / f"{len(self._terminals)}.log"
        terminal = Terminal(log, *arguments)
        self._terminals.append(terminal)
        return terminal

    def send(self, path: Path, *arguments: str) -> tuple[Terminal, list[str]]:
        """`webrtc send`, and the arguments that it says the other side needs."""
        sender = self.run("send", str(path), "--port", "0", *arguments)
        return sender, sender.line("receive ").split()[1:]


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    found = Desk(folder)
    try:
        yield found
    finally:
        for terminal in found._terminals:
            terminal.end()


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.02)
