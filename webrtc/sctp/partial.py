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

    def advance(self) -> None:
        """Look again after a SACK, a timeout or an abandonment."""
        chunks = self._outstanding.chunks
        self.due = bool(chunks) and chunks[0].state == ABANDONED

    def encode(self, room: int) -> bytes:
        """The FORWARD-TSN or I-FORWARD-TSN to send, of at most `room` bytes."""
        self.due = False
        interleaving = self.interleaving
        limit = (room - 8) // (8 if interleaving else 4)
        tsn = self._outstanding.first - 1
        skipped: dict[tuple[int, bool], int] = {}
        for chunk in self._outstanding.chunks:
            message = chunk.message
            if chunk.state != ABANDONED:
                break
            if message.ordered or interleaving:
                key = message.stream.id, not message.ordered
                if key not in skipped and len(skipped) == limit:
                    break
                skipped[key] = message.number
            tsn += 1
        if interleaving:
            return IForwardTsn(tsn, tuple([(*key, mid) for key, mid in skipped.items()])).encode()
        return ForwardTsn(tsn, tuple([(id_, ssn) for (id_, _), ssn in skipped.items()])).encode()
