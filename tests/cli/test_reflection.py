"""Video of the self-check."""

from dataclasses import replace

import pytest

from webrtc import EncodedFrame, EncodedTrack
from webrtc.cli import reflection
from webrtc.cli.reflection import FRAMES, KEY_FRAME, Reflection
from webrtc.rtp.payload.vp8 import VP8

pytestmark = pytest.mark.realtime


def test_the_stored_frame_is_a_key_frame() -> None:
    [payload] = VP8.packetizer({}).split(EncodedFrame(KEY_FRAME, "VP8", 0), 1200)
    assert VP8.depacketizer({}).is_keyframe(payload)


async def test_every_frame_comes_back_as_it_was() -> None:
    seen = await reflection.reflection()
    assert seen.back == FRAMES
    assert 0 < seen.median < max(seen.trips) * 2


async def test_a_frame_that_was_changed_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    send = EncodedTrack.send

    def altered(track: EncodedTrack, frame: EncodedFrame, rid: str | None = None) -> None:
        send(track, replace(frame, data=frame.data[:-1] + b"\x01"), rid)

    monkeypatch.setattr(EncodedTrack, "send", altered)
    seen = await reflection.reflection()
    assert seen == Reflection([])
    assert seen.median == 0
