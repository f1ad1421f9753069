"""Negative acknowledgements: asking for what is missing. RFC 4585 §6.2.1."""

from typing import Final

from webrtc.interceptor.info import SessionInfo, StreamInfo
from webrtc.interceptor.noop import Forward, Interceptor, Slot
from webrtc.rtcp import GenericNack
from webrtc.rtp.packet import RtpPacket

MAX_TRIES: Final = 10
MAX_MISSING: Final = 1000
"""Packets of a stream that are asked for at one time."""
MAX_GAP: Final = 450
"""Packets that may be missing at once: a longer gap only a key frame can mend."""
_MARGIN: Final = 0.005
_TOGETHER: Final = 0.005
"""Seconds: what is due so soon is asked for with what is due."""


class NackGenerator(Interceptor):
    """Finds gaps in received streams whose codec has agreed on nack.

    It asks at once, then once a round trip, until the packet comes, ten tries have failed or
    nobody waits for it any more.
    """

    slot: int = Slot.REPAIR

    def __init__(self, session: SessionInfo) -> None:
        self._session = session
        self._streams: dict[int, _Gaps] = {}

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        if stream.repairs is not None or not stream.wants("nack"):
            return onward
        gaps = self._streams[stream.ssrc] = _Gaps(self, stream, onward)
        return gaps.take

    def unbind(self, ssrc: int) -> None:
        self._streams.pop(ssrc, None)

    def missing(self, ssrc: int) -> int:
        """How many packets of a stream are being asked for."""
        gaps = self._streams.get(ssrc)
        return len(gaps.missing) if gaps is not None else 0

    def asked(self, ssrc: int) -> int:
        """How many messages a stream has needed."""
        gaps = self._streams.get(ssrc)
        return gaps.messages if gaps is not None else 0

    def handle_timeout(self, now: float) -> None:
        self.deadline = None
        for gaps in self._streams.values():
            if gaps.missing:
                self.ask(gaps, now)

    def repaired(self, wish: "_Wish", now: float) -> None:
        """What was asked for has come: the first time that tells how long the way is."""
        if wish.tries == 1 and not self._session.measured:
            self._session.take_round_trip(now - wish.since)

    def ask(self, gaps: "_Gaps", now: float) -> None:
        """Ask for all that is due of one stream, and arm the deadline for the rest."""
        again = now + self._session.round_trip + _MARGIN
        oldest = now - self._session.patience(gaps.kind)
        lost, over, soonest = [], [], again
        for sequence, wish in gaps.missing.items():
            if wish.since < oldest or wish.tries == MAX_TRIES:
                over.append(sequence)
            elif wish.due <= now + _TOGETHER:
                wish.due = again
                wish.tries += 1
                lost.append(sequence)
            elif wish.due < soonest:
                soonest = wish.due
        for sequence in over:
            del gaps.missing[sequence]
        if lost:
            gaps.messages += 1
            self.rtcp.append(GenericNack(self._session.ssrc, gaps.ssrc, tuple(lost)))
        if gaps.missing and (self.deadline is None or soonest < self.deadline):
            self.deadline = soonest


class _Wish:
    """A packet that is being asked for."""

    __slots__ = ("due", "since", "tries")

    def __init__(self, now: float) -> None:
        self.since = self.due = now
        self.tries = 0


class _Gaps:
    """What is missing of one stream, by sequence number, oldest first."""

    __slots__ = ("_expected", "_generator", "_onward", "kind", "messages", "missing", "ssrc")

    def __init__(self, generator: NackGenerator, stream: StreamInfo, onward: Forward) -> None:
        self.ssrc = stream.ssrc
        self.kind = stream.kind
        self.missing: dict[int, _Wish] = {}
        self.messages = 0
        self._generator = generator
        self._onward = onward
        self._expected = -1

    def take(self, packet: RtpPacket, now: float) -> None:
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
                self._generator.repaired(wish, now)
            return
        first, self._expected = self._expected, sequence + 1 & 0xFFFF
        if first < 0:
            return
        if ahead > MAX_GAP or len(self.missing) + ahead > MAX_MISSING:
            self.missing.clear()
            return
        for distance in range(ahead):
            self.missing[first + distance & 0xFFFF] = _Wish(now)
        self._generator.ask(self, now)
