"""Statistics of one association."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Totals since construction. Bytes are user data unless said otherwise."""

    packets_sent: int = 0
    packets_received: int = 0
    wire_bytes_sent: int = 0
    wire_bytes_received: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    messages_sent: int = 0
    messages_received: int = 0
    messages_abandoned: int = 0
    chunks_retransmitted: int = 0
    chunks_duplicated: int = 0
    """DATA chunks that came a second time."""
    chunks_dropped: int = 0
    """DATA chunks for which there was no room."""
    timeouts: int = 0
    loss_events: int = 0
    """Reductions of the congestion window because of losses: one for all of a round trip."""
    spurious_loss_events: int = 0
    """Those that were taken back, since everything had arrived after all."""
    discarded: int = 0
    """Packets and chunks that broke a rule or came in the wrong state."""
