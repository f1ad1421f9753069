"""What an association tells the layer above."""

from dataclasses import dataclass
from typing import NamedTuple

from webrtc.errors import ProtocolError


class Message(NamedTuple):
    """One user message as the peer sent it."""

    stream_id: int
    ppid: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Connected:
    """The association is established with this many streams in each direction."""

    inbound_streams: int
    outbound_streams: int


@dataclass(frozen=True, slots=True)
class StreamsReset:
    """The peer reset its outgoing streams; the next message on each has sequence number 0."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StreamResetDone:
    """The peer confirmed the reset of these outgoing streams."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StreamResetFailed:
    """The peer refused the reset of these outgoing streams; they go on with their numbers."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BufferedAmountLow:
    """The unsent bytes of a stream fell to its threshold."""

    stream_id: int


@dataclass(frozen=True, slots=True)
class SendBufferLow:
    """What `send` took and the peer has not acknowledged fell to the threshold."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """The peer began anew: what was in flight or queued is gone, streams start at 0."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The association has ended; `reason` is None after a shutdown or our own abort."""

    reason: ProtocolError | None


Event = (
    Connected
    | StreamsReset
    | StreamResetDone
    | StreamResetFailed
    | BufferedAmountLow
    | SendBufferLow
    | Restarted
    | Closed
)
