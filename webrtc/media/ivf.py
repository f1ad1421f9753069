"""IVF, the file of VP8, VP9 and AV1 without sound."""

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

from webrtc.errors import DecodeError
from webrtc.media.frames import video_frame
from webrtc.media.track import VIDEO_CLOCK, Timeline, Track
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload.parts import MAX_FRAME

_HEADER: Final = struct.Struct("<4sHH4sHHIIII")
"""Signature, version, length of itself, codec, size, units a second as a fraction, duration."""
_FRAME: Final = struct.Struct("<IQ")
_DURATION_OFFSET = 24
_CODECS = {b"VP80": "VP8", b"VP90": "VP9", b"AV01": "AV1"}
_FOURCC = {codec: fourcc for fourcc, codec in _CODECS.items()}
_TEMPORAL_DELIMITER = b"\x12\0"
_SIZE_LIMIT = 0xFFFF


class IvfWriter:
    """Writes one track of video; what comes before the first key frame is left out.

    The file stays the caller's. Without `close` it does not tell its duration.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._start = file.tell() if file.seekable() else None
        self._track: Track | None = None
        self._timeline = Timeline()

    def write(self, frame: EncodedFrame, time: float) -> None:
        """Add a frame that is shown at `time`, in seconds.

        Raises ValueError for a frame that this file cannot have: of another codec, of another
        size for AV1, or with a time before the last.
        """
        if self._track is None:
            if not frame.keyframe:
                return
            self._track = self._begin(frame)
        self._track.check(frame)
        self._timeline.advance(time)
        data = frame.data
        if self._track.codec == "AV1":
            data = _TEMPORAL_DELIMITER + data
        self._file.write(_FRAME.pack(len(data), round(time * VIDEO_CLOCK)) + data)

    def close(self) -> None:
        """Write the duration into the header, if the file can be rewritten."""
        if self._timeline.last is not None and self._start is not None:
            # A field that some writers fill with the number of frames, in units of one.
            ticks = round((self._timeline.last + self._timeline.step) * VIDEO_CLOCK)
            self._file.seek(self._start + _DURATION_OFFSET)
            self._file.write(struct.pack("<I", min(ticks, 0xFFFFFFFF)))
            self._file.seek(0, 2)

    def _begin(self, frame: EncodedFrame) -> Track:
        track = Track.of(frame)
        if track.codec not in _FOURCC:
            raise ValueError(f"IVF has no {track.codec}")
        self._file.write(
            _HEADER.pack(
                b"DKIF",
                0,
                _HEADER.size,
                _FOURCC[track.codec],
                min(track.width, _SIZE_LIMIT),
                min(track.height, _SIZE_LIMIT),
                VIDEO_CLOCK,
                1,
                0,
                0,
            )
        )
        return track


class IvfReader:
    """Reads the frames of a file, up to where it is cut off if it is."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the header. Raises DecodeError for another kind of file, or another codec."""
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size or header[:4] != b"DKIF":
            raise DecodeError("not an IVF file")
        _, _, length, fourcc, width, height, rate, scale, _, _ = _HEADER.unpack(header)
        codec = _CODECS.get(fourcc)
        if codec is None:
            raise DecodeError(f"IVF with codec {fourcc!r}")
        if not rate or not scale or length < _HEADER.size:
            raise DecodeError(f"IVF header of {length} bytes with time base {scale}/{rate}")
        file.read(length - _HEADER.size)
        self.track = Track(codec, width=width, height=height)
        self._file = file
        self._rate: int = rate
        self._scale: int = scale

    def __iter__(self) -> Iterator[EncodedFrame]:
        """Frames with their timestamps at 90 kHz.

        Raises DecodeError for what is malformed, after all that comes before.
        """
        while len(header := self._file.read(_FRAME.size)) == _FRAME.size:
            length, units = _FRAME.unpack(header)
            if length > MAX_FRAME + len(_TEMPORAL_DELIMITER):
                raise DecodeError(f"IVF frame of {length} bytes")
            data = self._file.read(length)
            if len(data) < length:
                return
            ticks = units * self._scale * VIDEO_CLOCK // self._rate
            frame = video_frame(self.track.codec, data, ticks & 0xFFFFFFFF)
            if frame.data:  # encoders write what they dropped as a frame of no bytes
                yield frame
