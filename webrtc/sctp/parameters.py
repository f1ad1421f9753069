"""Parameters of INIT and INIT ACK, and the TLV form that they share. RFC 9260 §3.2.1."""

import struct
from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import islice
from typing import NamedTuple

from webrtc.errors import DecodeError

MAX_PARAMETERS = 64
"""Parameters read from one chunk; nobody sends more than about ten."""

_TLV = struct.Struct("!HH")


class ParameterType(IntEnum):
    """Parameters that an INIT or INIT ACK may carry."""

    HEARTBEAT_INFO = 1
    IPV4_ADDRESS = 5
    IPV6_ADDRESS = 6
    STATE_COOKIE = 7
    UNRECOGNIZED = 8
    COOKIE_PRESERVATIVE = 9
    HOST_NAME_ADDRESS = 11
    SUPPORTED_ADDRESS_TYPES = 12
    ZERO_CHECKSUM = 0x8001
    SUPPORTED_EXTENSIONS = 0x8008
    FORWARD_TSN_SUPPORTED = 0xC000


_KNOWN = frozenset(int(kind) for kind in ParameterType)


class Parameter(NamedTuple):
    """A parameter as it is on the wire, without its padding."""

    type: int
    value: bytes

    def encode(self) -> bytes:
        """With header and padding."""
        value = self.value
        return _TLV.pack(self.type, 4 + len(value)) + value + bytes(-len(value) & 3)


def decode_parameters(data: bytes, limit: int = MAX_PARAMETERS) -> tuple[Parameter, ...]:
    """Every parameter of `data`; DecodeError for a length that cannot be or more than `limit`."""
    found = tuple(islice(walk_parameters(data), limit + 1))
    if len(found) > limit:
        raise DecodeError(f"more than {limit} parameters")
    return found


def walk_parameters(data: bytes) -> Iterator[Parameter]:
    """The parameters of `data`, one by one."""
    position, end = 0, len(data)
    while position < end:
        if end - position < 4:
            raise DecodeError(f"{end - position} bytes where a parameter should start")
        kind, length = _TLV.unpack_from(data, position)
        stop = position + length
        if length < 4 or stop > end:
            raise DecodeError(f"parameter {kind} of length {length}, {end - position} bytes left")
        yield Parameter(kind, data[position + 4 : stop])
        position = stop + 3 & ~3


def encode_parameters(parameters: Iterable[Parameter]) -> bytes:
    """All of them, each padded. RFC 9260 lets the padding of the last one stay."""
    return b"".join([parameter.encode() for parameter in parameters])


def find(parameters: Iterable[Parameter], kind: int) -> bytes | None:
    """Value of the first parameter of that type."""
    return next((value for found, value in parameters if found == kind), None)


def unrecognized(parameters: Iterable[Parameter], limit: int) -> tuple[Parameter, ...]:
    """The parameters to report, at most `limit` of them. RFC 9260 §3.2.1, the two high bits.

    Reading stops at an unknown one without the high bit; 0x4000 asks for the report.
    """
    report: list[Parameter] = []
    for parameter in parameters:
        if parameter.type in _KNOWN:
            continue
        if parameter.type & 0x4000 and len(report) < limit:
            report.append(parameter)
        if not parameter.type & 0x8000:
            break
    return tuple(report)
