"""Transport-wide congestion control: numbers on what is sent, feedback about what came.

draft-holmer-rmcat-transport-wide-cc-extensions-01.
"""

from typing import Final

from webrtc.interceptor.info import SessionInfo, StreamInfo
from webrtc.interceptor.noop import Forward, Interceptor, Slot
from webrtc.rtcp import TransportFeedback
from webrtc.rtcp.twcc import REFERENCE, TICK
from webrtc.rtp.extensions import find_element
from webrtc.rtp.header_values import ABS_SEND_TIME, TRANSPORT_CC
from webrtc.rtp.packet import RtpPacket

INTERVAL: Final = (0.05, 0.25)
"""Seconds between two feedbacks, at least and at most."""
FIRST_INTERVAL: Final = 0.1
SHARE: Final = 0.05
"""Of the bytes received, that feedback may take."""
WINDOW: Final = 0.5
"""Seconds for which an arrival is remembered, to be told again when an older one comes late."""
MAX_SPAN: Final = 2048
"""Packets that one feedback is about, those that did not come included."""
MAX_ARRIVALS: Final = 400
"""Arrivals in one feedback: its datagram has to fit."""
MAX_PENDING: Final = 8192
_OVERHEAD: Final = 28 + 14 + 20
_LARGEST_DELTA: Final = 0x7FFF


class TransportNumbers(Interceptor):
    """Numbers the packets of all streams of a transport in the order in which they leave."""

    slot: int = Slot.SEND_TIME

    def __init__(self) -> None:
        self._next = 0

    def bind_outbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        id_ = stream.extensions.get(TRANSPORT_CC)
        if id_ is None:
            return onward
        # Behind the time of sending, in packets of our own making.
        at = 4 if ABS_SEND_TIME in stream.extensions else 0
        tag = id_ << 4 | 1 if id_ < 15 else -1

        def take(packet: RtpPacket, now: float) -> None:
            number = self._next.to_bytes(2, "big")
            self._next = self._next + 1 & 0xFFFF
            extension = packet.extension
            if len(extension) > at and extension[at] == tag and packet.extension_profile == 0xBEDE:
                packet.extension = extension[: at + 1] + number + extension[at + 3 :]
            else:
                packet.set_extension(id_, number)
            onward(packet, now)

        return take


class ArrivalRecorder(Interceptor):
    """Tells the peer when its packets came, whatever their source. Row P-14."""

    slot: int = Slot.ARRIVAL

    def __init__(self, session: SessionInfo) -> None:
        self.sent = 0
        """Feedbacks so far."""
        self._session = session
        self._arrived: list[tuple[int, float]] = []  # not told yet
        self._told: dict[int, float] = {}  # by unwrapped number
        self._newest = -1
        self._next = -1  # the first number that no feedback has been about
        self._media_ssrc = 0
        self._octets = 0
        self._since = 0.0

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        id_ = stream.extensions.get(TRANSPORT_CC)
        if id_ is None or not stream.wants("transport-cc"):
            return onward
        arrived = self._arrived

        def take(packet: RtpPacket, now: float) -> None:
            extension = packet.extension
            at = find_element(packet.extension_profile, extension, id_)
            if 0 < at < len(extension) - 1 and len(arrived) < MAX_PENDING:
                arrived.append((extension[at] << 8 | extension[at + 1], now))
                self._octets += len(packet.payload)
                if self.deadline is None:
                    self._media_ssrc = packet.ssrc
                    self.deadline = now + self._interval(now)
            onward(packet, now)

        return take

    def handle_timeout(self, now: float) -> None:
        if self.deadline is None or now < self.deadline:
            return
        self.deadline = None
        pending = self._unwrapped()
        numbers = sorted(pending)
        if not numbers:
            return
        if self._next < 0 or not 0 <= numbers[0] - self._next < MAX_SPAN:
            base, span, times = self._with_told(numbers, pending)
        else:
            base, span, times = self._next, numbers, pending
        while span:
            count = self._tell(base, span, times)
            del span[:count]
            if span:
                base = span[0]
        self._next = max(self._next, self._newest + 1)
        self._told.update(pending)
        for number, at in list(self._told.items()):  # oldest first, but for those that were late
            if now - at < WINDOW:
                break
            del self._told[number]

    def _with_told(
        self, numbers: list[int], pending: dict[int, float]
    ) -> tuple[int, list[int], dict[int, float]]:
        """Where a feedback begins that is about late packets, too, and what it is about.

        What came around them is told again, since whatever is not told counts as lost.
        """
        times = self._told | pending
        base = numbers[0]
        return base, [number for number in sorted(times) if base <= number <= numbers[-1]], times

    def _unwrapped(self) -> dict[int, float]:
        """What has arrived since the last feedback, by numbers that do not wrap."""
        pending: dict[int, float] = {}
        newest = self._newest
        for number, at in self._arrived:
            if newest < 0:
                newest = number + 0x10000
            ahead = number - newest & 0xFFFF
            found = newest + ahead - (0x10000 if ahead >= 0x8000 else 0)
            if found > newest:
                newest = found
            if found not in self._told:
                pending.setdefault(found, at)
        self._newest = newest
        self._arrived.clear()
        return pending

    def _interval(self, now: float) -> float:
        """Seconds until the next feedback, so that it takes its share and no more."""
        elapsed, octets = now - self._since, self._octets
        self._since, self._octets = now, 0
        least, most = INTERVAL
        if elapsed <= 0 or octets <= 0:
            return FIRST_INTERVAL
        wait = (_OVERHEAD + 2 * len(self._arrived)) * elapsed / (SHARE * octets)
        if wait < least:
            return least
        return wait if wait < most else most

    def _tell(self, base: int, span: list[int], times: dict[int, float]) -> int:
        """Send one feedback about as many as it can take; gives how many those were."""
        first = int(times[span[0]] / TICK)
        reference = first // REFERENCE
        arrivals: list[tuple[int, int]] = []
        before = 0
        for number in span:
            ticks = int(times[number] / TICK) - reference * REFERENCE
            if number - base >= MAX_SPAN or len(arrivals) == MAX_ARRIVALS:
                break
            if not -_LARGEST_DELTA <= ticks - before <= _LARGEST_DELTA:
                break
            arrivals.append((number - base, ticks))
            before = ticks
        if not arrivals:  # the first is too far from the base
            return 0
        self.rtcp.append(
            TransportFeedback(
                self._session.ssrc,
                self._media_ssrc,
                base & 0xFFFF,
                reference & 0xFFFFFF,
                self.sent & 0xFF,
                arrivals[-1][0] + 1,
                tuple(arrivals),
            )
        )
        self.sent += 1
        return len(arrivals)
