"""What the feedback messages share: who sends, and about whom. RFC 4585 §6.1."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from webrtc.errors import DecodeError
from webrtc.rtcp.header import join

SSRCS: Final = struct.Struct("!II")


def split(name: str, body: bytes, unit: int = 0, *, least: int = 0) -> tuple[int, int, bytes]:
    """Sender, media source, and the control information behind them.

    The information has a multiple of `unit` bytes (0: none at all), `least` bytes or more. Raises
    DecodeError with `name`.
    """
    size = len(body) - SSRCS.size
    if size < least or (size % unit if unit else size):
        raise DecodeError(f"{name} body of {len(body)} bytes")
    return *SSRCS.unpack_from(body), body[SSRCS.size :]


@dataclass(frozen=True, slots=True)
class Request:
    """A message that names a source and has no more to say."""

    packet_type: ClassVar[int]
    fmt: ClassVar[int]
    name: ClassVar[str]

    sender_ssrc: int
    media_ssrc: int

    @classmethod
    def decode(cls, body: bytes) -> Self:
        sender, media, _ = split(cls.name, body)
        return cls(sender, media)

    def encode(self) -> bytes:
        return join(self.packet_type, self.fmt, SSRCS.pack(self.sender_ssrc, self.media_ssrc))

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that it is about."""
        return (self.media_ssrc,)
