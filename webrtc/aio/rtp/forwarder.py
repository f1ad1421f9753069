"""One receiver's media to any number of senders, without decoding it."""

import asyncio

from webrtc.aio.rtp.receiver import RTCRtpReceiver
from webrtc.aio.tracks.encoded import Carried, RtpTrack, Sink
from webrtc.aio.tracks.track import MediaKind
from webrtc.errors import InvalidStateError
from webrtc.rtp import RtpPacket
from webrtc.rtp.payload.picture_numbers import TOP
from webrtc.streams import Forwarding, Viewer
from webrtc.util.spelling import Hinting
from webrtc.util.webidl import instance


class Forwarder(Hinting):
    """Takes the packets of a receiver for tracks that other connections send.

    However many viewers there are, a packet is looked at once, and the peer is asked for a key
    frame once a round trip. Belongs to the loop of the receiver.
    """

    def __init__(self, receiver: RTCRtpReceiver) -> None:
        """Begin to read the receiver. Raises InvalidStateError when its transceiver is stopped."""
        instance("receiver", receiver, RTCRtpReceiver)
        self._loop = asyncio.get_running_loop()
        self._receiver = receiver
        self._core = Forwarding(receiver.streams, receiver.flush_soon)
        self._tracks: dict[ForwardedTrack, None] = {}
        self._arrived: asyncio.Future[None] = self._loop.create_future()
        self._closed = False
        receiver.attach(self)

    @property
    def rids(self) -> tuple[str, ...]:
        """The encodings of simulcast that come."""
        return self._core.rids

    async def track(
        self, rid: str | None = None, *, temporal_id: int | None = None
    ) -> "ForwardedTrack":
        """A track for one sender, as soon as the codec that comes is known.

        `rid` and `temporal_id`: what it shows at first, as `ForwardedTrack.switch` has them. Raises
        InvalidStateError when nothing more comes.
        """
        while not self._core.layers:
            if self._closed:
                raise InvalidStateError("track() of a forwarder that is closed")
            await asyncio.shield(self._arrived)
        layer = next(iter(self._core.layers.values()))
        parameters = None
        if self._receiver.track.kind == "video":
            for codec in self._receiver.get_parameters().codecs:
                if codec.payload_type == layer.codec.payload_type:
                    parameters = codec.sdp_fmtp_line
        made = ForwardedTrack(self, layer.codec.name, parameters)
        made.switch(rid, temporal_id=temporal_id)
        return made

    def request_keyframe(self, rid: str | None = None) -> None:
        """Ask the peer for a key frame of one encoding, or of every one."""
        self._core.request_keyframe(rid, self._loop.time())

    def close(self) -> None:
        """Read no more; the tracks end. Happens by itself when the receiver's track ends."""
        if self._closed:
            return
        self._closed = True
        self._receiver.detach(self)
        if not self._arrived.done():
            self._arrived.set_result(None)
        for track in tuple(self._tracks):
            track.end()

    # From the receiver

    def put(self, item: RtpPacket) -> None:
        """Take the next packet."""
        self._core.take(item, self._loop.time())
        if not self._arrived.done() and self._core.layers:
            self._arrived.set_result(None)

    # From the tracks

    @property
    def kind(self) -> MediaKind:
        """`audio` or `video`."""
        return self._receiver.track.kind

    def show(self, track: "ForwardedTrack", viewer: Viewer, rid: str | None) -> None:
        """Show it to the viewer of a track, which ends with this forwarder from now on."""
        if self._closed:
            raise InvalidStateError("switch() to a forwarder that is closed")
        self._tracks[track] = None
        self._core.show(viewer, self._loop.time(), rid)

    def disown(self, track: "ForwardedTrack") -> None:
        """Let a track be another's, though what it shows goes on until that one begins."""
        self._tracks.pop(track, None)

    def hide(self, track: "ForwardedTrack", viewer: Viewer) -> None:
        """Show it nothing more."""
        self._tracks.pop(track, None)
        self._core.hide(viewer)


class ForwardedTrack(RtpTrack):
    """What a forwarder gives to one sender: `add_track` or `replace_track` takes it.

    It begins with a key frame, one that was kept or the next. What it shows can change at any time:
    what is shown goes on until a key frame of the other comes, and the peer sees one stream.
    """

    def __init__(self, forwarder: Forwarder, codec: str, parameters: str | None) -> None:
        kind = forwarder.kind
        super().__init__(kind, codec, parameters, f"forwarded {kind}")
        self._viewer = Viewer(codec, self._pass, self._ready)
        self._forwarder = forwarder
        self.on("keyframerequest", lambda _: self._viewer.request_keyframe(self._loop.time()))

    @property
    def rid(self) -> str | None:
        """The encoding of simulcast that is shown."""
        current = self._viewer.current
        return None if current is None else current.rid

    @property
    def switches(self) -> int:
        """How often another encoding or source has taken over."""
        return self._viewer.switches

    def switch(
        self,
        rid: str | None = None,
        *,
        temporal_id: int | None = None,
        forwarder: Forwarder | None = None,
    ) -> None:
        """Show an encoding of simulcast, at most up to a temporal layer, perhaps of another source.

        Without a `rid` it is the first to come, or the one that is shown; without `temporal_id`
        all layers. Another `forwarder` has to have the same codec. Raises TypeError for one of
        the other kind, InvalidStateError for one that is closed and a track that has ended.
        """
        chosen = self._forwarder if forwarder is None else forwarder
        instance("forwarder", chosen, Forwarder)
        self._check_live()
        if chosen.kind != self.kind:
            raise TypeError(f"a forwarder of {chosen.kind} for a track of {self.kind}")
        if temporal_id is not None and not 0 <= temporal_id <= TOP:
            raise ValueError(f"temporal layer {temporal_id}: there are 0 to {TOP}")
        chosen.show(self, self._viewer, rid)
        if chosen is not self._forwarder:
            self._forwarder.disown(self)
        self._viewer.temporal_id = TOP if temporal_id is None else temporal_id
        self._forwarder = chosen

    def stop(self) -> None:
        """End the track: nothing more is forwarded."""
        super().stop()
        self._forwarder.hide(self, self._viewer)

    def end(self) -> None:
        """Called by the forwarder when it is closed; fires `ended`."""
        super().end()
        self._forwarder.hide(self, self._viewer)

    def remove_sink(self, sink: Sink) -> None:
        """Called by a sender that sends it no more; the next begins with a key frame."""
        super().remove_sink(sink)
        if not self._sinks:
            self._viewer.leave()

    def _pass(self, packet: RtpPacket, carried: Carried) -> None:
        for sink in tuple(self._sinks):
            sink.send_packet(packet, None, carried)

    def _ready(self) -> bool:
        return any(sink.ready for sink in self._sinks)
