"""What every payload format is to those who use it."""

from collections.abc import Sequence
from typing import Protocol

from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket


class Packetizer(Protocol):
    """Splits the frames of one stream. It keeps what goes on from frame to frame."""

    def split(self, frame: EncodedFrame, size: int) -> list[bytes]:
        """Payloads of at most `size` bytes, all but the last equal where the format allows it.

        All have the timestamp of the frame. The marker bit is the caller's: on the last one of a
        picture, on the first one of sound after silence (RFC 3551 §4.1).
        Raises ValueError for a frame that this format cannot carry: empty, of another codec, not in
        the form that `EncodedFrame` tells, or too large where a frame is a packet.
        """


class Depacketizer(Protocol):
    """Puts the frames of one stream together."""

    def begins(self, payload: bytes) -> bool:
        """Whether a frame may begin with this payload. Never raises."""

    def ends(self, packet: RtpPacket) -> bool:
        """Whether a frame ends with this packet, as far as it tells. Never raises.

        A packet with the next timestamp ends the one before it in any case.
        """

    def is_keyframe(self, payload: bytes) -> bool:
        """Whether this payload begins, or is part of, what a decoder can begin with. Never raises.

        Formats that tell with the first payload alone say False of those behind it.
        """

    def join(self, packets: Sequence[RtpPacket]) -> EncodedFrame:
        """The frame of packets with one timestamp: at least one, all of it, in order.

        Raises DecodeError for what is malformed.
        """
