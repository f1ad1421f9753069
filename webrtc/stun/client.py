"""A STUN client: sends requests, accepts only responses that RFC 8489 §6.3 lets it accept."""

import logging
from collections import deque
from dataclasses import dataclass

from webrtc.core import Path, Transmit
from webrtc.errors import AuthenticationError, ProtocolError
from webrtc.stun.attributes import ErrorCode, Fingerprint
from webrtc.stun.integrity import Integrity
from webrtc.stun.message import Message
from webrtc.stun.registry import Code, MessageClass
from webrtc.stun.transaction import (
    RC,
    RM,
    RTO,
    TI,
    Failure,
    Transaction,
    TransactionFailed,
    Transactions,
)

_logger = logging.getLogger("webrtc.stun")

_CHALLENGES = frozenset({Code.UNAUTHENTICATED, Code.STALE_NONCE})


@dataclass(frozen=True, slots=True)
class ResponseReceived:
    """A success or error response to a request of ours."""

    message: Message
    path: Path
    """Where it came from."""
    authentic: bool
    """Whether it was made with the key of the request. Where there was a key, a response without
    it is let through for 401 and 438 alone, which a server may be unable to sign."""
    round_trip: float | None
    """Seconds; None when the request was sent more than once: which one is answered?"""


@dataclass(slots=True)
class _Expected:
    """What a response to one request has to prove."""

    key: bytes | None
    integrity: Integrity
    forged: bool = False
    """Whether a response came that did not prove it."""


class Client:
    """Sends requests to any number of servers. It does not react to challenges and redirects."""

    def __init__(
        self, *, rto: float = RTO, rc: int = RC, rm: float = RM, limit: int = 1024
    ) -> None:
        """`limit`: requests that may wait for a response at once."""
        self.discarded = 0
        """Datagrams that were no acceptable response to an open request."""
        self._rto = rto
        self._rc = rc
        self._rm = rm
        self._transactions = Transactions(limit)
        self._expected: dict[bytes, _Expected] = {}
        self._events: deque[ResponseReceived | TransactionFailed] = deque()

    def request(
        self,
        message: Message,
        path: Path,
        now: float,
        *,
        key: bytes | None = None,
        integrity: Integrity = Integrity.SHA1,
    ) -> None:
        """Send `message`. Its transaction ID names it in the event that ends it.

        Raises InvalidStateError when the ID is in use, too many requests are open or the
        client is closed.
        """
        data = message.encode(key=key, integrity=integrity, fingerprint=True)
        if path.protocol == "tcp":
            transaction = Transaction(data, message.transaction_id, now, TI, rc=1, rm=1)
        else:
            timing = self._rto, self._rc, self._rm
            transaction = Transaction(data, message.transaction_id, now, *timing)
        self._transactions.start(transaction, path)
        self._expected[message.transaction_id] = _Expected(key, integrity)

    def stop(self, transaction_id: bytes) -> None:
        """Forget a request. Raises InvalidAccessError if there is no such one."""
        self._transactions.stop(transaction_id)
        self._collect()

    def close(self) -> None:
        """Fail every request; harmless when repeated."""
        self._transactions.close()
        self._collect()

    def handle_read(self, data: bytes, path: Path, now: float) -> None:
        try:
            self.handle_response(Message.decode(data), path, now)
        except ProtocolError as error:
            self.discarded += 1
            _logger.debug("discarded a response from %s: %s", path.remote, error)

    def handle_response(self, message: Message, path: Path, now: float) -> None:
        """Take a message that the caller has decoded. Raises ProtocolError for one to be dropped.

        What an unacceptable response ends is told all the same.
        """
        try:
            self._accept(message, path, now)
        finally:
            self._collect()

    def handle_timeout(self, now: float) -> None:
        self._transactions.handle_timeout(now)
        self._collect()

    def poll_write(self) -> Transmit | None:
        return self._transactions.poll_write()

    def poll_event(self) -> ResponseReceived | TransactionFailed | None:
        return self._events.popleft() if self._events else None

    def poll_timeout(self) -> float | None:
        return self._transactions.poll_timeout()

    def _accept(self, message: Message, path: Path, now: float) -> None:
        transaction = self._transactions.match(message)
        if transaction is None:
            raise ProtocolError("no request has this transaction ID")
        if Fingerprint in message and not message.fingerprint_ok:
            raise ProtocolError("wrong FINGERPRINT")
        error = message.require(ErrorCode) if message.message_class is MessageClass.ERROR else None
        expected = self._expected[message.transaction_id]
        authentic = expected.key is not None and _proves(message, expected.key, expected.integrity)
        challenge = error is not None and error.code in _CHALLENGES
        if expected.key is not None and not authentic and not challenge:
            expected.forged = True
            if path.protocol == "tcp":  # nothing better will come: RFC 8489 §9.2.5
                self._finish(message.transaction_id, Failure.INTEGRITY)
            raise AuthenticationError("response without the right MESSAGE-INTEGRITY")
        if message.unknown_attributes():
            self._finish(message.transaction_id, Failure.UNKNOWN_ATTRIBUTES)
            return
        round_trip = now - transaction.sent_at if transaction.sent == 1 else None
        self._finish(message.transaction_id)
        self._events.append(ResponseReceived(message, path, authentic, round_trip))

    def _finish(self, transaction_id: bytes, reason: Failure | None = None) -> None:
        self._transactions.finish(transaction_id, reason)
        if reason is None:
            del self._expected[transaction_id]

    def _collect(self) -> None:
        while (failed := self._transactions.poll_event()) is not None:
            forged = self._expected.pop(failed.transaction_id).forged
            if forged and failed.reason is Failure.TIMED_OUT:
                failed = TransactionFailed(failed.transaction_id, Failure.INTEGRITY)
            self._events.append(failed)


def _proves(message: Message, key: bytes, integrity: Integrity) -> bool:
    # An answer in SHA-1 to a request in SHA-256 would let an attacker choose the weaker.
    weaker = integrity is Integrity.SHA256 and message.integrity is Integrity.SHA1
    return not weaker and message.verify(key)
