"""Full intra request: a key frame is wanted, though nothing was lost. RFC 5104 §4.3.1."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from webrtc.rtcp.feedback import SSRCS, split
from webrtc.rtcp.header import PacketType, join

_ENTRY: Final = struct.Struct("!IB3x")


@dataclass(frozen=True, slots=True)
class FullIntraRequest:
    """Key frames wanted of some sources."""

    packet_type: ClassVar[int] = PacketType.PAYLOAD_FEEDBACK
    fmt: ClassVar[int] = 4

    sender_ssrc: int
    requests: tuple[tuple[int, int], ...]
    """Source, and a number of 8 bits that a repetition keeps and a new request raises."""

    @classmethod
    def decode(cls, body: bytes) -> Self:
        sender, _, entries = split("full intra request", body, _ENTRY.size, least=_ENTRY.size)
        return cls(sender, tuple((ssrc, number) for ssrc, number in _ENTRY.iter_unpack(entries)))

    def encode(self) -> bytes:
        entries = b"".join(_ENTRY.pack(ssrc, number) for ssrc, number in self.requests)
        return join(self.packet_type, self.fmt, SSRCS.pack(self.sender_ssrc, 0) + entries)

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that it is about."""
        return tuple(ssrc for ssrc, _ in self.requests)
