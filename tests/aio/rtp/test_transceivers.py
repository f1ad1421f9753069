"""The transceivers of a connection, and the events of remote tracks. webrtc-pc §4.4.1.4, §5.1."""

import asyncio

import pytest

from tests.aio.rtp.calls import Call, call, picture, video_call
from tests.support import eventually
from webrtc import EncodedTrack, MediaStream, RTCPeerConnection
from webrtc.errors import InvalidAccessError, InvalidStateError
from webrtc.peer.parameters import RTCRtpEncodingParameters


def heard(made: Call) -> list[str]:
    """The events of the right end from here on, in their order."""
    told: list[str] = []
    made.right.on("signalingstatechange", lambda: told.append(str(made.right.signaling_state)))
    made.right.on("track", lambda event: told.append(f"track {event.track.kind}"))
    return told


async def test_an_object_stands_for_a_transceiver_as_long_as_it_lives() -> None:
    async with call() as made:
        video = made.left.add_transceiver("video")
        audio = made.left.add_transceiver("audio")
        assert made.left.get_transceivers() == [video, audio]
        await made.connect()
        assert made.left.get_transceivers() == [video, audio]
        assert made.left.get_senders() == [video.sender, audio.sender]
        assert made.left.get_receivers() == [video.receiver, audio.receiver]
        sender = made.left.add_track(EncodedTrack("audio", "opus"))
        assert sender is not audio.sender
        assert made.left.get_transceivers()[-1].sender is sender


async def test_events_of_an_offer_come_before_its_promise_in_their_order() -> None:
    async with call() as made:
        stream = MediaStream(id="camera")
        made.left.add_track(EncodedTrack("video", "VP8"), stream)
        made.left.add_track(EncodedTrack("audio", "opus"), stream)
        told = heard(made)
        await made.left.set_local_description()
        assert made.left.local_description is not None
        await made.right.set_remote_description(made.left.local_description)
        assert told == ["have-remote-offer", "track video", "track audio"]
        one, other = made.tracks
        assert one.streams == other.streams
        assert one.streams[0].id == "camera"
        assert one.streams[0].get_tracks() == [one.track, other.track]
        assert one.receiver.track is one.track
        assert one.transceiver.receiver is one.receiver


async def test_muted_and_removed_are_told_before_added_and_track() -> None:
    async with call() as made:
        streams = [MediaStream(id="one"), MediaStream(id="two")]
        first, second = EncodedTrack("video", "VP8"), EncodedTrack("audio", "opus")
        sender = made.left.add_track(first, streams[0])
        made.left.add_track(second, streams[0])
        await made.connect()
        first.send(picture(0))
        video, audio = (event.track for event in made.tracks)
        await eventually(lambda: not video.muted)
        [stream] = made.tracks[0].streams
        told = heard(made)
        video.onmute = lambda: told.append("mute")
        stream.onremovetrack = lambda track: told.append(f"removetrack {track.kind}")
        made.left.remove_track(sender)
        made.left.get_senders()[1].set_streams(*streams)
        await made.left.set_local_description()
        assert made.left.local_description is not None
        await made.right.set_remote_description(made.left.local_description)
        assert told == ["have-remote-offer", "mute", "removetrack video", "track audio"]
        assert video.muted
        assert stream.get_tracks() == [audio]
        assert [each.id for each in made.tracks[-1].streams] == ["one", "two"]


async def test_a_track_that_goes_and_comes_is_told_again() -> None:
    async with video_call() as (made, track):
        made.left.remove_track(made.sender)
        await made.agree()
        assert made.left.get_transceivers()[0].current_direction == "inactive"
        await made.sender.replace_track(track)
        made.left.get_transceivers()[0].direction = "sendrecv"
        await made.agree()
        assert len(made.tracks) == 2
        assert made.tracks[0].track is made.tracks[1].track


async def test_a_track_is_sent_with_one_that_never_sent() -> None:
    """Section 5.1.2: sending once is enough to be passed over for ever."""
    async with video_call() as (made, track):
        first = made.sender
        made.left.remove_track(first)
        await made.agree()
        second = made.left.add_track(EncodedTrack("video", "VP8"))
        assert second is not first
        idle = made.left.add_transceiver("video", direction="recvonly")
        assert made.left.add_track(track) is idle.sender
        assert idle.direction == "sendrecv"


async def test_only_one_sender_has_a_track_and_only_its_connection_takes_it() -> None:
    async with video_call() as (made, track):
        with pytest.raises(InvalidAccessError):
            made.left.add_track(track)
        with pytest.raises(InvalidAccessError):
            made.right.remove_track(made.sender)
        sender = made.sender
        await made.left.close()
        with pytest.raises(InvalidStateError):
            made.left.add_track(EncodedTrack("video", "VP8"))
        with pytest.raises(InvalidStateError):
            made.left.remove_track(sender)
        with pytest.raises(InvalidStateError):
            made.left.add_transceiver("video")


async def test_what_cannot_be_added_is_told_in_the_order_of_the_text() -> None:
    async with RTCPeerConnection() as pc:
        for wrong in ("data", 5):
            with pytest.raises(TypeError):
                pc.add_transceiver(wrong)  # type: ignore[arg-type] # what is tested
        pairs = RTCRtpEncodingParameters(rid="a"), RTCRtpEncodingParameters()
        with pytest.raises(TypeError):
            pc.add_transceiver("video", send_encodings=pairs)
        with pytest.raises(ValueError, match="below 1"):
            pc.add_transceiver(
                "video", send_encodings=[RTCRtpEncodingParameters(scale_resolution_down_by=0.5)]
            )
        assert pc.get_transceivers() == []
        await pc.close()
        with pytest.raises(TypeError):
            pc.add_transceiver("data")


async def test_closing_ends_the_tracks_and_keeps_the_transceivers() -> None:
    """Section 4.4.2: senders and receivers are those of transceivers that are not stopped."""
    async with video_call() as (made, _):
        [transceiver] = made.left.get_transceivers()
        await made.left.close()
        assert made.left.get_transceivers() == [transceiver]
        assert (transceiver.direction, transceiver.current_direction) == ("stopped", "stopped")
        assert not made.left.get_senders()
        assert not made.left.get_receivers()
        assert transceiver.receiver.track.ready_state == "ended"
        # The peer hears of it: its track gives nothing more.
        await asyncio.sleep(1)
        assert made.receiver.track.muted


async def test_a_rollback_removes_what_the_offer_had_brought() -> None:
    async with call() as made:
        made.left.add_track(EncodedTrack("video", "VP8"), MediaStream(id="camera"))
        await made.left.set_local_description()
        assert made.left.local_description is not None
        await made.right.set_remote_description(made.left.local_description)
        [stream] = made.tracks[0].streams
        removed: list[object] = []
        stream.onremovetrack = removed.append
        await made.right.set_remote_description({"type": "rollback"})
        assert made.right.get_transceivers() == []
        assert removed == [made.tracks[0].track]
        assert str(made.right.signaling_state) == "stable"


async def test_a_rollback_keeps_what_a_track_was_added_to() -> None:
    """Trap 27."""
    async with call() as made:
        made.left.add_transceiver("video", direction="sendonly")
        await made.left.set_local_description()
        assert made.left.local_description is not None
        await made.right.set_remote_description(made.left.local_description)
        track = EncodedTrack("video", "VP8")
        sender = made.right.add_track(track)
        await made.right.set_remote_description({"type": "rollback"})
        [kept] = made.right.get_transceivers()
        assert (kept.sender, kept.mid, kept.direction) == (sender, None, "sendrecv")
