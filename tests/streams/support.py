"""Two RTP sessions with keys in hand, on a virtual network."""

from collections.abc import Iterable, Sequence
from random import Random

from webrtc.clock import Clock
from webrtc.core import Path, Transmit
from webrtc.errors import DecodeError
from webrtc.interceptor import Interceptor
from webrtc.rtcp import PictureLossIndication, RtcpPacket
from webrtc.rtp import EncodedFrame, RtpPacket, header_values
from webrtc.rtp.codec import Codec
from webrtc.rtp.payload import Formats, PayloadFormat
from webrtc.srtp import InboundContext, Keys, OutboundContext, ProtectionProfile
from webrtc.streams import (
    Event,
    KeyFrameWanted,
    Media,
    Receiver,
    ReceiveTerms,
    RtpSession,
    Sender,
    SendTerms,
)
from webrtc.vnet import Link, Network

LEFT, RIGHT = ("192.0.2.1", 5000), ("192.0.2.2", 5000)
PROFILE = ProtectionProfile.AEAD_AES_128_GCM
KEYS = Keys(bytes(range(16)), bytes(12)), Keys(bytes(range(16, 32)), bytes(12))
EXTENSIONS = {
    header_values.MID: 1,
    header_values.RID: 2,
    header_values.REPAIRED_RID: 3,
    header_values.ABS_SEND_TIME: 4,
    header_values.TRANSPORT_CC: 5,
}
VIDEO_FEEDBACK = frozenset({"nack", "nack pli", "ccm fir", "goog-remb"})
VIDEO = Codec(96, "TEST", 90000, feedback=VIDEO_FEEDBACK, rtx=97)
AUDIO = Codec(111, "SOUND", 48000, channels=2)
BEGINS, ENDS, KEY = 1, 2, 4


class TestPacketizer:
    """Cuts frames and puts a byte of flags in front of each part."""

    __test__ = False

    def split(self, frame: EncodedFrame, size: int) -> list[bytes]:
        if not frame.data:
            raise ValueError("empty frame")
        part = size - 1
        parts = [frame.data[start : start + part] for start in range(0, len(frame.data), part)]
        flags = [KEY if frame.keyframe else 0] * len(parts)
        flags[0] |= BEGINS
        flags[-1] |= ENDS
        return [bytes((flag,)) + part for flag, part in zip(flags, parts, strict=True)]


class TestDepacketizer:
    """Knows all of a payload from its first byte."""

    __test__ = False

    def __init__(self, name: str) -> None:
        self._name = name

    def begins(self, payload: bytes) -> bool:
        return bool(payload and payload[0] & BEGINS)

    def ends(self, packet: RtpPacket) -> bool:
        return bool(packet.payload and packet.payload[0] & ENDS)

    def is_keyframe(self, payload: bytes) -> bool:
        return bool(payload and payload[0] & KEY)

    def join(self, packets: Sequence[RtpPacket]) -> EncodedFrame:
        data = b"".join(packet.payload[1:] for packet in packets)
        if data == b"malformed":
            raise DecodeError("malformed")
        keyframe = self.is_keyframe(packets[0].payload)
        return EncodedFrame(data, self._name, packets[0].timestamp, keyframe=keyframe)


FORMATS = Formats(
    [
        PayloadFormat(
            "TEST", "video", 90000, lambda _: TestPacketizer(), lambda _: TestDepacketizer("TEST")
        ),
        PayloadFormat(
            "SOUND", "audio", 48000, lambda _: TestPacketizer(), lambda _: TestDepacketizer("SOUND")
        ),
    ]
)


def session(seed: int = 0, interceptors: Iterable[Interceptor] = ()) -> RtpSession:
    made = RtpSession(
        Random(seed), Clock(1.7e9), f"cname{seed}", formats=FORMATS, interceptors=interceptors
    )
    made.reduced_size = True
    return made


class Asked(Interceptor):
    """Writes down when the peer asks for a key frame."""

    def __init__(self) -> None:
        self.reads = frozenset({PictureLossIndication})
        self.times: list[float] = []

    def handle_rtcp(self, packet: RtcpPacket, now: float) -> None:
        self.times.append(now)


