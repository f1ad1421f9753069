"""Messages that wait."""

from collections import deque

import pytest

from webrtc.errors import InvalidStateError
from webrtc.sctp.events import BufferedAmountLow
from webrtc.sctp.queue import MESSAGE_OVERHEAD, OutboundMessage, SendQueue


def push(queue: SendQueue, stream: int, size: int = 1000, expires_at: float | None = None) -> None:
    queue.push(OutboundMessage(queue.stream(stream), 53, bytes(size), expires_at=expires_at))


def take(queue: SendQueue, now: float = 0.0) -> int | None:
    """Send the next message whole; returns its stream."""
    message = queue.next(now)
    if message is None:
        return None
    queue.advance(message, message.size)
    return message.stream.id


def test_equal_streams_take_turns_by_message() -> None:
    """SCTP-21: round robin, however much one of them has queued."""
    queue = SendQueue(deque())
    for _ in range(50):
        push(queue, 1)
    for _ in range(3):
        push(queue, 2)
        push(queue, 3)
    order = [take(queue) or 0 for _ in range(9)]
    assert sorted(order[:3]) == sorted(order[3:6]) == sorted(order[6:]) == [1, 2, 3]


def test_priority_is_a_share() -> None:
    """RFC 8831 §6.4: twice the number, twice the messages."""
    queue = SendQueue(deque())
    queue.set_priority(1, 512)
    queue.set_priority(2, 256)
    queue.set_priority(3, 128)
    for _ in range(100):
        for stream in (1, 2, 3):
            push(queue, stream)
    order = [take(queue) for _ in range(70)]
    assert [order.count(stream) for stream in (1, 2, 3)] == [40, 20, 10]


def test_small_messages_do_not_wait_for_large_ones_in_line() -> None:
    queue = SendQueue(deque())
    for _ in range(10):
        push(queue, 1, 100000)
    take(queue)
    for _ in range(10):
        push(queue, 2, 100)
    assert [take(queue) for _ in range(10)].count(2) >= 9


def test_a_stream_that_was_idle_gets_no_credit() -> None:
    queue = SendQueue(deque())
    for _ in range(100):
        push(queue, 1)
    for _ in range(50):
        take(queue)
    for _ in range(100):
        push(queue, 2)
    order = [take(queue) for _ in range(20)]
    assert order.count(1) in (9, 10, 11)


def test_thousand_streams_are_served_fairly() -> None:
    """F-39, SCTP-21."""
    queue = SendQueue(deque())
    for _ in range(20):
        for stream in range(1000):
            push(queue, stream, 1024)
    order = [take(queue) for _ in range(10000)]
    assert {order.count(stream) for stream in range(0, 1000, 97)} == {10}


def test_begun_message_is_finished_first() -> None:
    queue = SendQueue(deque())
    push(queue, 1, 5000)
    message = queue.next(0.0)
    assert message is not None
    queue.advance(message, 1000)
    push(queue, 2, 1)
    assert queue.next(0.0) is message
    assert queue.current is message


def test_expired_message_is_dropped_before_it_is_begun() -> None:
    """SCTP-17: timed."""
    queue = SendQueue(deque())
    push(queue, 1, 10, expires_at=1.0)
    push(queue, 1, 20)
    assert take(queue, 2.0) == 1
    assert (queue.dropped, queue.size, queue.buffered_amount(1)) == (1, 0, 0)
    push(queue, 1, 10, expires_at=1.0)
    assert take(queue, 2.0) is None


def test_amounts_and_thresholds() -> None:
    """SCTP-22."""
    queue = SendQueue(deque())
    queue.stream(1).low_threshold = 500
    push(queue, 1, 1000)
    push(queue, 1, 1000)
    assert queue.buffered_amount(1) == 2000
    assert queue.buffered_amount(2) == 0
    assert queue.size == 2000 + 2 * MESSAGE_OVERHEAD
    message = queue.next(0.0)
    assert message is not None
    queue.advance(message, 1000)
    assert list(queue._events) == []
    message = queue.next(0.0)
    assert message is not None
    for _ in range(4):
        queue.advance(message, 250)
    assert list(queue._events) == [BufferedAmountLow(1)]
    assert queue.size == 0


def test_closing_stream_takes_nothing_and_starts_anew_afterwards() -> None:
    """SCTP-14."""
    queue = SendQueue(deque())
    push(queue, 1)
    queue.stream(1).closing = True
    with pytest.raises(InvalidStateError):
        push(queue, 1)
    assert not queue.is_empty(1)
    take(queue)
    assert queue.is_empty(1)
    queue.forget(1)
    push(queue, 1)
    assert queue.stream(1).next_ordered == 0


# Interleaving


def interleaving(window: int = 1 << 20) -> SendQueue:
    queue = SendQueue(deque())
    queue.interleave(window)
    return queue


def take_chunk(queue: SendQueue, size: int = 1000, now: float = 0.0) -> int | None:
    """Send one chunk; returns its stream."""
    message = queue.next(now)
    if message is None:
        return None
    assert queue.current is message
    queue.advance(message, min(size, message.size - message.offset))
    return message.stream.id


