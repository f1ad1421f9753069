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
    """Marks chunks lost after each SACK."""

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
        chunks = outstanding.chunks
        return bool(
            outstanding.holes
            or self.deadline is not None
            or (chunks and chunks[0].packet < outstanding.largest_packet)
        )

    def on_recovery(self) -> None:
        """A round of losses began."""
        self._recoveries += 1
        if self._recoveries > PERSISTENCE:
            self._steps = min(self._steps, 1)

    def detect(self, now: float) -> list[OutgoingChunk]:
        """Chunks in flight that are lost by now."""
        self.deadline = None
        outstanding = self._outstanding
        chunks, first, largest = outstanding.chunks, outstanding.first, outstanding.largest_packet
        late = self._rtt + self._window()
        lost = []
        for tsn in outstanding.holes:
            chunk = chunks[tsn - first]
            if (
                chunk.state == IN_FLIGHT
                and chunk.packet < largest
                and self._is_lost(chunk, late, now)
            ):
                lost.append(chunk)
        # Beyond so many gap blocks the peer may have had no room to report what it has. A round
        # trip repairs what it did report, and then it reports more.
        hidden = outstanding.reported == GAP_LIMIT
        oldest = now - HIDDEN_ROUNDS * late
        index = outstanding.highest + 1 - first
        while index < len(chunks) and (chunk := chunks[index]).packet < largest:
            if chunk.state == IN_FLIGHT and (
                chunk.sent_at <= oldest if hidden else self._is_lost(chunk, late, now)
            ):
                lost.append(chunk)
            index += 1
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
