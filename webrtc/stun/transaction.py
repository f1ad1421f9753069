"""Requests and their retransmission. RFC 8489 §6.2."""

from collections import deque
from dataclasses import dataclass
from enum import Enum

from webrtc.core import Path, Transmit, earliest
from webrtc.errors import InvalidAccessError, InvalidStateError
from webrtc.stun.message import Message
from webrtc.stun.registry import MessageClass

RTO = 0.5
"""Wait after the first transmission; every further one doubles it. RFC 8489 §6.2.1."""
RC = 7
"""Transmissions in all."""
RM = 16
"""The last transmission waits for so many first waits."""
TI = 39.5
"""Wait for a response over TCP or TLS, where nothing is sent again. RFC 8489 §6.2.2."""


class Failure(Enum):
    """Why a transaction ended without a response."""

    TIMED_OUT = "no response"
    INTEGRITY = "the responses were not authentic"
    UNKNOWN_ATTRIBUTES = "the response has attributes that are unknown here"
    STOPPED = "stopped"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class TransactionFailed:
    """A transaction ended without a response."""

    transaction_id: bytes
    reason: Failure = Failure.TIMED_OUT


class Transaction:
    """Retransmits one request until a response or the final timeout."""

    __slots__ = (
        "_deadline",
        "_event",
        "_rc",
        "_request",
        "_rm",
        "_rto",
        "_write_due",
        "sent",
        "sent_at",
        "transaction_id",
    )

    def __init__(
        self,
        request: bytes,
        transaction_id: bytes,
        now: float,
        rto: float = RTO,
        rc: int = RC,
        rm: float = RM,
    ) -> None:
        self.transaction_id = transaction_id
        self.sent = 0
        """How often the request was sent."""
        self.sent_at = now
        """When it was last sent."""
        self._request = request
        self._rto = rto
        self._rc = rc
        self._rm = rm
        self._write_due = False
        self._event: TransactionFailed | None = None
        self._deadline: float | None = None
        self._send(now)

    def handle_response(self) -> None:
        """Stop: the caller matched a response by transaction ID."""
        self._deadline = None
        self._write_due = False

    def handle_timeout(self, now: float) -> None:
        if self._deadline is None or now < self._deadline:
            return
        if self.sent < self._rc:
            self._send(now)
        else:
            self._deadline = None
            self._event = TransactionFailed(self.transaction_id)

    def poll_write(self) -> bytes | None:
        if not self._write_due:
            return None
        self._write_due = False
        return self._request

    def poll_event(self) -> TransactionFailed | None:
        event, self._event = self._event, None
        return event

    def poll_timeout(self) -> float | None:
        return self._deadline

    def _send(self, now: float) -> None:
        last = self.sent == self._rc - 1
        wait = self._rm * self._rto if last else self._rto * 2**self.sent
        self.sent += 1
        self.sent_at = now
        self._deadline = now + wait
        self._write_due = True


class Transactions:
    """The requests of one client that wait for a response, each to its own path.

    It matches and times; what is in a message and whether it is authentic is the caller's matter.
    """

    def __init__(self, limit: int = 1024) -> None:
        """`limit`: transactions that may be open at once."""
        self._limit = limit
        self._open: dict[bytes, tuple[Transaction, Path]] = {}
        self._writes: deque[Transmit] = deque()
        self._events: deque[TransactionFailed] = deque()
        self._closed = False

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, transaction_id: bytes) -> bool:
        return transaction_id in self._open

    def start(self, transaction: Transaction, path: Path) -> None:
        """Begin to send. Raises InvalidStateError if the ID is in use, or after `close`."""
        if self._closed:
            raise InvalidStateError("the transaction table is closed")
        if transaction.transaction_id in self._open:
            raise InvalidStateError(f"transaction {transaction.transaction_id.hex()} exists")
        if len(self._open) >= self._limit:
            raise InvalidStateError(f"{self._limit} transactions are open")
        self._open[transaction.transaction_id] = transaction, path
        self._drain(transaction, path)

    def stop(self, transaction_id: bytes) -> None:
        """End a transaction without a response. Raises InvalidAccessError if there is none."""
        if self._open.pop(transaction_id, None) is None:
            raise InvalidAccessError(f"no transaction {transaction_id.hex()}")
        self._events.append(TransactionFailed(transaction_id, Failure.STOPPED))

    def match(self, message: Message) -> Transaction | None:
        """The transaction that `message` answers, or None. It stays open: see `finish`."""
        if message.message_class < MessageClass.SUCCESS:
            return None
        entry = self._open.get(message.transaction_id)
        return entry and entry[0]

    def finish(self, transaction_id: bytes, reason: Failure | None = None) -> None:
        """Close an open transaction: answered, or failed for `reason`."""
        del self._open[transaction_id]
        if reason is not None:
            self._events.append(TransactionFailed(transaction_id, reason))

    def close(self) -> None:
        """Fail every transaction; harmless when repeated."""
        self._closed = True
        self._writes.clear()
        self._events += (TransactionFailed(one, Failure.CLOSED) for one in self._open)
        self._open.clear()

    def handle_timeout(self, now: float) -> None:
        for transaction, path in list(self._open.values()):
            transaction.handle_timeout(now)
            self._drain(transaction, path)

    def poll_write(self) -> Transmit | None:
        return self._writes.popleft() if self._writes else None

    def poll_event(self) -> TransactionFailed | None:
        return self._events.popleft() if self._events else None

    def poll_timeout(self) -> float | None:
        return earliest(*(transaction.poll_timeout() for transaction, _ in self._open.values()))

    def _drain(self, transaction: Transaction, path: Path) -> None:
        data = transaction.poll_write()
        if data is not None:
            self._writes.append(Transmit(data, path))
        event = transaction.poll_event()
        if event is not None:
            del self._open[transaction.transaction_id]
            self._events.append(event)
