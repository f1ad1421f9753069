"""The payload formats of codecs."""

from webrtc.rtp.payload.base import Depacketizer, Packetizer
from webrtc.rtp.payload.generic import generic_format
from webrtc.rtp.payload.registry import Formats, PayloadFormat

DEFAULT_FORMATS = Formats([])
"""What this library knows."""

__all__ = [
    "DEFAULT_FORMATS",
    "Depacketizer",
    "Formats",
    "Packetizer",
    "PayloadFormat",
    "generic_format",
]
