"""Offer and answer as pure functions and values: no time, no core, no transport. RFC 9429."""

from webrtc.jsep.descriptions import (
    ReadDescription,
    RTCIceCandidate,
    RTCSdpType,
    RTCSessionDescription,
)
from webrtc.jsep.negotiation import Negotiation, RTCSignalingState
from webrtc.jsep.trickle import Trickle

__all__ = [
    "Negotiation",
    "RTCIceCandidate",
    "RTCSdpType",
    "RTCSessionDescription",
    "RTCSignalingState",
    "ReadDescription",
    "Trickle",
]
