"""Data channel establishment protocol messages. RFC 8832 §5."""

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Self

from webrtc.errors import DecodeError

DEFAULT_PRIORITY = 256
"""Low. RFC 8831 §6.4."""

_OPEN_HEADER = struct.Struct("!BBHIHH")  # type, channel type, priority, reliability, two lengths
_ACK, _OPEN = 0x02, 0x03
_UNORDERED = 0x80
_RELIABLE, _REXMIT, _TIMED = 0, 1, 2


class Ppid(IntEnum):
    """SCTP payload protocol identifiers of data channels. RFC 8831 §8."""

    DCEP = 50
    STRING = 51
    BINARY = 53
    STRING_EMPTY = 56
    BINARY_EMPTY = 57


@dataclass(frozen=True, slots=True)
class Parameters:
    """What both ends of a data channel agree on. W3C names and units."""

    label: str = ""
    protocol: str = ""
    ordered: bool = True
    max_packet_life_time: int | None = None
    """Milliseconds in which a message is (re)transmitted; excludes `max_retransmits`."""
    max_retransmits: int | None = None
    priority: int = DEFAULT_PRIORITY
    """128 very-low, 256 low, 512 medium, 1024 high. RFC 8831 §6.4."""


@dataclass(frozen=True, slots=True)
class Open:
    """DATA_CHANNEL_OPEN. RFC 8832 §5.1."""

    parameters: Parameters
    size: int = field(default=0, compare=False)
    """Bytes of label and protocol in what was received."""

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Decode a message that starts with 0x03. Raises DecodeError."""
        if len(body) < _OPEN_HEADER.size:
            raise DecodeError(f"DATA_CHANNEL_OPEN of {len(body)} bytes")
        fields = _OPEN_HEADER.unpack_from(body)
        _, channel_type, priority, reliability, label_length, protocol_length = fields
        label_end = _OPEN_HEADER.size + label_length
        if len(body) != label_end + protocol_length:
            raise DecodeError(
                f"DATA_CHANNEL_OPEN of {len(body)} bytes: wrong label or protocol length"
            )
        kind = channel_type & ~_UNORDERED
        if kind > _TIMED:
            raise DecodeError(f"data channel type 0x{channel_type:02x}")
        try:
            label = body[_OPEN_HEADER.size : label_end].decode()
            protocol = body[label_end:].decode()
        except UnicodeDecodeError as error:
            raise DecodeError("data channel label or protocol is not UTF-8") from error
        return cls(
            Parameters(
                label,
                protocol,
                ordered=not channel_type & _UNORDERED,
                max_packet_life_time=reliability if kind == _TIMED else None,
                max_retransmits=reliability if kind == _REXMIT else None,
                priority=priority,
            ),
            label_length + protocol_length,
        )

    def encode(self) -> bytes:
        parameters = self.parameters
        kind, reliability = _RELIABLE, 0
        if parameters.max_retransmits is not None:
            kind, reliability = _REXMIT, parameters.max_retransmits
        elif parameters.max_packet_life_time is not None:
            kind, reliability = _TIMED, parameters.max_packet_life_time
        label, protocol = parameters.label.encode(), parameters.protocol.encode()
        if not parameters.ordered:
            kind |= _UNORDERED
        header = _OPEN_HEADER.pack(
            _OPEN, kind, parameters.priority, reliability, len(label), len(protocol)
        )
        return header + label + protocol


@dataclass(frozen=True, slots=True)
class Ack:
    """DATA_CHANNEL_ACK. RFC 8832 §5.2."""

    def encode(self) -> bytes:
        return bytes([_ACK])


def decode(body: bytes) -> Open | Ack:
    """Decode one DCEP message. Raises DecodeError for anything else."""
    match body[:1]:
        case b"\x03":
            return Open.decode(body)
        case b"\x02":
            return Ack()  # RFC 8832 §5.2 defines one byte; what follows it is ignored
        case _:
            raise DecodeError(f"DCEP message {body[:1].hex() or 'without a type'}")
