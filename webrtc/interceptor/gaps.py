"""What is missing of one stream."""

from collections.abc import Callable
from typing import Final

from webrtc.interceptor.info import StreamInfo
from webrtc.interceptor.noop import Forward
from webrtc.rtp.packet import RtpPacket

MAX_MISSING: Final = 1000
"""Packets of a stream that are asked for at one time."""
MAX_GAP: Final = 450
"""Packets that may be missing at once: a longer gap only a key frame can mend."""


class Wish:
    """A packet that is being asked for."""

    __slots__ = ("due", "since", "tries")

    def __init__(self, now: float) -> None:
        self.since = self.due = now
        self.tries = 0


class Gaps:
    """What is missing of one stream, by sequence number, oldest first."""

    __slots__ = (
        "_expected",
        "_found",
        "_onward",
        "_repaired",
        "kind",
        "messages",
        "missing",
        "ssrc",
    )

    def __init__(
        self,
        stream: StreamInfo,
        onward: Forward,
        found: Callable[["Gaps", float], None],
        repaired: Callable[[Wish, float], None],
    ) -> None:
        """`found`: there is a new gap; `repaired`: what was missing has come."""
        self.ssrc = stream.ssrc
        self.kind = stream.kind
        self.missing: dict[int, Wish] = {}
        self.messages = 0
        self._found = found
        self._repaired = repaired
        self._onward = onward
        self._expected = -1

    def take(self, packet: RtpPacket, now: float) -> None:
        """Look whether a packet is the next one, and hand it on."""
        sequence = packet.sequence_number
        if sequence == self._expected:
            self._expected = sequence + 1 & 0xFFFF
        else:
            self._out_of_order(sequence, now)
        self._onward(packet, now)

    def _out_of_order(self, sequence: int, now: float) -> None:
        ahead = sequence - self._expected & 0xFFFF
        if self._expected >= 0 and ahead >= 0x8000:
            wish = self.missing.pop(sequence, None)
            if wish is not None:
                self._repaired(wish, now)
            return
        first, self._expected = self._expected, sequence + 1 & 0xFFFF
        if first < 0:
            return
        if ahead > MAX_GAP or len(self.missing) + ahead > MAX_MISSING:
            self.missing.clear()
            return
        for distance in range(ahead):
            self.missing[first + distance & 0xFFFF] = Wish(now)
        self._found(self, now)
