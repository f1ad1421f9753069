"""Attributes of NAT behaviour discovery and of retransmission counting. RFC 5780 §7, RFC 7982."""
# ruff: noqa: ARG002, ARG003 (all attributes share two signatures; few need the transaction ID)

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

from webrtc.errors import DecodeError
from webrtc.stun.codec import Opaque, Unsigned
from webrtc.stun.registry import AttributeType

_FLAGS = struct.Struct("!I")
_COUNTERS = struct.Struct("!2xBB")
_CHANGE_IP, _CHANGE_PORT = 4, 2


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """Asks for the response to come from elsewhere."""

    type: ClassVar[int] = AttributeType.CHANGE_REQUEST

    change_ip: bool = False
    change_port: bool = False

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        if len(value) != _FLAGS.size:
            raise DecodeError(f"ChangeRequest of {len(value)} bytes")
        flags = value[3]
        return cls(bool(flags & _CHANGE_IP), bool(flags & _CHANGE_PORT))

    def encode(self, transaction_id: bytes) -> bytes:
        return _FLAGS.pack(self.change_ip * _CHANGE_IP | self.change_port * _CHANGE_PORT)


@dataclass(frozen=True, slots=True)
class ResponsePort(Unsigned):
    """The port that the response is to be sent to."""

    type: ClassVar[int] = AttributeType.RESPONSE_PORT
    layout: ClassVar[struct.Struct] = struct.Struct("!H2x")


@dataclass(frozen=True, slots=True, repr=False)
class Padding(Opaque):
    """Fills a message, to see how a NAT treats fragments."""

    type: ClassVar[int] = AttributeType.PADDING


@dataclass(frozen=True, slots=True)
class TransactionTransmitCounter:
    """Which transmission of a request this is, and how many responses it had. RFC 7982 §3."""

    type: ClassVar[int] = AttributeType.TRANSACTION_TRANSMIT_COUNTER

    requests: int
    responses: int = 0

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        if len(value) != _COUNTERS.size:
            raise DecodeError(f"TransactionTransmitCounter of {len(value)} bytes")
        return cls(*_COUNTERS.unpack(value))

    def encode(self, transaction_id: bytes) -> bytes:
        return _COUNTERS.pack(self.requests, self.responses)
