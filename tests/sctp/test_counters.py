"""Statistics."""

from tests.sctp.link import Link, Pair
from webrtc.sctp import Counters


def test_both_ends_count_the_same_traffic() -> None:
    """SCTP-11."""
    pair = Pair(3, Link(delay=0.01)).connect()
    for _ in range(20):
        pair.a.association.send(0, 53, bytes(3000), pair.now)
    pair.run()
    a, b = pair.a.association.counters, pair.b.association.counters
    assert a.bytes_sent == b.bytes_received == 60000
    assert a.messages_sent == b.messages_received == 20
    assert a.packets_sent == b.packets_received == pair.a.sent
    assert a.wire_bytes_sent == b.wire_bytes_received > 60000
    assert b.packets_sent == a.packets_received
    assert (a.chunks_retransmitted, b.chunks_duplicated, a.timeouts, b.discarded) == (0, 0, 0, 0)


def test_repairs_and_duplicates_are_counted() -> None:
    """SCTP-11."""
    pair = Pair(3, Link(delay=0.01)).connect()
    pair.lossy(loss=0.2, duplicate=0.3)
    for _ in range(100):
        pair.a.association.send(0, 53, bytes(3000), pair.now)
    pair.run(limit=60.0)
    assert pair.a.association.counters.chunks_retransmitted > 20
    assert pair.b.association.counters.chunks_duplicated > 20
    assert Counters().discarded == 0
