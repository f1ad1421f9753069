"""Captures for Wireshark: pcapng with IP and UDP headers made up around each datagram.

Format: draft-ietf-opsawg-pcapng; checksums: RFC 1071.
"""

import struct
from collections import deque
from collections.abc import Callable
from ipaddress import ip_address
from os import PathLike
from types import TracebackType
from typing import NamedTuple, Self

from webrtc.vnet.engine import Action
from webrtc.vnet.packet import Packet

MAX_KEPT = 100_000
"""Most recent packets that are kept for a file written only on failure."""

_LINKTYPE_RAW = 101
_SECTION = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
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
_UDP_PROTOCOL = 17
_DIRECTION = {"send": 2, "deliver": 1}  # epb_flags: outbound, inbound


class _Record(NamedTuple):
    time: float
    direction: int
    packet: Packet
    place: str


class Capture:
    """Writes what leaves and reaches every interface; a context manager.

    Each interface of a host is one of the file, so a packet that arrives is in it twice: as sent,
    and as received, with the addresses a NAT gave it. Time 0.0 is 1970-01-01. With `on_failure`
    the file is written only when the `with` block raises.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        stop: Callable[["Capture"], None],
        *,
        on_failure: bool = False,
    ) -> None:
        self._path = path
        self._stop = stop
        self._on_failure = on_failure
        self._closed = False
        self._kept: deque[_Record] = deque(maxlen=MAX_KEPT)
        self._file = None if on_failure else _Writer(path)

    def __call__(self, time: float, action: Action, packet: Packet, place: str) -> None:
        """Take one report of the network."""
        direction = _DIRECTION.get(action)
        if direction is None:
            return
        record = _Record(time, direction, packet, place)
        if self._file is not None:
            self._file.write(record)
        else:
            self._kept.append(record._replace(packet=packet.copy()))

    def close(self, *, failed: bool = False) -> None:
        """Stop; `failed` writes what an `on_failure` capture has kept. Harmless when closed."""
        if self._closed:
            return
        self._closed = True
        self._stop(self)
        if failed and self._on_failure and self._file is None:
            self._file = _Writer(self._path)
            for record in self._kept:
                self._file.write(record)
        self._kept.clear()
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close(failed=error is not None)


class _Writer:
    def __init__(self, path: str | PathLike[str]) -> None:
        self._file = open(path, "wb")  # noqa: SIM115  # closed by `close`
        self._interfaces: dict[str, int] = {}
        self._block(0x0A0D0D0A, _SECTION)

    def write(self, record: _Record) -> None:
        number = self._interfaces.get(record.place)
        if number is None:
            number = self._interfaces[record.place] = len(self._interfaces)
            name = _option(2, record.place.encode()) + _option(9, b"\x09")  # nanoseconds
            self._block(1, _INTERFACE.pack(_LINKTYPE_RAW, 0, 0) + name + _option(0, b""))
        data = ip_packet(record.packet)
        time = round(record.time * 1e9)
        size = len(data)
        head = _PACKET.pack(number, time >> 32, time & 0xFFFF_FFFF, size, size)
        packet = record.packet
        comment = f"#{packet.id} {packet.tag}".rstrip().encode()
        options = _option(1, comment) + _option(2, _LENGTH.pack(record.direction))
        self._block(6, head + _padded(data) + options + _option(0, b""))

    def close(self) -> None:
        self._file.close()

    def _block(self, kind: int, body: bytes) -> None:
        length = len(body) + 12
        self._file.write(_BLOCK.pack(kind, length) + body + _LENGTH.pack(length))


def ip_packet(packet: Packet) -> bytes:
    """The IPv4 or IPv6 packet that `packet` would be on a wire."""
    source = ip_address(packet.source[0]).packed
    destination = ip_address(packet.destination[0]).packed
    length = len(packet.data) + 8
    ports = packet.source[1], packet.destination[1]
    if len(source) == 4:
        pseudo = _IPV4_PSEUDO.pack(source, destination, _UDP_PROTOCOL, length)
        flags = 0x4000 if packet.dont_fragment else 0
        fields = (0x45, packet.ecn, length + 20, packet.id & 0xFFFF, flags, 64, _UDP_PROTOCOL)
        header = _IPV4.pack(*fields, 0, source, destination)
        header = _IPV4.pack(*fields, _checksum(header), source, destination)
    else:
        pseudo = _IPV6_PSEUDO.pack(source, destination, length, _UDP_PROTOCOL)
        first = 6 << 28 | packet.ecn << 20
        header = _IPV6.pack(first, length, _UDP_PROTOCOL, 64, source, destination)
    checksum = _checksum(pseudo + _UDP.pack(*ports, length, 0) + packet.data) or 0xFFFF
    return header + _UDP.pack(*ports, length, checksum) + packet.data


def _checksum(data: bytes) -> int:
    """The Internet checksum: a sum with end-around carry is a remainder modulo 0xFFFF."""
    total = int.from_bytes(data + b"\0" * (len(data) % 2), "big")
    return 0xFFFF - (total % 0xFFFF or 0xFFFF)


def _option(code: int, value: bytes) -> bytes:
    return _OPTION.pack(code, len(value)) + _padded(value)


def _padded(value: bytes) -> bytes:
    return value + b"\0" * (-len(value) % 4)
