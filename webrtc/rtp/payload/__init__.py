"""The payload formats of codecs."""

from webrtc.rtp.payload.base import Depacketizer, Packetizer

__all__ = ["Depacketizer", "Packetizer"]
