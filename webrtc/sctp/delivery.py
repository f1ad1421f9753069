"""How fast data arrives at the peer, measured on what SACKs acknowledge.

The estimate of draft-ietf-ccwg-bbr §4.1: between the sending of a chunk and its acknowledgement the
peer got what was delivered meanwhile, and neither sending nor acknowledging can have been faster.
"""

from webrtc.sctp.outstanding import OutgoingChunk


class Delivery:
    """Running totals, and what the last SACK told. One object for an association."""

    __slots__ = (
        "acked",
        "app_limited",
        "delivered",
        "delivered_at",
        "flight",
        "limited_until",
        "prior",
        "rate",
        "recovering",
        "rtt",
        "sent_at",
        "srtt",
    )

    def __init__(self) -> None:
        self.delivered = 0
        """Bytes acknowledged so far."""
        self.delivered_at = 0.0
        self.sent_at = 0.0
        """When the last chunk that `delivered` counts was sent."""
        self.limited_until = 0
        """Up to this value of `delivered` samples were limited by the application."""
        self.acked = 0
        """Bytes that are news in the last SACK."""
        self.flight = 0
        """Bytes in flight before it."""
        self.rtt = 0.0
        """Round-trip time of the chunk sent last, 0 when it was sent twice."""
        self.srtt = 0.0
        self.rate = 0.0
        """Bytes per second, 0 when it cannot be told."""
        self.prior = 0
        """`delivered` when that chunk was sent."""
        self.app_limited = False
        """There was nothing to send, so `rate` is a lower bound."""
        self.recovering = False
        """What was acknowledged was sent before the last loss was noticed."""

    def begin(self, now: float) -> None:
        """The first chunk after a time with none in flight is sent."""
        self.delivered_at = self.sent_at = now

    def stamp(self, chunk: OutgoingChunk) -> None:
        """Remember with a chunk what was true when it was sent."""
        chunk.delivered = self.delivered
        chunk.delivered_at = self.delivered_at
        chunk.prior_sent_at = self.sent_at

    def limit(self, flight: int) -> None:
        """The application has nothing more to send."""
        self.limited_until = self.delivered + flight or 1

    def count(self, acked: int, now: float) -> None:
        """Bytes arrived."""
        self.acked = acked
        self.delivered += acked
        self.delivered_at = now

    def measure(self, latest: OutgoingChunk, now: float) -> None:
        """Sample on the chunk sent last of those acknowledged; after `count`."""
        self.prior = latest.delivered
        self.sent_at = latest.sent_at
        self.rtt = now - latest.sent_at if latest.transmissions == 1 else 0.0
        interval = max(now - latest.delivered_at, latest.sent_at - latest.prior_sent_at)
        self.rate = (self.delivered - latest.delivered) / interval if interval > 0.0 else 0.0
        self.app_limited = latest.delivered < self.limited_until
