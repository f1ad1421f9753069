"""Reading captures, pcapng and the older pcap, down to the UDP datagrams in them.

Formats: draft-ietf-opsawg-pcapng, draft-ietf-opsawg-pcap, and their registry of link types.
"""

import struct
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import NamedTuple

from webrtc.core import Address
from webrtc.errors import DecodeError
from webrtc.util.pcapng import (
    BYTE_ORDER,
    ENHANCED_PACKET,
    INTERFACE_DESCRIPTION,
    LINKTYPE_RAW,
    SECTION_HEADER,
    UDP,
    Direction,
)

_SIMPLE_PACKET = 3
_PCAP_MAGIC = {0xA1B2C3D4: 1e-6, 0xA1B23C4D: 1e-9}
_PCAP_HEADER = 24
_IPV4_TYPE, _IPV6_TYPE, _VLAN_TYPE = 0x0800, 0x86DD, 0x8100
_NULL, _ETHERNET, _LOOP, _COOKED, _COOKED_2 = 0, 1, 108, 113, 276
_FRAGMENT_HEADER = 44
_EXTENSIONS = {0, 43, 60}  # hop-by-hop, routing, destination options: RFC 8200 §4.1


class Frame(NamedTuple):
    """One packet as it was captured."""

    time: float | None
    """Seconds since 1970-01-01 UTC; None where the format has none."""
    link_type: int
    data: bytes
    interface: str = ""
    direction: Direction | None = None
    comment: str = ""


class Payload(NamedTuple):
    """The UDP datagram of a frame."""

    source: Address
    destination: Address
    data: bytes
    whole: bool
    """False when the capture cut it, or it is the first fragment of a longer one."""


class _Interface(NamedTuple):
    link_type: int
    name: str
    ticks: float
    """Units of time in a second."""


def is_capture(data: bytes) -> bool:
    """Whether `data` begins as a capture does."""
    if data[:4] == SECTION_HEADER.to_bytes(4, "big"):
        return True
    return any(int.from_bytes(data[:4], order) in _PCAP_MAGIC for order in ("big", "little"))


def frames(data: bytes) -> Iterator[Frame]:
    """Every packet of a capture. Raises DecodeError where it is damaged."""
    if data[:4] == SECTION_HEADER.to_bytes(4, "big"):
        yield from _pcapng(data)
    elif is_capture(data):
        yield from _pcap(data)
    else:
        raise DecodeError("neither pcapng nor pcap")


def _pcap(data: bytes) -> Iterator[Frame]:
    order = "<" if int.from_bytes(data[:4], "little") in _PCAP_MAGIC else ">"
    if len(data) < _PCAP_HEADER:
        raise DecodeError(f"pcap header of {len(data)} bytes")
    magic, link_type = struct.unpack_from(order + "I16xI", data)
    unit = _PCAP_MAGIC[magic]
    record = struct.Struct(order + "IIII")
    position = _PCAP_HEADER
    while position < len(data):
        _check(position + record.size <= len(data), position)
        seconds, fraction, captured, _ = record.unpack_from(data, position)
        position += record.size
        _check(position + captured <= len(data), position)
        yield Frame(
            seconds + fraction * unit, link_type & 0xFFFF, data[position : position + captured]
        )
        position += captured


def _pcapng(data: bytes) -> Iterator[Frame]:
    position, order = 0, "<"
    interfaces: list[_Interface] = []
    while position < len(data):
        _check(position + 12 <= len(data), position)
        if data[position : position + 4] == SECTION_HEADER.to_bytes(4, "big"):
            magic = data[position + 8 : position + 12]
            order = "<" if int.from_bytes(magic, "little") == BYTE_ORDER else ">"
            interfaces = []
        kind, length = struct.unpack_from(order + "II", data, position)
        _check(length >= 12 and not length % 4 and position + length <= len(data), position)
        body = data[position + 8 : position + length - 4]
        try:
            if kind == INTERFACE_DESCRIPTION:
                interfaces.append(_interface(body, order))
            elif kind in {ENHANCED_PACKET, _SIMPLE_PACKET}:
                yield _packet(kind, body, order, interfaces)
        except (struct.error, IndexError) as error:
            raise DecodeError(f"damaged block at byte {position}") from error
        position += length


