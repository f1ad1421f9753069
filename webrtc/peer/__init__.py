"""A whole peer connection as one sans-IO core, and what a driver of it needs. webrtc-pc."""

from webrtc.datachannel import (
    Announced,
    BufferedAmountLow,
    Channel,
    ChannelClosed,
    ChannelClosing,
    ChannelOpened,
)
from webrtc.jsep import RTCIceCandidate, RTCSessionDescription
from webrtc.peer.channel_init import RTCDataChannelInit
from webrtc.peer.configuration import RTCConfiguration, RTCIceServer
from webrtc.peer.connection import PeerConnection
from webrtc.peer.data import DataMessage
from webrtc.peer.events import AddressesBound, Event, GatherWanted, IceCandidateFound
from webrtc.peer.report import RTCStats, RTCStatsReport
from webrtc.settings import SettingEngine

__all__ = [
    "AddressesBound",
    "Announced",
    "BufferedAmountLow",
    "Channel",
    "ChannelClosed",
    "ChannelClosing",
    "ChannelOpened",
    "DataMessage",
    "Event",
    "GatherWanted",
    "IceCandidateFound",
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
