"""Streams as they are received: each SSRC that is known has one."""

from collections import deque
from collections.abc import Mapping
from typing import Final

from webrtc.clock import unix_of_ntp
from webrtc.interceptor.chain import Entry
from webrtc.interceptor.info import SessionInfo, StreamInfo
from webrtc.interceptor.noop import Forward
from webrtc.interceptor.pli import KeyFrameRequests
from webrtc.interceptor.reception import Reception
from webrtc.rtp.codec import Codec
from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload import PayloadFormat
from webrtc.streams.assembler import Assembler
from webrtc.streams.events import Event, Media, Unmuted
from webrtc.streams.packet_buffer import PacketBuffer
from webrtc.streams.receiver import Receiver

MAX_MEDIA: Final = 1024
"""Frames and packets that wait to be taken from a session."""
_OSN: Final = 2
"""Bytes in front of the payload of a retransmission. RFC 4588 §4."""


class InboundSource:
    """An SSRC of the peer, and where its packets go."""

    __slots__ = ("checked", "checks", "first", "payload_types", "receiver", "signalled", "ssrc")

    def __init__(
        self,
        ssrc: int,
        payload_types: Mapping[int, Codec],
        receiver: Receiver | None,
        *,
        signalled: bool,
    ) -> None:
        self.ssrc = ssrc
        self.receiver = receiver
        """None where nobody wants its packets."""
        self.payload_types = payload_types
        """Those of its section: a packet with another may be of another section."""
        self.signalled = signalled
        """Whether the peer's description has named it."""
        self.first: Forward = _discard
        """The first interceptor that its packets meet."""
        self.checked = 0.0
        self.checks = 0
        """How often MID and RID were read again since `checked`."""


class Outlets:
    """Where the streams of a session put what they have."""

    __slots__ = ("dropped", "events", "media", "waiting")

    def __init__(self) -> None:
        self.media: deque[Media] = deque(maxlen=MAX_MEDIA)
        self.dropped = 0
        """Frames and packets that nobody has taken in time."""
        self.events: deque[Event] = deque()
        self.waiting: dict[int, PacketBuffer] = {}
        """The buffers that have a deadline, by SSRC."""

    def put(self, media: Media) -> None:
        """Store it; when it is full the oldest is dropped."""
        self.dropped += len(self.media) == self.media.maxlen
        self.media.append(media)


class InboundStream(InboundSource):
    """One encoding: the end of the way of its packets."""

    __slots__ = (
        "_keyframes",
        "_outlets",
        "_receiver",
        "_reception",
        "assembler",
        "buffer",
        "gone",
        "info",
        "repaired",
        "restored",
        "restored_octets",
        "rid",
        "rtx",
    )

    def __init__(
        self,
        info: StreamInfo,
        receiver: Receiver,
        outlets: Outlets,
        session: SessionInfo,
        keyframes: KeyFrameRequests,
        formats: Mapping[str, PayloadFormat],
    ) -> None:
        signalled = info.ssrc in receiver.terms.sources
        super().__init__(info.ssrc, info.codecs, receiver, signalled=signalled)
        self.info = info
        self.rid = info.rid
        self.gone = False
        """Whether it has said goodbye."""
        self.restored = 0
        """Packets that came as retransmissions."""
        self.restored_octets = 0
        self._receiver = receiver
        self.repaired: Forward = _discard
        self.rtx: RepairStream | None = None
        self._outlets = outlets
        self._keyframes = keyframes
        self._reception: Reception | None = None
        self.assembler = Assembler(
            info.kind,
            info.codecs,
            formats,
            self._deliver,
            self.request_keyframe,
            self._has_keyframe,
        )
        self.buffer = PacketBuffer(
            session,
            info.kind,
            self.assembler.take,
            self.assembler.starts_anew,
            self.request_keyframe,
        )
        self.buffer.limit = receiver.patience

    def bind(self, entry: Entry, reception: Reception | None) -> None:
        """Set where packets enter; `reception` tells the source's clock."""
        self.first, self.repaired = entry
        self._reception = reception

    def take(self, packet: RtpPacket, now: float) -> None:
        """Take a packet that has passed all interceptors."""
        receiver = self._receiver
        if receiver.muted:
            receiver.muted = self.gone = False
            self._outlets.events.append(Unmuted(receiver))
        if receiver.packets and packet.payload:
            self._outlets.put(Media(receiver, packet, packet))
            if self._keyframes.asks(self.ssrc) and self.assembler.starts_anew(packet):
                self._keyframes.satisfied(self.ssrc)
        if receiver.frames:
            buffer = self.buffer
            buffer.take(packet, now)
            if buffer.deadline is not None:
                self._outlets.waiting[self.ssrc] = buffer

    def request_keyframe(self, now: float) -> None:
        self._keyframes.request(self.ssrc, now)

    def wait_at_most(self, seconds: float | None) -> None:
        self.buffer.limit = seconds

    def close(self) -> None:
        """Take it away from its receiver."""
        self._outlets.waiting.pop(self.ssrc, None)
        if self._receiver.sources.get(self.ssrc) is self:
            del self._receiver.sources[self.ssrc]

    def update(self, info: StreamInfo) -> None:
        """Take other codecs, while it goes on."""
        self.info = info
        self.payload_types = info.codecs
        self.assembler.update(info.codecs)

    def _has_keyframe(self) -> None:
        self._keyframes.satisfied(self.ssrc)

    def _deliver(self, frame: EncodedFrame, first: RtpPacket) -> None:
        frame.rid = self.rid
        reception = self._reception
        if reception is not None and reception.report is not None:
            ticks = first.timestamp - reception.report.rtp_timestamp & 0xFFFFFFFF
            if ticks > 0x7FFFFFFF:
                ticks -= 0x100000000
            codec = self.info.codecs.get(first.payload_type)
            if codec is not None:
                frame.captured = unix_of_ntp(reception.report.ntp) + ticks / codec.clock_rate
        self._outlets.put(Media(self._receiver, frame, first))


class RepairStream(InboundSource):
    """Retransmissions of one encoding: its packets are restored. RFC 4588 §4."""

    __slots__ = ("info", "repairs")

    def __init__(
        self, info: StreamInfo, repairs: InboundStream, codecs: Mapping[int, Codec]
    ) -> None:
        """`codecs`: those that are repaired, by the payload type of the retransmission."""
        super().__init__(info.ssrc, codecs, repairs.receiver, signalled=repairs.signalled)
        self.info = info
        self.repairs = repairs

    def take(self, packet: RtpPacket, now: float) -> None:
        """Restore a packet, and let it go on where it would have come."""
        codec = self.payload_types.get(packet.payload_type)
        payload = packet.payload
        if len(payload) < _OSN or codec is None:
            return  # padding, to find out what the way can carry
        repairs = self.repairs
        repairs.restored += 1
        repairs.restored_octets += len(payload) - _OSN
        restored = RtpPacket(
            codec.payload_type,
            payload[0] << 8 | payload[1],
            packet.timestamp,
            repairs.ssrc,
            payload[_OSN:],
            marker=packet.marker,
        )
        restored.csrcs = packet.csrcs
        restored.extension_profile, restored.extension = packet.extension_profile, packet.extension
        repairs.repaired(restored, now)


def _discard(packet: RtpPacket, now: float) -> None:
    """Drop what nobody wants."""
