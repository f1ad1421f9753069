"""Video to the Python behind the page and back, as the self-check tries it."""

import time
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from webrtc import EncodedFrame, EncodedTrack, RTCPeerConnection
from webrtc.cli import bot
from webrtc.cli.pair import CONNECT_TIMEOUT, negotiate

FRAMES: Final = 30
KEY_FRAME: Final = bytes.fromhex("1002009d012a100010000047088585889984880202000619680000")
"""16 × 16 pixels of grey in VP8."""
_TICKS: Final = 3000  # of 90 kHz, from frame to frame


@dataclass(frozen=True, slots=True)
class Reflection:
    """What came back of `FRAMES` frames."""

    trips: list[float] = field(default_factory=list)
    """Seconds of each frame that came back as it was sent."""

    @property
    def back(self) -> int:
        """How many those are."""
        return len(self.trips)

    @property
    def median(self) -> float:
        """Seconds; 0 when none came back."""
        return median(self.trips) if self.trips else 0.0


async def reflection() -> Reflection:
    """Send frames over a connection of their own, one after the other.

    Raises ConnectionFailed. Waits for ever for a frame that does not come back.
    """
    track, seen = EncodedTrack("video", "VP8"), Reflection()
    async with RTCPeerConnection() as page, RTCPeerConnection() as python:
        bot.serve(python)
        page.add_track(track)
        await negotiate(page, python)
        await page.wait_connected(CONNECT_TIMEOUT)
        await python.wait_connected(CONNECT_TIMEOUT)
        frames = page.get_receivers()[0].encoded_frames()
        for number in range(FRAMES):
            sent = time.perf_counter()
            track.send(EncodedFrame(KEY_FRAME, "VP8", _TICKS * number, keyframe=True))
            if (await anext(frames)).data == KEY_FRAME:
                seen.trips.append(time.perf_counter() - sent)
        await frames.aclose()
    return seen
