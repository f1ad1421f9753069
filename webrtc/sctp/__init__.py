"""SCTP over DTLS: messages on streams, ordered or not, reliable or not. RFC 9260, RFC 8261."""

from webrtc.sctp.association import Association
from webrtc.sctp.chunks import Init
from webrtc.sctp.config import Config
from webrtc.sctp.counters import Counters
from webrtc.sctp.events import (
    MESSAGE_OVERHEAD,
    BufferedAmountLow,
    Closed,
    Connected,
    Event,
    Message,
    Restarted,
    SendBufferLow,
    StreamResetDone,
    StreamResetFailed,
    StreamResetGivenUp,
    StreamsReset,
)
from webrtc.sctp.handshake import Handshake, read_init
from webrtc.sctp.state import State

__all__ = [
    "MESSAGE_OVERHEAD",
    "Association",
    "BufferedAmountLow",
    "Closed",
    "Config",
    "Connected",
    "Counters",
    "Event",
    "Handshake",
    "Init",
    "Message",
    "Restarted",
    "SendBufferLow",
    "State",
    "StreamResetDone",
    "StreamResetFailed",
    "StreamResetGivenUp",
    "StreamsReset",
    "read_init",
]
