"""Packets of VP8 as they come to be forwarded, and viewers that keep what they are shown."""

from dataclasses import dataclass, field

from webrtc.rtp.codec import Codec
from webrtc.rtp.header_values import DEPENDENCY_DESCRIPTOR, MID, VIDEO_ORIENTATION
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload import vp8
from webrtc.streams import Forwarding, Receiver, ReceiveTerms, Viewer
from webrtc.streams.layer import Carried

VP8 = Codec(96, "VP8", 90000)
OPUS = Codec(111, "opus", 48000, channels=2)
EXTENSIONS = {MID: 1, VIDEO_ORIENTATION: 2, DEPENDENCY_DESCRIPTOR: 3}


@dataclass
class Came:
    """A source of a receiver that notes when a key frame was asked for."""

    ssrc: int
    rid: str | None
    gone: bool = False
    asked: list[float] = field(default_factory=list)

    def request_keyframe(self, now: float) -> None:
        self.asked.append(now)

    def wait_at_most(self, seconds: float | None) -> None:
        """Nothing waits here."""


class Source:
    """An encoder of VP8: two packets a picture."""

    def __init__(self, ssrc: int, start: int, *, key_index: int | None = 3) -> None:
        self.ssrc = ssrc
        self.sequence = self.picture = start
        self.tl0 = start & 0xFF
        self.key_index = key_index
        self.timestamp = start

    def picture_of(
        self, *, key: bool = False, layer: int = 0, sync: bool = False
    ) -> list[RtpPacket]:
        """The next picture."""
        self.timestamp = self.timestamp + 3000 & 0xFFFFFFFF
        self.picture += 1
        if layer == 0:
            self.tl0 = self.tl0 + 1 & 0xFF
        if key and self.key_index is not None:
            self.key_index = self.key_index + 1 & 0x1F
        packets = []
        for part in range(2):
            descriptor = vp8.Descriptor(
                part == 0,
                picture_id=self.picture & 0x7FFF,
                tl0_picture_index=self.tl0,
                temporal_id=layer,
                layer_sync=sync,
                key_index=self.key_index,
            )
            data = (bytes(10) if key else b"\1" * 10) if part == 0 else b"more"
            packet = RtpPacket(
                96,
                self.sequence & 0xFFFF,
                self.timestamp,
                self.ssrc,
                descriptor.encode() + data,
                marker=part == 1,
            )
            packets.append(packet)
            self.sequence += 1
        return packets


class Screen:
    """A viewer and all that it was given."""

    def __init__(self, codec: str = "VP8") -> None:
        self.packets: list[RtpPacket] = []
        self.carried: list[Carried] = []
        self.ready = True
        self.viewer = Viewer(codec, self._take, lambda: self.ready)

    def _take(self, packet: RtpPacket, carried: Carried) -> None:
        self.packets.append(packet)
        self.carried.append(carried)

    @property
    def numbers(self) -> list[int]:
        return [packet.sequence_number for packet in self.packets]

    @property
    def descriptors(self) -> list[vp8.Descriptor]:
        """Of each picture that was begun."""
        found = (vp8.Descriptor.decode(packet.payload)[0] for packet in self.packets)
        return [each for each in found if each.start]


class Stage:
    """One who receives, and forwards to screens."""

    def __init__(self, rids: dict[int, str | None], codecs: tuple[Codec, ...] = (VP8,)) -> None:
        self.receiver = Receiver("video")
        self.receiver.configure(ReceiveTerms("m", codecs, EXTENSIONS))
        self.came = {ssrc: Came(ssrc, rid) for ssrc, rid in rids.items()}
        self.receiver.sources.update(self.came)
        self.flushes = 0
        self.forwarding = Forwarding(self.receiver, self._flush)

    def _flush(self) -> None:
        self.flushes += 1

    def play(self, packets: list[RtpPacket], now: float = 0.0) -> None:
        for packet in packets:
            self.forwarding.take(packet, now)

    def asked(self, ssrc: int) -> int:
        return len(self.came[ssrc].asked)
