"""RTP packets, their header extensions and the payload formats of codecs. RFC 3550."""

from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket

__all__ = ["EncodedFrame", "RtpPacket"]
