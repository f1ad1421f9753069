"""Matroska and WebM files. RFC 9559; WebM Container Guidelines."""

from collections.abc import Sequence
from typing import BinaryIO, Final

from webrtc.errors import DecodeError
from webrtc.media import ebml
from webrtc.media.matroska_tracks import block_of, document_type, tracks_element
from webrtc.media.track import Timeline, Track
from webrtc.media.wav import bytes_a_tick
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload import opus

_SEGMENT, _SEEK_HEAD, _INFO, _TRACKS = 0x18538067, 0x114D9B74, 0x1549A966, 0x1654AE6B
_CLUSTER, _TIMESTAMP, _SIMPLE_BLOCK = 0x1F43B675, 0xE7, 0xA3
_CUES = 0x1C53BB6B
_TIMESTAMP_SCALE: Final = 1_000_000
"""Nanoseconds: times are milliseconds."""
_SEEKS_LENGTH: Final = 96
"""Bytes for the SeekHead, which is known when the file is closed."""
_DURATION_LENGTH: Final = 11
_KEY_FRAME = 0x80
_MAX_CLUSTER = 5 * 1024 * 1024
_LONG, _LONGEST = 5.0, 30.0
"""Seconds of a cluster that the next key frame ends, and that any frame ends."""


class MatroskaWriter:
    """Writes tracks into a WebM file, or into Matroska if a codec is not of WebM.

    A track of video is left out up to its first key frame. The file stays the caller's. If writing
    stops without `close`, it is playable as it is and lacks duration and cues; if the file cannot
    be rewritten, it lacks them in any case.
    """

    def __init__(self, file: BinaryIO, tracks: Sequence[Track]) -> None:
        """Write the headers. Raises ValueError for a codec that Matroska does not have."""
        head = tracks_element(tracks)  # raises, before anything is written
        self._file = _Places(file)
        self._tracks = tracks
        self._timelines = [Timeline() for _ in tracks]
        self._video = any(track.kind == "video" for track in tracks)
        self._ends = 0.0
        self._cluster: _Cluster | None = None
        self._cues: list[bytes] = []
        self._closed = False
        self._file.write(document_type(tracks))
        self._file.write(ebml.identifier(_SEGMENT))
        self._segment_size = self._file.place()
        self._file.write(ebml.UNKNOWN_SIZE)
        self._segment = self._file.place()
        self._file.write(ebml.void(_SEEKS_LENGTH))
        self._info = self._file.place()
        self._file.write(_info())
        self._duration = self._file.place() - _DURATION_LENGTH
        self._head = self._file.place()
        self._file.write(ebml.element(_TRACKS, head))

    def write(self, frame: EncodedFrame, time: float, track: int = 0) -> None:
        """Add a frame that is shown or sounds from `time` on, in seconds.

        Raises ValueError for a frame that the track cannot have: of another codec, of another size
        but for VP8 and VP9, or with a time before the last.
        """
        of, timeline = self._tracks[track], self._timelines[track]
        of.check(frame)
        if of.kind == "video" and timeline.last is None and not frame.keyframe:
            return
        data = block_of(of, frame.data)
        lasts = _duration(of, frame.data)
        timeline.advance(time)
        self._ends = max(self._ends, time + (timeline.step if lasts is None else lasts))
        milliseconds = round(time * 1000)
        leads = frame.keyframe and (of.kind == "video" or not self._video)
        cluster = self._cluster
        if cluster is None or self._is_full(cluster, milliseconds, leads=leads):
            cluster = self._begin_cluster(milliseconds)
        if leads and (of.kind == "video" or not cluster.length):
            self._cue(milliseconds, track, cluster)
        header = ebml.size(track + 1) + (milliseconds - cluster.time).to_bytes(
            2, "big", signed=True
        )
        flags = bytes((_KEY_FRAME if frame.keyframe else 0,))
        cluster.length += len(data)
        self._file.write(ebml.element(_SIMPLE_BLOCK, header, flags, data))

    def close(self) -> None:
        """Write cues, duration and sizes, if the file can be rewritten."""
        if self._closed or not self._file.rewritable:
            return
        self._closed = True
        self._end_cluster()
        places = [(_INFO, self._info), (_TRACKS, self._head)]
        if self._cues:
            places.append((_CUES, self._file.place()))
            self._file.write(ebml.element(_CUES, *self._cues))
        self._file.rewrite(self._segment_size, ebml.long_size(self._file.place() - self._segment))
        self._file.rewrite(self._segment, self._seeks(places))
        if self._ends:
            self._file.rewrite(self._duration, ebml.double(0x4489, self._ends * 1000))

    def _is_full(self, cluster: "_Cluster", milliseconds: int, *, leads: bool) -> bool:
        lasted = (milliseconds - cluster.time) / 1000
        if cluster.length > _MAX_CLUSTER or abs(lasted) > _LONGEST:
            return True
        return leads and lasted >= _LONG

    def _begin_cluster(self, milliseconds: int) -> "_Cluster":
        self._end_cluster()
        self._cluster = cluster = _Cluster(self._file.place(), milliseconds)
        self._file.write(ebml.identifier(_CLUSTER) + ebml.UNKNOWN_SIZE)
        self._file.write(ebml.uint(_TIMESTAMP, milliseconds))
        return cluster

    def _end_cluster(self) -> None:
        if self._cluster is not None and self._file.rewritable:
            size_place = self._cluster.place + len(ebml.identifier(_CLUSTER))
            begins = size_place + len(ebml.UNKNOWN_SIZE)
            self._file.rewrite(size_place, ebml.long_size(self._file.place() - begins))

    def _cue(self, milliseconds: int, track: int, cluster: "_Cluster") -> None:
        position = ebml.uint(0xF7, track + 1) + ebml.uint(0xF1, cluster.place - self._segment)
        self._cues.append(
            ebml.element(0xBB, ebml.uint(0xB3, milliseconds), ebml.element(0xB7, position))
        )

    def _seeks(self, places: Sequence[tuple[int, int]]) -> bytes:
        """Where the parts of the segment begin, in the room that was left for it."""
        seeks = [
            ebml.element(
                0x4DBB,
                ebml.element(0x53AB, ebml.identifier(id_)),
                ebml.uint(0x53AC, place - self._segment),
            )
            for id_, place in places
        ]
        head = ebml.element(_SEEK_HEAD, *seeks)
        return head + ebml.void(_SEEKS_LENGTH - len(head))


