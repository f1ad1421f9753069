import pytest

from webrtc.core import Path, Transmit
from webrtc.errors import InvalidAccessError, InvalidStateError
from webrtc.stun import Message, MessageClass, Method, Transaction, Transactions
from webrtc.stun.transaction import RC, RM, RTO, TI, Failure, TransactionFailed

ID = bytes(12)
PATH = Path(("192.0.2.1", 1000), ("192.0.2.2", 3478))


def schedule(transaction: Transaction, step: float = 0.25) -> list[float]:
    """When the request is sent, with a caller that polls all the time, and when it ends."""
    now, times = 0.0, []
    while transaction.poll_timeout() is not None:
        transaction.handle_timeout(now)
        while transaction.poll_write() is not None:
            times.append(now)
        now += step
    return [*times, now - step]


def test_request_is_sent_at_the_times_of_the_rfc() -> None:
    """STUN-18: RFC 8489 §6.2.1: 0, 500, 1500, 3500, 7500, 15500, 31500 ms; the end at 39500 ms."""
    assert (RTO, RC, RM) == (0.5, 7, 16)
    transaction = Transaction(b"request", ID, 0.0)
    assert schedule(transaction) == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 39.5]
    assert transaction.poll_event() == TransactionFailed(ID, Failure.TIMED_OUT)
    assert transaction.poll_event() is None


def test_timing_can_be_set() -> None:
    """STUN-18: RTO, Rc and Rm."""
    assert schedule(Transaction(b"", ID, 0.0, rto=0.25, rc=3, rm=4)) == [0.0, 0.25, 0.75, 1.75]
    assert schedule(Transaction(b"", ID, 0.0, rto=TI, rc=1, rm=1)) == [0.0, 39.5]


def test_response_stops_it_even_before_the_next_write_is_taken() -> None:
    transaction = Transaction(b"request", ID, 10.0)
    assert transaction.poll_write() == b"request"
    assert transaction.poll_timeout() == 10.5
    transaction.handle_timeout(10.5)
    transaction.handle_response()
    assert transaction.poll_write() is None
    assert transaction.poll_timeout() is None
    transaction.handle_timeout(100.0)
    assert transaction.poll_event() is None
    assert (transaction.sent, transaction.sent_at) == (2, 10.5)


def test_early_and_late_timeouts_send_no_more_than_one_request() -> None:
    """A caller that slept for a minute does not get seven requests at once."""
    transaction = Transaction(b"request", ID, 0.0)
    assert transaction.poll_write() == b"request"
    transaction.handle_timeout(0.4)
    assert transaction.poll_write() is None
    transaction.handle_timeout(60.0)
    assert transaction.poll_write() == b"request"
    assert transaction.poll_write() is None
    assert transaction.poll_timeout() == 61.0


def ids(count: int) -> list[bytes]:
    return [number.to_bytes(12, "big") for number in range(count)]


def response(transaction_id: bytes) -> Message:
    return Message(Method.BINDING, MessageClass.SUCCESS, transaction_id)


def test_table_sends_each_request_to_its_path() -> None:
    """STUN-12, STUN-13: writes and timeouts of all of them."""
    table = Transactions()
    other = PATH._replace(remote=("192.0.2.3", 1))
    first, second = ids(2)
    table.start(Transaction(b"1", first, 0.0), PATH)
    table.start(Transaction(b"2", second, 0.1), other)
    assert table.poll_write() == Transmit(b"1", PATH)
    assert table.poll_write() == Transmit(b"2", other)
    assert table.poll_write() is None
    assert table.poll_timeout() == 0.5
    table.handle_timeout(0.5)
    assert table.poll_write() == Transmit(b"1", PATH)
    assert table.poll_write() is None
    assert len(table) == 2
    assert first in table


def test_same_id_cannot_be_started_twice() -> None:
    """STUN-13, STUN-31: TransactionExists."""
    table = Transactions()
    table.start(Transaction(b"1", ID, 0.0), PATH)
    with pytest.raises(InvalidStateError, match="exists"):
        table.start(Transaction(b"1", ID, 0.0), PATH)


def test_number_of_open_transactions_is_bounded() -> None:
    table = Transactions(limit=3)
    for one in ids(3):
        table.start(Transaction(b"", one, 0.0), PATH)
    with pytest.raises(InvalidStateError, match="3"):
        table.start(Transaction(b"", b"another-one.", 0.0), PATH)


def test_stopped_transaction_says_so() -> None:
    """STUN-14, STUN-31: TransactionStopped; stopping what is not there is TransactionNotExists."""
    table = Transactions()
    table.start(Transaction(b"1", ID, 0.0), PATH)
    table.stop(ID)
    assert table.poll_event() == TransactionFailed(ID, Failure.STOPPED)
    assert table.poll_timeout() is None
    with pytest.raises(InvalidAccessError):
        table.stop(ID)


def test_response_finds_its_transaction_and_nothing_else_does() -> None:
    """STUN-15, I-06, I-11: by ID alone; requests and indications never match."""
    table = Transactions()
    transaction = Transaction(b"1", ID, 0.0)
    table.start(transaction, PATH)
    assert table.match(response(b"unknown-id..")) is None
    for message_class in (MessageClass.REQUEST, MessageClass.INDICATION):
        assert table.match(Message(Method.BINDING, message_class, ID)) is None
    assert table.match(response(ID)) is transaction
    table.finish(ID)
    assert table.match(response(ID)) is None
    assert table.poll_event() is None
    assert table.poll_timeout() is None


def test_old_transactions_expire_one_by_one() -> None:
    """STUN-16, STUN-31: TransactionTimeOut."""
    table = Transactions()
    for start, one in enumerate(ids(3)):
        table.start(Transaction(b"", one, float(start)), PATH)
    ended: list[tuple[float, TransactionFailed]] = []
    while (deadline := table.poll_timeout()) is not None:
        table.handle_timeout(deadline)
        while (event := table.poll_event()) is not None:
            ended.append((deadline, event))
    assert ended == [(39.5 + start, TransactionFailed(one)) for start, one in enumerate(ids(3))]
    assert len(table) == 0


def test_close_fails_all_and_can_be_repeated() -> None:
    """STUN-17, STUN-31: AgentClosed."""
    table = Transactions()
    for one in ids(2):
        table.start(Transaction(b"", one, 0.0), PATH)
    table.close()
    table.close()
    assert [table.poll_event() for _ in range(3)] == [
        *(TransactionFailed(one, Failure.CLOSED) for one in ids(2)),
        None,
    ]
    assert table.poll_write() is None
    assert table.poll_timeout() is None
    with pytest.raises(InvalidStateError, match="closed"):
        table.start(Transaction(b"", ID, 0.0), PATH)
