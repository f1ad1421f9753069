"""From the packets of one stream to its frames."""

from collections.abc import Callable, Mapping
from typing import Final

from webrtc.errors import DecodeError
from webrtc.rtp.codec import Codec
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload import Depacketizer, PayloadFormat

MAX_FRAME: Final = 8 << 20
"""Bytes of a frame."""


class Assembler:
    """Collects the packets of a frame and gives whole frames only.

    It is given packets in order, perhaps with gaps. After a gap in video nothing is given until a
    key frame comes: what refers to a lost picture is no use to a decoder.
    """

    def __init__(
        self,
        kind: str,
        codecs: Mapping[int, Codec],
        formats: Mapping[str, PayloadFormat],
        deliver: Callable[[EncodedFrame, RtpPacket], None],
        want_keyframe: Callable[[float], None],
        has_keyframe: Callable[[], None],
    ) -> None:
        """`deliver` takes a frame and its first packet."""
        self.frames = 0
        self.keyframes = 0
        self.width: int | None = None
        """In pixels, of the last key frame."""
        self.height: int | None = None
        self.dropped = 0
        """Frames that were not whole, malformed or useless without the ones before them."""
        self._video = kind == "video"
        self._codecs = codecs
        self._formats = formats
        self._deliver = deliver
        self._want_keyframe = want_keyframe
        self._has_keyframe = has_keyframe
        self._depacketizers: dict[int, Depacketizer | None] = {}
        self._payload_type = -1
        self._current: Depacketizer | None = None
        """That of `_payload_type`."""
        self._parts: list[RtpPacket] = []
        self._size = 0
        self._next = -1
        self._needs_keyframe = self._video
        self._bad_timestamp = -1

    def starts_anew(self, packet: RtpPacket) -> bool:
        """Whether a key frame begins with this packet."""
        format_ = self._depacketizer(packet.payload_type)
        if format_ is None or not packet.payload:
            return False
        return format_.begins(packet.payload) and format_.is_keyframe(packet.payload)

    def update(self, codecs: Mapping[int, Codec]) -> None:
        """Take other codecs; formats of payload types that mean the same go on."""
        for payload_type in list(self._depacketizers):
            if codecs.get(payload_type) != self._codecs.get(payload_type):
                del self._depacketizers[payload_type]
        self._codecs = codecs
        self._payload_type = -1

    def take(self, packet: RtpPacket, now: float) -> None:
        """Take the next packet."""
        sequence = packet.sequence_number
        parts = self._parts
        if sequence != self._next and self._next >= 0:
            self._lose(now)
        self._next = sequence + 1 & 0xFFFF
        if not packet.payload:
            return
        if parts and packet.timestamp != parts[0].timestamp:
            self._finish(now)
        if packet.payload_type != self._payload_type:
            self._payload_type = packet.payload_type
            self._current = self._depacketizer(packet.payload_type)
        depacketizer = self._current
        if depacketizer is None:
            return
        if not parts and not self._begin(packet, depacketizer, now):
            return
        parts.append(packet)
        self._size += len(packet.payload)
        if self._size > MAX_FRAME:
            self._spoil(packet.timestamp, now)
        elif depacketizer.ends(packet):
            self._finish(now)

    def _depacketizer(self, payload_type: int) -> Depacketizer | None:
        try:
            return self._depacketizers[payload_type]
        except KeyError:
            codec = self._codecs.get(payload_type)
            format_ = self._formats.get(codec.name) if codec is not None else None
            made = format_.depacketizer(codec.parameters) if format_ and codec else None
            self._depacketizers[payload_type] = made
            return made

    def _begin(self, packet: RtpPacket, depacketizer: Depacketizer, now: float) -> bool:
        """Whether a frame can be begun with this packet."""
        if packet.timestamp == self._bad_timestamp:
            return False
        if not depacketizer.begins(packet.payload):
            self._spoil(packet.timestamp, now)
            return False
        if self._needs_keyframe:
            if depacketizer.is_keyframe(packet.payload):
                self._has_keyframe()
            else:
                self._spoil(packet.timestamp, now)
                return False
        return True

    def _finish(self, now: float) -> None:
        """Give the frame that is whole."""
        parts = self._parts[:]
        self._parts.clear()
        self._size = 0
        depacketizer = self._depacketizer(parts[0].payload_type)
        if depacketizer is None:
            return
        try:
            frame = depacketizer.join(parts)
        except DecodeError:
            self._spoil(parts[0].timestamp, now)
            return
        if self._video:
            self._needs_keyframe = False
        self.frames += 1
        if frame.keyframe:
            self.keyframes += 1
            self.width, self.height = frame.width, frame.height
            self._has_keyframe()
        self._deliver(frame, parts[0])

    def _lose(self, now: float) -> None:
        """Packets are gone: with them the frame that was begun."""
        if self._parts:
            self._spoil(self._parts[0].timestamp, now)
        elif self._video:
            self._needs_keyframe = True
            self._want_keyframe(now)

    def _spoil(self, timestamp: int, now: float) -> None:
        """Drop a frame with all that is still to come of it."""
        self._parts.clear()
        self._size = 0
        self.dropped += 1
        self._bad_timestamp = timestamp
        if self._video:
            self._needs_keyframe = True
            self._want_keyframe(now)
