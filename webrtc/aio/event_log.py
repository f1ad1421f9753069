"""What happens in a connection, one JSON object a line."""

import json
import time
from collections.abc import Callable
from typing import Any

from webrtc.aio.loop.files import SharedFile

Record = dict[str, Any]
"""`time` in seconds since the log began, `connection`, `event`, and the facts of the event."""


def first_record() -> Record:
    """What a log begins with."""
    from webrtc.version import __version__

    library = f"asyncio-webrtc {__version__}"
    return {"time": 0.0, "event": "log", "unix": round(time.time(), 6), "library": library}


class EventFile(SharedFile):
    """A log that several connections share; its times are since the first of them came."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._began: float | None = None

    def add(self, clock: float, record: Record) -> None:
        """Append what happened when the loop's clock showed `clock`."""
        if self._began is None:
            self._began = clock
            self._write(first_record())
        self._write({"time": round(clock - self._began, 6)} | record)

    def _write(self, record: Record) -> None:
        self.write(json.dumps(record, separators=(",", ":"), default=str).encode() + b"\n")


class EventCallback:
    """Gives the records of one connection to a function, in a turn of the loop of its own."""

    def __init__(
        self,
        callback: Callable[[Record], object],
        schedule: Callable[[Callable[[Record], object], Record], object],
    ) -> None:
        self._callback = callback
        self._schedule = schedule
        self._began: float | None = None

    def add(self, clock: float, record: Record) -> None:
        """Pass on what happened when the loop's clock showed `clock`."""
        if self._began is None:
            self._began = clock
            self._schedule(self._callback, first_record())
        self._schedule(self._callback, {"time": round(clock - self._began, 6)} | record)

    def release(self) -> None:
        """There is nothing to close."""
