"""Control chunks. RFC 9260 §3.3, RFC 3758 §3.2, RFC 6525 §3.1, RFC 8260 §2.

DATA, I-DATA, and a SACK without gaps, are read and written where they are used: an object for
each would cost more than all the rest of their way.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Final, Self

from webrtc.errors import DecodeError
from webrtc.sctp.causes import Cause, decode_causes
from webrtc.sctp.packet import CHUNK_HEADER, encode_chunk
from webrtc.sctp.parameters import Parameter, decode_parameters, encode_parameters


class ChunkType(IntEnum):
    """Chunk types this implementation knows by name."""

    DATA = 0
    INIT = 1
    INIT_ACK = 2
    SACK = 3
    HEARTBEAT = 4
    HEARTBEAT_ACK = 5
    ABORT = 6
    SHUTDOWN = 7
    SHUTDOWN_ACK = 8
    ERROR = 9
    COOKIE_ECHO = 10
    COOKIE_ACK = 11
    ECNE = 12
    CWR = 13
    SHUTDOWN_COMPLETE = 14
    AUTH = 15
    I_DATA = 64
    ASCONF_ACK = 128
    RE_CONFIG = 130
    PAD = 132
    FORWARD_TSN = 192
    ASCONF = 193
    I_FORWARD_TSN = 194


TAG_REFLECTED: Final = 1
"""T bit of ABORT and SHUTDOWN COMPLETE: the tag is the receiver's own. RFC 9260 §8.5.1."""

COOKIE_ACK: Final = encode_chunk(ChunkType.COOKIE_ACK, 0, b"")
SHUTDOWN_ACK: Final = encode_chunk(ChunkType.SHUTDOWN_ACK, 0, b"")

DATA: Final = struct.Struct("!BBHIHHI")
"""Chunk header, TSN, stream identifier, stream sequence number, payload protocol identifier."""
I_DATA: Final = struct.Struct("!BBHIHHII")
"""Chunk header, TSN, stream identifier, reserved, message identifier (MID), and the payload
protocol identifier in the first fragment, in others the fragment sequence number (FSN).
RFC 8260 §2.1."""
END: Final = 1
BEGINNING: Final = 2
UNORDERED: Final = 4
IMMEDIATE: Final = 8

_INIT: Final = struct.Struct("!IIHHI")
_UINT32: Final = struct.Struct("!I")
_SKIPPED: Final = struct.Struct("!HH")
_I_SKIPPED: Final = struct.Struct("!HHI")


@dataclass(frozen=True, slots=True)
class Init:
    """INIT, and the fixed part of INIT ACK which is the same. RFC 9260 §3.3.2, §3.3.3."""

    tag: int
    receive_window: int
    outbound_streams: int
    inbound_streams: int
    initial_tsn: int
    parameters: tuple[Parameter, ...] = ()

    @classmethod
    def decode(cls, value: bytes) -> Self:
        if len(value) < _INIT.size:
            raise DecodeError(f"INIT of {len(value)} bytes")
        tag, window, outbound, inbound, tsn = _INIT.unpack_from(value)
        parameters = decode_parameters(value[_INIT.size :])
        return cls(tag, window, outbound, inbound, tsn, parameters)

    @classmethod
    def decode_chunk(cls, chunk: bytes) -> Self:
        """Decode a whole INIT chunk, whose padding may be missing. draft-hancke-tsvwg-snap §4.2."""
        if len(chunk) < CHUNK_HEADER.size:
            raise DecodeError(f"INIT chunk of {len(chunk)} bytes")
        kind, _, length = CHUNK_HEADER.unpack_from(chunk)
        if kind != ChunkType.INIT:
            raise DecodeError(f"chunk {kind} in place of an INIT")
        if not length <= len(chunk) <= length + 3 & ~3:
            raise DecodeError(f"INIT of length {length} in {len(chunk)} bytes")
        return cls.decode(chunk[CHUNK_HEADER.size : length])

    def encode(self, kind: int = ChunkType.INIT) -> bytes:
        """As a whole chunk."""
        fixed = _INIT.pack(
            self.tag,
            self.receive_window,
            self.outbound_streams,
            self.inbound_streams,
            self.initial_tsn,
        )
        return encode_chunk(kind, 0, fixed + encode_parameters(self.parameters))


@dataclass(frozen=True, slots=True)
class Abort:
    """ABORT: the association ends here. RFC 9260 §3.3.7."""

    causes: tuple[Cause, ...] = ()
    tag_reflected: bool = False

    @classmethod
    def decode(cls, flags: int, value: bytes) -> Self:
        return cls(decode_causes(value), bool(flags & TAG_REFLECTED))

    def encode(self) -> bytes:
        """As a whole chunk."""
        return encode_chunk(ChunkType.ABORT, self.tag_reflected, encode_parameters(self.causes))


