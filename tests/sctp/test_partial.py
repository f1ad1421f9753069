"""Giving up on messages."""

from tests.sctp.test_outstanding import filled
from webrtc.sctp.chunks import ForwardTsn
from webrtc.sctp.partial import AckPoint, is_stale
from webrtc.sctp.queue import OutboundMessage, OutboundStream


def message(
    stream: int = 1,
    *,
    ordered: bool = True,
    max_retransmits: int | None = None,
    expires_at: float | None = None,
) -> OutboundMessage:
    return OutboundMessage(
        OutboundStream(stream),
        53,
        b"x",
        ordered=ordered,
        max_retransmits=max_retransmits,
        expires_at=expires_at,
    )


def test_limits_of_each_kind() -> None:
    """SCTP-16, SCTP-17: reliable, by count, by time."""
    (chunk,) = filled(1).chunks
    chunk.message = message()
    assert not is_stale(chunk, 1e9)
    chunk.message = message(max_retransmits=1)
    assert not is_stale(chunk, 1e9)
    chunk.transmissions = 2
    assert is_stale(chunk, 0.0)
    chunk.message = message(expires_at=5.0)
    assert not is_stale(chunk, 4.9)
    assert is_stale(chunk, 5.0)


def test_forward_tsn_skips_abandoned_chunks_up_to_the_first_other() -> None:
    """SCTP-17: RFC 3758 §3.5; unordered messages are not listed."""
    outstanding = filled(6)
    point = AckPoint(outstanding)
    point.advance()
    before = point.due
    for index, (stream, ssn, ordered) in enumerate([(1, 4, True), (2, 0, False), (1, 5, True)]):
        item = message(stream, ordered=ordered)
        item.ssn, item.first_tsn, item.last_tsn = ssn, 100 + index, 100 + index
        outstanding.chunks[index].message = item
        outstanding.abandon(item)
    point.advance()
    assert (before, point.due) == (False, True)
    assert ForwardTsn.decode(point.encode(1000)[4:]) == ForwardTsn(102, ((1, 5),))


def test_forward_tsn_with_many_streams_stops_where_the_packet_is_full() -> None:
    """C-16."""
    outstanding = filled(1000, 2**32 - 10)
    for index, chunk in enumerate(outstanding.chunks):
        chunk.message = message(index)
        chunk.message.first_tsn = chunk.message.last_tsn = chunk.tsn
        outstanding.abandon(chunk.message)
    encoded = AckPoint(outstanding).encode(1000)
    assert len(encoded) <= 1000
    decoded = ForwardTsn.decode(encoded[4:])
    assert decoded.cumulative_tsn == 2**32 - 10 + len(decoded.skipped) - 1 & 0xFFFFFFFF
