"""Negative acknowledgements: asking for what is missing. RFC 4585 §6.2.1."""

from typing import Final

from webrtc.interceptor.gaps import Gaps, Wish
from webrtc.interceptor.info import SessionInfo, StreamInfo
from webrtc.interceptor.noop import Forward, Interceptor, Slot
from webrtc.rtcp import GenericNack

MAX_TRIES: Final = 10
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
        self._streams: dict[int, Gaps] = {}

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        if stream.repairs is not None or not stream.wants("nack"):
            return onward
        gaps = self._streams[stream.ssrc] = Gaps(stream, onward, self.ask, self.repaired)
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

    def repaired(self, wish: Wish, now: float) -> None:
        """What was asked for has come: the first time that tells how long the way is."""
        if wish.tries == 1 and not self._session.measured:
            self._session.take_round_trip(now - wish.since)

    def ask(self, gaps: Gaps, now: float) -> None:
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
