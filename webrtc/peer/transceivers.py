"""The transceivers of a connection, in order of creation. webrtc-pc §5.1."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import get_args

from webrtc.errors import InvalidAccessError
from webrtc.peer.parameters import (
    RTCRtpCodec,
    RTCRtpEncodingParameters,
    initial_encodings,
)
from webrtc.peer.transceiver import MediaKind, Transceiver
from webrtc.sdp import Direction
from webrtc.util.webidl import one_of


class Transceivers:
    """Makes them, and lets go of those that were stopped."""

    def __init__(self) -> None:
        self._all: list[Transceiver] = []

    def __iter__(self) -> Iterator[Transceiver]:
        return iter(tuple(self._all))

    def add_track(self, kind: MediaKind, track: object, streams: Iterable[str]) -> Transceiver:
        """Send a track: with a transceiver that never sent, or a new one. §5.1.2, addTrack.

        Raises InvalidAccessError for a track that is sent already.
        """
        if any(each.track is track for each in self._all if not each.stopped):
            raise InvalidAccessError("a sender of this connection has the track already")
        for each in self._all:
            if each.reusable_for(kind):
                each.add_track(track, streams)
                return each
        encodings = initial_encodings(kind, (), ())
        made = Transceiver(kind, Direction.SENDRECV, encodings, streams, track, added=True)
        self._all.append(made)
        return made

    def add(
        self,
        kind: str,
        track: object | None,
        direction: str,
        streams: Iterable[str],
        encodings: Sequence[RTCRtpEncodingParameters],
        capable: Collection[RTCRtpCodec],
    ) -> Transceiver:
        """Make one. §5.1.2, addTransceiver. Raises what `initial_encodings` does."""
        one_of("kind", kind, get_args(MediaKind))
        one_of("direction", direction, tuple(each.value for each in Direction))
        kept = initial_encodings(kind, encodings, capable)
        media: MediaKind = "audio" if kind == "audio" else "video"
        made = Transceiver(media, Direction(direction), kept, streams, track)
        self._all.append(made)
        return made

    def offered(self, kind: MediaKind) -> Transceiver:
        """One for a section that the peer offers and that nothing here was made for."""
        made = Transceiver(kind, Direction.RECVONLY, initial_encodings(kind, (), ()))
        made.offered = True
        self._all.append(made)
        return made

    def remove(self, gone: Collection[Transceiver]) -> None:
        """These were stopped and have lost their section, or were made for an offer taken back."""
        self._all = [each for each in self._all if each not in gone]
