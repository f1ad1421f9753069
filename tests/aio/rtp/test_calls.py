"""The part of a connection that has audio and video. webrtc-pc §5.1; rows PC-14 to PC-16."""

from typing import Any

import pytest

from tests.aio.rtp.calls import call
from webrtc import EncodedTrack, MediaStream, RTCPeerConnection
from webrtc.peer.parameters import RTCRtpEncodingParameters


async def test_what_is_of_another_type_is_refused_before_anything_changes() -> None:
    async with RTCPeerConnection() as pc:
        wrong: Any = "video"
        with pytest.raises(TypeError):
            pc.add_track(wrong)
        with pytest.raises(TypeError):
            pc.add_track(EncodedTrack("video", "VP8"), wrong)
        with pytest.raises(TypeError):
            pc.remove_track(wrong)
        with pytest.raises(TypeError):
            pc.add_transceiver("video", streams=wrong)
        with pytest.raises(TypeError):
            pc.add_transceiver("video", direction="stopped")
        with pytest.raises(TypeError):
            pc.add_transceiver("video", send_encodings=[wrong])
        assert pc.get_transceivers() == []


async def test_a_transceiver_is_made_as_it_is_asked_for() -> None:
    async with RTCPeerConnection() as pc:
        track = EncodedTrack("video", "VP8")
        encodings = [RTCRtpEncodingParameters(rid=rid) for rid in "qhf"]
        made = pc.add_transceiver(
            track, direction="sendonly", streams=[MediaStream(id="s")], send_encodings=encodings
        )
        assert (made.kind, made.direction, made.sender.track) == ("video", "sendonly", track)
        told = made.sender.get_parameters().encodings
        assert [(each.rid, each.scale_resolution_down_by) for each in told] == [
            ("q", 4.0),
            ("h", 2.0),
            ("f", 1.0),
        ]
        offer = await pc.create_offer()
        assert "a=msid:s" in offer.sdp
        assert "a=simulcast:send q;h;f" in offer.sdp


async def test_removing_keeps_the_transceiver() -> None:
    async with RTCPeerConnection() as pc:
        sender = pc.add_track(EncodedTrack("audio", "opus"))
        pc.remove_track(sender)
        pc.remove_track(sender)
        assert pc.get_senders() == [sender]
        assert sender.track is None
        assert pc.get_transceivers()[0].direction == "recvonly"


async def test_an_offer_is_accepted_in_the_directions_that_are_wanted() -> None:
    async with call() as made:
        made.left.add_transceiver("audio")
        made.left.add_transceiver("video")
        await made.left.set_local_description()
        offer = made.left.local_description
        assert offer is not None
        answer = await made.right.accept(offer, audio="sendrecv", video="recvonly")
        assert answer.type == "answer"
        await made.left.set_remote_description(answer)
        assert [each.current_direction for each in made.right.get_transceivers()] == [
            "sendrecv",
            "recvonly",
        ]
        assert [each.current_direction for each in made.left.get_transceivers()] == [
            "sendrecv",
            "sendonly",
        ]
        await made.right.wait_connected(10)


async def test_an_offer_is_accepted_as_the_tracks_want_without_directions() -> None:
    async with call() as made:
        made.left.add_transceiver("audio")
        made.left.create_data_channel("")
        await made.left.set_local_description()
        offer = made.left.local_description
        assert offer is not None
        made.right.add_track(EncodedTrack("audio", "opus"))
        await made.right.accept(offer.to_json())
        assert [each.current_direction for each in made.right.get_transceivers()] == ["sendrecv"]


async def test_only_an_offer_is_accepted_and_only_in_directions_that_there_are() -> None:
    async with call() as made:
        made.left.add_transceiver("audio")
        offer = await made.left.create_offer()
        wrong: Any = "both"
        with pytest.raises(TypeError):
            await made.right.accept(offer, audio=wrong)
        with pytest.raises(TypeError):
            await made.right.accept({"type": "answer", "sdp": offer.sdp})
        assert made.right.get_transceivers() == []
