"""What the application hears of remote tracks, in the order of webrtc-pc §4.4.1.4, step 4.5."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from webrtc.peer.transceiver import TrackChange, Transceiver


@dataclass(frozen=True, slots=True)
class TrackMuted:
    """The track of a receiver gives nothing, or, with `muted` False, something again."""

    transceiver: Transceiver
    muted: bool


@dataclass(frozen=True, slots=True)
class TrackEnded:
    """The track of a receiver will never give anything again."""

    transceiver: Transceiver


@dataclass(frozen=True, slots=True)
class StreamTrackRemoved:
    """The track of a receiver has left a stream of the peer."""

    transceiver: Transceiver
    stream_id: str


@dataclass(frozen=True, slots=True)
class StreamTrackAdded:
    """The track of a receiver has joined a stream of the peer."""

    transceiver: Transceiver
    stream_id: str


@dataclass(frozen=True, slots=True)
class TrackFired:
    """There is a track to hear or see: `track`."""

    transceiver: Transceiver
    stream_ids: tuple[str, ...]


TrackEvent = TrackMuted | TrackEnded | StreamTrackRemoved | StreamTrackAdded | TrackFired


def told(changes: Iterable[TrackChange]) -> Iterator[TrackEvent]:
    """The events of one description: all of one kind before those of the next."""
    changes = list(changes)
    for each in changes:
        if each.muted:
            yield TrackMuted(each.transceiver, muted=True)
    for each in changes:
        for stream_id in each.removed:
            yield StreamTrackRemoved(each.transceiver, stream_id)
    for each in changes:
        for stream_id in each.added:
            yield StreamTrackAdded(each.transceiver, stream_id)
    for each in changes:
        if each.fired:
            yield TrackFired(each.transceiver, each.transceiver.remote_streams)
