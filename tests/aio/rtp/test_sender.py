"""RTCRtpSender. webrtc-pc §5.2; rows PC-16, PC-17."""

import asyncio
from dataclasses import replace

import pytest

from tests.aio.rtp.calls import call, first_frames, first_packets, picture, sound, video_call
from tests.support import eventually
from webrtc import EncodedFrame, EncodedTrack, MediaStream, MediaStreamTrack, RtpPacket, RtpTrack
from webrtc.aio.rtp.sender import RTCRtpSender, codec_of
from webrtc.errors import InvalidModificationError, InvalidStateError, MediaError
from webrtc.peer.parameters import RTCRtpEncodingParameters


async def test_frames_of_its_track_come_to_the_peer() -> None:
    async with video_call() as (made, track):
        reading = asyncio.ensure_future(first_frames(made.receiver, 3))
        await asyncio.sleep(0)
        for number in range(3):
            track.send(picture(number))
            await asyncio.sleep(0.03)
        frames = await reading
    assert [frame.data for frame in frames] == [picture(number).data for number in range(3)]
    assert [frame.timestamp - frames[0].timestamp & 0xFFFFFFFF for frame in frames] == [
        0,
        3000,
        6000,
    ]


async def test_packets_of_its_track_come_with_numbers_of_its_own() -> None:
    async with video_call() as (made, track):
        relay = RtpTrack("video", "VP8")
        reading = asyncio.ensure_future(first_packets(made.receiver, 1))
        await asyncio.sleep(0)
        track.send(picture(0))
        [packet] = await reading
        await made.sender.replace_track(relay)
        again = asyncio.ensure_future(first_packets(made.receiver, 1))
        await asyncio.sleep(0)
        relay.send(RtpPacket(9, 9, packet.timestamp, 5, packet.payload))
        [came] = await again
    assert came.payload == packet.payload
    assert came.ssrc == packet.ssrc
    assert came.sequence_number - packet.sequence_number & 0xFFFF == 1


async def test_capabilities_are_of_audio_and_video_alone() -> None:
    video = RTCRtpSender.get_capabilities("video")
    assert video is not None
    assert "video/VP8" in {each.mime_type for each in video.codecs}
    assert [each.mime_type for each in video.codecs].count("video/rtx") == 1
    assert RTCRtpSender.get_capabilities("text") is None


async def test_the_transport_is_there_once_a_description_is() -> None:
    async with call() as made:
        sender = made.left.add_track(EncodedTrack("video", "VP8"))
        assert sender.transport is None
        await made.left.set_local_description()
        assert sender.transport is made.left.get_receivers()[0].transport is not None


async def test_parameters_show_what_was_negotiated() -> None:
    async with video_call() as (made, _):
        told = made.sender.get_parameters()
        assert told.codecs[0].mime_type == "video/VP8"
        assert {each.uri for each in told.header_extensions} >= {
            "urn:ietf:params:rtp-hdrext:sdes:mid"
        }
        assert told.rtcp.reduced_size
        assert told.rtcp.cname
        assert made.receiver.get_parameters().rtcp.cname is None


async def test_an_encoding_that_is_not_active_sends_nothing() -> None:
    async with video_call() as (made, track):
        frames: list[object] = []
        reading = asyncio.ensure_future(first_frames(made.receiver, 1))
        reading.add_done_callback(frames.append)
        told = made.sender.get_parameters()
        [encoding] = told.encodings
        await made.sender.set_parameters(
            replace(told, encodings=(replace(encoding, active=False),))
        )
        track.send(picture(0))
        await asyncio.sleep(1)
        assert not frames
        assert made.receiver.track.muted
        told = made.sender.get_parameters()
        await made.sender.set_parameters(replace(told, encodings=(encoding,)))
        track.send(picture(1, key=True))
        await reading


async def test_parameters_are_set_in_the_turn_they_were_got_in() -> None:
    """[[LastReturnedParameters]] is forgotten by a task of its own."""
    async with video_call() as (made, _):
        told = made.sender.get_parameters()
        assert made.sender.get_parameters() == told
        await asyncio.sleep(0)
        with pytest.raises(InvalidStateError):
            await made.sender.set_parameters(told)
        assert made.sender.get_parameters().transaction_id != told.transaction_id


async def test_parameters_do_not_outlive_an_answer() -> None:
    async with video_call() as (made, _):
        await made.right.set_remote_description(await made.left.create_offer())
        told = made.right.get_senders()[0].get_parameters()
        made.right._core.set_local_description(None, asyncio.get_running_loop().time())
        with pytest.raises(InvalidStateError):
            await made.right.get_senders()[0].set_parameters(told)


