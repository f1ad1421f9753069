"""From RTP packets in any order to frames, for those who receive without a connection."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from webrtc.errors import DecodeError
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload.base import Depacketizer
from webrtc.rtp.payload.parts import MAX_FRAME

MAX_LATE: Final = 256
MAX_SAMPLES: Final = 256
_MOST_LATE: Final = 0x2000
_HALF: Final = 0x80000000
_MAX_MISORDER: Final = 100
"""RFC 3550 appendix A.1: what is farther behind is another stream, if its next packet follows."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A frame, and what has become of the packets since the one before it."""

    frame: EncodedFrame
    dropped: int = 0
    """Packets that were lost, or of no use without those."""
    padding: int = 0
    """Packets without payload."""


class SampleBuilder:
    """Puts packets in order and frames together. It reads no clock.

    A packet is waited for until `max_late` numbers, or `max_delay` seconds by the timestamps, have
    gone by; then the frame that needs it is dropped. So many packets wait at most, and
    `MAX_SAMPLES` for who takes them: then the oldest are dropped.
    """

    def __init__(
        self,
        depacketizer: Depacketizer,
        clock_rate: int,
        max_late: int = MAX_LATE,
        max_delay: float | None = None,
    ) -> None:
        if not 1 <= max_late <= _MOST_LATE:
            raise ValueError(f"max_late of {max_late} packets")
        self.overflowed = 0
        """Samples that nobody took in time."""
        self._depacketizer = depacketizer
        self._max_late = max_late
        self._max_ticks = _HALF if max_delay is None else round(max_delay * clock_rate)
        self._held: dict[int, RtpPacket] = {}
        self._newest: RtpPacket | None = None
        self._expected = 0
        self._last_timestamp = 0
        self._started = False
        """Whether it is known which packet is the first."""
        self._in_step = False
        """Whether the packet that is expected follows the end of a frame, or is part of one."""
        self._spoiled = -1
        """The timestamp of a frame that a part is missing of."""
        self._other_stream = -1
        """What number follows if one that was far behind has begun another stream."""
        self._parts: list[RtpPacket] = []
        self._size = 0
        self._dropped = 0
        self._padding = 0
        self._samples: deque[Sample] = deque()

    def push(self, packet: RtpPacket) -> None:
        """Take a packet. One that comes twice, or when it was given up, is ignored."""
        number = packet.sequence_number
        ahead = (number - self._expected) & 0xFFFF
        if self._newest is None:
            self._begin_at(packet)
        elif ahead >= 0x8000:
            if not self._goes_back(packet, 0x10000 - ahead):
                return
        elif ahead >= 2 * self._max_late:
            self._jump(packet)
        elif (number - self._newest.sequence_number) & 0xFFFF < 0x8000:
            self._newest = packet
        self._held[number] = packet
        self._advance()

    def pop(self) -> Sample | None:
        """The next sample, or None if there is none yet."""
        return self._samples.popleft() if self._samples else None

    def __iter__(self) -> Iterator[Sample]:
        """Pop all that there are."""
        while self._samples:
            yield self._samples.popleft()

    def flush(self) -> None:
        """Wait for nothing any longer: the stream has ended."""
        self._drain()
        if self._parts:
            self._finish()

    def _begin_at(self, packet: RtpPacket) -> None:
        self._newest = packet
        self._expected = packet.sequence_number
        self._last_timestamp = packet.timestamp
        self._started = self._in_step = False

    def _goes_back(self, packet: RtpPacket, behind: int) -> bool:
        """Whether a packet behind the one that is expected has to be taken."""
        number = packet.sequence_number
        if not self._started and behind < self._max_late:
            self._expected = number
            return True
        if behind > _MAX_MISORDER:
            if number == self._other_stream:
                self._drain()
                self._spoil()
                self._begin_at(packet)
                return True
            self._other_stream = (number + 1) & 0xFFFF
        return False

    def _jump(self, packet: RtpPacket) -> None:
        """Give up all that is before a packet which is too far ahead."""
        self._drain()
        self._spoil()
        self._dropped += (packet.sequence_number - self._expected) & 0xFFFF
        self._begin_at(packet)

    def _advance(self) -> None:
        """Take what is in order, and wait at the first gap."""
        while self._held:
            packet = self._held.get(self._expected)
            if packet is None or not (self._started or self._begins(packet)):
                if not self._is_late():
                    return
                if packet is None:
                    self._give_up()
                    continue
            self._take(self._held.pop(self._expected))

    def _drain(self) -> None:
        while self._held:
            packet = self._held.pop(self._expected, None)
            if packet is None:
                self._give_up()
            else:
                self._take(packet)

    def _is_late(self) -> bool:
        newest = self._newest
        if newest is None:
            return False
        if (newest.sequence_number - self._expected) & 0xFFFF >= self._max_late:
            return True
        return self._max_ticks < (newest.timestamp - self._last_timestamp) & 0xFFFFFFFF < _HALF

    def _give_up(self) -> None:
        """Go on behind a gap; at most `2 * max_late` numbers away."""
        self._spoil()
        while self._expected not in self._held:
            self._expected = (self._expected + 1) & 0xFFFF
            self._dropped += 1

    def _begins(self, packet: RtpPacket) -> bool:
        return packet.timestamp != self._spoiled and self._depacketizer.begins(packet.payload)

    def _take(self, packet: RtpPacket) -> None:
        """Take the packet that was expected."""
        self._started = True
        self._expected = (self._expected + 1) & 0xFFFF
        self._last_timestamp = packet.timestamp
        if not packet.payload:
            self._padding += 1
            return
        parts = self._parts
        if parts and packet.timestamp != parts[0].timestamp:
            self._finish()
        if not self._in_step and not self._begins(packet):
            self._dropped += 1
            self._in_step = self._depacketizer.ends(packet)
            return
        self._in_step = True
        parts.append(packet)
        self._size += len(packet.payload)
        if self._size > MAX_FRAME:
            self._spoil()
        elif self._depacketizer.ends(packet):
            self._finish()

    def _spoil(self) -> None:
        """Drop the frame that was begun, with what is still to come of it."""
        if self._parts:
            self._spoiled = self._parts[0].timestamp
            self._dropped += len(self._parts)
            self._clear()
        self._in_step = False

    def _finish(self) -> None:
        try:
            frame = self._depacketizer.join(self._parts)
        except DecodeError:
            self._dropped += len(self._parts)
        else:
            self._samples.append(Sample(frame, self._dropped, self._padding))
            self._dropped = self._padding = 0
            if len(self._samples) > MAX_SAMPLES:
                self._samples.popleft()
                self.overflowed += 1
        self._clear()

    def _clear(self) -> None:
        self._parts.clear()
        self._size = 0
