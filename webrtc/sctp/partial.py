"""Giving up on messages: when, and telling the peer by FORWARD-TSN. RFC 3758 §3.5, RFC 7496.

By I-FORWARD-TSN where messages are interleaved: RFC 8260 §2.3.
"""

from webrtc.sctp.chunks import ForwardTsn, IForwardTsn
from webrtc.sctp.outstanding import ABANDONED, OutgoingChunk, Outstanding


def is_stale(chunk: OutgoingChunk, now: float) -> bool:
    """Whether the limits of its message forbid to send `chunk` again."""
    message = chunk.message
    if message.reliable:
        return False
    if message.expires_at is not None and now >= message.expires_at:
        return True
    limit = message.max_retransmits
    return limit is not None and chunk.transmissions > limit


class AckPoint:
    """The Advanced Peer Ack Point: up to where the peer need not wait."""

    def __init__(self, outstanding: Outstanding) -> None:
        self._outstanding = outstanding
        self.due = False
        """A FORWARD-TSN should be sent."""
        self.interleaving = False
        self._end = 0  # the TSN after those that were found abandoned
        self._skipped: dict[tuple[int, bool], int] = {}  # their streams, with the U bit; numbers

    def advance(self) -> None:
        """Look again after a SACK, a timeout or an abandonment."""
        chunks = self._outstanding.chunks
        self.due = bool(chunks) and chunks[0].state == ABANDONED

    def encode(self, room: int) -> bytes:
        """The FORWARD-TSN or I-FORWARD-TSN to send, of at most `room` bytes."""
        self.due = False
        interleaving = self.interleaving
        limit = (room - 8) // (8 if interleaving else 4)
        outstanding, skipped = self._outstanding, self._skipped
        chunks, first = outstanding.chunks, outstanding.first
        if self._end <= first or len(skipped) > limit:
            self._end = first
            skipped.clear()
        # From where the last one ended, so that an answer to each SACK does not walk all again.
        index = self._end - first
        while index < len(chunks) and chunks[index].state == ABANDONED:
            message = chunks[index].message
            if message.ordered or interleaving:
                key = message.stream.id, not message.ordered
                if key not in skipped and len(skipped) == limit:
                    break
                skipped[key] = message.number
            index += 1
        self._end = first + index
        tsn = self._end - 1
        if interleaving:
            return IForwardTsn(tsn, tuple([(*key, mid) for key, mid in skipped.items()])).encode()
        return ForwardTsn(tsn, tuple([(id_, ssn) for (id_, _), ssn in skipped.items()])).encode()