def test_interleaved_streams_take_turns_by_chunk() -> None:
    """SCTP-21: RFC 8260 §3.6."""
    queue = interleaving()
    for stream in (1, 2, 3):
        push(queue, stream, 5000)
    assert [take_chunk(queue) for _ in range(16)] == [1, 2, 3] * 5 + [None]
    assert queue.size == 0


def test_the_share_of_a_stream_is_what_it_sent_not_how_often() -> None:
    """RFC 8831 §6.4: one gets the rest of each packet only, and gets it more often."""
    queue = interleaving(1 << 24)
    queue.set_priority(2, 512)
    for stream in (1, 2):
        push(queue, stream, 1_000_000)
    for _ in range(3000):
        message = queue.next(0.0)
        assert message is not None
        queue.advance(message, 100 if message.stream.id == 1 else 1000)
    sent = [1_000_000 - queue.buffered_amount(stream) for stream in (1, 2)]
    assert sent[1] == pytest.approx(2 * sent[0], rel=0.02)


def test_interleaved_stream_that_is_alone_earns_no_debt_and_a_new_one_no_credit() -> None:
    queue = interleaving()
    push(queue, 1, 100_000)
    assert [take_chunk(queue) for _ in range(50)] == [1] * 50
    push(queue, 2, 50_000)
    order = [take_chunk(queue) for _ in range(40)]
    assert order.count(1) in (19, 20, 21)


def test_small_message_goes_next_whatever_is_under_way() -> None:
    queue = interleaving()
    push(queue, 1, 100_000)
    for _ in range(10):
        take_chunk(queue)
    push(queue, 2, 1000)
    assert 2 in [take_chunk(queue) for _ in range(2)]


def test_half_sent_message_dropped_in_line_leaves_one_place_there() -> None:
    """SCTP-17: its stream has the next message, or none; either way it gets one share."""
    queue = interleaving()
    for stream in (1, 2, 3):
        push(queue, stream, 20_000)
    push(queue, 2, 20_000)
    dropped = [queue.stream(stream).messages[0] for stream in (2, 3)]
    for _ in range(6):
        take_chunk(queue)
    current = queue.next(0.0)
    assert current is not None
    for message in dropped:
        queue.drop(message)
    assert queue.size == 38_000 + 2 * MESSAGE_OVERHEAD
    push(queue, 3, 20_000)
    assert len(queue._ready) == 2
    order = [take_chunk(queue) for _ in range(30)]
    assert sorted(order.count(stream) for stream in (1, 2, 3)) in ([9, 10, 11], [10, 10, 10])
    while take_chunk(queue) is not None:
        pass
    assert queue.size == 0


def test_dropped_bytes_cost_their_stream_nothing() -> None:
    queue = interleaving()
    push(queue, 1, 900_000, expires_at=1.0)
    push(queue, 1, 50_000)
    push(queue, 2, 50_000)
    order = [take_chunk(queue, now=2.0) for _ in range(40)]
    assert order.count(1) in (19, 20, 21)


def test_messages_begun_fit_into_the_window() -> None:
    """C-25: the others wait in line, small ones do not; a dropped one makes room, too."""
    queue = interleaving(80_000)
    for stream in range(1, 5):
        push(queue, stream, 30_000, expires_at=5.0 if stream == 3 else None)
    push(queue, 5, 1000)
    push(queue, 6, 100_000)
    assert {take_chunk(queue) for _ in range(12)} == {1, 2, 5, 6}
    first = queue.stream(1).messages[0]
    queue.drop(first)
    assert {take_chunk(queue) for _ in range(9)} == {2, 3, 6}
    seen = set()
    while (served := take_chunk(queue, now=9.0)) is not None:
        seen.add(served)
    assert seen == {2, 3, 4, 6}
    assert (queue.size, queue._claimed) == (0, 0)


def test_claim_of_a_message_that_expires_before_it_is_begun_is_given_back() -> None:
    """SCTP-17."""
    queue = interleaving(80_000)
    push(queue, 1, 60_000)
    push(queue, 2, 60_000, expires_at=5.0)
    push(queue, 3, 60_000)
    assert {take_chunk(queue) for _ in range(6)} == {1}
    queue.drop(queue.stream(1).messages[0])
    assert {take_chunk(queue, now=6.0) for _ in range(60)} == {3}
    assert (queue.size, queue._claimed, queue.dropped) == (0, 0, 1)


def test_a_stream_that_is_alone_in_line_needs_no_order() -> None:
    """Performance; and who comes while it stands there may go first all the same."""
    queue = SendQueue(deque())
    for _ in range(3):
        push(queue, 1)
        assert not queue._ready
        assert take(queue) == 1
    push(queue, 2, 5000)
    push(queue, 3, 10)
    assert [take(queue), take(queue), take(queue)] == [3, 2, None]


def test_dropped_while_it_is_alone_in_line_a_stream_leaves_it() -> None:
    queue = interleaving()
    push(queue, 1, 5000)
    queue.drop(queue.stream(1).messages[0])
    push(queue, 2)
    assert [take(queue), take(queue)] == [2, None]
    push(queue, 1)
    assert [take(queue), take(queue)] == [1, None]
