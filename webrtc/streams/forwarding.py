"""One receiver's packets to any number of viewers, without decoding them."""

from collections.abc import Callable, Mapping

from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload import DEFAULT_FORMATS, PayloadFormat
from webrtc.streams.layer import Layer
from webrtc.streams.receiver import Receiver, ReceiveTerms
from webrtc.streams.viewer import Viewer


class Forwarding:
    """Looks at each packet once, and gives it to every viewer that is to see it.

    However many viewers want a key frame, the peer is asked once a round trip.
    """

    def __init__(
        self,
        receiver: Receiver,
        requested: Callable[[], None],
        formats: Mapping[str, PayloadFormat] = DEFAULT_FORMATS,
    ) -> None:
        """`requested` is called when there is something to write for the session."""
        self.layers: dict[int, Layer] = {}
        """What comes, by SSRC."""
        self.unknown = 0
        """Packets of sources or codecs that cannot be forwarded."""
        self._receiver = receiver
        self._requested = requested
        self._formats = formats
        self._terms: ReceiveTerms | None = None
        self._viewers: dict[Viewer, None] = {}

    @property
    def rids(self) -> tuple[str, ...]:
        """The encodings of simulcast that come."""
        return tuple(dict.fromkeys(each.rid for each in self.layers.values() if each.rid))

    def show(self, viewer: Viewer, now: float, rid: str | None = None) -> None:
        """Let a viewer see an encoding: at once if it sees nothing, else from a key frame on.

        Until then what it sees goes on, be it of another. Repeated with another rid it switches.
        """
        viewer.origin, viewer.rid = self, rid
        self._viewers[viewer] = None
        if viewer.current is not None:
            for layer in self.layers.values():
                if viewer.waits_for(layer):
                    self.request_keyframe(layer.rid, now)

    def hide(self, viewer: Viewer) -> None:
        """Show it nothing more. Harmless when it sees nothing."""
        self._viewers.pop(viewer, None)

    def request_keyframe(self, rid: str | None, now: float) -> None:
        """Ask the peer for a key frame of one encoding, or of every one."""
        self._receiver.request_keyframe(now, rid)
        self._requested()

    def take(self, packet: RtpPacket, now: float) -> None:
        """Take the next packet of the receiver."""
        if not packet.payload:
            return
        if self._receiver.terms is not self._terms:
            self._renew(self._receiver.terms)
        layer = self.layers.get(packet.ssrc)
        if layer is None or layer.codec.payload_type != packet.payload_type:
            layer = self._make(packet, layer)
            if layer is None:
                self.unknown += 1
                return
        unit = layer.read(packet)
        content = True
        for viewer in tuple(self._viewers):
            content &= viewer.take(layer, unit)
            if viewer.origin is not self and viewer.current is not layer:
                self._release(viewer)
        if not content:
            self.request_keyframe(layer.rid, now)

    def _renew(self, terms: ReceiveTerms) -> None:
        """Let what comes go on under new terms, where its codec is the same."""
        self._terms = terms
        for ssrc, layer in list(self.layers.items()):
            if layer.codec in terms.codecs:
                layer.renew(terms.extensions)
            else:
                del self.layers[ssrc]

    def _release(self, viewer: Viewer) -> None:
        """Let a viewer go that another has taken over."""
        if viewer.current is None or viewer.current.origin is not self:
            self.hide(viewer)

    def _make(self, packet: RtpPacket, before: Layer | None) -> Layer | None:
        """The layer of a source that is new, or has another codec now."""
        terms, source = self._receiver.terms, self._receiver.sources.get(packet.ssrc)
        for codec in terms.codecs:
            if codec.payload_type == packet.payload_type:
                format_ = self._formats.get(codec.name)
                if source is None or format_ is None:
                    return None
                made = Layer(self, source.rid, codec, format_, terms.extensions)
                self._forget(made, packet.ssrc, before)
                return made
        return None

    def _forget(self, made: Layer, ssrc: int, before: Layer | None) -> None:
        """Let the new layer stand for those of its rid: a rid has one source at a time."""
        for other, layer in list(self.layers.items()):
            if layer.rid == made.rid and layer is not before:
                del self.layers[other]
        self.layers[ssrc] = made
