"""Several tracks on one clock into files, as their frames come: a core that is told the time."""

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import BinaryIO, Final

from webrtc.media.h26x import AnnexBWriter
from webrtc.media.ivf import IvfWriter
from webrtc.media.matroska import MatroskaWriter
from webrtc.media.ogg import OggWriter
from webrtc.media.track import Track
from webrtc.media.wav import WavWriter
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload import DEFAULT_FORMATS

PATIENCE: Final = 2.0
"""Seconds to wait for every track to begin, and for what ties their clocks together."""
MAX_HELD: Final = 1024
"""Frames of all tracks that are held meanwhile."""
MAX_ERROR: Final = 5.0
"""Seconds between what a peer tells of time and what its frames' arrivals tell: more is not so."""

Write = Callable[[EncodedFrame, float, int], None]


class _Opened:
    """A file that is being written."""

    def __init__(self, file: BinaryIO, write: Write, close: Callable[[], None]) -> None:
        self.file = file
        self.write = write
        self.finish = close


def _many(writer: MatroskaWriter | OggWriter, file: BinaryIO) -> _Opened:
    return _Opened(file, writer.write, writer.close)


def _single(writer: IvfWriter | AnnexBWriter | WavWriter, file: BinaryIO) -> _Opened:
    def write(frame: EncodedFrame, time: float, _: int) -> None:
        writer.write(frame, time)

    return _Opened(file, write, writer.close)


def _matroska(file: BinaryIO, tracks: Sequence[Track]) -> _Opened:
    return _many(MatroskaWriter(file, tracks), file)


def _ogg(file: BinaryIO, tracks: Sequence[Track]) -> _Opened:
    return _many(OggWriter(file, tracks), file)


def _ivf(file: BinaryIO, _: Sequence[Track]) -> _Opened:
    return _single(IvfWriter(file), file)


def _annex_b(file: BinaryIO, _: Sequence[Track]) -> _Opened:
    return _single(AnnexBWriter(file), file)


def _wav(file: BinaryIO, tracks: Sequence[Track]) -> _Opened:
    return _single(WavWriter(file, tracks[0]), file)


_BOTH: Final = ("audio", "video")
_FILES: Final[
    dict[str, tuple[Callable[[BinaryIO, Sequence[Track]], _Opened], tuple[str, ...], bool]]
] = {
    ".webm": (_matroska, _BOTH, True),
    ".mkv": (_matroska, _BOTH, True),
    ".ogg": (_ogg, ("audio",), True),
    ".opus": (_ogg, ("audio",), True),
    ".ivf": (_ivf, ("video",), False),
    ".h264": (_annex_b, ("video",), False),
    ".h265": (_annex_b, ("video",), False),
    ".wav": (_wav, ("audio",), False),
}
"""By suffix: what makes the writer, the kinds of tracks, and whether there may be several."""


