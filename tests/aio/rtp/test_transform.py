"""Encoded transforms. encoded-transform §4."""

import asyncio
from typing import Any

import pytest

from tests.aio.rtp.calls import call, first_frames, picture, video_call
from tests.support import eventually
from webrtc.aio.rtp.transform import KeyFrameRequest, Transform, Transformer, Writable
from webrtc.errors import InvalidStateError
from webrtc.rtp import EncodedFrame


async def reverse(transformer: Transformer) -> None:
    """Turns the end of every frame around, which is undone by doing it again."""
    async for frame in transformer.readable:
        frame.data = frame.data[:10] + frame.data[:9:-1]
        await transformer.writable.write(frame)


async def test_what_one_end_does_the_other_undoes() -> None:
    async with video_call() as (made, track):
        seen: list[bytes] = []

        async def undo(transformer: Transformer) -> None:
            async for frame in transformer.readable:
                seen.append(frame.data)
                frame.data = frame.data[:10] + frame.data[:9:-1]
                await transformer.writable.write(frame)

        made.sender.transform = Transform(reverse)
        made.receiver.transform = Transform(undo)
        reading = asyncio.ensure_future(first_frames(made.receiver, 2))
        await asyncio.sleep(0)
        sent = [picture(0), picture(1)]
        sent[0].data = sent[0].data[:-1] + b"\x07"
        for frame in sent:
            track.send(frame)
            await asyncio.sleep(0.03)
        assert [frame.data for frame in await reading] == [frame.data for frame in sent]
        assert seen[0] != sent[0].data


async def test_frames_are_neither_moved_nor_put_out_of_order_nor_written_twice() -> None:
    passed: list[int] = []
    writable = Writable(lambda frame: passed.append(frame.timestamp))
    frames = [EncodedFrame(b"x", "VP8", number) for number in range(4)]
    for frame in frames:
        writable.note(frame)
    for frame in (frames[1], frames[0], frames[1], picture(9), frames[3], frames[2]):
        await writable.write(frame)
    assert passed == [1, 3]


async def test_a_transform_has_one_owner() -> None:
    async with call() as made:
        transform = Transform(reverse)
        sender = made.left.add_transceiver("video").sender
        sender.transform = transform
        assert sender.transform is transform
        receiver = made.left.get_receivers()[0]
        with pytest.raises(InvalidStateError):
            receiver.transform = transform
        assert receiver.transform is None
        sender.transform = None
        wrong: Any = reverse
        with pytest.raises(TypeError):
            sender.transform = wrong
        with pytest.raises(TypeError):
            Transform(wrong and 5)  # type: ignore[arg-type] # what is tested


async def test_a_key_frame_that_the_peer_wants_can_be_kept_from_the_track() -> None:
    async with video_call() as (made, track):
        asked: list[KeyFrameRequest] = []
        wanted: list[str | None] = []
        track.on("keyframerequest", wanted.append)

        async def refuse(transformer: Transformer) -> None:
            transformer.on("keyframerequest", asked.append)
            transformer.on("keyframerequest", lambda request: request.prevent_default())
            await reverse(transformer)

        made.sender.transform = Transform(refuse)
        track.send(picture(0))
        await eventually(lambda: not made.receiver.track.muted)
        made.receiver.request_keyframe()
        await eventually(lambda: asked)
        await asyncio.sleep(0.5)
        assert wanted == []


async def test_key_frames_are_asked_for_by_either_end() -> None:
    async with video_call() as (made, track):
        given: list[int] = []
        track.on("keyframerequest", lambda _: track.send(picture(5, key=True)))

        async def generate(transformer: Transformer) -> None:
            with pytest.raises(InvalidStateError):
                await transformer.send_key_frame_request()
            given.append(await transformer.generate_key_frame())
            await reverse(transformer)

        async def ask(transformer: Transformer) -> None:
            with pytest.raises(InvalidStateError):
                await transformer.generate_key_frame()
            await reverse(transformer)
            given.append(-1)

        made.sender.transform = Transform(generate)
        made.receiver.transform = Transform(ask)
        [frame] = await first_frames(made.receiver, 1)
        assert frame.keyframe
        assert given == [5 * 3000]
        made.right.get_transceivers()[0].stop()
        await eventually(lambda: given[-1] == -1)
