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


@dataclass(frozen=True, slots=True)
class TrackEnded:
    """The transceiver was stopped: nothing comes of its track any more, nor is any sent."""

    transceiver: Transceiver


@dataclass(frozen=True, slots=True)
class KeyFrameWanted:
    """The peer cannot go on without a key frame of what is sent."""

    transceiver: Transceiver
    rid: str | None
    """Names the encoding; None is the only one."""


@dataclass(frozen=True, slots=True)
class BitrateWanted:
    """What the path and the peer take of what is sent, in bits a second."""

    transceiver: Transceiver
    rid: str | None
    bitrate: int


@dataclass(frozen=True, slots=True)
class CodecRefused:
    """What the track is encoded with was not agreed on: nothing of it is sent."""

    transceiver: Transceiver
    codec: str


TrackEvent = TrackMuted | StreamTrackRemoved | StreamTrackAdded | TrackFired | TrackEnded
MediaEvent = TrackEvent | KeyFrameWanted | BitrateWanted | CodecRefused


def told(changes: Iterable[TrackChange]) -> Iterator[TrackEvent]:
    """The events of one description: all of one kind before those of the next."""
    changes = list(changes)
    yield from (TrackMuted(each.transceiver, muted=True) for each in changes if each.muted)
    for each in changes:
        yield from (StreamTrackRemoved(each.transceiver, stream) for stream in each.removed)
    for each in changes:
        yield from (StreamTrackAdded(each.transceiver, stream) for stream in each.added)
    for each in changes:
        if each.fired:
            yield TrackFired(each.transceiver, each.transceiver.remote_streams)
    yield from (TrackEnded(each.transceiver) for each in changes if each.ended)
