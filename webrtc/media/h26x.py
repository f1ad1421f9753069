"""Files of H.264 and H.265 alone: NAL units behind start codes. Annex B of either."""

from collections.abc import Iterator
from typing import BinaryIO, Final, Literal

from webrtc.errors import DecodeError
from webrtc.media.frames import nal_frame
from webrtc.media.track import VIDEO_CLOCK, Timeline, Track
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload import annexb, h264, h265
from webrtc.rtp.payload.parts import MAX_FRAME

_CHUNK: Final = 1 << 16
_START: Final = b"\0\0\1"
_MASKS = {"H264": h264.HEADER_MASK, "H265": h265.HEADER_MASK}
_HEADERS = {"H264": 1, "H265": 2}
"""Bytes that a NAL unit has at least."""
_H264_BEFORE_SLICES = {6, 7, 8, 9, 14, 15, 16, 17, 18}
_H265_BEFORE_SLICES = {32, 33, 34, 35, 39, *range(41, 45), *range(48, 56)}


class AnnexBWriter:
    """Writes one track of H.264 or H.265; what comes before the first key frame is left out.

    Such a file has no times: a player shows it at the rate it was told.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._track: Track | None = None
        self._timeline = Timeline()

    def write(self, frame: EncodedFrame, time: float) -> None:
        """Add a frame that is shown at `time`, in seconds.

        Raises ValueError for a frame of another codec or size, one without start codes or lengths,
        or with a time before the last.
        """
        if self._track is None:
            if not frame.keyframe:
                return
            track = Track.of(frame)
            if track.codec not in _MASKS:
                raise ValueError(f"a file of NAL units has no {track.codec}")
            self._track = track
        self._track.check(frame)
        self._timeline.advance(time)
        self._file.write(annexb.join(annexb.units_of(frame.data, _MASKS[self._track.codec])))

    def close(self) -> None:
        """Do nothing more: the file is whole after every frame."""


class AnnexBReader:
    """Reads the pictures of a file, each with what belongs before it."""

    def __init__(
        self, file: BinaryIO, codec: Literal["H264", "H265"], frame_rate: float = 30.0
    ) -> None:
        """Take pictures as `frame_rate` a second. Raises ValueError if it is not positive."""
        if not 0 < frame_rate <= VIDEO_CLOCK:
            raise ValueError(f"{frame_rate} pictures a second")
        self.track = Track(codec)
        self._file = file
        self._codec: Literal["H264", "H265"] = codec
        self._ticks = VIDEO_CLOCK / frame_rate

    def __iter__(self) -> Iterator[EncodedFrame]:
        """Frames with their timestamps at 90 kHz.

        Raises DecodeError for what is no such file, or a picture of more than 8 MiB.
        """
        picture: list[bytes] = []
        size = count = 0
        has_slice = False
        for unit in nal_units(self._file):
            if len(unit) < _HEADERS[self._codec]:
                continue
            is_slice, begins = self._place(unit)
            if has_slice and begins:
                yield self._frame(picture, count)
                count += 1
                picture, size, has_slice = [], 0, False
            picture.append(unit)
            size += len(unit)
            has_slice = has_slice or is_slice
            if size > MAX_FRAME:
                raise DecodeError(f"a picture of {size} bytes")
        if has_slice:
            yield self._frame(picture, count)

    def _place(self, unit: bytes) -> tuple[bool, bool]:
        """Whether a unit is of a slice, and whether behind slices it begins the next picture.

        H.264 §7.4.1.2.3, H.265 §7.4.2.4.4; slices come in order.
        """
        if self._codec == "H264":
            kind = h264.unit_type(unit)
            if 1 <= kind <= 5:
                return True, kind not in {3, 4} and unit[1:2] >= b"\x80"
            return False, kind in _H264_BEFORE_SLICES
        kind = h265.unit_type(unit)
        if kind < 32:
            return True, unit[2:3] >= b"\x80"
        return False, kind in _H265_BEFORE_SLICES

    def _frame(self, units: list[bytes], number: int) -> EncodedFrame:
        timestamp = round(number * self._ticks) & 0xFFFFFFFF
        return nal_frame(self._codec, units, timestamp)


def nal_units(file: BinaryIO) -> Iterator[bytes]:
    """NAL units one after another, without start codes.

    Raises DecodeError for a file that does not begin with one, or a unit of more than 8 MiB.
    """
    held = bytearray(file.read(_CHUNK))
    begin = held.find(_START)
    if held and (begin < 0 or held[:begin].strip(b"\0")):
        raise DecodeError("a file that does not begin with a start code")
    begin += len(_START)
    searched = begin
    while held:
        end = held.find(_START, searched)
        if end < 0:
            if len(held) - begin > MAX_FRAME:
                raise DecodeError(f"a NAL unit of more than {MAX_FRAME} bytes")
            del held[:begin]
            searched, begin = max(len(held) - 2, 0), 0
            chunk = file.read(_CHUNK)
            held += chunk
            if chunk:
                continue
            end = len(held)
        unit = bytes(held[begin:end]).rstrip(b"\0")
        if unit:
            yield unit
        begin = searched = end + len(_START)
        if begin > len(held):
            return
