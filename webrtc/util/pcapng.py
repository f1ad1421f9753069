"""Writing captures for Wireshark: pcapng with IP and UDP headers made up around each datagram.

Format: draft-ietf-opsawg-pcapng; checksums: RFC 1071.
"""

import struct
from collections.abc import Callable
from enum import IntEnum
from ipaddress import ip_address
from typing import NamedTuple

from webrtc.core import Address

SECTION_HEADER = 0x0A0D0D0A
INTERFACE_DESCRIPTION = 1
ENHANCED_PACKET = 6
BYTE_ORDER = 0x1A2B3C4D
LINKTYPE_RAW = 101

_SECTION = struct.pack("<IHHq", BYTE_ORDER, 1, 0, -1)
_BLOCK = struct.Struct("<II")
_LENGTH = struct.Struct("<I")
_INTERFACE = struct.Struct("<HHI")
_PACKET = struct.Struct("<IIIII")
_OPTION = struct.Struct("<HH")
_IPV4 = struct.Struct("!BBHHHBBH4s4s")
_IPV6 = struct.Struct("!IHBB16s16s")
_IPV6_PSEUDO = struct.Struct("!16s16sII")
_IPV4_PSEUDO = struct.Struct("!4s4sHH")
_UDP = struct.Struct("!HHHH")
UDP = 17


class Direction(IntEnum):
    """Of a packet, as `epb_flags` has it."""

    INBOUND = 1
    OUTBOUND = 2


class Datagram(NamedTuple):
    """What a packet carries, and where."""

    data: bytes
    source: Address
    destination: Address
    ecn: int = 0
    number: int = 0
    """Identification of the IP packet."""
    dont_fragment: bool = False


class Writer:
    """Writes blocks of one section with `write`. Interfaces are made when they are first named."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._interfaces: dict[str, int] = {}
        self._block(SECTION_HEADER, _SECTION)

    def write(
        self,
        time: float,
        direction: Direction,
        datagram: Datagram,
        interface: str,
        comment: str = "",
    ) -> None:
        """Add a packet at `time`, seconds since 1970-01-01 UTC."""
        number = self._interfaces.get(interface)
        if number is None:
            number = self._interfaces[interface] = len(self._interfaces)
            name = _option(2, interface.encode()) + _option(9, b"\x09")  # nanoseconds
            described = _INTERFACE.pack(LINKTYPE_RAW, 0, 0) + name + _option(0, b"")
            self._block(INTERFACE_DESCRIPTION, described)
        data = ip_packet(datagram)
        at = round(time * 1e9)
        size = len(data)
        head = _PACKET.pack(number, at >> 32, at & 0xFFFF_FFFF, size, size)
        options = _option(1, comment.encode()) if comment else b""
        options += _option(2, _LENGTH.pack(direction)) + _option(0, b"")
        self._block(ENHANCED_PACKET, head + _padded(data) + options)

    def _block(self, kind: int, body: bytes) -> None:
        length = len(body) + 12
        self._write(_BLOCK.pack(kind, length) + body + _LENGTH.pack(length))


def ip_packet(datagram: Datagram) -> bytes:
    """The IPv4 or IPv6 packet that carries a datagram on a wire."""
    data, ecn, number = datagram.data, datagram.ecn, datagram.number
    source, destination = _packed(datagram.source), _packed(datagram.destination)
    length = len(data) + 8
    ports = datagram.source[1], datagram.destination[1]
    if len(source) == 4:
        pseudo = _IPV4_PSEUDO.pack(source, destination, UDP, length)
        flags = 0x4000 if datagram.dont_fragment else 0
        fields = (0x45, ecn, length + 20, number & 0xFFFF, flags, 64, UDP)
        header = _IPV4.pack(*fields, 0, source, destination)
        header = _IPV4.pack(*fields, _checksum(header), source, destination)
    else:
        pseudo = _IPV6_PSEUDO.pack(source, destination, length, UDP)
        header = _IPV6.pack(6 << 28 | ecn << 20, length, UDP, 64, source, destination)
    checksum = _checksum(pseudo + _UDP.pack(*ports, length, 0) + data) or 0xFFFF
    return header + _UDP.pack(*ports, length, checksum) + data


def _packed(address: Address) -> bytes:
    return ip_address(address[0].partition("%")[0]).packed


def _checksum(data: bytes) -> int:
    """The Internet checksum: a sum with end-around carry is a remainder modulo 0xFFFF."""
    total = int.from_bytes(data + b"\0" * (len(data) % 2), "big")
    return 0xFFFF - (total % 0xFFFF or 0xFFFF)


def _option(code: int, value: bytes) -> bytes:
    return _OPTION.pack(code, len(value)) + _padded(value)


def _padded(value: bytes) -> bytes:
    return value + b"\0" * (-len(value) % 4)
