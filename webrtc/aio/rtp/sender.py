"""RTCRtpSender. webrtc-pc §5.2."""

import asyncio
import logging
from collections.abc import Callable

from webrtc.aio.loop.operations import Operations
from webrtc.aio.net.driver import Driver
from webrtc.aio.rtp.dtmf import RTCDTMFSender
from webrtc.aio.rtp.transform import Transform, Transformer
from webrtc.aio.tracks.encoded import Carried, Fed
from webrtc.aio.tracks.stream import MediaStream
from webrtc.aio.tracks.track import MediaStreamTrack
from webrtc.aio.transports import RTCDtlsTransport
from webrtc.errors import InvalidStateError, MediaError
from webrtc.peer import PeerConnection
from webrtc.peer.media import capabilities
from webrtc.peer.parameters import RTCRtpCapabilities, RTCRtpCodec, RTCRtpSendParameters
from webrtc.peer.track_events import BitrateWanted, CodecRefused, KeyFrameWanted, MediaEvent
from webrtc.peer.transceiver import Transceiver
from webrtc.rtp import EncodedFrame, RtpPacket
from webrtc.util.spelling import Hinting
from webrtc.util.webidl import instance

_log = logging.getLogger("webrtc.peer")


class RTCRtpSender(Hinting):
    """Sends one track, in one or several encodings."""

    def __init__(
        self,
        core: PeerConnection,
        driver: Driver,
        transceiver: Transceiver,
        operations: Operations,
        transport: Callable[[Transceiver], RTCDtlsTransport | None],
    ) -> None:
        self._core = core
        self._driver = driver
        self._transceiver = transceiver
        self._operations = operations
        self._transport = transport
        audio = transceiver.kind == "audio"
        self._dtmf = RTCDTMFSender(core, driver, transceiver) if audio else None
        self._transform: Transform | None = None
        self._transformer: Transformer | None = None
        self._fed: Fed | None = None
        self.follow()

    @staticmethod
    def get_capabilities(kind: str) -> RTCRtpCapabilities | None:
        """What can be sent of `audio` or `video`; None for another kind."""
        return capabilities(kind)

    @property
    def track(self) -> MediaStreamTrack | None:
        """What is sent."""
        track = self._transceiver.track
        return track if isinstance(track, MediaStreamTrack) else None

    @property
    def transport(self) -> RTCDtlsTransport | None:
        """Over which it is sent; None until a description says so."""
        return self._transport(self._transceiver)

    @property
    def dtmf(self) -> RTCDTMFSender | None:
        """Presses the keys of a telephone; None for video."""
        return self._dtmf

    @property
    def transform(self) -> Transform | None:
        """What is done with the frames of an EncodedTrack. Setting it replaces the one before.

        Raises InvalidStateError for one that another has.
        """
        return self._transform

    @transform.setter
    def transform(self, transform: Transform | None) -> None:
        made = None
        if transform is not None:
            instance("transform", transform, Transform)
            kind = self._transceiver.kind
            made = Transformer(transform, self._send, self._want_keyframe, sender=True, kind=kind)
        if self._transformer is not None:
            self._transformer.end()
        self._transform, self._transformer = transform, made

    def get_parameters(self) -> RTCRtpSendParameters:
        """How it is sent: what `set_parameters` has to begin from, in the same turn of the loop."""
        media, transceiver = self._core.media, self._transceiver
        if transceiver.returned is None:
            asyncio.get_running_loop().call_soon(media.forget_parameters, transceiver)
        return media.get_parameters(transceiver)

    async def set_parameters(self, parameters: RTCRtpSendParameters) -> None:
        """Change how it is sent. Neither a negotiation nor a gap follows.

        Raises InvalidStateError when the transceiver is stopped or `get_parameters` was not called
        before, InvalidModificationError for what can only be read, ValueError and TypeError for
        values that cannot be.
        """
        instance("parameters", parameters, RTCRtpSendParameters)
        media, now = self._core.media, self._driver.time()
        for event in media.set_parameters(self._transceiver, parameters, now):
            self.tell(event)
        self._driver.flush_soon()

    async def replace_track(self, track: MediaStreamTrack | None) -> None:
        """Send another track, or none, in place of this one, without a negotiation.

        Raises TypeError for a track of the other kind, InvalidStateError when the transceiver is
        stopped, InvalidModificationError for a track that needs another codec than was negotiated.
        """
        if track is not None:
            instance("track", track, MediaStreamTrack)
            if track.kind != self._transceiver.kind:
                raise TypeError(f"an {track.kind} track for a sender of {self._transceiver.kind}")
        async with self._operations.chain("replace_track"):
            if self._transceiver.stopping:
                raise InvalidStateError("replace_track() of a transceiver that is stopped")
            now = self._driver.time()
            self._core.media.replace_track(self._transceiver, track, codec_of(track), now)
            self.follow()

    def set_streams(self, *streams: MediaStream) -> None:
        """Say which streams the track belongs to, at the peer's, too, after a negotiation.

        Raises InvalidStateError when the connection is closed.
        """
        for stream in streams:
            instance("streams", stream, MediaStream)
        self._core.media.set_streams(self._transceiver, [stream.id for stream in streams])
        self._driver.flush_soon()

    def follow(self) -> None:
        """Called when the transceiver has another track, or is stopped."""
        track = None if self._transceiver.stopping else self._transceiver.track
        fed = track if isinstance(track, Fed) else None
        if fed is not self._fed:
            if self._fed is not None:
                self._fed.remove_sink(self)
            if fed is not None:
                fed.add_sink(self)
            self._fed = fed
        if self._transceiver.stopping:
            if self._dtmf is not None:
                self._dtmf.close()
            if self._transformer is not None:
                self._transformer.end()

    def tell(self, event: MediaEvent) -> None:
        """Called by the connection: tell the track what the peer wants, and what it does not."""
        track = self._fed
        if track is None:
            return
        match event:
            case KeyFrameWanted(_, rid):
                if self._transformer is None or self._transformer.want(rid):
                    track.emit("keyframerequest", rid)
            case BitrateWanted(_, rid, bitrate):
                track.emit("bitratewanted", rid, bitrate)
            case CodecRefused(_, codec):
                names = dict.fromkeys(each.name for each in self._transceiver.send_codecs)
                error = MediaError(f"{codec} was not negotiated: the peer takes {', '.join(names)}")
                _log.warning("nothing is sent of a track of %s: %s", track.kind, error)
                track.fail(error)

    # As what a track gives its frames and packets to

    def send_frame(self, frame: EncodedFrame, rid: str | None) -> None:
        """Called by the track."""
        if self._transformer is not None:
            self._transformer.take(frame, rid)
            return
        self._core.media.send_frame(self._transceiver, frame, rid, self._driver.time())
        self._driver.flush_soon()

    def send_packet(self, packet: RtpPacket, rid: str | None, carried: Carried = ()) -> None:
        """Called by the track."""
        now = self._driver.time()
        self._core.media.send_packet(self._transceiver, packet, rid, now, carried)
        self._driver.flush_soon()

    @property
    def ready(self) -> bool:
        """Whether what the track gives is sent: negotiated, and connected."""
        transport = self.transport
        direction = self._transceiver.current_direction
        connected = transport is not None and transport.state == "connected"
        return connected and direction is not None and direction.sends

    def _send(self, frame: EncodedFrame) -> None:
        """What the transform has let go on."""
        self._core.media.send_frame(self._transceiver, frame, frame.rid, self._driver.time())
        self._driver.flush_soon()

    def _want_keyframe(self, rid: str | None) -> None:
        if self._fed is not None:
            self._fed.emit("keyframerequest", rid)


def codec_of(track: MediaStreamTrack | None) -> RTCRtpCodec | None:
    """What a track is encoded with, if it is."""
    if not isinstance(track, Fed):
        return None
    return RTCRtpCodec(
        mime_type=f"{track.kind}/{track.codec}", clock_rate=0, sdp_fmtp_line=track.parameters
    )
