"""What data channels tell the layer above."""

from dataclasses import dataclass
from typing import NamedTuple

from webrtc.datachannel.channel import Channel
from webrtc.errors import ProtocolError


@dataclass(frozen=True, slots=True)
class Announced:
    """The peer has opened a channel; it is open."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelOpened:
    """A channel of ours can carry messages."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelClosing:
    """The peer has begun to close an open channel."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelClosed:
    """A channel has ended, for a reason when it was not an orderly close."""

    channel: Channel
    reason: ProtocolError | None


@dataclass(frozen=True, slots=True)
class BufferedAmountLow:
    """The buffered amount of a channel has fallen to its low threshold."""

    channel: Channel


Event = Announced | ChannelOpened | ChannelClosing | ChannelClosed | BufferedAmountLow


class Received(NamedTuple):
    """A message. Give `size` to `DataChannels.consume` once the application has taken it."""

    channel: Channel
    data: bytes | str
    size: int