class Node:
    """A session on a host of the virtual network: what comes out of it is kept."""

    def __init__(self, rtp: RtpSession, path: Path, *, swapped: bool) -> None:
        self.rtp = rtp
        self.path = path
        self.media: list[tuple[float, Media]] = []
        self.events: list[tuple[float, Event]] = []
        self.sent_rtcp: list[tuple[float, int]] = []
        self.now = 0.0
        self.reads = True
        local, remote = KEYS[::-1] if swapped else KEYS
        self.outbound = OutboundContext(PROFILE, local)
        self.inbound = InboundContext(PROFILE, remote)
        rtp.secure(self.inbound, self.outbound)

    def handle_read(self, data: bytes, path: Path, now: float) -> None:
        self.now = now
        if 192 <= data[1] <= 223:
            self.rtp.handle_rtcp(data, now)
        else:
            self.rtp.handle_rtp(data, now)
        self._take(now)

    def handle_timeout(self, now: float) -> None:
        self.now = now
        self.rtp.handle_timeout(now)
        self._take(now)

    def poll_write(self) -> Transmit | None:
        data = self.rtp.poll_write()
        if data is None:
            return None
        if 192 <= data[1] <= 223:
            self.sent_rtcp.append((self.now, len(data)))
        return Transmit(data, self.path)

    def poll_event(self) -> Event | None:
        event = self.rtp.poll_event()
        if event is not None:
            self.events.append((self.now, event))
        return event

    def poll_timeout(self) -> float | None:
        return self.rtp.poll_timeout()

    def _take(self, now: float) -> None:
        while self.reads and (media := self.rtp.poll_media()) is not None:
            self.media.append((now, media))

    @property
    def frames(self) -> list[EncodedFrame]:
        return [each.item for _, each in self.media if isinstance(each.item, EncodedFrame)]

    @property
    def packets(self) -> list[RtpPacket]:
        return [each.item for _, each in self.media if isinstance(each.item, RtpPacket)]


class Pair:
    """A sender on the left, a receiver on the right."""

    def __init__(
        self,
        link: Link | None = None,
        *,
        seed: int = 0,
        kind: str = "video",
        rids: Sequence[str] = (),
        codec: Codec | None = None,
        sources: bool = False,
        interceptors: Sequence[Interceptor] = (),
    ) -> None:
        """`interceptors`: of the sender's session."""
        self.network = Network(link, seed=seed)
        self.left = Node(session(2 * seed + 1, interceptors), Path(LEFT, RIGHT), swapped=False)
        self.right = Node(session(2 * seed + 2), Path(RIGHT, LEFT), swapped=True)
        handler = lambda event: None  # noqa: E731
        self.network.host("left", LEFT[0]).attach(self.left, LEFT, on_event=self._on_event)
        self.network.host("right", RIGHT[0]).attach(self.right, RIGHT, on_event=handler)
        codec = codec or (VIDEO if kind == "video" else AUDIO)
        self.sender = Sender(kind, Random(seed), rids)
        self.sender.configure(SendTerms("m", (codec,), EXTENSIONS))
        self.left.rtp.bind_sender(self.sender)
        self.receiver = Receiver(kind)
        named = {each.ssrc: each.rtx_ssrc for each in self.sender.encodings} if sources else {}
        self.receiver.configure(ReceiveTerms("m", (codec,), EXTENSIONS, tuple(rids), named))
        self.right.rtp.bind_receiver(self.receiver)
        self.random = Random(seed)
        self.number = 0
        self.sent_at: dict[int, float] = {}
        self.wanted = True
        self.timestamp = 0
        self.talk: Sender | None = None

    def talk_back(self) -> None:
        """Let the right send pictures to the left, as in a call."""
        self.talk = Sender("video", Random(99))
        self.talk.configure(SendTerms("back", (VIDEO,), EXTENSIONS))
        self.right.rtp.bind_sender(self.talk)
        viewer = Receiver("video")
        viewer.configure(ReceiveTerms("back", (VIDEO,), EXTENSIONS))
        self.left.rtp.bind_receiver(viewer)

    def _on_event(self, event: object) -> None:
        if isinstance(event, KeyFrameWanted):
            self.wanted = True

    def send(self, size: int | None = None, *, ticks: int = 3000, rid: str | None = None) -> None:
        """Send the next frame, a key frame when one is wanted; its number is its first bytes."""
        if size is None:
            size = self.random.randrange(3000, 15000)
        data = self.number.to_bytes(4, "big") + bytes(size - 4)
        self.timestamp += ticks
        frame = EncodedFrame(
            data, self.sender.terms.codecs[0].name, self.timestamp & 0xFFFFFFFF, self.wanted
        )
        frame.rid = rid
        self.wanted = False
        self.sent_at[self.number] = self.network.now
        self.number += 1
        self.sender.send(frame, self.network.now)
        self.network.flush()

    def play(self, frames: int, interval: float = 1 / 30, size: int | None = None) -> None:
        """Send frames at an even pace."""
        for number in range(frames):
            self.send(size, ticks=round(interval * 90000))
            if self.talk is not None:
                ticks = round(90000 * interval) * number
                picture = EncodedFrame(bytes(6000), VIDEO.name, ticks, keyframe=True)
                self.talk.send(picture, self.network.now)
            self.network.run(interval)

    def delays(self) -> dict[int, float]:
        """How long each frame that came took, by number."""
        return {
            int.from_bytes(media.item.data[:4], "big"): at
            - self.sent_at[int.from_bytes(media.item.data[:4], "big")]
            for at, media in self.right.media
            if isinstance(media.item, EncodedFrame)
        }
