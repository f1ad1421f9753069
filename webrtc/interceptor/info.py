"""What an interceptor is told of a stream, and what all of a session share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from webrtc.rtp.codec import Codec

FIRST_ROUND_TRIP: Final = 0.1
"""Seconds that are assumed until one is measured."""
AUDIO_PATIENCE: Final = 0.06
"""Seconds that sound waits for a missing packet."""
_GAIN: Final = 0.125
_LONGEST: Final = 60.0


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """One source of a session, in one direction."""

    ssrc: int
    kind: str
    """audio or video."""
    codecs: Mapping[int, Codec]
    """By payload type. The first is the one that is sent."""
    extensions: Mapping[str, int] = field(default_factory=dict)
    """Ids of header extensions by their URI."""
    rtx_ssrc: int | None = None
    """The source that repairs this one, where it is known. RFC 4588."""
    repairs: int | None = None
    """The source that this one repairs."""
    mid: str | None = None
    rid: str | None = None

    @property
    def clock_rate(self) -> int:
        """Of the first codec, in Hz."""
        for codec in self.codecs.values():
            return codec.clock_rate
        return 90000

    def wants(self, feedback: str) -> bool:
        """Whether a codec has agreed on that value of `a=rtcp-fb`."""
        return any(feedback in codec.feedback for codec in self.codecs.values())


class SessionInfo:
    """What is the same for all streams of a session and changes with time."""

    __slots__ = ("measured", "round_trip", "ssrc")

    def __init__(self, ssrc: int) -> None:
        self.ssrc = ssrc
        """In whose name feedback is sent."""
        self.round_trip = FIRST_ROUND_TRIP
        """Seconds, smoothed."""
        self.measured = 0
        """How often a round trip was measured."""

    def take_round_trip(self, seconds: float) -> None:
        """Take one measurement. What cannot be true is left."""
        if not 0.0 <= seconds <= _LONGEST:
            return
        if self.measured:
            seconds = self.round_trip + _GAIN * (seconds - self.round_trip)
        self.round_trip = seconds
        self.measured += 1

    def patience(self, kind: str) -> float:
        """Seconds that a missing packet is worth waiting for."""
        if kind == "audio":
            return AUDIO_PATIENCE
        wait = 10 * self.round_trip + 0.02
        if wait < 0.1:
            return 0.1
        return wait if wait < 2.0 else 2.0