async def test_another_track_is_sent_without_a_negotiation() -> None:
    async with video_call() as (made, first):
        needed: list[None] = []
        made.left.on("negotiationneeded", lambda: needed.append(None))
        second = EncodedTrack("video", "VP8")
        await made.sender.replace_track(second)
        assert made.left.get_senders()[0].track is second
        reading = asyncio.ensure_future(first_frames(made.receiver, 1))
        await asyncio.sleep(0)
        first.send(picture(0))
        second.send(picture(1, key=True))
        assert (await reading)[0].data == picture(1, key=True).data
        await made.sender.replace_track(None)
        assert made.sender.track is None
        second.send(picture(2))
        await asyncio.sleep(1)
        assert needed == []


async def test_what_cannot_be_sent_in_place_of_it_is_refused() -> None:
    async with video_call() as (made, track):
        with pytest.raises(TypeError):
            await made.sender.replace_track(EncodedTrack("audio", "opus"))
        with pytest.raises(TypeError):
            await made.sender.replace_track("track")  # type: ignore[arg-type] # what is tested
        with pytest.raises(InvalidModificationError):
            await made.sender.replace_track(EncodedTrack("video", "Theora"))
        assert made.sender.track is track
        made.left.get_transceivers()[0].stop()
        with pytest.raises(InvalidStateError):
            await made.sender.replace_track(None)


async def test_where_nothing_is_sent_any_track_takes_the_place() -> None:
    """Section 5.2.2: the envelope is that of what is sent."""
    async with call() as made:
        made.left.add_transceiver("video", direction="recvonly")
        await made.connect()
        other = EncodedTrack("video", "Theora")
        await made.sender.replace_track(other)
        assert made.sender.track is other


async def test_streams_reach_the_peer_with_a_negotiation() -> None:
    async with video_call() as (made, _):
        needed: list[None] = []
        made.left.on("negotiationneeded", lambda: needed.append(None))
        made.sender.set_streams(MediaStream(id="one"), MediaStream(id="two"))
        await eventually(lambda: needed)
        await made.agree()
        assert {each.id for each in made.tracks[-1].streams} == {"one", "two"}
        with pytest.raises(TypeError):
            made.sender.set_streams("one")  # type: ignore[arg-type] # what is tested
        sender = made.sender
        await made.left.close()
        with pytest.raises(InvalidStateError):
            sender.set_streams()


async def test_the_track_hears_that_a_key_frame_is_wanted() -> None:
    async with video_call() as (made, track):
        wanted: list[str | None] = []
        track.on("keyframerequest", wanted.append)
        track.send(picture(0))
        await eventually(lambda: not made.receiver.track.muted)
        made.receiver.request_keyframe()
        await eventually(lambda: wanted)
        assert wanted == [None]


async def test_sound_is_sent_too() -> None:
    async with call() as made:
        track = EncodedTrack("audio", "opus")
        made.left.add_track(track)
        await made.connect()
        reading = asyncio.ensure_future(first_frames(made.receiver, 2))
        await asyncio.sleep(0)
        track.send(sound(0))
        track.send(sound(1))
        assert [frame.data for frame in await reading] == [sound(0).data] * 2


async def test_only_tracks_that_are_encoded_have_a_codec() -> None:
    codec = codec_of(RtpTrack("video", "H264", "packetization-mode=1"))
    assert codec is not None
    assert (codec.mime_type, codec.sdp_fmtp_line) == ("video/H264", "packetization-mode=1")
    assert codec_of(MediaStreamTrack("video")) is None
    assert codec_of(None) is None


async def test_a_codec_that_the_peer_does_not_take_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with call() as made:
        track = EncodedTrack("video", "Theora")
        errors: list[MediaError] = []
        track.on("error", errors.append)
        made.left.add_track(track)
        await made.connect()
        await made.agree()
        [error] = errors
        assert str(error).startswith("Theora was not negotiated: the peer takes VP8, ")
        [record] = [each for each in caplog.records if "Theora" in each.getMessage()]
        assert record.levelname == "WARNING"
        track.send(EncodedFrame(b"frame", "Theora", 0))
        await asyncio.sleep(1)
        assert made.receiver.track.muted
        await made.sender.replace_track(EncodedTrack("video", "VP8"))


async def test_what_parameters_bound_is_told_to_the_track() -> None:
    async with video_call() as (made, track):
        wanted: list[tuple[str | None, int]] = []
        track.on("bitratewanted", lambda rid, bitrate: wanted.append((rid, bitrate)))
        told = made.sender.get_parameters()
        [encoding] = told.encodings
        bounded = replace(told, encodings=(replace(encoding, max_bitrate=300_000),))
        await made.sender.set_parameters(bounded)
        assert wanted == [(None, 300_000)]
        await made.agree()
        assert wanted == [(None, 300_000)]


async def test_what_was_bounded_from_the_beginning_is_told_with_the_answer() -> None:
    async with call() as made:
        track, wanted = EncodedTrack("video", "VP8"), list[tuple[str | None, int]]()
        track.on("bitratewanted", lambda rid, bitrate: wanted.append((rid, bitrate)))
        made.left.add_transceiver(
            track, send_encodings=[RTCRtpEncodingParameters(max_bitrate=200_000)]
        )
        await made.connect()
        assert wanted == [(None, 200_000)]
