"""Finding lost chunks by the order and time of their sending, as RFC 8985 does for TCP.

In order, a chunk is lost when three later packets arrived: the three missing reports of RFC 9260
§7.2.4, whether they come in three SACKs or in one. When the path turned out to reorder, a chunk is
given a share of the round-trip time beyond that. It holds for chunks sent again as well.
"""

from typing import Final

from webrtc.sctp.outstanding import IN_FLIGHT, OutgoingChunk, Outstanding
from webrtc.sctp.rto import RetransmissionTimeout

PACKET_THRESHOLD: Final = 3
MAX_WINDOW_STEPS: Final = 32
GAP_LIMIT: Final = 20
"""Gap blocks that dcSCTP reports at most; others stop where the packet is full."""
HIDDEN_ROUNDS: Final = 2
"""Round trips after which what lies beyond so many blocks is taken for lost all the same."""
PERSISTENCE: Final = 16
"""Recoveries without a spurious retransmission before the reordering window shrinks."""


class LossDetection:
    """Takes chunks for lost after each SACK."""

    def __init__(self, outstanding: Outstanding, rto: RetransmissionTimeout) -> None:
        self._outstanding = outstanding
        self._rto = rto
        self._rtt = 0.0
        self._steps = 0  # of a quarter of the smallest round-trip time; 0 = no reordering seen
        self._next_step = 0.0
        self._recoveries = 0
        self.deadline: float | None = None
        """When a chunk that was overtaken is to be taken for lost."""

    def on_ack(self, now: float) -> bool:
        """Note what the last SACK acknowledged; returns whether to call `detect`."""
        outstanding = self._outstanding
        latest = outstanding.latest
        if latest is not None:
            outstanding.latest = None
            if latest.packet > outstanding.largest_packet:
                outstanding.largest_packet = latest.packet
                self._rtt = now - latest.sent_at
        if outstanding.spurious or outstanding.reordered:
            self._widen(now)
        if self.deadline is not None:
            return True
        chunks = outstanding.chunks
        return bool(chunks) and bool(
            outstanding.holes or chunks[0].packet < outstanding.largest_packet
        )

    def on_recovery(self) -> None:
        """A round of losses began."""
        self._recoveries += 1
        if self._recoveries > PERSISTENCE:
            self._steps = min(self._steps, 1)

    def detect(self, now: float) -> list[OutgoingChunk]:
        """Take for lost the chunks in flight that are lost by now; returns them.

        They are looked at in the order of their sending, up to the first that is not lost: what
        was sent after it is not lost either.
        """
        self.deadline = None
        late = self._rtt + self._window()
        repairs = self._lost_repairs(late, now)
        lost = self._lost_first(late, now)
        self._outstanding.lose_again(repairs)
        return repairs + lost

    def _lost_first(self, late: float, now: float) -> list[OutgoingChunk]:
        """Of the chunks that were sent once. They lie in order of their TSNs."""
        outstanding = self._outstanding
        chunks, first, largest = outstanding.chunks, outstanding.first, outstanding.largest_packet
        index = outstanding.suspect - first if outstanding.suspect > first else 0
        # Beyond so many gap blocks the peer may have had no room to report what it has. A round
        # trip repairs what it did report, and then it reports more.
        hidden = outstanding.reported == GAP_LIMIT
        reported = outstanding.highest + 1 - first
        oldest = now - HIDDEN_ROUNDS * late
        lost: list[OutgoingChunk] = []
        while index < len(chunks):
            chunk = chunks[index]
            if chunk.state == IN_FLIGHT and chunk.transmissions == 1:
                if chunk.packet >= largest:
                    break
                if hidden and index >= reported:
                    if chunk.sent_at > oldest:
                        break
                elif not self._is_lost(chunk, late, now):
                    break
                outstanding.lose(chunk)
                lost.append(chunk)
            index += 1
        outstanding.suspect = first + index
        return lost

    def _lost_repairs(self, late: float, now: float) -> list[OutgoingChunk]:
        """Of those that were sent again."""
        repairs, largest = self._outstanding.repairs, self._outstanding.largest_packet
        lost: list[OutgoingChunk] = []
        while repairs:
            chunk, packet = repairs[0]
            if chunk.state == IN_FLIGHT and chunk.packet == packet:
                if packet >= largest or not self._is_lost(chunk, late, now):
                    break
                lost.append(chunk)
            repairs.popleft()
        return lost

    def _is_lost(self, chunk: OutgoingChunk, late: float, now: float) -> bool:
        behind = self._outstanding.largest_packet - chunk.packet
        if not self._steps and behind >= PACKET_THRESHOLD:
            return True
        deadline = chunk.sent_at + late
        if deadline <= now:
            return True
        if self.deadline is None or deadline < self.deadline:
            self.deadline = deadline
        return False

    def _widen(self, now: float) -> None:
        """The path reorders: allow for more of it, a step a round trip."""
        outstanding = self._outstanding
        if not outstanding.spurious:
            self._steps = max(self._steps, 1)
        elif now >= self._next_step:
            self._steps = min(self._steps + 1, MAX_WINDOW_STEPS)
            self._next_step = now + (self._rto.srtt or 0.0)
            self._recoveries = 0
        outstanding.spurious = outstanding.reordered = False

    def _window(self) -> float:
        if self._rto.srtt is None:
            return 0.0
        # RFC 8985 stops at SRTT; a path that reorders further is not helped by early repairs.
        return min(max(self._steps, 1) * self._rto.min_rtt / 4, self._rto.rto - self._rto.srtt)
