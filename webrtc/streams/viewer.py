"""One who is shown what others send: one layer at a time, as one stream without a seam."""

from collections.abc import Callable
from typing import Final

from webrtc.rtp.header_values import DEPENDENCY_DESCRIPTOR
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload.picture_id import SHORT
from webrtc.rtp.payload.picture_numbers import TOP, PictureNumbers, write_numbers
from webrtc.streams.layer import Carried, Layer, Origin, Unit
from webrtc.streams.renumbering import Closing, Counter

_FRAME_NUMBER: Final = slice(1, 3)
"""Of a dependency descriptor: AV1 RTP payload format, appendix A.4."""


class Viewer:
    """Chooses from the layers that come, and numbers what it lets pass.

    What it delivers has the SSRC of its source: with another one, sequence numbers and timestamps
    are to go on where they were, as `OutboundStream.forward` lets them. A layer that is wanted
    takes over with a whole key frame; until then the one before goes on.
    """

    def __init__(
        self,
        codec: str,
        deliver: Callable[[RtpPacket, Carried], None],
        ready: Callable[[], bool],
    ) -> None:
        """`codec`: what can be sent. `ready`: whether there is a way; before, nothing begins."""
        self.origin: Origin | None = None
        """Whose layers are wanted."""
        self.rid: str | None = None
        """The layer that is wanted; None is the first to come."""
        self.temporal_id = TOP
        """The highest temporal layer that is wanted."""
        self.current: Layer | None = None
        """What it is shown."""
        self.switches = 0
        """How often another layer took over."""
        self._codec = codec.lower()
        self._deliver = deliver
        self._ready = ready
        self._next: Layer | None = None
        """The layer that is wanted, when a key frame of it is coming."""
        self._held: list[Unit] = []
        self._reached = TOP
        self._timestamp = -1
        self._sequence = Closing()
        self._pictures = Closing()
        self._picture_id, self._tl0 = Counter(15), Counter(8)
        self._key_index, self._frame_number = Counter(5), Counter(16)

    def waits_for(self, layer: Layer) -> bool:
        """Whether that layer is wanted and not shown yet."""
        current = self.current
        if layer is current or layer.origin is not self.origin:
            return False
        if layer.codec.name.lower() != self._codec:
            return False
        if self.rid is not None:
            return layer.rid == self.rid
        return current is None or current.origin is not layer.origin or layer.rid == current.rid

    def take(self, layer: Layer, unit: Unit) -> bool:
        """Take the next packet of a layer; False where it needs a key frame of that one."""
        if layer is self.current:
            self._go_on(layer, unit)
            return True
        if not self.waits_for(layer):
            return True
        if self.current is None:
            return self._join(layer)
        if unit.begins:
            self._next = layer
        if self._next is not layer or not layer.kept:
            return False
        if layer.has_whole:
            self._begin(layer)
        return True

    def request_keyframe(self, now: float) -> None:
        """Ask for a key frame of what is shown."""
        if self.current is not None:
            self.current.origin.request_keyframe(self.current.rid, now)

    def leave(self) -> None:
        """Be shown nothing until it can begin anew."""
        self.current = self._next = None
        self._held = []

    def _join(self, layer: Layer) -> bool:
        """Begin with all that was kept since a key frame."""
        if not self._ready():
            return True
        if not layer.kept:
            return False
        self._begin(layer)
        return True

    def _go_on(self, layer: Layer, unit: Unit) -> None:
        """Pass what is shown, but hold a key frame back while another layer is wanted.

        Browsers make key frames of all encodings at once: then that of the other is on its way,
        and one is enough.
        """
        held = self._held
        if held and unit.packet.timestamp != held[0].packet.timestamp:
            self._held = []
            for each in held:
                self._pass(layer, each)
        elif held or (unit.begins and self._waits):
            held.append(unit)
            return
        self._pass(layer, unit)

    @property
    def _waits(self) -> bool:
        """Whether something else is wanted than what is shown."""
        current = self.current
        if current is None or current.origin is not self.origin:
            return True
        return self.rid is not None and self.rid != current.rid

    def _begin(self, layer: Layer) -> None:
        """Show a layer from its key frame on."""
        self._held = []
        self._next = None
        self._follow(layer, layer.kept[0])
        for unit in layer.kept:
            self._pass(layer, unit)

    def _follow(self, layer: Layer, unit: Unit) -> None:
        self.switches += self.current is not None
        self.current = layer
        self._reached = self.temporal_id
        self._sequence = Closing()
        self._pictures = Closing()
        numbers = unit.numbers
        if numbers.picture_id_at:
            self._picture_id.follow(unit.place)
        if numbers.tl0_at:
            self._tl0.follow(numbers.tl0)
        if numbers.key_index_at:
            self._key_index.follow(numbers.key_index)
        for uri, value in unit.carried:
            if uri == DEPENDENCY_DESCRIPTOR:
                self._frame_number.follow(int.from_bytes(value[_FRAME_NUMBER], "big"))

    def _pass(self, layer: Layer, unit: Unit) -> None:
        numbers = unit.numbers
        packet = unit.packet
        if self._reached != self.temporal_id and packet.timestamp != self._timestamp:
            self._choose(numbers)
        self._timestamp = packet.timestamp
        if numbers.temporal_id > self._reached:
            if layer.counts and numbers.picture_id_at:
                self._pictures.leave_out(unit.place)
            if self._sequence.leave_out(unit.number):
                return
            # Its number was left for it: a receiver would ask for it again and again.
            payload = b""
        else:
            payload = self._payload(layer, unit)
        sequence = self._sequence.take(unit.number) & 0xFFFF
        carried = self._carried(unit.carried) if unit.carried else ()
        if sequence != packet.sequence_number or payload is not packet.payload:
            passed = RtpPacket(
                packet.payload_type, sequence, packet.timestamp, packet.ssrc, payload
            )
            passed.marker = packet.marker and bool(payload)
            passed.csrcs = packet.csrcs
            packet = passed
        self._deliver(packet, carried)

    def _choose(self, numbers: PictureNumbers) -> None:
        """At a new picture: take fewer temporal layers at once, more where they can be decoded."""
        wanted = self.temporal_id
        if wanted < self._reached:
            self._reached = wanted
        elif numbers.reaches > self._reached and numbers.needs <= self._reached:
            self._reached = wanted if wanted < numbers.reaches else numbers.reaches

    def _payload(self, layer: Layer, unit: Unit) -> bytes:
        """The payload with numbers that go on."""
        numbers, payload = unit.numbers, unit.packet.payload
        place, tl0, key_index = unit.place, numbers.tl0, numbers.key_index
        if numbers.picture_id_at:
            if layer.counts:
                place = self._pictures.take(place)
            place = self._picture_id.take(place)
        if numbers.tl0_at:
            tl0 = self._tl0.take(tl0)
        if numbers.key_index_at:
            key_index = self._key_index.take(key_index)
        same = numbers.bits != SHORT and tl0 == numbers.tl0 and key_index == numbers.key_index
        if same and (not numbers.picture_id_at or place == numbers.picture_id):
            return payload
        return write_numbers(payload, numbers, place, tl0, key_index)

    def _carried(self, carried: Carried) -> Carried:
        """The elements, with a frame number that goes on."""
        if all(uri != DEPENDENCY_DESCRIPTOR for uri, _ in carried):
            return carried
        return tuple([(uri, self._element(uri, value)) for uri, value in carried])

    def _element(self, uri: str, value: bytes) -> bytes:
        if uri != DEPENDENCY_DESCRIPTOR or len(value) < 3:
            return value
        number = self._frame_number.take(int.from_bytes(value[_FRAME_NUMBER], "big"))
        return value[:1] + number.to_bytes(2, "big") + value[3:]
