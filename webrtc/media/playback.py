"""The frames of files in the order of their times, once or again and again."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from heapq import merge
from pathlib import PurePath
from typing import BinaryIO, Final, NamedTuple

from webrtc.errors import DecodeError
from webrtc.media.base import Reader
from webrtc.media.h26x import AnnexBReader
from webrtc.media.ivf import IvfReader
from webrtc.media.ogg import OggReader
from webrtc.media.track import Track
from webrtc.media.wav import WavReader
from webrtc.rtp.frame import EncodedFrame

MAX_READ: Final = 512
"""Frames that are read together, however many are due."""
LEAST: Final = 0.02
"""Seconds that a pass of a loop takes, however short the files are."""

Open = Callable[[PurePath], BinaryIO]


class Due(NamedTuple):
    """A frame and its time in seconds from the beginning on."""

    time: float
    number: int
    """Of its track."""
    frame: EncodedFrame


def _h264(file: BinaryIO, frame_rate: float) -> Reader:
    return AnnexBReader(file, "H264", frame_rate)


def _h265(file: BinaryIO, frame_rate: float) -> Reader:
    return AnnexBReader(file, "H265", frame_rate)


_READERS: Final[dict[str, Callable[[BinaryIO, float], Reader]]] = {
    ".ivf": lambda file, _: IvfReader(file),
    ".ogg": lambda file, _: OggReader(file),
    ".opus": lambda file, _: OggReader(file),
    ".wav": lambda file, _: WavReader(file),
    ".h264": _h264,
    ".264": _h264,
    ".h265": _h265,
    ".265": _h265,
    ".hevc": _h265,
}


class Playback:
    """Reads files side by side, as their frames are due. Of an Ogg file it is the first track."""

    def __init__(
        self, paths: Sequence[PurePath], open_: Open, *, loop: bool = False, frame_rate: float = 30
    ) -> None:
        """Open the files; `close` closes them. `frame_rate`: of files that have no times.

        Raises ValueError for a suffix that stands for no file, DecodeError for a file of another
        kind, OSError for one that cannot be opened.
        """
        for path in paths:
            if path.suffix.lower() not in _READERS:
                raise ValueError(f"{path.name!r} to play: files are {', '.join(_READERS)}")
        self._paths = paths
        self._open = open_
        self._loop = loop
        self._frame_rate = frame_rate
        self._files = ExitStack()
        readers = self._readers()
        self.tracks: tuple[Track, ...] = tuple(reader.track for reader in readers)
        self._due = self._all(readers)
        self._next: Due | None = None
        self._error: DecodeError | None = None
        self._lasts = 0.0

    def read(self, until: float) -> list[Due]:
        """Frames of before `until` seconds that were not read; none at the end of all.

        It is never empty before: the next frame is in it, however late it is. Raises DecodeError
        for what is malformed, behind all that comes before it.
        """
        if self._error is not None:
            raise self._error
        found: list[Due] = []
        try:
            while self._next is None or not found or self._next.time < until:
                if len(found) == MAX_READ:
                    break
                if self._next is not None:
                    found.append(self._next)
                self._next = next(self._due)
        except StopIteration:
            self._next = None
        except DecodeError as error:
            self._next, self._error = None, error
            if not found:
                raise
        return found

    def close(self) -> None:
        """Close the files."""
        self._files.close()

    def _readers(self) -> list[Reader]:
        self._files.close()
        readers: list[Reader] = []
        try:
            for path in self._paths:
                file = self._files.enter_context(self._open(path))
                readers.append(_READERS[path.suffix.lower()](file, self._frame_rate))
        except BaseException:
            self._files.close()
            raise
        return readers

    def _all(self, readers: list[Reader]) -> Iterator[Due]:
        base = 0.0
        while True:
            self._lasts = 0.0
            sources = [self._timed(number, each, base) for number, each in enumerate(readers)]
            yield from merge(*sources, key=lambda due: due.time)
            if not self._loop or not self._lasts:
                return
            base += max(self._lasts, LEAST)
            readers = self._readers()

    def _timed(self, number: int, reader: Reader, base: float) -> Iterator[Due]:
        rate = reader.track.clock_rate
        shift = round(base * rate)
        ticks = last = 0
        for frame in reader:
            step = (frame.timestamp - last + (1 << 31) & 0xFFFFFFFF) - (1 << 31)
            ticks, last = ticks + max(step, 0), frame.timestamp
            # The last frame of a track is shown as long as the one before it.
            self._lasts = max(self._lasts, (ticks + max(step, 1)) / rate)
            frame.timestamp = ticks + shift & 0xFFFFFFFF
            yield Due(base + ticks / rate, number, frame)
