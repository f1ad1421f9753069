"""Attributes that hold a transport address, plain or XORed. RFC 8489 §14.1, §14.2."""
# ruff: noqa: ARG002, ARG003 (all attributes share two signatures; few need the transaction ID)

import struct
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import ClassVar, Self

from webrtc.core import Address
from webrtc.errors import DecodeError, InvalidAccessError
from webrtc.stun.registry import MAGIC_COOKIE, AttributeType

IPV4, IPV6 = 1, 2

_HEADER = struct.Struct("!xBH")  # family, port
_SIZES = {IPV4: 4, IPV6: 16}
_PORT_MASK = MAGIC_COOKIE >> 16
_COOKIE = MAGIC_COOKIE.to_bytes(4, "big")


@lru_cache(maxsize=1024)
def pack_host(host: str) -> bytes:
    """4 or 16 bytes of an IP address; the zone of a link-local one is left out.

    Raises InvalidAccessError for a name.
    """
    try:
        return ip_address(host).packed
    except ValueError:
        raise InvalidAccessError(f"{host!r} is not an IP address") from None


@lru_cache(maxsize=1024)
def unpack_host(packed: bytes) -> str:
    """Inverse of `pack_host`."""
    return str(IPv4Address(packed) if len(packed) == 4 else IPv6Address(packed))


def decode_address(value: bytes) -> Address:
    """Address of an attribute value.

    Raises DecodeError if the family is unknown or the length does not match it.
    """
    if len(value) < 4:
        raise DecodeError(f"address attribute of {len(value)} bytes")
    family, port = _HEADER.unpack_from(value)
    packed = value[4:]
    if len(packed) != _SIZES.get(family):
        raise DecodeError(f"address family {family} with {len(packed)} address bytes")
    return unpack_host(packed), port


def encode_address(address: Address) -> bytes:
    """Inverse of `decode_address`."""
    packed = pack_host(address[0])
    return _HEADER.pack(IPV4 if len(packed) == 4 else IPV6, address[1]) + packed


def xor(value: bytes, transaction_id: bytes) -> bytes:
    """Hide or reveal port and address of an address attribute. RFC 8489 §14.2."""
    size = len(value)
    mask = b"\x00\x00\x21\x12" + _COOKIE + transaction_id
    return (int.from_bytes(value, "big") ^ int.from_bytes(mask[:size], "big")).to_bytes(size, "big")


@dataclass(frozen=True, slots=True)
class MappedAddress:
    """The sender of a request as the server saw it, in clear; kept for RFC 3489 servers."""

    type: ClassVar[int] = AttributeType.MAPPED_ADDRESS

    address: Address

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        return cls(_nonzero_port(decode_address(value)))

    def encode(self, transaction_id: bytes) -> bytes:
        return encode_address(self.address)


@dataclass(frozen=True, slots=True)
class AlternateServer(MappedAddress):
    """Another server to ask. RFC 8489 §14.15."""

    type: ClassVar[int] = AttributeType.ALTERNATE_SERVER


@dataclass(frozen=True, slots=True)
class ResponseOrigin(MappedAddress):
    """The address that a response was sent from. RFC 5780 §7.3."""

    type: ClassVar[int] = AttributeType.RESPONSE_ORIGIN


@dataclass(frozen=True, slots=True)
class OtherAddress(MappedAddress):
    """The address that a server would use if it were asked to change both. RFC 5780 §7.4."""

    type: ClassVar[int] = AttributeType.OTHER_ADDRESS


@dataclass(frozen=True, slots=True)
class XorMappedAddress:
    """The sender of a request as the server saw it."""

    type: ClassVar[int] = AttributeType.XOR_MAPPED_ADDRESS

    address: Address

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        return cls(_nonzero_port(decode_address(_unmasked(value, transaction_id))))

    def encode(self, transaction_id: bytes) -> bytes:
        return xor(encode_address(self.address), transaction_id)


@dataclass(frozen=True, slots=True)
class XorRelayedAddress(XorMappedAddress):
    """The address that a TURN server allocated. RFC 8656 §18.5."""

    type: ClassVar[int] = AttributeType.XOR_RELAYED_ADDRESS


@dataclass(frozen=True, slots=True)
class XorPeerAddress(XorMappedAddress):
    """A peer as the TURN server sees it. RFC 8656 §18.3.

    Its port may be 0: a permission is for a host. RFC 8656 §9.1.
    """

    type: ClassVar[int] = AttributeType.XOR_PEER_ADDRESS

    @classmethod
    def decode(cls, value: bytes, transaction_id: bytes) -> Self:
        return cls(decode_address(_unmasked(value, transaction_id)))


def _unmasked(value: bytes, transaction_id: bytes) -> bytes:
    if len(value) > 20:
        raise DecodeError(f"address attribute of {len(value)} bytes")
    return xor(value, transaction_id)


def _nonzero_port(address: Address) -> Address:
    if not address[1]:
        raise DecodeError("port 0 in an address attribute")
    return address
