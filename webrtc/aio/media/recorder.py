"""What receivers receive, into a file, without decoding it."""

import asyncio
import logging
import os
from collections import deque
from contextlib import aclosing
from pathlib import Path, PurePath
from types import TracebackType
from typing import BinaryIO, Final, Self

from webrtc.aio.rtp.receiver import RTCRtpReceiver
from webrtc.errors import InvalidStateError
from webrtc.media.recording import Recording
from webrtc.rtp import EncodedFrame
from webrtc.util.spelling import Hinting
from webrtc.util.webidl import instance

MAX_WAITING: Final = 1024
"""Frames that wait for the disk; the oldest are dropped."""

_log = logging.getLogger("webrtc.aio")


class Recorder(Hinting):
    """Records several tracks on one clock: by the sender's reports, else as they came.

    The suffix tells the kind of file: `.webm` and `.mkv` for all, `.ogg` and `.opus` for Opus,
    `.wav` for a track of G.711, G.722 or L16, `.ivf` for one of VP8, VP9 or AV1, `.h264` and
    `.h265`. A codec or size that the file cannot go on with begins another: "call.mkv" is followed
    by "call-2.mkv".

        async with Recorder("call.webm") as recorder:
            recorder.add(pc.get_receivers()[0])
            await asyncio.sleep(60)
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Raises ValueError for a suffix that stands for no file. It is opened with a frame."""
        self._core = Recording(Path(path), _open)
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[int, EncodedFrame, float]] = deque(maxlen=MAX_WAITING)
        self._readers: list[asyncio.Task[None]] = []
        self._writer: asyncio.Task[None] | None = None
        self._error: OSError | None = None
        self._closed = False
        self.dropped = 0
        """Frames that came faster than the disk took them."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def paths(self) -> tuple[PurePath, ...]:
        """The files that were begun."""
        return tuple(self._core.paths)

    @property
    def refused(self) -> int:
        """Frames that the file could not have."""
        return self._core.refused

    def add(self, receiver: RTCRtpReceiver, rid: str | None = None) -> None:
        """Record what a receiver receives, up to the end of its track.

        Of several encodings it is `rid`, or the first to come. All that are added before the first
        frame comes are in the first file. Raises ValueError for a track that such a file does not
        have, InvalidStateError when closed.
        """
        instance("receiver", receiver, RTCRtpReceiver)
        if self._closed:
            raise InvalidStateError("add() to a recorder that is closed")
        number = self._core.add(receiver.track.kind)
        self._readers.append(asyncio.create_task(self._read(number, receiver, rid)))

    async def ended(self) -> None:
        """Wait for the ends of all tracks, or for an error of the disk."""
        await asyncio.gather(*self._readers)

    async def close(self) -> None:
        """End the file. Raises OSError when not all could be written."""
        if self._closed:
            return
        self._closed = True
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        while self._writer is not None:
            await asyncio.wait([self._writer])
        try:
            await self._loop.run_in_executor(None, self._core.close)
        except OSError as error:
            self._error = self._error or error
        if self._error is not None:
            raise self._error

    async def _read(self, number: int, receiver: RTCRtpReceiver, rid: str | None) -> None:
        async with aclosing(receiver.encoded_frames()) as frames:
            async for frame in frames:
                rid = frame.rid if rid is None else rid
                if frame.rid == rid:
                    self._put(number, frame)
                if self._error is not None:
                    return

    def _put(self, number: int, frame: EncodedFrame) -> None:
        self.dropped += len(self._waiting) == self._waiting.maxlen
        self._waiting.append((number, frame, self._loop.time()))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        """Write what waits, one batch after the other."""
        try:
            while self._waiting and self._error is None:
                batch = list(self._waiting)
                self._waiting.clear()
                await self._loop.run_in_executor(None, self._take, batch)
        except OSError as error:
            self._error = error
            _log.warning("the recording has ended: %s", error)
        finally:
            self._writer = None

    def _take(self, batch: list[tuple[int, EncodedFrame, float]]) -> None:
        for number, frame, arrived in batch:
            self._core.take(number, frame, arrived)


def _open(path: PurePath) -> BinaryIO:
    return open(path, "wb")
