"""Giving up on messages."""

from tests.sctp.test_outstanding import filled
from tests.work import work
from webrtc.sctp.chunks import ForwardTsn, IForwardTsn
from webrtc.sctp.outstanding import ABANDONED, IN_FLIGHT, OutgoingChunk
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
        item.number, item.first_tsn, item.last_tsn = ssn, 100 + index, 100 + index
        outstanding.chunks[index].message = item
        outstanding.abandon(item)
    point.advance()
    assert (before, point.due) == (False, True)
    assert ForwardTsn.decode(point.encode(1000)[4:]) == ForwardTsn(102, ((1, 5),))


def test_i_forward_tsn_lists_the_last_mid_of_each_flow() -> None:
    """SCTP-17: RFC 8260 §2.3.1; ordered and unordered messages of a stream apart."""
    outstanding = filled(7)
    point = AckPoint(outstanding)
    point.interleaving = True
    items = [message(1), message(1, ordered=False), message(2), message(1)]
    for item, mid in zip(items, (4, 9, 2**32 - 1, 5), strict=True):
        item.number = mid
    for chunk, which in zip(outstanding.chunks, (0, 1, 2, 1, 3, 2), strict=False):
        chunk.message = items[which]
    for item, first, last in zip(items, (100, 101, 102, 104), (100, 103, 105, 104), strict=True):
        item.first_tsn, item.last_tsn = first, last
        outstanding.abandon(item)
    found = IForwardTsn.decode(point.encode(1000)[4:])
    assert found == IForwardTsn(105, ((1, False, 5), (1, True, 9), (2, False, 2**32 - 1)))


def test_abandoning_leaves_the_chunks_of_interleaved_messages_alone() -> None:
    """SCTP-17."""
    outstanding = filled(4)
    given_up, kept = message(1), message(2)
    for index, item in enumerate((given_up, kept, given_up, kept)):
        outstanding.chunks[index].message = item
    given_up.first_tsn, given_up.last_tsn = 100, 102
    outstanding.abandon(given_up)
    states = [chunk.state for chunk in outstanding.chunks]
    assert states == [ABANDONED, IN_FLIGHT, ABANDONED, IN_FLIGHT]
    assert outstanding.flight == sum(chunk.size for chunk in outstanding.chunks[1::2])


def test_forward_tsn_with_many_streams_stops_where_the_packet_is_full() -> None:
    """C-16."""
    outstanding = filled(1000, 2**32 - 10)
    for index, chunk in enumerate(outstanding.chunks):
        chunk.message = message(index)
        chunk.message.first_tsn = chunk.message.last_tsn = chunk.tsn
        outstanding.abandon(chunk.message)
    point = AckPoint(outstanding)
    encoded = point.encode(1000)
    assert len(encoded) <= 1000
    decoded = ForwardTsn.decode(encoded[4:])
    assert decoded.cumulative_tsn == 2**32 - 10 + len(decoded.skipped) - 1 & 0xFFFFFFFF
    point.interleaving = True
    encoded = point.encode(1000)
    assert 992 <= len(encoded) <= 1000
    listed = IForwardTsn.decode(encoded[4:])
    assert listed.cumulative_tsn == 2**32 - 10 + len(listed.skipped) - 1 & 0xFFFFFFFF


def test_each_forward_tsn_goes_on_where_the_last_one_ended() -> None:
    """C-16: a peer that acknowledges none of them makes us walk nothing twice."""
    outstanding = filled(10_000)
    for chunk in outstanding.chunks:
        chunk.message = message(1)
        chunk.message.first_tsn = chunk.message.last_tsn = chunk.tsn
        outstanding.abandon(chunk.message)
    point = AckPoint(outstanding)
    first = point.encode(1000)
    assert work(lambda: point.encode(1000)) < 60
    assert point.encode(1000) == first
    outstanding.acknowledge(5000, 9.0, 0.0)
    assert ForwardTsn.decode(point.encode(1000)[4:]).cumulative_tsn == 10_099
    outstanding.acknowledge(5000, 9.0, 0.0)
    outstanding.add(OutgoingChunk(outstanding.next_tsn, b"x", message(2), 1, 9.0))
    assert ForwardTsn.decode(point.encode(1000)[4:]) == ForwardTsn(10_099)
