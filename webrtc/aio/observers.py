"""Who is told what happens in one connection."""

import os
from collections.abc import Callable
from typing import Any, Protocol

from webrtc.aio.event_log import EventCallback, EventFile, Record
from webrtc.peer import PeerConnection


class Log(Protocol):
    """Takes records."""

    def add(self, clock: float, record: Record) -> None:
        """Take what happened when the loop's clock showed `clock`."""

    def release(self) -> None:
        """Nothing more comes."""


class Loop(Protocol):
    """The part of an event loop that is needed."""

    def time(self) -> float: ...

    def call_soon(self, callback: Callable[..., object], *args: Any) -> object: ...


class Observers:
    """The logs of one connection. While there is none, its core tells nothing and pays nothing."""

    def __init__(self, core: PeerConnection, name: str, loop: Loop) -> None:
        self._core = core
        self._name = name
        self._loop = loop
        self._logs: dict[object, Log] = {}

    def add(self, log: "str | os.PathLike[str] | Callable[[Record], object]") -> None:
        """Begin to write to a file, or to call a function."""
        if log in self._logs:
            return
        if callable(log):
            self._logs[log] = EventCallback(log, self._loop.call_soon)
        else:
            self._logs[log] = EventFile.use(log)
        self._core.observe(self.tell)

    def remove(self, log: object) -> None:
        """End that. Harmless when it has ended."""
        found = self._logs.pop(log, None)
        if found is not None:
            found.release()
        if not self._logs:
            self._core.observe(None)

    def tell(self, event: str, facts: dict[str, Any]) -> None:
        """Let all know."""
        clock = self._loop.time()
        record = {"connection": self._name, "event": event} | facts
        for log in self._logs.values():
            log.add(clock, record)

    def close(self) -> None:
        """The connection has ended."""
        self.tell("closed", {})
        for log in list(self._logs):
            self.remove(log)
