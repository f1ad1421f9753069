"""One encoding as it is sent."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

from webrtc.interceptor.info import StreamInfo
from webrtc.interceptor.noop import Forward
from webrtc.rtp.extensions import encode_elements
from webrtc.rtp.header_values import ABS_SEND_TIME, MID, RID, TRANSPORT_CC
from webrtc.rtp.packet import FIXED_HEADER, RtpPacket

KEYFRAME_INTERVAL: Final = 0.3
"""Seconds between two key frames that are made for a peer."""
_EXTENSION_HEADER: Final = 4
_RTX: Final = 2
_STAMPS: Final = ((ABS_SEND_TIME, bytes(3)), (TRANSPORT_CC, bytes(2)))


class Numbers:
    """What goes on when a stream is bound anew, or to another session."""

    __slots__ = ("at", "offset", "sequence", "sequence_shift", "source", "timestamp")

    def __init__(self, random: Random) -> None:
        # In the lower half: RFC 3711 §3.3.1 needs the first wrap to be noticed.
        self.sequence = random.randrange(0x8000)
        """The next number."""
        self.offset = random.getrandbits(32)
        """What is added to the timestamps of frames, or of the source that is forwarded."""
        self.timestamp = self.offset
        """The newest one."""
        self.at: float | None = None
        """When it was sent; None before the first packet."""
        self.source = -1
        """The source that is forwarded, -1 for none."""
        self.sequence_shift = 0


class OutboundStream:
    """Gives packets their numbers, timestamps and headers.

    Mid and rid are said until the peer shows that it knows the source.
    """

    def __init__(self, info: StreamInfo, numbers: Numbers, write: Forward) -> None:
        self.info = info
        self.payload_type = next(iter(info.codecs))
        self.introduced = False
        """Whether the peer has reported on the source."""
        self.keyframe_due: float | None = None
        """When a key frame that was asked for too early is asked of the source."""
        self._write = write
        self._numbers = numbers
        self._stamps = [
            (info.extensions[uri], value) for uri, value in _STAMPS if uri in info.extensions
        ]
        self._names = [
            (info.extensions[uri], name.encode())
            for uri, name in ((MID, info.mid), (RID, info.rid))
            if name is not None and uri in info.extensions
        ]
        self._template = encode_elements([*self._stamps, *self._names])
        self._plain = encode_elements(self._stamps)
        self._asked_at = -KEYFRAME_INTERVAL

    def room(self, size: int, tag: int, extra: Mapping[int, bytes] | None = None) -> int:
        """Bytes of payload in a datagram of `size`, a tag of `tag` bytes and all else included.

        It is the same for every packet, so that those of a frame have one size.
        """
        elements = [*self._stamps, *self._names, *(extra or {}).items()]
        header = FIXED_HEADER
        if elements:
            header += _EXTENSION_HEADER + len(encode_elements(elements)[1])
        return size - header - _RTX - tag

    def timestamp(self, now: float) -> int:
        """What a frame of this moment would have."""
        numbers = self._numbers
        passed = 0 if numbers.at is None else round((now - numbers.at) * self.info.clock_rate)
        return numbers.timestamp - numbers.offset + passed & 0xFFFFFFFF

    def send(
        self,
        payloads: Sequence[bytes],
        timestamp: int,
        now: float,
        *,
        marker: bool,
        extra: Mapping[int, bytes] | None = None,
        payload_type: int | None = None,
    ) -> None:
        """Send the payloads of one frame; `marker` is that of the last packet.

        `extra`: header extension elements of the frame, by id. `payload_type`: another one than
        that of the codec.
        """
        numbers = self._numbers
        profile, extension = self._plain if self.introduced else self._template
        if extra:
            named = [] if self.introduced else self._names
            profile, extension = encode_elements([*self._stamps, *named, *extra.items()])
        if not extension:
            profile = 0
        timestamp = timestamp + numbers.offset & 0xFFFFFFFF
        numbers.timestamp, numbers.at = timestamp, now
        ssrc = self.info.ssrc
        if payload_type is None:
            payload_type = self.payload_type
        sequence, write = numbers.sequence, self._write
        left = len(payloads)
        for payload in payloads:
            left -= 1
            packet = RtpPacket(payload_type, sequence, timestamp, ssrc, payload)
            packet.marker = marker and not left
            packet.extension_profile, packet.extension = profile, extension
            sequence = sequence + 1 & 0xFFFF
            write(packet, now)
        numbers.sequence = sequence

    def forward(
        self,
        packet: RtpPacket,
        now: float,
        payload_type: int,
        extra: Mapping[int, bytes] | None = None,
    ) -> None:
        """Send another source's packet as one of this stream; the payload is not touched.

        Gaps and order stay as they are. With a new source numbers and timestamps go on from
        where they were.
        """
        numbers = self._numbers
        if packet.ssrc != numbers.source:
            self._follow(packet, now)
        profile, extension = self._plain if self.introduced else self._template
        if extra:
            named = [] if self.introduced else self._names
            profile, extension = encode_elements([*self._stamps, *named, *extra.items()])
        sequence = packet.sequence_number + numbers.sequence_shift & 0xFFFF
        timestamp = packet.timestamp + numbers.offset & 0xFFFFFFFF
        sent = RtpPacket(payload_type, sequence, timestamp, self.info.ssrc, packet.payload)
        sent.marker = packet.marker
        sent.csrcs = packet.csrcs
        if extension:
            sent.extension_profile, sent.extension = profile, extension
        if sequence - numbers.sequence & 0xFFFF < 0x8000:
            numbers.sequence = sequence + 1 & 0xFFFF
            numbers.timestamp, numbers.at = timestamp, now
        self._write(sent, now)

    def _follow(self, packet: RtpPacket, now: float) -> None:
        """Let the packets of a source go on where this stream is."""
        numbers = self._numbers
        numbers.source = packet.ssrc
        numbers.sequence_shift = numbers.sequence - packet.sequence_number
        if numbers.at is not None:
            passed = round((now - numbers.at) * self.info.clock_rate)
            # Never the timestamp of the frame before: a depacketizer would join the two.
            following = numbers.timestamp + (passed if passed > 0 else 1)
            numbers.offset = following - packet.timestamp

    def wants_keyframe(self, now: float) -> bool:
        """Whether a key frame is to be made at once for a peer who asks. Else it is made later."""
        due = self._asked_at + KEYFRAME_INTERVAL
        if now < due:
            self.keyframe_due = due
            return False
        self._asked_at = now
        self.keyframe_due = None
        return True
