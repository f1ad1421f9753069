"""Looking into a connection: its statistics, and logs of what happens in it."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from warnings import warn

from webrtc.aio import environment
from webrtc.aio.event_log import Record
from webrtc.aio.loop.ticks import ticks
from webrtc.aio.observers import Observers
from webrtc.peer import PeerConnection, SettingEngine
from webrtc.peer.report import RTCStatsReport

EventLog = str | os.PathLike[str] | Callable[[Record], object]
"""Where records go: to the end of a file, or to a function in a turn of the loop of its own."""


class Inspection:
    """Tells of one connection and changes nothing in it."""

    def __init__(self, core: PeerConnection, name: str, settings: SettingEngine) -> None:
        self._core = core
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._epoch = time.time() - self._loop.time()
        self._ended = asyncio.Event()
        self._observers = Observers(core, name, self._loop)
        for log in (settings.event_log, environment.events_path()):
            if log is not None:
                self._observers.add(log)

    def __del__(self) -> None:
        """Name a connection that nobody has closed: its sockets alone would say little."""
        if not self._ended.is_set():
            text = f"unclosed peer connection {self._name}: use `async with` or await close()"
            warn(text, ResourceWarning, stacklevel=2, source=self)

    def report(self) -> RTCStatsReport:
        """What is counted, as of now; once closed, as it was at the end. webrtc-pc §8."""
        return self._core.stats(self._loop.time(), self._epoch)

    def reports(self, every: float) -> AsyncIterator[RTCStatsReport]:
        """A report at once and then `every` seconds, until `close`.

        The times do not drift; those that pass while a report is being used are left out.
        Raises InvalidAccessError unless `every` is above 0.
        """
        return self._reports(ticks(every, self._ended))

    def add_log(self, log: EventLog) -> None:
        """Log what happens from here on."""
        if not self._ended.is_set():
            self._observers.add(log)

    def remove_log(self, log: EventLog) -> None:
        """End that. Harmless when it has ended."""
        self._observers.remove(log)

    def close(self) -> None:
        """The connection has ended."""
        self._ended.set()
        self._observers.close()

    async def _reports(self, moments: AsyncIterator[None]) -> AsyncIterator[RTCStatsReport]:
        async for _ in moments:
            yield self.report()
