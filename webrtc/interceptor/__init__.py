"""What stands between streams and the wire: repair, reports, requests. RFC 4585, RFC 4588."""

from webrtc.interceptor.chain import Chain, Entry
from webrtc.interceptor.guard import Guard
from webrtc.interceptor.info import SessionInfo, StreamInfo
from webrtc.interceptor.noop import Forward, Interceptor, Slot

__all__ = [
    "Chain",
    "Entry",
    "Forward",
    "Guard",
    "Interceptor",
    "SessionInfo",
    "Slot",
    "StreamInfo",
]
