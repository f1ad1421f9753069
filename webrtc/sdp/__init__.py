"""Session descriptions: RFC 8866 with the attributes of WebRTC. No negotiation, no I/O."""

from webrtc.sdp.attributes import Direction, Fingerprint, Group, Setup
from webrtc.sdp.candidate import format_candidate, parse_candidate
from webrtc.sdp.description import SessionDescription
from webrtc.sdp.media import MediaDescription

__all__ = [
    "Direction",
    "Fingerprint",
    "Group",
    "MediaDescription",
    "SessionDescription",
    "Setup",
    "format_candidate",
    "parse_candidate",
]
