"""The RTP session of one transport: senders, receivers and their streams. RFC 3550, RFC 8834."""

from webrtc.streams.events import BitrateWanted, Event, KeyFrameWanted, Media, Muted, Unmuted
from webrtc.streams.forwarding import Forwarding
from webrtc.streams.receiver import Receiver, ReceiveTerms
from webrtc.streams.sender import Encoding, Sender, SendTerms
from webrtc.streams.session import RtpSession
from webrtc.streams.viewer import Viewer

__all__ = [
    "BitrateWanted",
    "Encoding",
    "Event",
    "Forwarding",
    "KeyFrameWanted",
    "Media",
    "Muted",
    "ReceiveTerms",
    "Receiver",
    "RtpSession",
    "SendTerms",
    "Sender",
    "Unmuted",
    "Viewer",
]
