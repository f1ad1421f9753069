"""What every file is to those who read or write it."""

from collections.abc import Iterator
from typing import Protocol

from webrtc.media.track import Track
from webrtc.rtp.frame import EncodedFrame


class Writer(Protocol):
    """Puts frames into a file that stays its caller's."""

    def write(self, frame: EncodedFrame, time: float) -> None:
        """Add a frame at `time`, in seconds from the beginning of the file.

        A writer of several tracks takes the number of one behind that. Raises ValueError for a
        frame that the file cannot have; then it is as it was.
        """

    def close(self) -> None:
        """Write what is known at the end alone. Without it the file can be played all the same."""


class Reader(Protocol):
    """Takes the frames of one track out of a file, once."""

    track: Track

    def __iter__(self) -> Iterator[EncodedFrame]:
        """Frames with timestamps at the clock rate of the track.

        Raises DecodeError for what is malformed, behind all that is good in the file.
        """
