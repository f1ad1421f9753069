"""Picture loss indication: a receiver needs a key frame. RFC 4585 §6.3.1."""

from dataclasses import dataclass
from typing import ClassVar, Self

from webrtc.rtcp.feedback import SSRCS, split
from webrtc.rtcp.header import PacketType, join


@dataclass(frozen=True, slots=True)
class PictureLossIndication:
    """A receiver cannot decode any more."""

    packet_type: ClassVar[int] = PacketType.PAYLOAD_FEEDBACK
    fmt: ClassVar[int] = 1

    sender_ssrc: int
    media_ssrc: int

    @classmethod
    def decode(cls, body: bytes) -> Self:
        sender, media, _ = split("picture loss indication", body)
        return cls(sender, media)

    def encode(self) -> bytes:
        body = SSRCS.pack(self.sender_ssrc, self.media_ssrc)
        return join(self.packet_type, self.fmt, body)

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that it is about."""
        return (self.media_ssrc,)
