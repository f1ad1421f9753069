"""Messages that wait."""

import pytest

from webrtc.errors import InvalidStateError
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
    queue = SendQueue()
    for _ in range(50):
        push(queue, 1)
    for _ in range(3):
        push(queue, 2)
        push(queue, 3)
    order = [take(queue) or 0 for _ in range(9)]
    assert sorted(order[:3]) == sorted(order[3:6]) == sorted(order[6:]) == [1, 2, 3]


def test_priority_is_a_share() -> None:
    """RFC 8831 §6.4: twice the number, twice the messages."""
    queue = SendQueue()
    queue.set_priority(1, 512)
    queue.set_priority(2, 256)
    queue.set_priority(3, 128)
    for _ in range(100):
        for stream in (1, 2, 3):
            push(queue, stream)
    order = [take(queue) for _ in range(70)]
    assert [order.count(stream) for stream in (1, 2, 3)] == [40, 20, 10]


def test_small_messages_do_not_wait_for_large_ones_in_line() -> None:
    queue = SendQueue()
    for _ in range(10):
        push(queue, 1, 100000)
    take(queue)
    for _ in range(10):
        push(queue, 2, 100)
    assert [take(queue) for _ in range(10)].count(2) >= 9


def test_a_stream_that_was_idle_gets_no_credit() -> None:
    queue = SendQueue()
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
    queue = SendQueue()
    for _ in range(20):
        for stream in range(1000):
            push(queue, stream, 1024)
    order = [take(queue) for _ in range(10000)]
    assert {order.count(stream) for stream in range(0, 1000, 97)} == {10}


def test_begun_message_is_finished_first() -> None:
    queue = SendQueue()
    push(queue, 1, 5000)
    message = queue.next(0.0)
    assert message is not None
    queue.advance(message, 1000)
    push(queue, 2, 1)
    assert queue.next(0.0) is message
    assert queue.current is message


def test_expired_message_is_dropped_before_it_is_begun() -> None:
    """SCTP-17: timed."""
    queue = SendQueue()
    push(queue, 1, 10, expires_at=1.0)
    push(queue, 1, 20)
    assert take(queue, 2.0) == 1
    assert (queue.dropped, queue.size, queue.buffered_amount(1)) == (1, 0, 0)
    push(queue, 1, 10, expires_at=1.0)
    assert take(queue, 2.0) is None


def test_amounts_and_thresholds() -> None:
    """SCTP-22."""
    queue = SendQueue()
    queue.stream(1).low_threshold = 500
    push(queue, 1, 1000)
    push(queue, 1, 1000)
    assert queue.buffered_amount(1) == 2000
    assert queue.buffered_amount(2) == 0
    assert queue.size == 2000 + 2 * MESSAGE_OVERHEAD
    message = queue.next(0.0)
    assert message is not None
    queue.advance(message, 1000)
    assert list(queue.low) == []
    message = queue.next(0.0)
    assert message is not None
    for _ in range(4):
        queue.advance(message, 250)
    assert list(queue.low) == [1]
    assert queue.size == 0


def test_closing_stream_takes_nothing_and_starts_anew_afterwards() -> None:
    """SCTP-14."""
    queue = SendQueue()
    push(queue, 1)
    queue.stream(1).closing = True
    with pytest.raises(InvalidStateError):
        push(queue, 1)
    assert not queue.is_empty(1)
    take(queue)
    assert queue.is_empty(1)
    queue.forget(1)
    push(queue, 1)
    assert queue.stream(1).next_ssn == 0
