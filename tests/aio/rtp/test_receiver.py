"""RTCRtpReceiver. webrtc-pc §5.3; rows PC-18, PC-19."""

import asyncio

import pytest

from tests.aio.rtp.calls import call, first_frames, first_packets, picture, sound, video_call
from tests.support import eventually
from webrtc import EncodedTrack, RtpPacket
from webrtc.aio.rtp.receiver import MAX_FRAMES, RTCRtpReceiver
from webrtc.errors import InvalidStateError


async def test_its_track_is_there_from_the_beginning_to_the_end() -> None:
    async with call() as made:
        receiver = made.left.add_transceiver("video").receiver
        track = receiver.track
        assert (track.kind, track.label, track.muted) == ("video", "remote video", True)
        await made.connect()
        assert receiver.track is track
        await made.left.close()
        assert receiver.track is track
        assert track.ready_state == "ended"


async def test_the_track_unmutes_with_the_first_packet() -> None:
    async with video_call() as (made, track):
        fired: list[str] = []
        made.receiver.track.onunmute = lambda: fired.append("unmute")
        await asyncio.sleep(1)
        assert made.receiver.track.muted
        track.send(picture(0))
        await eventually(lambda: fired)
        assert not made.receiver.track.muted


async def test_every_reader_gets_every_frame() -> None:
    async with video_call() as (made, track):
        readers = [asyncio.ensure_future(first_frames(made.receiver, 2)) for _ in range(2)]
        await asyncio.sleep(0)
        for number in range(2):
            track.send(picture(number))
        one, other = await asyncio.gather(*readers)
    assert one == other
    assert one[0] is other[0]


async def test_frames_and_packets_can_be_read_at_once() -> None:
    async with video_call() as (made, track):
        frames = asyncio.ensure_future(first_frames(made.receiver, 1))
        packets = asyncio.ensure_future(first_packets(made.receiver, 1))
        await asyncio.sleep(0)
        track.send(picture(0))
        [frame], [packet] = await frames, await packets
    assert isinstance(packet, RtpPacket)
    assert packet.timestamp == frame.timestamp
    assert packet.payload.endswith(frame.data)


async def test_a_reader_that_comes_late_is_given_a_key_frame_to_begin_with() -> None:
    async with video_call() as (made, track):
        wanted: list[str | None] = []
        track.on("keyframerequest", wanted.append)
        track.send(picture(0))
        await eventually(lambda: not made.receiver.track.muted)
        reading = asyncio.ensure_future(first_frames(made.receiver, 1))
        await eventually(lambda: wanted)
        track.send(picture(1, key=True))
        assert (await reading)[0].keyframe


async def test_a_slow_reader_loses_the_oldest() -> None:
    async with call() as made:
        track = EncodedTrack("audio", "opus")
        made.left.add_track(track)
        await made.connect()
        frames = made.receiver.encoded_frames()
        first = asyncio.ensure_future(anext(frames))
        await asyncio.sleep(0)
        for number in range(MAX_FRAMES + 10):
            track.send(sound(number))
            await asyncio.sleep(0.02)
        begin = (await first).timestamp
        await asyncio.sleep(1)
        second = await anext(frames)
        assert (second.timestamp - begin & 0xFFFFFFFF) // 960 == 10
        await frames.aclose()


async def test_reading_ends_with_the_track() -> None:
    async with video_call() as (made, _):
        receiver = made.receiver
        frames = asyncio.ensure_future(first_frames(receiver, 1))
        packets = asyncio.ensure_future(first_packets(receiver, 1))
        await asyncio.sleep(0)
        made.right.get_transceivers()[0].stop()
        assert await frames == []
        assert await packets == []
        assert await first_frames(receiver, 1) == []


async def test_what_nobody_reads_is_not_put_together() -> None:
    async with video_call() as (made, track):
        [section] = made.right._core.media
        assert (section.receiver.frames, section.receiver.packets) == (False, False)
        reading = asyncio.ensure_future(first_packets(made.receiver, 1))
        await asyncio.sleep(0)
        assert (section.receiver.frames, section.receiver.packets) == (False, True)
        track.send(picture(0))
        await reading
        await eventually(lambda: not section.receiver.packets)


async def test_key_frames_are_of_video() -> None:
    async with call() as made:
        receiver = made.left.add_transceiver("audio").receiver
        with pytest.raises(InvalidStateError):
            receiver.request_keyframe()


async def test_a_goodbye_mutes_it_and_the_next_packet_unmutes_it() -> None:
    """Section 9.3: the track does not end."""
    async with video_call() as (made, track):
        track.send(picture(0))
        await eventually(lambda: not made.receiver.track.muted)
        made.left.get_transceivers()[0].stop()
        await eventually(lambda: made.receiver.track.muted)
        assert made.receiver.track.ready_state == "live"


async def test_neither_silence_nor_a_paused_sender_mutes_it() -> None:
    async with video_call() as (made, track):
        track.send(picture(0))
        await eventually(lambda: not made.receiver.track.muted)
        await made.sender.replace_track(None)
        await asyncio.sleep(60)
        assert not made.receiver.track.muted


async def test_parameters_are_those_of_the_description() -> None:
    async with video_call() as (made, _):
        told = made.receiver.get_parameters()
        assert told.codecs[0].mime_type == "video/VP8"
        assert told.header_extensions
        assert RTCRtpReceiver.get_capabilities("audio") is not None
        assert RTCRtpReceiver.get_capabilities("") is None


async def test_the_wait_for_what_is_missing_is_bounded() -> None:
    async with video_call() as (made, _):
        receiver = made.receiver
        assert receiver.jitter_buffer_target is None
        receiver.jitter_buffer_target = 250
        [section] = made.right._core.media
        assert (receiver.jitter_buffer_target, section.receiver.patience) == (250, 0.25)
        for wrong in (-1, 4001):
            with pytest.raises(ValueError, match="jitter_buffer_target"):
                receiver.jitter_buffer_target = wrong
        with pytest.raises(TypeError):
            receiver.jitter_buffer_target = "250"  # type: ignore[assignment] # what is tested
        receiver.jitter_buffer_target = None
        assert section.receiver.patience is None


async def test_sources_are_shown_for_ten_seconds() -> None:
    async with video_call() as (made, track):
        receiver = made.receiver
        assert receiver.get_synchronization_sources() == []
        reading = asyncio.ensure_future(first_frames(receiver, 1))
        await asyncio.sleep(0)
        track.send(picture(0))
        [frame] = await reading
        [source] = receiver.get_synchronization_sources()
        assert source.source == next(iter(made.left._core.media)).sender.encodings[0].ssrc
        assert source.rtp_timestamp == frame.timestamp
        assert source.audio_level is None
        assert receiver.get_contributing_sources() == []
        await asyncio.sleep(11)
        assert receiver.get_synchronization_sources() == []


async def test_a_pause_gives_nothing_and_what_follows_it_begins_with_a_key_frame() -> None:
    async with video_call() as (made, track):
        wanted: list[str | None] = []
        track.on("keyframerequest", wanted.append)
        frames = made.receiver.encoded_frames()
        first = asyncio.ensure_future(anext(frames))
        await asyncio.sleep(0)
        track.send(picture(0))
        await first
        made.receiver.pause()
        track.send(picture(1))
        await asyncio.sleep(1)
        wanted.clear()
        second = asyncio.ensure_future(anext(frames))
        await asyncio.sleep(1)
        assert not second.done()
        assert made.receiver.track.ready_state == "live"
        made.receiver.resume()
        await eventually(lambda: wanted)
        track.send(picture(2, key=True))
        assert (await second).keyframe
        await frames.aclose()
