"""Parameters of RE-CONFIG. RFC 6525 §4."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Self

from webrtc.errors import DecodeError
from webrtc.sctp.chunks import ChunkType
from webrtc.sctp.packet import encode_chunk
from webrtc.sctp.parameters import Parameter, decode_parameters, encode_parameters

MAX_PARAMETERS = 2
"""Of one RE-CONFIG. RFC 6525 §3.1."""

_OUTGOING = struct.Struct("!III")
_RESPONSE = struct.Struct("!II")
_UINT32 = struct.Struct("!I")
_ADD = struct.Struct("!IHH")
_STREAM = struct.Struct("!H")


class Result(IntEnum):
    """What became of a request. RFC 6525 §4.4."""

    NOTHING_TO_DO = 0
    PERFORMED = 1
    DENIED = 2
    WRONG_SSN = 3
    BUSY = 4
    BAD_SEQUENCE = 5
    IN_PROGRESS = 6


@dataclass(frozen=True, slots=True)
class OutgoingReset:
    """The sender resets its outgoing streams, all when `ids` is empty. RFC 6525 §4.1."""

    type: ClassVar[int] = 13

    sequence: int
    response_sequence: int
    last_tsn: int
    ids: tuple[int, ...] = ()

    @classmethod
    def decode(cls, value: bytes) -> Self:
        _at_least(value, _OUTGOING.size)
        sequence, response_sequence, last_tsn = _OUTGOING.unpack_from(value)
        return cls(sequence, response_sequence, last_tsn, _streams(value[_OUTGOING.size :]))

    def encode(self) -> bytes:
        """The value of the parameter."""
        head = _OUTGOING.pack(self.sequence, self.response_sequence, self.last_tsn)
        return head + b"".join([_STREAM.pack(stream_id) for stream_id in self.ids])


@dataclass(frozen=True, slots=True)
class IncomingReset:
    """The sender asks us to reset our outgoing streams. RFC 6525 §4.2."""

    type: ClassVar[int] = 14

    sequence: int
    ids: tuple[int, ...] = ()

    @classmethod
    def decode(cls, value: bytes) -> Self:
        _at_least(value, _UINT32.size)
        (sequence,) = _UINT32.unpack_from(value)
        return cls(sequence, _streams(value[_UINT32.size :]))

    def encode(self) -> bytes:
        """The value of the parameter."""
        head = _UINT32.pack(self.sequence)
        return head + b"".join([_STREAM.pack(stream_id) for stream_id in self.ids])


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to a request. RFC 6525 §4.4."""

    type: ClassVar[int] = 16

    sequence: int
    result: int

    @classmethod
    def decode(cls, value: bytes) -> Self:
        _at_least(value, _RESPONSE.size)
        return cls(*_RESPONSE.unpack_from(value))

    def encode(self) -> bytes:
        """The value of the parameter."""
        return _RESPONSE.pack(self.sequence, self.result)


@dataclass(frozen=True, slots=True)
class OtherRequest:
    """SSN/TSN reset and the two that add streams: always denied. RFC 6525 §4.3, §4.5, §4.6."""

    type: int
    sequence: int
    count: int = 0

    @classmethod
    def decode(cls, kind: int, value: bytes) -> Self:
        """`kind` tells whether a number of streams follows the sequence number."""
        if kind == 15:
            _at_least(value, _UINT32.size)
            return cls(kind, *_UINT32.unpack_from(value))
        _at_least(value, _ADD.size)
        sequence, count, _ = _ADD.unpack_from(value)
        return cls(kind, sequence, count)

    def encode(self) -> bytes:
        """The value of the parameter."""
        if self.type == 15:
            return _UINT32.pack(self.sequence)
        return _ADD.pack(self.sequence, self.count, 0)


Reconfiguration = OutgoingReset | IncomingReset | Response | OtherRequest


def decode_reconfig(value: bytes) -> tuple[Reconfiguration, ...]:
    """The one or two parameters of a RE-CONFIG chunk."""
    found = decode_parameters(value, MAX_PARAMETERS)
    if not found:
        raise DecodeError("RE-CONFIG without parameter")
    return tuple(_decode(kind, content) for kind, content in found)


def encode_reconfig(parameters: Iterable[Reconfiguration]) -> bytes:
    """The RE-CONFIG chunk."""
    raw = [Parameter(parameter.type, parameter.encode()) for parameter in parameters]
    return encode_chunk(ChunkType.RE_CONFIG, 0, encode_parameters(raw))


def _decode(kind: int, value: bytes) -> Reconfiguration:
    match kind:
        case OutgoingReset.type:
            return OutgoingReset.decode(value)
        case IncomingReset.type:
            return IncomingReset.decode(value)
        case Response.type:
            return Response.decode(value)
        case 15 | 17 | 18:
            return OtherRequest.decode(kind, value)
        case _:
            raise DecodeError(f"RE-CONFIG parameter {kind}")


def _at_least(value: bytes, size: int) -> None:
    if len(value) < size:
        raise DecodeError(f"RE-CONFIG parameter of {len(value)} bytes")


def _streams(data: bytes) -> tuple[int, ...]:
    if len(data) % 2:
        raise DecodeError(f"stream list of {len(data)} bytes")
    return struct.unpack(f"!{len(data) // 2}H", data)
