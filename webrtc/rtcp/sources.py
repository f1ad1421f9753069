"""Who sources are, and that they leave: SDES, BYE, APP. RFC 3550 §6.5 to §6.7."""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Final, Self

from webrtc.errors import DecodeError
from webrtc.rtcp.header import PacketType, join
from webrtc.util.reader import Reader

_SSRC: Final = struct.Struct("!I")
_APP: Final = struct.Struct("!I4s")


class ItemType(IntEnum):
    """What a source tells of itself. RFC 3550 §6.5, RFC 7941 §4.1.2, RFC 8852 §3, RFC 9143 §9."""

    CNAME = 1
    NAME = 2
    EMAIL = 3
    PHONE = 4
    LOC = 5
    TOOL = 6
    NOTE = 7
    PRIV = 8
    RTP_STREAM_ID = 12
    REPAIRED_RTP_STREAM_ID = 13
    CCID = 14
    MID = 15


@dataclass(frozen=True, slots=True)
class Chunk:
    """The items of one source."""

    ssrc: int
    items: tuple[tuple[int, bytes], ...]
    """Type and value, as many bytes as there are; UTF-8 for those of RFC 3550."""

    def get(self, type_: int) -> bytes | None:
        """Value of the first item of that type."""
        return next((value for found, value in self.items if found == type_), None)


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """SDES: items for each of some sources."""

    packet_type: ClassVar[int] = PacketType.SOURCE_DESCRIPTION

    chunks: tuple[Chunk, ...]

    @classmethod
    def cname(cls, ssrc: int, name: str) -> Self:
        """What every compound has to have. Raises ValueError when `name` has over 255 bytes."""
        return cls((Chunk(ssrc, ((ItemType.CNAME, name.encode()),)),))

    @classmethod
    def decode(cls, count: int, body: bytes) -> Self:
        reader = Reader(body)
        return cls(tuple(_decode_chunk(reader) for _ in range(count)))

    def encode(self) -> bytes:
        body = b"".join(_encode_chunk(chunk) for chunk in self.chunks)
        return join(self.packet_type, len(self.chunks), body)

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that it is about."""
        return tuple(chunk.ssrc for chunk in self.chunks)


@dataclass(frozen=True, slots=True)
class Goodbye:
    """BYE: these sources send no more."""

    packet_type: ClassVar[int] = PacketType.GOODBYE

    sources: tuple[int, ...]
    reason: str = ""

    @classmethod
    def decode(cls, count: int, body: bytes) -> Self:
        reader = Reader(body)
        sources = tuple(reader.uint(4) for _ in range(count))
        reason = reader.vector(1) if reader else b""
        return cls(sources, reason.decode(errors="replace"))

    def encode(self) -> bytes:
        body = struct.pack(f"!{len(self.sources)}I", *self.sources)
        if self.reason:
            reason = self.reason.encode()
            if len(reason) > 0xFF:
                raise ValueError(f"reason of {len(reason)} bytes")
            body += bytes((len(reason),)) + reason
            body += bytes(-len(body) % 4)
        return join(self.packet_type, len(self.sources), body)

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that it is about."""
        return self.sources


@dataclass(frozen=True, slots=True)
class ApplicationDefined:
    """APP: whatever two programs have agreed on."""

    packet_type: ClassVar[int] = PacketType.APPLICATION

    subtype: int
    """0 to 31."""
    ssrc: int
    name: bytes
    """4 bytes of ASCII."""
    data: bytes = b""
    """A multiple of 4 bytes."""

    @classmethod
    def decode(cls, count: int, body: bytes) -> Self:
        if len(body) < _APP.size:
            raise DecodeError(f"APP packet with {len(body)} bytes")
        ssrc, name = _APP.unpack_from(body)
        return cls(count, ssrc, name, body[_APP.size :])

    def encode(self) -> bytes:
        if len(self.name) != 4:
            raise ValueError(f"APP name {self.name!r:.40}")
        return join(self.packet_type, self.subtype, _APP.pack(self.ssrc, self.name) + self.data)

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that it is about."""
        return (self.ssrc,)


def _decode_chunk(reader: Reader) -> Chunk:
    left = reader.remaining
    ssrc, items = reader.uint(4), []
    while type_ := reader.uint(1):
        items.append((type_, reader.vector(1)))
    reader.skip((reader.remaining - left) % 4)  # zeros, up to the next multiple of 4
    return Chunk(ssrc, tuple(items))


def _encode_chunk(chunk: Chunk) -> bytes:
    encoded = bytearray(_SSRC.pack(chunk.ssrc))
    for type_, value in chunk.items:
        if not 0 < type_ <= 0xFF or len(value) > 0xFF:
            raise ValueError(f"SDES item {type_} of {len(value)} bytes")
        encoded += bytes((type_, len(value))) + value
    encoded += bytes(4 - len(encoded) % 4)
    return bytes(encoded)
