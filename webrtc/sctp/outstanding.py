"""DATA chunks that were sent and are not acknowledged cumulatively. RFC 9260 §6.2.1, §6.3, §7.2.4.

TSNs are integers that do not wrap; the wire has their low 32 bits.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

from webrtc.sctp.queue import OutboundMessage

IN_FLIGHT: Final = 0
ACKED: Final = 1
LOST: Final = 2
ABANDONED: Final = 3

MAX_TAKEN_BACK: Final = 16
"""Chunks sent again at once when the peer takes back what it had reported; more follow as it
acknowledges them."""
_WITNESSES: Final = 16


class OutgoingChunk:
    """A DATA chunk as it goes out, and what became of it."""

    __slots__ = (
        "data",
        "delivered",
        "delivered_at",
        "message",
        "packet",
        "prior_sent_at",
        "sent_at",
        "size",
        "state",
        "transmissions",
        "tsn",
    )

    delivered: int  # these three are for `Delivery` to say
    delivered_at: float
    prior_sent_at: float

    def __init__(
        self, tsn: int, data: bytes, message: OutboundMessage, packet: int, sent_at: float
    ) -> None:
        self.tsn = tsn
        self.data = data
        self.message = message
        self.packet = packet  # number of the packet that carried it last
        self.sent_at = sent_at
        self.size = len(data)  # bytes on the wire
        self.state = IN_FLIGHT
        self.transmissions = 1


class Outstanding:
    """The window between the cumulative TSN and the last one sent, ordered by TSN."""

    def __init__(self, first: int) -> None:
        self.first = first
        """TSN of `chunks[0]`."""
        self.chunks: list[OutgoingChunk] = []
        self.flight = 0
        """Bytes in flight: sent, not acknowledged, not thought lost, not abandoned."""
        self.size = 0
        """Bytes held."""
        self.lost: deque[OutgoingChunk] = deque()
        """To be sent again; those whose state is no longer LOST are passed over."""
        self.suspect = first
        """Chunks below this TSN that are in flight were sent again: they are in `repairs`."""
        self.repairs: deque[tuple[OutgoingChunk, int]] = deque()
        """What was sent again, and the packet; passed over when it is in flight in none or another.
        Together with `suspect` it keeps what is in flight in the order of sending."""
        self.holes: list[int] = []
        """TSNs below `highest` that are not acknowledged, ascending."""
        self.highest = first - 1
        """Highest TSN acknowledged in any way."""
        self.reported = 0
        """Gap blocks in the last SACK."""
        self.latest: OutgoingChunk | None = None
        """Of the chunks acknowledged since it was last cleared, the one sent last."""
        self.largest_packet = -1
        self.reordered = False
        """An acknowledgement overtook an earlier packet's since this was last cleared."""
        self.spurious = False
        """A chunk sent again turned out to have arrived the first time."""

    @property
    def next_tsn(self) -> int:
        """TSN that the next new chunk gets."""
        return self.first + len(self.chunks)

    def add(self, chunk: OutgoingChunk) -> None:
        """A new chunk was sent."""
        self.chunks.append(chunk)
        self.flight += chunk.size
        self.size += chunk.size

    def extend(
        self, pieces: Sequence[bytes], message: OutboundMessage, packet: int, now: float
    ) -> Sequence[OutgoingChunk]:
        """New chunks of one message and one size were sent, each in a packet of its own."""
        tsn, added = self.next_tsn, []
        for data in pieces:
            added.append(OutgoingChunk(tsn, data, message, packet, now))
            tsn += 1
            packet += 1
        self.chunks += added
        size = len(added) * added[0].size
        self.flight += size
        self.size += size
        return added

    def acknowledge(self, count: int, now: float, min_rtt: float) -> int:
        """Drop the first `count` chunks; returns the bytes that were not acknowledged before."""
        chunks = self.chunks[:count]
        del self.chunks[:count]
        self.first += count
        released = plain = acked = 0
        top, latest = self.largest_packet, None
        for chunk in chunks:
            size = chunk.size
            released += size
            if chunk.state == IN_FLIGHT and chunk.transmissions == 1 and chunk.packet >= top:
                plain += size  # what `_account` does, when nothing is out of order
                top, latest = chunk.packet, chunk
            else:
                acked += self._account(chunk, now, min_rtt)
        if latest is not None and (self.latest is None or top > self.latest.packet):
            self.latest = latest
        self.size -= released
        self.flight -= plain
        if self.highest < self.first:
            self.highest = self.first - 1
        if self.chunks or self.holes or self.repairs:
            self._forget()
        return plain + acked

    def acknowledge_gaps(
        self, blocks: Iterable[tuple[int, int]], now: float, min_rtt: float
    ) -> int:
        """Take the gap blocks of a SACK, offsets from the cumulative TSN. Call it after that.

        What is not in order, or lies below what came before, is passed over. The work is that of
        what is news: holes that no block speaks of are not looked at.
        """
        base, chunks, holes, acked = self.first - 1, self.chunks, self.holes, 0
        end = base
        for start_offset, end_offset in blocks:
            start, stop = base + start_offset, base + end_offset
            if start_offset < 2 or start <= end or stop < start or end_offset > len(chunks):
                continue
            if holes and start <= holes[-1]:
                low, high = bisect_left(holes, start), bisect_right(holes, stop)
                for hole in holes[low:high]:
                    acked += self._account(chunks[hole - base - 1], now, min_rtt)
                del holes[low:high]
            highest = self.highest
            if stop > highest:
                holes.extend(range(highest + 1, start))
                seen = start if start > highest else highest + 1
                for chunk in chunks[seen - base - 1 : stop - base]:
                    acked += self._account(chunk, now, min_rtt)
                self.highest = stop
            end = stop
        return acked

    def lose(self, chunk: OutgoingChunk) -> None:
        """Take a chunk in flight for lost."""
        chunk.state = LOST
        self.flight -= chunk.size
        self.lost.append(chunk)

    def lose_again(self, chunks: list[OutgoingChunk]) -> None:
        """Take repairs, in the order of their sending, for lost: they go before the others."""
        for chunk in chunks:
            chunk.state = LOST
            self.flight -= chunk.size
        self.lost.extendleft(reversed(chunks))

    def lose_all(self) -> None:
        """Everything in flight is to be sent again."""
        repairs, self.repairs = self.repairs, deque()
        if self.suspect < self.first:
            self.suspect = self.first
        for chunk in self.chunks[self.suspect - self.first :]:
            if chunk.state == IN_FLIGHT and chunk.transmissions == 1:
                self.lose(chunk)
        self.suspect = self.next_tsn
        self.lose_again(
            [
                chunk
                for chunk, packet in repairs
                if chunk.state == IN_FLIGHT and chunk.packet == packet
            ]
        )

    def time_out(self, room: int) -> int:
        """As `lose_all`, and the earliest TSN is the first to be sent again. RFC 9260 §6.3.3 E3.

        Returns the bytes in chunks of at most `room`.
        """
        self.lose_all()
        self.lost = deque(chunk for chunk in self.chunks if chunk.state == LOST)
        return sum(chunk.size for chunk in self.lost if chunk.size <= room)

    def abandon(self, message: OutboundMessage) -> None:
        """Never send any chunk of `message` again. RFC 3758 §3.5 A3."""
        start = max(message.first_tsn - self.first, 0)
        for chunk in self.chunks[start : message.last_tsn - self.first + 1]:
            if chunk.message is not message:
                continue  # of another one, interleaved
            if chunk.state == IN_FLIGHT:
                self.flight -= chunk.size
            chunk.state = ABANDONED

    def has_passed(self, size: int) -> bool:
        """Whether a chunk that large was acknowledged beyond the first hole, not long ago."""
        top = self.highest - self.first + 1
        latest = self.chunks[top - _WITNESSES if top > _WITNESSES else 0 : top]
        return any(chunk.state == ACKED and chunk.size >= size for chunk in latest)

    def next_lost(self) -> OutgoingChunk | None:
        """The chunk to send again first; it stays where it is."""
        lost = self.lost
        while lost:
            if lost[0].state == LOST:
                return lost[0]
            lost.popleft()
        return None

    def resend(self, chunk: OutgoingChunk, packet: int, now: float) -> None:
        """The first lost chunk was sent again in that packet."""
        self.lost.popleft()
        chunk.state = IN_FLIGHT
        chunk.transmissions += 1
        chunk.packet = packet
        chunk.sent_at = now
        self.flight += chunk.size
        self.repairs.append((chunk, packet))

    def _account(self, chunk: OutgoingChunk, now: float, min_rtt: float) -> int:
        """The peer has `chunk`; returns its size if that is news."""
        state, size = chunk.state, chunk.size
        if state == IN_FLIGHT:
            self.flight -= size
        elif state != LOST:
            return 0
        chunk.state = ACKED
        if chunk.transmissions > 1:
            if now - chunk.sent_at < min_rtt:
                self.spurious = True
                return size
        elif chunk.packet < self.largest_packet:
            self.reordered = True
        if self.latest is None or chunk.packet > self.latest.packet:
            self.latest = chunk
        return size

    def _forget(self) -> None:
        """What lies before `first` is none of our business any more."""
        holes, repairs = self.holes, self.repairs
        if holes and holes[0] < self.first:
            del holes[: bisect_left(holes, self.first)]
        while repairs and repairs[0][0].tsn < self.first:
            repairs.popleft()
        if self.chunks and self.chunks[0].state == ACKED:
            self._take_back()

    def _take_back(self) -> None:
        """The peer dropped what it had reported in gap blocks. RFC 9260 §6.2.1 D iii.

        Only what stands where the cumulative TSN has stopped is believed to be gone.
        """
        taken: list[OutgoingChunk] = []
        for chunk in self.chunks[:MAX_TAKEN_BACK]:
            if chunk.state != ACKED:
                break
            chunk.state = LOST
            taken.append(chunk)
        self.lost.extendleft(reversed(taken))
        self.holes[:0] = [chunk.tsn for chunk in taken]