def encode_error(causes: tuple[Cause, ...]) -> bytes:
    """ERROR: something was wrong, the association goes on. RFC 9260 §3.3.10."""
    return encode_chunk(ChunkType.ERROR, 0, encode_parameters(causes))


def encode_shutdown(cumulative_tsn: int) -> bytes:
    """SHUTDOWN with the last TSN received in sequence. RFC 9260 §3.3.8."""
    return encode_chunk(ChunkType.SHUTDOWN, 0, _UINT32.pack(cumulative_tsn & 0xFFFF_FFFF))


def decode_shutdown(value: bytes) -> int:
    """The cumulative TSN of a SHUTDOWN."""
    if len(value) != _UINT32.size:
        raise DecodeError(f"SHUTDOWN of {len(value)} bytes")
    return int.from_bytes(value, "big")


def encode_shutdown_complete(*, tag_reflected: bool = False) -> bytes:
    """SHUTDOWN COMPLETE. RFC 9260 §3.3.13."""
    return encode_chunk(ChunkType.SHUTDOWN_COMPLETE, tag_reflected, b"")


@dataclass(frozen=True, slots=True)
class ForwardTsn:
    """FORWARD-TSN: do not wait for anything up to this TSN. RFC 3758 §3.2."""

    cumulative_tsn: int
    skipped: tuple[tuple[int, int], ...] = ()
    """Stream and the highest sequence number skipped on it, ordered messages only."""

    @classmethod
    def decode(cls, value: bytes) -> Self:
        if len(value) < 4 or len(value) % 4:
            raise DecodeError(f"FORWARD-TSN of {len(value)} bytes")
        skipped = tuple(_SKIPPED.iter_unpack(value[4:]))
        return cls(int.from_bytes(value[:4], "big"), skipped)

    def encode(self) -> bytes:
        """As a whole chunk."""
        skipped = b"".join([_SKIPPED.pack(*entry) for entry in self.skipped])
        value = _UINT32.pack(self.cumulative_tsn & 0xFFFF_FFFF) + skipped
        return encode_chunk(ChunkType.FORWARD_TSN, 0, value)


@dataclass(frozen=True, slots=True)
class IForwardTsn:
    """I-FORWARD-TSN: the same where messages are interleaved. RFC 8260 §2.3.1."""

    cumulative_tsn: int
    skipped: tuple[tuple[int, bool, int], ...] = ()
    """Stream, whether its unordered messages are meant, and the highest MID skipped."""

    @classmethod
    def decode(cls, value: bytes) -> Self:
        if len(value) % _I_SKIPPED.size != 4:
            raise DecodeError(f"I-FORWARD-TSN of {len(value)} bytes")
        entries = _I_SKIPPED.iter_unpack(value[4:])
        skipped = tuple([(stream_id, bool(flags & 1), mid) for stream_id, flags, mid in entries])
        return cls(int.from_bytes(value[:4], "big"), skipped)

    def encode(self) -> bytes:
        """As a whole chunk."""
        skipped = b"".join([_I_SKIPPED.pack(*entry) for entry in self.skipped])
        value = _UINT32.pack(self.cumulative_tsn & 0xFFFF_FFFF) + skipped
        return encode_chunk(ChunkType.I_FORWARD_TSN, 0, value)


@dataclass(frozen=True, slots=True)
class Sack:
    """SACK. RFC 9260 §3.3.4."""

    head: ClassVar[struct.Struct] = struct.Struct("!IIHH")

    cumulative_tsn: int
    receive_window: int
    gaps: tuple[tuple[int, int], ...] = ()
    """First and last TSN of each block received beyond it, as offsets from the cumulative TSN."""
    duplicates: tuple[int, ...] = ()

    @classmethod
    def decode(cls, value: bytes) -> Self:
        head = cls.head
        if len(value) < head.size:
            raise DecodeError(f"SACK of {len(value)} bytes")
        tsn, window, gaps, duplicates = head.unpack_from(value)
        stop = head.size + 4 * gaps
        if len(value) != stop + 4 * duplicates:
            raise DecodeError(f"SACK of {len(value)} bytes with {gaps}+{duplicates} entries")
        return cls(
            tsn,
            window,
            tuple(_SKIPPED.iter_unpack(value[head.size : stop])),
            tuple(tsn for (tsn,) in _UINT32.iter_unpack(value[stop:])),
        )

    def encode(self) -> bytes:
        """As a whole chunk."""
        parts = [
            self.head.pack(
                self.cumulative_tsn & 0xFFFF_FFFF,
                self.receive_window,
                len(self.gaps),
                len(self.duplicates),
            )
        ]
        parts += [_SKIPPED.pack(*gap) for gap in self.gaps]
        parts += [_UINT32.pack(tsn & 0xFFFF_FFFF) for tsn in self.duplicates]
        return encode_chunk(ChunkType.SACK, 0, b"".join(parts))
