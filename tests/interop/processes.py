"""Programs that a test starts: each in its own process group, its errors kept for the report."""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from typing import Self

TAIL = 40
LINE = 1 << 20  # a description with its candidates is one line


class Program:
    """A running program; leaving the context ends its whole process group."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.tail: deque[str] = deque(maxlen=TAIL)
        """The last lines of standard error."""
        self._reader = asyncio.create_task(self._read_errors())

    @classmethod
    async def start(cls, *command: str, talks: bool = False) -> Self:
        """Run `command`; only one that `talks` gets pipes for standard input and output."""
        pipe = PIPE if talks else DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=pipe, stdout=pipe, stderr=PIPE, start_new_session=True, limit=LINE
            )
        except FileNotFoundError as error:
            raise FileNotFoundError(f"no {command[0]}: run scripts/install-peers") from error
        return cls(process)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """End the group politely, then by force; returns when the leader is gone."""
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), 5)
        except TimeoutError:
            pass
        self._signal(signal.SIGKILL)
        await self.process.wait()
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        transport = self.process._transport  # type: ignore[attr-defined]  # closes the pipes at once
        transport.close()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    async def _read_errors(self) -> None:
        errors = self.process.stderr
        assert errors is not None
        while line := await errors.readline():
            self.tail.append(line.decode(errors="replace").rstrip())
