"""A Binding server: tells a sender its address as seen from here. RFC 8489 §6.3.1, §12."""

import logging
from collections import deque

from webrtc.core import Path, Transmit
from webrtc.errors import ProtocolError
from webrtc.stun.attributes import (
    ErrorCode,
    Fingerprint,
    Software,
    UnknownAttributes,
    XorMappedAddress,
)
from webrtc.stun.message import Message
from webrtc.stun.registry import AttributeType, Code, MessageClass, Method

_logger = logging.getLogger("webrtc.stun")

_UNDERSTOOD = frozenset(
    {
        AttributeType.MAPPED_ADDRESS,
        AttributeType.USERNAME,
        AttributeType.ERROR_CODE,
        AttributeType.UNKNOWN_ATTRIBUTES,
        AttributeType.REALM,
        AttributeType.NONCE,
        AttributeType.PASSWORD_ALGORITHM,
        AttributeType.USERHASH,
        AttributeType.XOR_MAPPED_ADDRESS,
    }
)


class Responder:
    """Answers Binding requests, without asking who sends them, and drops everything else.

    It keeps no state from one datagram to the next.
    """

    def __init__(self, software: str | None = None, limit: int = 1024) -> None:
        """`software`: what to call itself. `limit`: responses that may wait to be sent."""
        self.answered = 0
        """Requests that got their address."""
        self.refused = 0
        """Requests with attributes that are not understood here."""
        self.dropped = 0
        """Datagrams that got no response."""
        self._software = () if software is None else (Software(software),)
        self._limit = limit
        self._writes: deque[Transmit] = deque()

    def handle_read(self, data: bytes, path: Path, now: float) -> None:  # noqa: ARG002 (a verb)
        try:
            self._handle_request(Message.decode(data), path)
        except ProtocolError as error:
            self.dropped += 1
            _logger.debug("dropped a datagram from %s: %s", path.remote, error)

    def handle_timeout(self, now: float) -> None:
        """Nothing is ever due."""

    def poll_write(self) -> Transmit | None:
        return self._writes.popleft() if self._writes else None

    def poll_event(self) -> None:
        return None

    def poll_timeout(self) -> float | None:
        return None

    def _handle_request(self, request: Message, path: Path) -> None:
        if (request.method, request.message_class) != (Method.BINDING, MessageClass.REQUEST):
            raise ProtocolError("not a Binding request")
        fingerprint = Fingerprint in request
        if fingerprint and not request.fingerprint_ok:
            raise ProtocolError("wrong FINGERPRINT")
        if len(self._writes) >= self._limit:
            raise ProtocolError(f"{self._limit} responses wait to be sent")
        unknown = request.unknown_attributes(_UNDERSTOOD)
        if unknown:
            self.refused += 1
            # No reason phrase: a response must not be a multiple of the request in size.
            refusal = ErrorCode(Code.UNKNOWN_ATTRIBUTE), UnknownAttributes(unknown)
            response = Message(request.method, MessageClass.ERROR, request.transaction_id, refusal)
        else:
            self.answered += 1
            response = request.success((XorMappedAddress(path.remote), *self._software))
        self._writes.append(Transmit(response.encode(fingerprint=fingerprint), path))
