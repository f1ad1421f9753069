"""Slice loss indication: part of a picture is lost. RFC 4585 §6.3.2."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple, Self

from webrtc.rtcp.feedback import SSRCS, split
from webrtc.rtcp.header import PacketType, join

_ENTRY: Final = struct.Struct("!I")


class LostSlice(NamedTuple):
    """Macroblocks in scan order, as the codec's picture has them."""

    first: int
    """13 bits."""
    number: int
    """13 bits."""
    picture_id: int
    """The low 6 bits."""


@dataclass(frozen=True, slots=True)
class SliceLossIndication:
    """Slices that a receiver misses."""

    packet_type: ClassVar[int] = PacketType.PAYLOAD_FEEDBACK
    fmt: ClassVar[int] = 2

    sender_ssrc: int
    media_ssrc: int
    slices: tuple[LostSlice, ...]

    @classmethod
    def decode(cls, body: bytes) -> Self:
        sender, media, entries = split("slice loss", body, _ENTRY.size, least=_ENTRY.size)
        words = (word for (word,) in _ENTRY.iter_unpack(entries))
        slices = (LostSlice(word >> 19, word >> 6 & 0x1FFF, word & 0x3F) for word in words)
        return cls(sender, media, tuple(slices))

    def encode(self) -> bytes:
        entries = b"".join(
            _ENTRY.pack(each.first << 19 | each.number << 6 | each.picture_id)
            for each in self.slices
        )
        body = SSRCS.pack(self.sender_ssrc, self.media_ssrc) + entries
        return join(self.packet_type, self.fmt, body)

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that it is about."""
        return (self.media_ssrc,)
