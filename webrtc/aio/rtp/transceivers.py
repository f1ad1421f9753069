"""The transceivers of one connection: which object stands for which of the core."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from webrtc.aio.loop.operations import Operations
from webrtc.aio.net.driver import Driver
from webrtc.aio.rtp.receiver import RTCRtpReceiver
from webrtc.aio.rtp.sender import RTCRtpSender
from webrtc.aio.rtp.transceiver import RTCRtpTransceiver
from webrtc.aio.tracks.stream import MediaStream
from webrtc.aio.tracks.track import MediaStreamTrack
from webrtc.aio.transports import RTCDtlsTransport
from webrtc.peer import PeerConnection
from webrtc.peer.track_events import (
    BitrateWanted,
    CodecRefused,
    KeyFrameWanted,
    MediaEvent,
    StreamTrackAdded,
    StreamTrackRemoved,
    TrackEnded,
    TrackFired,
    TrackMuted,
)
from webrtc.peer.transceiver import Transceiver
from webrtc.util.spelling import Hinting


@dataclass(frozen=True, slots=True)
class RTCTrackEvent(Hinting):
    """A track of the peer, as handlers of `track` are given it. webrtc-pc §5.7."""

    track: MediaStreamTrack
    """What the receiver gives."""
    receiver: RTCRtpReceiver
    """What receives it."""
    transceiver: RTCRtpTransceiver
    """What sends and receives in its section."""
    streams: tuple[MediaStream, ...]
    """Those that the peer has put it into."""


class Transceivers:
    """Makes the objects, and passes on to them what the core says and has received."""

    def __init__(
        self,
        core: PeerConnection,
        driver: Driver,
        operations: Operations,
        transport: Callable[[Transceiver], RTCDtlsTransport | None],
        emit: Callable[..., object],
    ) -> None:
        self._core = core
        self._driver = driver
        self._operations = operations
        self._transport = transport
        self._emit = emit
        self._objects: dict[Transceiver, RTCRtpTransceiver] = {}
        self._streams: dict[str, MediaStream] = {}
        self.fired = False
        """Whether `track` was fired since somebody looked."""

    def __iter__(self) -> Iterator[RTCRtpTransceiver]:
        """In order of creation."""
        return iter([self.wrap(each) for each in self._core.media.transceivers])

    @property
    def live(self) -> list[RTCRtpTransceiver]:
        """Those that are not stopped."""
        return [self.wrap(each) for each in self._core.media.transceivers if not each.stopped]

    def remove_track(self, sender: RTCRtpSender) -> None:
        """Send the track no more. Raises InvalidStateError, InvalidAccessError."""
        objects = self._objects.items()
        found = next((core for core, each in objects if each.sender is sender), None)
        self._core.media.remove_track(found)
        sender.follow()

    def wrap(self, transceiver: Transceiver) -> RTCRtpTransceiver:
        """The object of a transceiver, made if need be."""
        found = self._objects.get(transceiver)
        if found is None:
            found = self._objects[transceiver] = self._make(transceiver)
        return found

    def collect(self) -> None:
        """Take what was received to those who read it."""
        poll, now = self._core.poll_media, self._driver.time()
        while (heard := poll()) is not None:
            found = self._objects.get(heard.transceiver)
            if found is not None:
                found.receiver.take(heard.item, heard.packet, now)

    def handle(self, event: MediaEvent) -> None:
        """Let the objects follow the core."""
        found = self.wrap(event.transceiver)
        track = found.receiver.track
        match event:
            case TrackMuted(_, muted):
                track.set_muted(muted)
            case StreamTrackRemoved(_, stream_id):
                stream = self._stream(stream_id)
                stream.remove_track(track)
                stream.emit("removetrack", track)
            case StreamTrackAdded(_, stream_id):
                stream = self._stream(stream_id)
                stream.add_track(track)
                stream.emit("addtrack", track)
            case TrackFired(_, stream_ids):
                streams = tuple(map(self._stream, stream_ids))
                self.fired = True
                self._emit("track", RTCTrackEvent(track, found.receiver, found, streams))
            case TrackEnded():
                found.receiver.end()
                found.sender.follow()
            case KeyFrameWanted() | BitrateWanted() | CodecRefused():
                found.sender.tell(event)

    def close(self) -> None:
        """Every track of the peer ends with the connection."""
        for each in self._objects.values():
            each.receiver.end()
            each.sender.follow()
        self._emit = _to_nobody  # the object has us: without the cycle memory is free at once

    def _stream(self, stream_id: str) -> MediaStream:
        return self._streams.setdefault(stream_id, MediaStream(id=stream_id))

    def _make(self, transceiver: Transceiver) -> RTCRtpTransceiver:
        core, driver = self._core, self._driver
        sender = RTCRtpSender(core, driver, transceiver, self._operations, self._transport)
        receiver = RTCRtpReceiver(core, driver, transceiver, self._transport)
        return RTCRtpTransceiver(core, driver, transceiver, sender, receiver)


def _to_nobody(*_: object) -> None:
    """Takes the events of a connection that fires none."""
