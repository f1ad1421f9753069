"""A whole peer connection as one sans-IO core. RFC 8829, webrtc-pc."""

from webrtc.peer.channel_init import RTCDataChannelInit
from webrtc.peer.configuration import (
    RTCConfiguration,
    RTCIceServer,
    SettingEngine,
)
from webrtc.peer.connection import DataMessage, PeerConnection
from webrtc.peer.descriptions import RTCIceCandidate, RTCSessionDescription
from webrtc.peer.report import RTCStats, RTCStatsReport

__all__ = [
    "DataMessage",
    "PeerConnection",
    "RTCConfiguration",
    "RTCDataChannelInit",
    "RTCIceCandidate",
    "RTCIceServer",
    "RTCSessionDescription",
    "RTCStats",
    "RTCStatsReport",
    "SettingEngine",
]