def _interface(body: bytes, order: str) -> _Interface:
    [link_type] = struct.unpack_from(order + "H", body)
    options = _options(body[8:], order)
    name = options.get(2, b"").decode(errors="replace")
    resolution = options.get(9, b"\x06")[0]
    ticks = float(2 ** (resolution & 0x7F) if resolution & 0x80 else 10**resolution)
    return _Interface(link_type, name, ticks)


def _packet(kind: int, body: bytes, order: str, interfaces: list[_Interface]) -> Frame:
    if kind == _SIMPLE_PACKET:
        [size] = struct.unpack_from(order + "I", body)
        return Frame(None, interfaces[0].link_type, body[4 : 4 + size], interfaces[0].name)
    number, high, low, captured, _ = struct.unpack_from(order + "5I", body)
    interface = interfaces[number]
    options = _options(body[20 + captured + -captured % 4 :], order)
    flags = int.from_bytes(options.get(2, b""), "little" if order == "<" else "big") & 3
    return Frame(
        (high << 32 | low) / interface.ticks,
        interface.link_type,
        body[20 : 20 + captured],
        interface.name,
        Direction(flags) if flags in {1, 2} else None,
        options.get(1, b"").decode(errors="replace"),
    )


def _options(data: bytes, order: str) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    position = 0
    while position + 4 <= len(data):
        code, length = struct.unpack_from(order + "HH", data, position)
        if not code:
            break
        found.setdefault(code, data[position + 4 : position + 4 + length])
        position += 4 + length + -length % 4
    return found


def payload(frame: Frame) -> Payload | None:
    """The datagram in a frame; None when there is none, or its link type is not known."""
    strip = _LINKS.get(frame.link_type)
    packet = strip(frame.data) if strip is not None else b""
    version = packet[0] >> 4 if packet else 0
    if version == 4:
        return _ipv4(packet)
    return _ipv6(packet) if version == 6 else None


def _ipv4(packet: bytes) -> Payload | None:
    start = (packet[0] & 15) * 4
    if len(packet) < 20 or start < 20 or packet[9] != UDP:
        return None
    fragment = int.from_bytes(packet[6:8], "big")
    return _udp(packet[12:16], packet[16:20], packet[start:], fragment)


def _ipv6(packet: bytes) -> Payload | None:
    if len(packet) < 40:
        return None
    next_, position, fragment = packet[6], 40, 0
    while next_ != UDP:
        if len(packet) < position + 8 or next_ not in {*_EXTENSIONS, _FRAGMENT_HEADER}:
            return None
        if next_ == _FRAGMENT_HEADER:
            fragment = int.from_bytes(packet[position + 2 : position + 4], "big")
            # As IPv4 has it: 13 bits of offset, and the bit for more to come.
            fragment = fragment >> 3 | (fragment & 1) << 13
            size = 8
        else:
            size = (packet[position + 1] + 1) * 8
        next_, position = packet[position], position + size
    return _udp(packet[8:24], packet[24:40], packet[position:], fragment)


def _udp(source: bytes, destination: bytes, segment: bytes, fragment: int) -> Payload | None:
    if len(segment) < 8 or fragment & 0x1FFF:
        return None
    source_port, destination_port, length = struct.unpack_from("!HHH", segment)
    data = segment[8 : max(length, 8)]
    return Payload(
        (str(ip_address(source)), source_port),
        (str(ip_address(destination)), destination_port),
        data,
        len(data) == length - 8 and not fragment & 0x2000,
    )


def _raw(frame: bytes) -> bytes:
    return frame


def _ethernet(frame: bytes) -> bytes:
    position = 12
    while int.from_bytes(frame[position : position + 2], "big") == _VLAN_TYPE:
        position += 4
    kind = int.from_bytes(frame[position : position + 2], "big")
    return frame[position + 2 :] if kind in {_IPV4_TYPE, _IPV6_TYPE} else b""


def _null(frame: bytes) -> bytes:
    return frame[4:]


def _cooked(frame: bytes) -> bytes:
    return frame[16:]


def _cooked_2(frame: bytes) -> bytes:
    return frame[20:]


_LINKS: dict[int, Callable[[bytes], bytes]] = {
    LINKTYPE_RAW: _raw,
    _ETHERNET: _ethernet,
    _NULL: _null,
    _LOOP: _null,
    _COOKED: _cooked,
    _COOKED_2: _cooked_2,
}


def _check(good: bool, position: int) -> None:  # noqa: FBT001 - reads as the condition it is
    if not good:
        raise DecodeError(f"cut off or damaged at byte {position}")
