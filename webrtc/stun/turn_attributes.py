"""Attributes of TURN and its extensions. RFC 8656 §18, RFC 6062 §6.2, RFC 8016 §3."""
# ruff: noqa: ARG002, ARG003 (all attributes share two signatures; few need the transaction ID)

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

from webrtc.errors import DecodeError
from webrtc.stun.codec import Flag, Opaque, Unsigned, decode_text, encode_text, shorten
from webrtc.stun.error import REASON_LIMIT, decode_code, encode_code
from webrtc.stun.registry import AttributeType

UDP, TCP = 17, 6
"""Protocol numbers of REQUESTED-TRANSPORT."""

_BYTE = struct.Struct("!B3x")
_CODE = struct.Struct("!BxBB")  # family, class, number
_ICMP = struct.Struct("!xxBBI")  # type, code, error data


@dataclass(frozen=True, slots=True)
class ChannelNumber(Unsigned):
    """Number of a channel, 0x4000 to 0x4FFF when it is valid."""

    type: ClassVar[int] = AttributeType.CHANNEL_NUMBER
    layout: ClassVar[struct.Struct] = struct.Struct("!H2x")


@dataclass(frozen=True, slots=True)
class Lifetime(Unsigned):
    """Seconds until an allocation ends without a refresh."""

    type: ClassVar[int] = AttributeType.LIFETIME


@dataclass(frozen=True, slots=True, repr=False)
class Data(Opaque):
    """A datagram from or to a peer."""

    type: ClassVar[int] = AttributeType.DATA


@dataclass(frozen=True, slots=True)
class RequestedAddressFamily(Unsigned):
    """Family of the relayed address: `address.IPV4` or `address.IPV6`."""

    type: ClassVar[int] = AttributeType.REQUESTED_ADDRESS_FAMILY
    layout: ClassVar[struct.Struct] = _BYTE


@dataclass(frozen=True, slots=True)
class AdditionalAddressFamily(Unsigned):
    """Family of a second relayed address."""

    type: ClassVar[int] = AttributeType.ADDITIONAL_ADDRESS_FAMILY
    layout: ClassVar[struct.Struct] = _BYTE


@dataclass(frozen=True, slots=True)
class RequestedTransport(Unsigned):
    """Protocol of the relayed address: `UDP` or `TCP`."""

    type: ClassVar[int] = AttributeType.REQUESTED_TRANSPORT
    layout: ClassVar[struct.Struct] = _BYTE


@dataclass(frozen=True, slots=True)
class EvenPort:
    """The port of the relayed address is to be even."""

    type: ClassVar[int] = AttributeType.EVEN_PORT

    reserve_next: bool = False
    """Whether the next higher port is to be kept for a later allocation."""

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        if len(value) != 1:
            raise DecodeError(f"EvenPort of {len(value)} bytes")
        return cls(value[0] >= 0x80)

    def encode(self, transaction_id: bytes) -> bytes:
        return b"\x80" if self.reserve_next else b"\x00"


@dataclass(frozen=True, slots=True)
class DontFragment(Flag):
    """Datagrams to the peer are not to be fragmented."""

    type: ClassVar[int] = AttributeType.DONT_FRAGMENT


@dataclass(frozen=True, slots=True, repr=False)
class ReservationToken(Opaque):
    """Names the port that `EvenPort` reserved."""

    type: ClassVar[int] = AttributeType.RESERVATION_TOKEN
    shortest: ClassVar[int] = 8
    longest: ClassVar[int] = 8


@dataclass(frozen=True, slots=True)
class ConnectionId(Unsigned):
    """Names a connection to a peer. RFC 6062 §6.2.1."""

    type: ClassVar[int] = AttributeType.CONNECTION_ID


@dataclass(frozen=True, slots=True, repr=False)
class MobilityTicket(Opaque):
    """Lets a client keep its allocation when its address changes; empty to ask for one."""

    type: ClassVar[int] = AttributeType.MOBILITY_TICKET


@dataclass(frozen=True, slots=True, repr=False)
class AccessToken(Opaque):
    """Token of an authorization server: nonce, encrypted block, tag. RFC 7635 §6.2."""

    type: ClassVar[int] = AttributeType.ACCESS_TOKEN


@dataclass(frozen=True, slots=True, repr=False)
class AddressErrorCode:
    """Why one of two relayed addresses was not allocated."""

    type: ClassVar[int] = AttributeType.ADDRESS_ERROR_CODE

    family: int
    code: int
    reason: str = ""

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        if len(value) < 4:
            raise DecodeError(f"AddressErrorCode of {len(value)} bytes")
        family, error_class, number = _CODE.unpack_from(value)
        return cls(family, decode_code(error_class, number), decode_text(value[4:], REASON_LIMIT))

    def encode(self, transaction_id: bytes) -> bytes:
        header = _CODE.pack(self.family, *encode_code(self.code))
        return header + encode_text(self.reason, REASON_LIMIT)

    def __repr__(self) -> str:
        return f"AddressErrorCode({self.family}, {self.code}, {shorten(self.reason)})"


@dataclass(frozen=True, slots=True)
class Icmp:
    """An ICMP message that the server received for a relayed datagram. RFC 8656 §18.13."""

    type: ClassVar[int] = AttributeType.ICMP

    icmp_type: int
    code: int
    data: int = 0

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        if len(value) != _ICMP.size:
            raise DecodeError(f"Icmp of {len(value)} bytes")
        return cls(*_ICMP.unpack(value))

    def encode(self, transaction_id: bytes) -> bytes:
        return _ICMP.pack(self.icmp_type, self.code, self.data)
