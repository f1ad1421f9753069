"""What a file says of one of its tracks, and the order of time in it."""

from dataclasses import dataclass
from typing import Final, Self

from webrtc.errors import DecodeError
from webrtc.media.frames import picture_size
from webrtc.media.private import codec_private
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.payload.parts import check_frame

VIDEO_CLOCK: Final = 90_000
"""Hz. RFC 3551 §5"""
_VIDEO = {"vp8": "VP8", "vp9": "VP9", "h264": "H264", "h265": "H265", "av1": "AV1"}
_CHANGES_SIZE = {"VP8", "VP9"}
"""Codecs whose key frames say in the stream alone how large they are."""


@dataclass(frozen=True, slots=True)
class Track:
    """One track of a file."""

    codec: str
    """The encoding name, as `EncodedFrame` has it."""
    clock_rate: int = VIDEO_CLOCK
    """Of its timestamps, in Hz."""
    channels: int = 0
    """Of sound."""
    width: int = 0
    height: int = 0
    """Of pictures, in pixels."""
    private: bytes = b""
    """What a decoder needs before the first frame, in the form of Matroska's CodecPrivate."""

    @classmethod
    def of(cls, frame: EncodedFrame) -> Self:
        """The track that a key frame of video begins.

        Raises ValueError for a frame that does not tell all of it.
        """
        codec = _VIDEO.get(frame.codec.lower())
        if codec is None or not frame.keyframe:
            raise ValueError(f"a track does not begin with this frame of {frame.codec}")
        try:
            size = picture_size(codec, frame.data)
        except DecodeError as error:
            raise ValueError(str(error)) from None
        width, height = size or (frame.width, frame.height)
        if not width or not height:
            raise ValueError(f"a key frame of {codec} that does not tell its size")
        private = codec_private(codec, frame.data)
        return cls(codec, width=width, height=height, private=private)

    @property
    def kind(self) -> str:
        """Either "video" or "audio"."""
        return "video" if self.codec in _VIDEO.values() else "audio"

    def fits(self, frame: EncodedFrame) -> bool:
        """Whether a frame of this codec can go on in the same file.

        VP8 and VP9 may change their size in the middle of one; others then need a new track.
        """
        if self.codec in _CHANGES_SIZE or frame.width is None or not self.width:
            return True
        return (frame.width, frame.height) == (self.width, self.height)

    def check(self, frame: EncodedFrame) -> None:
        """Raise ValueError for a frame that this track cannot have.

        Of another codec, empty, of more than 8 MiB, or of another size where `fits` says so.
        """
        check_frame(frame, self.codec)
        if not self.fits(frame):
            raise ValueError(
                f"{self.codec} of {frame.width} x {frame.height} in a track"
                f" of {self.width} x {self.height}: begin a new file"
            )


class Timeline:
    """The times of a track: they may not go back, and tell how long the last frame is shown."""

    def __init__(self) -> None:
        self.last: float | None = None
        """Seconds, of the newest frame."""
        self.step = 0.0
        """Seconds from the frame before to the newest."""

    def advance(self, time: float) -> None:
        """Take the time of a frame. Raises ValueError if it lies before the last, or before 0."""
        before = 0.0 if self.last is None else self.last
        if not before <= time < float("inf"):
            raise ValueError(f"a frame at {time} s behind one at {before} s")
        if self.last is not None:
            self.step = time - self.last
        self.last = time
