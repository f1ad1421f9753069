"""What every payload format is to those who use it."""

from collections.abc import Sequence
from typing import Protocol

from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket


class Packetizer(Protocol):
    """Splits the frames of one stream. It keeps what goes on from frame to frame."""

    def split(self, frame: EncodedFrame, size: int) -> list[bytes]:
        """Payloads of at most `size` bytes, all but the last equal where the format allows it.

        The marker bit of the last is the caller's. Raises ValueError for a frame that this format
        cannot carry: empty, of another codec, not in the form that `EncodedFrame` tells.
        """


class Depacketizer(Protocol):
    """Puts the frames of one stream together."""

    def begins(self, payload: bytes) -> bool:
        """Whether a frame may begin with this payload. Never raises."""

    def is_keyframe(self, payload: bytes) -> bool:
        """Whether this payload begins, or is part of, what a decoder can begin with."""

    def join(self, packets: Sequence[RtpPacket]) -> EncodedFrame:
        """The frame of packets with one timestamp: all of it, in order.

        Raises DecodeError for what is malformed.
        """
