"""Data channels over SCTP. RFC 8831, and RFC 8832 for their establishment."""

from webrtc.datachannel.channel import Channel, ChannelState
from webrtc.datachannel.dcep import Parameters, Ppid
from webrtc.datachannel.events import (
    Announced,
    BufferedAmountLow,
    ChannelClosed,
    ChannelClosing,
    ChannelOpened,
)
from webrtc.datachannel.table import DataChannels

__all__ = [
    "Announced",
    "BufferedAmountLow",
    "Channel",
    "ChannelClosed",
    "ChannelClosing",
    "ChannelOpened",
    "ChannelState",
    "DataChannels",
    "Parameters",
    "Ppid",
]
