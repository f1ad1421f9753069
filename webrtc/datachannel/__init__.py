"""Data channels over SCTP. RFC 8831, and RFC 8832 for their establishment."""

from webrtc.datachannel.channel import Channel, ChannelState
from webrtc.datachannel.dcep import Parameters, Ppid
from webrtc.datachannel.table import (
    Announced,
    BufferedAmountLow,
    ChannelClosed,
    ChannelClosing,
    ChannelOpened,
    DataChannels,
)

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
