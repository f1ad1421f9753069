"""The payload formats of codecs."""

from typing import Final

from webrtc.rtp.payload.av1 import AV1
from webrtc.rtp.payload.base import Depacketizer, Packetizer
from webrtc.rtp.payload.comfort_noise import CN
from webrtc.rtp.payload.events import TELEPHONE_EVENT
from webrtc.rtp.payload.generic import generic_format
from webrtc.rtp.payload.h264 import H264
from webrtc.rtp.payload.h265 import H265
from webrtc.rtp.payload.opus import OPUS
from webrtc.rtp.payload.registry import Formats, PayloadFormat
from webrtc.rtp.payload.samples import G722, L16, PCMA, PCMU
from webrtc.rtp.payload.vp8 import VP8
from webrtc.rtp.payload.vp9 import VP9

DEFAULT_FORMATS: Final = Formats(
    [
        OPUS,
        PCMU,
        PCMA,
        G722,
        L16,
        CN,
        TELEPHONE_EVENT,
        VP8,
        VP9,
        H264,
        H265,
        AV1,
    ]
)
"""What this library has a payload format for. RED (RFC 2198) wraps those of sound: see `red`."""

__all__ = [
    "DEFAULT_FORMATS",
    "Depacketizer",
    "Formats",
    "Packetizer",
    "PayloadFormat",
    "generic_format",
]
