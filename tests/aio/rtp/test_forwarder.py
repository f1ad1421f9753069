"""A call is shown to others, over whole connections on virtual networks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise

import pytest

from tests.aio.rtp.calls import Call, call, first_frames, picture, sound
from webrtc import EncodedFrame, EncodedTrack, ForwardedTrack, Forwarder, RTCPeerConnection
from webrtc.errors import InvalidStateError
from webrtc.peer.parameters import RTCRtpEncodingParameters

RIDS = ["q", "h", "f"]


class Show:
    """A presenter whose frames go on, and those who watch."""

    def __init__(self, stack: AsyncExitStack, calling: Call, track: EncodedTrack) -> None:
        self._stack = stack
        self.call = calling
        self.track = track
        self.wanted: list[str | None] = []
        self.number = 0
        self.forwarder = Forwarder(calling.receiver)
        track.on("keyframerequest", self.wanted.append)

    async def play(self, count: int, *rids: str | None) -> None:
        """Send pictures, key frames where they were asked for."""
        for _ in range(count):
            for rid in rids or (None,):
                key = rid in self.wanted or self.number == 0
                if rid in self.wanted:
                    self.wanted.remove(rid)
                self.track.send(picture(self.number, key=key), rid)
            self.number += 1
            await asyncio.sleep(1 / 30)

    async def watch(self, track: ForwardedTrack) -> tuple[RTCPeerConnection, "Watched"]:
        """One more connection that is sent the track."""
        made = await self._stack.enter_async_context(call())
        made.left.add_track(track)
        await made.connect()
        return made.left, Watched(made)


class Watched:
    """What came out at a viewer's."""

    def __init__(self, made: Call) -> None:
        self.call = made
        self.frames: list[EncodedFrame] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for frame in self.call.receiver.encoded_frames():
            self.frames.append(frame)

    @property
    def keyframes(self) -> int:
        return sum(frame.keyframe for frame in self.frames)


@asynccontextmanager
async def show(*rids: str) -> AsyncIterator[Show]:
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(call())
        track = EncodedTrack("video", "VP8")
        if rids:
            encodings = [RTCRtpEncodingParameters(rid=rid) for rid in rids]
            made.left.add_transceiver(track, send_encodings=encodings)
        else:
            made.left.add_track(track)
        await made.connect()
        yield Show(stack, made, track)


async def test_a_viewer_sees_every_frame_from_the_key_frame_on() -> None:
    async with show() as it:
        await it.play(2)
        track = await it.forwarder.track()
        _, viewer = await it.watch(track)
        await it.play(30)
        await asyncio.sleep(0.5)
        assert len(viewer.frames) >= 30
        assert viewer.frames[0].keyframe
        assert (track.kind, track.codec, track.rid) == ("video", "VP8", None)


async def test_many_viewers_cost_the_presenter_one_key_frame() -> None:
    async with show() as it:
        await it.play(2)
        await it.forwarder.track()
        it.wanted.clear()
        viewers = [(await it.watch(await it.forwarder.track()))[1] for _ in range(4)]
        await it.play(30)
        await asyncio.sleep(0.5)
        assert all(len(viewer.frames) >= 29 for viewer in viewers)
        assert len(it.wanted) <= 1
        assert max(viewer.keyframes for viewer in viewers) <= 2


async def test_layers_of_simulcast_are_switched_without_a_gap() -> None:
    async with show(*RIDS) as it:
        await it.play(3, *RIDS)
        track = await it.forwarder.track("q")
        assert set(it.forwarder.rids) == set(RIDS)
        _, viewer = await it.watch(track)
        await it.play(15, *RIDS)
        before = viewer.keyframes
        for rid in ("h", "f", "q", "f"):
            track.switch(rid)
            await it.play(15, *RIDS)
            assert track.rid == rid
        await asyncio.sleep(0.5)
        assert track.switches == 4
        assert viewer.keyframes == before + 4
        stats = viewer.frames
        assert len(stats) >= 75 - 4
        times = [frame.timestamp for frame in stats]
        assert max(b - a & 0xFFFFFFFF for a, b in pairwise(times)) < 3 * 3000


async def test_another_source_takes_over() -> None:
    async with show() as one, show() as other:
        await one.play(2)
        await other.play(2)
        track = await one.forwarder.track()
        _, viewer = await one.watch(track)
        await one.play(5)
        track.switch(forwarder=other.forwarder)
        await asyncio.gather(one.play(10), other.play(10))
        one.forwarder.close()
        seen = len(viewer.frames)
        await other.play(10)
        await asyncio.sleep(0.5)
        assert len(viewer.frames) >= seen + 10
        assert (track.switches, track.ready_state) == (1, "live")
        other.forwarder.close()
        assert track.ready_state == "ended"
        with pytest.raises(InvalidStateError):
            await other.forwarder.track()


async def test_sound_is_forwarded() -> None:
    async with call() as made, call() as other:
        source = EncodedTrack("audio", "opus")
        made.left.add_track(source)
        await made.connect()
        forwarder = Forwarder(made.receiver)
        waiting = asyncio.create_task(forwarder.track())
        await asyncio.sleep(0)
        source.send(sound(0))
        other.left.add_track(await waiting)
        await other.connect()
        reading = asyncio.create_task(first_frames(other.receiver, 5))
        for number in range(1, 20):
            source.send(sound(number))
            await asyncio.sleep(0.02)
        assert [frame.codec for frame in await reading] == ["opus"] * 5


async def test_the_end_of_the_receiver_ends_the_tracks() -> None:
    async with show() as it:
        await it.play(2)
        track = await it.forwarder.track()
        ended = asyncio.get_running_loop().create_future()
        track.on("ended", lambda: ended.set_result(None))
        await it.call.right.close()
        await asyncio.wait_for(ended, 5)


async def test_what_cannot_be_shown_is_refused() -> None:
    async with show() as it, call() as other:
        await it.play(2)
        track = await it.forwarder.track()
        other.left.add_transceiver("audio")
        await other.connect()
        with pytest.raises(TypeError, match="a forwarder of audio"):
            track.switch(forwarder=Forwarder(other.receiver))
        with pytest.raises(ValueError, match="temporal layer 9"):
            track.switch(temporal_id=9)
        track.stop()
        with pytest.raises(InvalidStateError):
            track.switch()
        with pytest.raises(TypeError):
            Forwarder(track)  # type: ignore[arg-type] # what is tested
