"""Files of encoded media as tracks, in real time."""

import asyncio
import logging
import os
from pathlib import Path, PurePath
from types import TracebackType
from typing import BinaryIO, Final, Self

from webrtc.aio.tracks.encoded import EncodedTrack
from webrtc.errors import DecodeError, InvalidStateError
from webrtc.media.playback import Due, Playback
from webrtc.util.spelling import Hinting

AHEAD: Final = 1.0
"""Seconds that are read before they are due."""
MAX_LATE: Final = 0.5
"""Seconds that are made up for; what is later is played later, as if it had been paused."""

_log = logging.getLogger("webrtc.aio")


class Player(Hinting):
    """Plays files side by side on one clock, each as a track that connections can send.

        async with Player("picture.ivf", "sound.ogg", loop=True) as player:
            for track in player.tracks:
                pc.add_track(track)
            ...
            player.start()

    IVF, Ogg with Opus (its first track), WAV, and H.264 and H.265 in files of their own.
    """

    def __init__(
        self, *paths: str | os.PathLike[str], loop: bool = False, frame_rate: float = 30.0
    ) -> None:
        """Open files and read how they begin; with `loop` they begin anew at the longest's end.

        `frame_rate`: of files that tell no times. Raises ValueError for a suffix that stands for no
        file, DecodeError for a file of another kind, OSError for one that cannot be opened.
        """
        self._loop = asyncio.get_running_loop()
        found = [Path(path) for path in paths]
        self._core = Playback(found, _open, loop=loop, frame_rate=frame_rate)
        self._playing: asyncio.Task[None] | None = None
        self._closed = False
        self.tracks = tuple(
            EncodedTrack("video" if each.kind == "video" else "audio", each.codec)
            for each in self._core.tracks
        )
        """One for each file, in their order. They end with the files."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def start(self) -> None:
        """Begin to play. Harmless when it has begun. Raises InvalidStateError when closed."""
        if self._closed:
            raise InvalidStateError("start() of a player that is closed")
        if self._playing is None:
            self._playing = asyncio.create_task(self._play())

    async def ended(self) -> None:
        """Wait for the end of the files. Raises DecodeError if one was malformed from there on."""
        if self._playing is None:
            raise InvalidStateError("ended() of a player that was not started")
        await asyncio.shield(self._playing)

    async def close(self) -> None:
        """Stop, end the tracks and close the files."""
        self._closed = True
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.gather(self._playing, return_exceptions=True)
        self._end()
        self._core.close()

    async def _play(self) -> None:
        begun, until = self._loop.time(), AHEAD
        try:
            batch = await self._read(until)
            while batch:
                until = max(until, batch[-1].time) + AHEAD
                following = asyncio.ensure_future(self._read(until))
                try:
                    for due in batch:
                        if (wait := begun + due.time - self._loop.time()) > 0:
                            await asyncio.sleep(wait)
                        late = self._loop.time() - begun - due.time
                        if late > MAX_LATE:
                            begun += late
                        self._send(due)
                finally:
                    batch = await following
        except DecodeError as error:
            _log.warning("the rest of a file is not played: %s", error)
            raise
        finally:
            self._end()

    async def _read(self, until: float) -> list[Due]:
        return await self._loop.run_in_executor(None, self._core.read, until)

    def _send(self, due: Due) -> None:
        track = self.tracks[due.number]
        if track.ready_state == "live":
            track.send(due.frame)

    def _end(self) -> None:
        for track in self.tracks:
            track.end()


def _open(path: PurePath) -> BinaryIO:
    return open(path, "rb")