class _Channel:
    """One track: its clock, and where it stands in the file."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.track: Track | None = None
        self.clock_rate = 0
        self.index = -1
        """Of the track in the file that is open, -1 for none."""
        self.time = 0.0
        """Of the newest frame in that file, in seconds."""
        self.begins = 0.0
        """What is added to the times of frames."""
        self.came: float | None = None
        """When its first frame came."""
        self.captured: float | None = None
        """When that was captured, by the clock of the peer, as soon as that is known."""
        self._elapsed = 0.0
        self._timestamp = 0

    def learn(self, frame: EncodedFrame, arrived: float) -> float:
        """Seconds from the first frame of the track to this one."""
        if self.came is None:
            self.came = arrived
        else:
            ticks = frame.timestamp - self._timestamp & 0xFFFFFFFF
            self._elapsed += (ticks - (ticks >> 31 << 32)) / self.clock_rate
        if abs(self._elapsed - (arrived - self.came)) > MAX_ERROR:
            self._elapsed = arrived - self.came
        self._timestamp = frame.timestamp
        if self.captured is None and frame.captured is not None:
            self.captured = frame.captured - self._elapsed
        return self._elapsed


class Recording:
    """Puts the frames of tracks into one file, and begins another where a track changes.

    The file begins when every track has begun, or two seconds after the first. `path` tells the
    kind of file; `open_` opens one, at that path or, for those behind the first, with a number.
    """

    def __init__(self, path: PurePath, open_: Callable[[PurePath], BinaryIO]) -> None:
        """Raises ValueError for a suffix that stands for no file."""
        if path.suffix.lower() not in _FILES:
            raise ValueError(f"a recording as {path.name!r}: files are {', '.join(_FILES)}")
        self.paths: list[PurePath] = []
        """The files that were begun."""
        self.refused = 0
        """Frames that the file cannot have."""
        self.written = 0
        self._path = path
        self._open = open_
        self._make, self._kinds, self._several = _FILES[path.suffix.lower()]
        self._channels: list[_Channel] = []
        self._held: deque[tuple[_Channel, EncodedFrame, float]] = deque(maxlen=MAX_HELD)
        self._begun_at: float | None = None
        self._opened: _Opened | None = None
        self._origin = 0.0
        """The time at which the file begins."""

    def add(self, kind: str) -> int:
        """Expect `audio` or `video`; the number of that track.

        Raises ValueError for what such a file does not have.
        """
        if kind not in self._kinds or (self._channels and not self._several):
            raise ValueError(f"no {kind} behind {len(self._channels)} tracks in {self._path.name}")
        self._channels.append(_Channel(kind))
        return len(self._channels) - 1

    def take(self, number: int, frame: EncodedFrame, arrived: float) -> None:
        """Take the next frame of a track, which came at `arrived` seconds.

        Raises OSError when the file cannot be written.
        """
        channel = self._channels[number]
        if not self._fit(channel, frame):
            self.refused += channel.track is not None
            return
        elapsed = channel.learn(frame, arrived)
        if self._begun_at is None:
            self._begun_at = arrived
        if self._opened is not None and channel.index < 0:
            self._end_file()  # a track that begins late needs a file that has it
        if self._opened is not None:
            self._write(channel, frame, elapsed)
            return
        self._held.append((channel, frame, elapsed))
        known = all(each.captured is not None for each in self._channels)
        if known or len(self._channels) == 1 or arrived - self._begun_at >= PATIENCE:
            self._begin_file()

    def close(self) -> None:
        """End the file. Raises OSError when it cannot be written."""
        if self._opened is None and self._held:
            self._begin_file()
        self._end_file()

    def _fit(self, channel: _Channel, frame: EncodedFrame) -> bool:
        """Whether a frame can be recorded; a change ends the file."""
        track = channel.track
        if track is not None and track.codec.lower() == frame.codec.lower() and track.fits(frame):
            return True
        try:
            channel.track = _track(channel.kind, frame)
        except ValueError:
            return False  # no key frame, or one without what decoders need
        channel.clock_rate = channel.track.clock_rate
        if track is not None:
            self._end_file()
        return True

    def _begin_file(self) -> None:
        present = [each for each in self._channels if each.track is not None]
        tracks = [each.track for each in present if each.track is not None]
        path = self._path
        if self.paths:
            path = path.with_stem(f"{path.stem}-{len(self.paths) + 1}")
        else:
            _tie(present)
        self.paths.append(path)
        file = self._open(path)
        self._opened = self._make(file, tracks)
        for index, channel in enumerate(present):
            channel.index = index
        held = sorted(self._held, key=lambda each: each[0].begins + each[2])
        self._held.clear()
        self._origin = held[0][0].begins + held[0][2]
        for channel, frame, elapsed in held:
            self._write(channel, frame, elapsed)

    def _end_file(self) -> None:
        opened, self._opened = self._opened, None
        if opened is None:
            return
        for channel in self._channels:
            channel.index, channel.time = -1, 0.0
        try:
            opened.finish()
        finally:
            opened.file.close()

    def _write(self, channel: _Channel, frame: EncodedFrame, elapsed: float) -> None:
        if self._opened is None:
            return
        # Never back: an encoder may repeat a timestamp, and clocks are corrected.
        channel.time = max(channel.time, channel.begins + elapsed - self._origin)
        try:
            self._opened.write(frame, channel.time, channel.index)
            self.written += 1
        except ValueError:
            self.refused += 1


def _tie(channels: Sequence[_Channel]) -> None:
    """Put tracks on one clock: the peer's where it tells it of all, and tells nothing absurd."""
    shifts = [
        each.captured - each.came
        for each in channels
        if each.captured is not None and each.came is not None
    ]
    told = len(shifts) == len(channels) and max(shifts) - min(shifts) <= MAX_ERROR
    for each in channels:
        each.begins = (each.captured if told else each.came) or 0.0


def _track(kind: str, frame: EncodedFrame) -> Track:
    """What begins with a frame. Raises ValueError where nothing can."""
    if kind == "video":
        return Track.of(frame)
    format_ = DEFAULT_FORMATS.get(frame.codec)
    if format_ is None or not frame.keyframe:
        raise ValueError(f"a track does not begin with this frame of {frame.codec}")
    return Track(format_.encoding_name, format_.clock_rate, format_.channels or 1)
