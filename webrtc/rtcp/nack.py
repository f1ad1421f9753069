"""Generic NACK. RFC 4585 §6.2.1."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from webrtc.rtcp.feedback import SSRCS, split
from webrtc.rtcp.header import PacketType, join

_ENTRY: Final = struct.Struct("!HH")  # a packet, and a bit for each of the 16 behind it


@dataclass(frozen=True, slots=True)
class GenericNack:
    """A receiver's list of RTP packets that it misses."""

    packet_type: ClassVar[int] = PacketType.TRANSPORT_FEEDBACK
    fmt: ClassVar[int] = 1

    sender_ssrc: int
    media_ssrc: int
    lost: tuple[int, ...]
    """Sequence numbers, 16 bits, oldest first."""

    @classmethod
    def decode(cls, body: bytes) -> Self:
        sender, media, entries = split("generic NACK", body, _ENTRY.size, least=_ENTRY.size)
        return cls(sender, media, tuple(_unfold(_ENTRY.iter_unpack(entries))))

    def encode(self) -> bytes:
        entries = b"".join(_ENTRY.pack(first, rest) for first, rest in _fold(self.lost))
        body = SSRCS.pack(self.sender_ssrc, self.media_ssrc) + entries
        return join(self.packet_type, self.fmt, body)

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that it is about."""
        return (self.media_ssrc,)


def _unfold(entries: Iterable[tuple[int, ...]]) -> Iterator[int]:
    for first, rest in entries:
        yield first
        for bit in range(rest.bit_length()):
            if rest >> bit & 1:
                yield (first + bit + 1) & 0xFFFF


def _fold(lost: Iterable[int]) -> Iterator[tuple[int, int]]:
    first, rest = -1, 0
    for number in lost:
        if first >= 0 and 1 <= (ahead := (number - first) & 0xFFFF) <= 16:
            rest |= 1 << ahead - 1
            continue
        if first >= 0:
            yield first, rest
        first, rest = number, 0
    if first >= 0:
        yield first, rest
