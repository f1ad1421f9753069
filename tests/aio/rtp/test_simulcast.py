"""Encodings of simulcast between our own peers. RFC 8853."""

import asyncio
import re
from itertools import pairwise

from tests.aio.rtp.calls import call, first_frames, picture
from webrtc import EncodedTrack
from webrtc.peer.parameters import RTCRtpEncodingParameters

RIDS = ["q", "h", "f"]
ENCODINGS = [RTCRtpEncodingParameters(rid=rid) for rid in RIDS]


async def test_each_encoding_comes_under_its_rid() -> None:
    async with call() as made:
        track = EncodedTrack("video", "VP8")
        made.left.add_transceiver(track, send_encodings=ENCODINGS)
        await made.connect()
        wanted: list[str | None] = []
        track.on("keyframerequest", wanted.append)
        reading = asyncio.create_task(first_frames(made.receiver, 30))
        for number in range(20):
            for rid in RIDS:
                key = number == 0 or rid in wanted
                if rid in wanted:
                    wanted.remove(rid)
                track.send(picture(number, key=key), rid)
            await asyncio.sleep(1 / 30)
        frames = await reading
    for rid in RIDS:
        own = [frame for frame in frames if frame.rid == rid]
        assert len(own) >= 9
        assert own[0].keyframe


async def test_an_answer_without_simulcast_leaves_one_encoding() -> None:
    async with call() as made:
        track = EncodedTrack("video", "VP8")
        transceiver = made.left.add_transceiver(track, send_encodings=ENCODINGS)
        await made.left.set_local_description()
        assert made.left.local_description is not None
        await made.right.set_remote_description(made.left.local_description.to_json())
        await made.right.set_local_description()
        assert made.right.local_description is not None
        answer = made.right.local_description.to_json()
        answer["sdp"] = re.sub(r"a=(?:simulcast|rid):.*\r\n", "", answer["sdp"])
        await made.left.set_remote_description(answer)
        await made.left.wait_connected(10)
        assert [each.rid for each in transceiver.sender.get_parameters().encodings] == ["q"]
        reading = asyncio.create_task(first_frames(made.receiver, 5))
        for number in range(20):
            for rid in RIDS:
                track.send(picture(number, key=number % 4 == 0), rid)
            await asyncio.sleep(1 / 30)
        times = [frame.timestamp for frame in await reading]
    steps = [after - before & 0xFFFFFFFF for before, after in pairwise(times)]
    assert steps == [3000] * 4