class _Cluster:
    """The cluster that is being written."""

    def __init__(self, place: int, time: int) -> None:
        self.place = place
        self.time = time
        """Milliseconds, which its blocks count from."""
        self.length = 0
        """Bytes of frames."""


class _Places:
    """A file that knows how much was written, if it cannot be rewound as well."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.rewritable = file.seekable()
        self._start = file.tell() if self.rewritable else 0
        self._written = 0

    def place(self) -> int:
        """Bytes that were written."""
        return self._written

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._written += len(data)

    def rewrite(self, place: int, data: bytes) -> None:
        """Put other bytes where there are some."""
        self._file.seek(self._start + place)
        self._file.write(data)
        self._file.seek(self._start + self._written)


def _info() -> bytes:
    """Of the file in whole; the duration, last, is not known yet."""
    return ebml.element(
        _INFO,
        ebml.uint(0x2AD7B1, _TIMESTAMP_SCALE),
        ebml.text(0x4D80, "webrtc"),
        ebml.text(0x5741, "webrtc"),
        ebml.void(_DURATION_LENGTH),
    )


def _duration(track: Track, data: bytes) -> float | None:
    """Seconds that a frame sounds; None for a picture, which lasts as long as the one before."""
    if track.kind == "video":
        return None
    if track.codec.lower() != "opus":
        return len(data) / bytes_a_tick(track) / track.clock_rate
    try:
        return opus.duration(data) / track.clock_rate
    except DecodeError as error:
        raise ValueError(str(error)) from None
