"""Rapid resynchronisation request: a receiver wants a sender report now. RFC 6051 §3.2."""

from dataclasses import dataclass
from typing import ClassVar, Self

from webrtc.rtcp.feedback import SSRCS, split
from webrtc.rtcp.header import PacketType, join


@dataclass(frozen=True, slots=True)
class RapidResynchronizationRequest:
    """Without a sender report the clock of this source is not known."""

    packet_type: ClassVar[int] = PacketType.TRANSPORT_FEEDBACK
    fmt: ClassVar[int] = 5

    sender_ssrc: int
    media_ssrc: int

    @classmethod
    def decode(cls, body: bytes) -> Self:
        sender, media, _ = split("rapid resynchronisation request", body)
        return cls(sender, media)

    def encode(self) -> bytes:
        body = SSRCS.pack(self.sender_ssrc, self.media_ssrc)
        return join(self.packet_type, self.fmt, body)

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that it is about."""
        return (self.media_ssrc,)
