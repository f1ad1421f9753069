"""Looking into a connection: its statistics, and logs of what happens in it."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable

from webrtc.aio import environment
from webrtc.aio.event_log import Record
from webrtc.aio.loop.emitter import Emitter
from webrtc.aio.loop.ticks import ticks
from webrtc.aio.observers import Observers
from webrtc.aio.tracks import MediaStreamTrack
from webrtc.errors import InvalidAccessError
from webrtc.peer import PeerConnection, SettingEngine
from webrtc.peer.report import RTCStatsReport

EventLog = str | os.PathLike[str] | Callable[[Record], object]
"""Where records go: to the end of a file, or to a function in a turn of the loop of its own."""


class Inspectable(Emitter):
    """The part of a peer connection that tells of it and changes nothing."""

    async def get_stats(self, selector: MediaStreamTrack | None = None) -> RTCStatsReport:
        """What is counted, as of now; once closed, as it was at the end. webrtc-pc §8.

        Raises InvalidAccessError for a track, since there is no sender or receiver of one.
        """
        if selector is not None:
            raise InvalidAccessError("no sender or receiver has this track")
        return self._inspected.stats(self._loop.time(), self._epoch)

    def stats(self, every: float = 1.0) -> AsyncIterator[RTCStatsReport]:
        """A report at once and then `every` seconds, until the connection is closed.

        The times do not drift; those that pass while a report is being used are left out.
        Raises InvalidAccessError unless `every` is above 0.
        """
        return self._reports(ticks(every, self._ended))

    def add_event_log(self, log: EventLog) -> None:
        """Log what happens from here on, as `SettingEngine.event_log` does from the beginning."""
        if not self._ended.is_set():
            self._observers.add(log)

    def remove_event_log(self, log: EventLog) -> None:
        """End that. Harmless when it has ended."""
        self._observers.remove(log)

    def _begin_inspection(self, core: PeerConnection, name: str, settings: SettingEngine) -> None:
        self._inspected = core
        self._epoch = time.time() - self._loop.time()
        self._ended = asyncio.Event()
        self._observers = Observers(core, name, self._loop)
        for log in (settings.event_log, environment.events_path()):
            if log is not None:
                self._observers.add(log)

    def _end_inspection(self) -> None:
        self._observers.close()

    async def _reports(self, moments: AsyncIterator[None]) -> AsyncIterator[RTCStatsReport]:
        async for _ in moments:
            yield await self.get_stats()
