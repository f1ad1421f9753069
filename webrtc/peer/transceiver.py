"""The slots of a transceiver, and what descriptions do to them. webrtc-pc §4.4.1.4, §5.

Nothing here knows packets: what is agreed of them is in `webrtc.peer.media`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from webrtc.errors import InvalidStateError
from webrtc.peer.parameters import (
    RTCDegradationPreference,
    RTCRtpCodec,
    RTCRtpCodecParameters,
    RTCRtpEncodingParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpSendParameters,
    RTCRtpTransceiverDirection,
)
from webrtc.sdp import Direction
from webrtc.util.webidl import one_of

MediaKind = Literal["audio", "video"]
DIRECTIONS = tuple(each.value for each in Direction)
"""Those that can be set."""


@dataclass(frozen=True, slots=True)
class TrackChange:
    """What a description has done to the track of a receiver. webrtc-pc §5.1.4."""

    transceiver: "Transceiver"
    muted: bool = False
    removed: tuple[str, ...] = ()
    """Ids of the streams that it has left."""
    added: tuple[str, ...] = ()
    """Ids of the streams that it has joined."""
    fired: bool = False
    """Whether `track` is to be fired."""
    ended: bool = False
    """Whether nothing will come of it any more."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """What a rollback puts back. webrtc-pc §4.4.1.4, step 12."""

    streams: tuple[str, ...]
    encodings: tuple[RTCRtpEncodingParameters, ...]


class Transceiver:
    """One section of audio or video: who sends and receives, and what was said of it."""

    def __init__(
        self,
        kind: MediaKind,
        direction: Direction,
        encodings: tuple[RTCRtpEncodingParameters, ...],
        streams: Iterable[str] = (),
        track: object | None = None,
        *,
        added: bool = False,
    ) -> None:
        """`track` is what the application sends. `added`: made by `add_track`."""
        self.kind: MediaKind = kind
        self.direction = direction
        self.current_direction: Direction | None = None
        self.mid: str | None = None
        self.stopping = False
        self.stopped = False
        self.added = added
        """By `add_track`: a section that the peer offers may be matched with it."""
        self.offered = False
        """Made for a section that the peer offers, and not touched since: a rollback removes it."""
        self.has_sent = False
        """Whether it was ever agreed that we send: `add_track` takes another then."""
        self.receptive = False
        """Whether packets that arrive are for the track."""
        self.muted = True
        self.track_id = ""
        """Of the receiver's track."""
        self.track = track
        """What the sender sends: the application's own, which is only compared here."""
        self.track_codec: RTCRtpCodec | None = None
        """What the track is encoded with, when it is: nothing else can be sent of it."""
        self.stream_ids: tuple[str, ...] = tuple(dict.fromkeys(streams))
        """Of the streams that the sender's track is told to belong to."""
        self.encodings = encodings
        self.preferences: tuple[RTCRtpCodec, ...] = ()
        """As `set_codec_preferences` has them."""
        self.send_codecs: tuple[RTCRtpCodecParameters, ...] = ()
        self.receive_codecs: tuple[RTCRtpCodecParameters, ...] = ()
        self.header_extensions: tuple[RTCRtpHeaderExtensionParameters, ...] = ()
        self.remote_streams: tuple[str, ...] = ()
        """Ids of the streams that the receiver's track is in."""
        self.degradation_preference: RTCDegradationPreference | None = None
        self.returned: RTCRtpSendParameters | None = None
        """[[LastReturnedParameters]]: what `set_parameters` has to begin from."""
        self._fired: Direction | None = None
        self._stable: _Snapshot | None = None

    def __repr__(self) -> str:
        return f"<Transceiver {self.kind} mid={self.mid} {self.shown_direction}>"

    @property
    def shown_direction(self) -> RTCRtpTransceiverDirection:
        """What `direction` shows."""
        return "stopped" if self.stopping else self.direction.value

    @property
    def shown_current_direction(self) -> RTCRtpTransceiverDirection | None:
        """What `current_direction` shows."""
        if self.stopped:
            return "stopped"
        return None if self.current_direction is None else self.current_direction.value

    # What the application does

    def set_direction(self, direction: str) -> bool:
        """Whether that is another one. Raises InvalidStateError when stopping, TypeError."""
        one_of("direction", direction, DIRECTIONS)
        if self.stopping:
            raise InvalidStateError("direction of a transceiver that was stopped")
        before, self.direction = self.direction, Direction(direction)
        return before is not self.direction

    def add_track(self, track: object, streams: Iterable[str]) -> None:
        """Send a track, though none was sent before."""
        self.track, self.offered = track, False
        self.stream_ids = tuple(dict.fromkeys(streams))
        self.direction = Direction.of(send=True, receive=self.direction.receives)

    def remove_track(self) -> bool:
        """Send no track any more; whether one was sent."""
        if self.stopping or self.track is None:
            return False
        self.track = None
        self.direction = Direction.of(send=False, receive=self.direction.receives)
        return True

    def reusable_for(self, kind: MediaKind) -> bool:
        """Whether `add_track` may send with this one. webrtc-pc §5.1.2, addTrack, step 7."""
        fresh = self.track is None and not self.stopping and not self.has_sent
        return fresh and self.kind == kind

    def stop(self) -> bool:
        """Begin to stop: the next offer says so. Whether it was not stopping before."""
        before, self.stopping = self.stopping, True
        self.direction = Direction.INACTIVE
        self.receptive = False
        return not before

    # What descriptions do

    def remember(self) -> None:
        """An offer is set on a stable connection: a rollback comes back to this."""
        single = len(self.encodings) == 1 and self.encodings[0].rid is None
        self._stable = _Snapshot(self.remote_streams, self.encodings if single else ())

    def follow_local(self, direction: Direction, *, answer: bool, final: bool) -> TrackChange:
        """Our description was set. `final` unless it is a provisional answer."""
        self.receptive = direction.receives and not self.stopping
        if not answer:
            return TrackChange(self)
        self._agreed(direction)
        if final:
            self.offered, self.returned = False, None
        if direction.receives or self._fired is None or not self._fired.receives:
            self._fired = direction
            return TrackChange(self)
        removed, self.remote_streams, self._fired = self.remote_streams, (), direction
        return TrackChange(self, muted=self._mute(), removed=removed)

    def follow_remote(
        self, direction: Direction, streams: Iterable[str], *, answer: bool
    ) -> TrackChange:
        """The peer's description was set: `direction` and `streams` are as it says."""
        ours = direction.reversed()
        change = self._follow_track(ours, tuple(dict.fromkeys(streams)) if ours.receives else ())
        if answer:
            self._agreed(ours)
        return change

    def narrow(self, rids: Iterable[str] | None) -> None:
        """An answer takes only the encodings of these names; None: it knows no names."""
        known = [] if rids is None else [each for each in self.encodings if each.rid in set(rids)]
        self.encodings = tuple(known) or self.encodings[:1]
        self.returned = None

    def offer_encodings(self, rids: Iterable[str], limit: int) -> None:
        """The peer's offer wants these encodings, the smallest first. RFC 8853 §5.3.

        Only one encoding without a name gives way: webrtc-pc §4.4.1.4.
        """
        wanted = list(dict.fromkeys(rids))[:limit]
        if len(self.encodings) > 1 or self.encodings[0].rid is not None or not wanted:
            return
        first, count = self.encodings[0], len(wanted)
        self.encodings = tuple(
            replace(first, rid=rid, scale_resolution_down_by=float(2 ** (count - 1 - index)))
            for index, rid in enumerate(wanted)
        )
        self.returned = None

    def roll_back(self) -> TrackChange:
        """The offer was taken back."""
        before = self._stable
        current = self.current_direction
        streams = before.streams if before is not None else ()
        if before is not None and before.encodings and self.encodings[0].rid is not None:
            self.encodings = before.encodings
        receiving = current is not None and current.receives and not self.stopping
        change = self._follow_track(current or Direction.INACTIVE, streams)
        self.receptive = receiving
        return change

    def end(self) -> TrackChange:
        """The section was rejected, or the connection is closed: nothing is left to do."""
        self.stopping = self.stopped = True
        self.receptive = False
        self.direction = Direction.INACTIVE
        self.current_direction = None
        removed, self.remote_streams = self.remote_streams, ()
        return TrackChange(self, removed=removed, ended=True)

    # What packets do

    def hear(self, *, muted: bool) -> bool:
        """The last source has said goodbye, or a packet has come. Whether that is news. §9.3."""
        if muted:
            return self._mute()
        was_muted = self.muted
        if self.receptive:
            self.muted = False
        return was_muted and self.receptive

    def _mute(self) -> bool:
        before, self.muted = self.muted, True
        return not before

    def _agreed(self, direction: Direction) -> None:
        self.current_direction = direction
        self.has_sent = self.has_sent or direction.sends

    def _follow_track(self, direction: Direction, streams: tuple[str, ...]) -> TrackChange:
        """Which streams the track joins and leaves, and whether to tell. webrtc-pc §5.1.4."""
        before, fired = self.remote_streams, self._fired
        added = tuple(each for each in streams if each not in before)
        removed = tuple(each for each in before if each not in streams)
        self.remote_streams, self._fired = streams, direction
        heard = fired is not None and fired.receives
        if direction.receives:
            return TrackChange(self, removed=removed, added=added, fired=not heard or bool(added))
        self.receptive = False
        return TrackChange(self, muted=heard and self._mute(), removed=removed, added=added)
