"""Receiver estimated maximum bitrate. draft-alvestrand-rmcat-remb-03 §2."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from webrtc.errors import DecodeError
from webrtc.rtcp.feedback import SSRCS, split
from webrtc.rtcp.header import PacketType, join

NAME: Final = b"REMB"
_MANTISSA_BITS: Final = 18


@dataclass(frozen=True, slots=True)
class ReceiverEstimatedMaximumBitrate:
    """What a receiver can take of some sources together."""

    packet_type: ClassVar[int] = PacketType.PAYLOAD_FEEDBACK
    fmt: ClassVar[int] = 15

    sender_ssrc: int
    bitrate: int
    """Bits a second; the wire rounds it down to 18 significant bits."""
    ssrcs: tuple[int, ...]

    @classmethod
    def decode(cls, body: bytes) -> Self:
        sender, _, rest = split("REMB", body, 4, least=8)
        if rest[:4] != NAME:
            raise DecodeError(f"application layer feedback {rest[:4].hex()}")
        if len(rest) != 8 + 4 * rest[4]:
            raise DecodeError(f"REMB of {rest[4]} sources in {len(rest)} bytes")
        exponent, mantissa = rest[5] >> 2, int.from_bytes(rest[5:8], "big") & 0x3FFFF
        ssrcs = struct.unpack_from(f"!{rest[4]}I", rest, 8)
        return cls(sender, mantissa << exponent, ssrcs)

    def encode(self) -> bytes:
        exponent = max(self.bitrate.bit_length() - _MANTISSA_BITS, 0)
        rate = exponent << _MANTISSA_BITS | self.bitrate >> exponent
        body = SSRCS.pack(self.sender_ssrc, 0) + NAME + bytes((len(self.ssrcs),))
        body += rate.to_bytes(3, "big") + struct.pack(f"!{len(self.ssrcs)}I", *self.ssrcs)
        return join(self.packet_type, self.fmt, body)

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that it is about."""
        return self.ssrcs
