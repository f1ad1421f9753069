"""What an association tells the layer above."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from webrtc.errors import ProtocolError

MESSAGE_OVERHEAD: Final = 128
"""Counted for each received message beside its bytes, so that tiny and empty ones are not free."""


class Message(NamedTuple):
    """One user message as the peer sent it."""

    stream_id: int
    ppid: int
    data: bytes

    @property
    def cost(self) -> int:
        """What it takes of the receive window until it is consumed."""
        return len(self.data) + MESSAGE_OVERHEAD


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
class StreamResetGivenUp:
    """The peer never finished the reset of these outgoing streams: they cannot be used again."""

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
    """The peer began anew: what was in flight or queued is gone, streams start at 0.

    There are this many streams in each direction now.
    """

    inbound_streams: int
    outbound_streams: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The association has ended; `reason` is None after a shutdown or our own abort."""

    reason: ProtocolError | None


Event = (
    Connected
    | StreamsReset
    | StreamResetDone
    | StreamResetFailed
    | StreamResetGivenUp
    | BufferedAmountLow
    | SendBufferLow
    | Restarted
    | Closed
)
