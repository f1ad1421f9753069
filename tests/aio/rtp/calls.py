"""Two peers that call each other over a virtual network, and what they send."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

from tests.support import negotiate, trickle, two_hosts
from webrtc import EncodedFrame, EncodedTrack, RTCPeerConnection, RtpPacket, SettingEngine
from webrtc.aio.rtp.receiver import RTCRtpReceiver
from webrtc.aio.rtp.sender import RTCRtpSender
from webrtc.aio.rtp.transceivers import RTCTrackEvent
from webrtc.vnet import Link

KEY = bytes.fromhex("100200 9d012a 8002 e001") + bytes(100)
"""The beginning of a VP8 key frame of 640 by 480."""
DELTA = bytes.fromhex("110200") + bytes(50)


def picture(number: int, *, key: bool | None = None) -> EncodedFrame:
    """A VP8 frame, 30 of them a second; the first is a key frame."""
    key = number == 0 if key is None else key
    return EncodedFrame(KEY if key else DELTA, "VP8", number * 3000, key)


def sound(number: int) -> EncodedFrame:
    """20 ms of Opus."""
    return EncodedFrame(bytes([0xFC]) + bytes(40), "opus", number * 960, keyframe=True)


@dataclass
class Call:
    """Both ends; what the right one was told by `track`."""

    left: RTCPeerConnection
    right: RTCPeerConnection
    tracks: list[RTCTrackEvent] = field(default_factory=list)

    async def connect(self) -> None:
        """Negotiate what the left end wants, and wait for the path."""
        await negotiate(self.left, self.right)
        await self.left.wait_connected(10)
        await self.right.wait_connected(10)

    async def agree(self) -> None:
        """One more offer of the left end, and its answer."""
        await negotiate(self.left, self.right)

    @property
    def receiver(self) -> RTCRtpReceiver:
        """The right end's first."""
        return self.right.get_receivers()[0]

    @property
    def sender(self) -> RTCRtpSender:
        """The left end's first."""
        return self.left.get_senders()[0]


@asynccontextmanager
async def call(
    settings: SettingEngine | None = None, link: Link | None = None
) -> AsyncIterator[Call]:
    """Two peers that have not said anything yet."""
    settings = settings or SettingEngine(random=Random(0))
    _, left, right = two_hosts(link or Link(delay=0.01))
    async with (
        RTCPeerConnection(settings=settings, network=left) as one,
        RTCPeerConnection(settings=settings, network=right) as other,
    ):
        trickle(one, other)
        made = Call(one, other)
        other.on("track", made.tracks.append)
        yield made


@asynccontextmanager
async def video_call(track: EncodedTrack | None = None) -> AsyncIterator[tuple[Call, EncodedTrack]]:
    """The left peer sends VP8 to the right one."""
    track = track or EncodedTrack("video", "VP8")
    async with call() as made:
        made.left.add_track(track)
        await made.connect()
        yield made, track


async def first_frames(receiver: RTCRtpReceiver, count: int) -> list[EncodedFrame]:
    """The next frames of a receiver."""
    found: list[EncodedFrame] = []
    async for frame in receiver.encoded_frames():
        found.append(frame)
        if len(found) == count:
            break
    return found


async def first_packets(receiver: RTCRtpReceiver, count: int) -> list[RtpPacket]:
    """The next packets of a receiver."""
    found: list[RtpPacket] = []
    async for packet in receiver.rtp():
        found.append(packet)
        if len(found) == count:
            break
    return found
