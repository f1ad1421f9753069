"""An application's own interceptors in whole connections."""

import asyncio
import logging
from random import Random

import pytest

from tests.support import two_hosts
from tests.video import frames
from webrtc import EncodedFrame, EncodedTrack, RTCPeerConnection, RtpPacket, SettingEngine
from webrtc.interceptor import Forward, Interceptor, StreamInfo
from webrtc.testing import negotiate, trickle

PICTURES = [EncodedFrame(data, "VP8", 3000 * at) for at, data in enumerate(frames("vp8"))]


class Watcher(Interceptor):
    """Counts what is received."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.seen = 0

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        def take(packet: RtpPacket, now: float) -> None:
            self.seen += 1
            onward(packet, now)

        return take


class Broken(Interceptor):
    """Raises at the third packet."""

    def __init__(self, _: Random) -> None:
        self.left = 3

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        def take(packet: RtpPacket, now: float) -> None:
            self.left -= 1
            if not self.left:
                raise ZeroDivisionError
            onward(packet, now)

        return take


async def received(settings: SettingEngine) -> list[bytes]:
    """The pictures that come through a receiver with these settings."""
    _, left_host, right_host = two_hosts()
    track = EncodedTrack("video", "VP8")
    async with (
        RTCPeerConnection(network=left_host) as left,
        RTCPeerConnection(network=right_host, settings=settings) as right,
    ):
        trickle(left, right)
        left.add_track(track)
        await negotiate(left, right)
        await asyncio.gather(left.wait_connected(), right.wait_connected())
        [receiver] = right.get_receivers()
        reading = receiver.encoded_frames()
        came = []
        for picture in PICTURES:
            track.send(picture)
            came.append((await anext(reading)).data)
        await reading.aclose()
    return came


async def test_an_interceptor_sees_every_packet_of_its_transport() -> None:
    made: list[Watcher] = []

    def make(random: Random) -> Watcher:
        made.append(Watcher(random))
        return made[-1]

    assert await received(SettingEngine(interceptors=[make])) == frames("vp8")
    [watcher] = made
    assert isinstance(watcher.random, Random)
    assert watcher.seen >= len(PICTURES)


async def test_one_that_raises_is_switched_off_and_media_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, "webrtc.interceptor"):
        assert await received(SettingEngine(interceptors=[Broken])) == frames("vp8")
    assert [record.message for record in caplog.records] == [
        "interceptor Broken raised and is switched off"
    ]
