"""RTCRtpTransceiver. webrtc-pc §5.4; rows PC-14, PC-19, PC-30."""

from typing import Any

import pytest

from tests.aio.rtp.calls import call, picture, video_call
from tests.support import eventually
from webrtc import EncodedTrack
from webrtc.aio.rtp.sender import RTCRtpSender
from webrtc.aio.rtp.transceiver import RTCRtpTransceiver
from webrtc.errors import InvalidModificationError, InvalidStateError


def current(transceiver: RTCRtpTransceiver) -> str | None:
    return transceiver.current_direction


async def test_it_has_a_mid_once_a_description_is_set() -> None:
    async with call() as made:
        transceiver = made.left.add_transceiver("video")
        assert (transceiver.kind, transceiver.mid) == ("video", None)
        assert (transceiver.direction, transceiver.current_direction) == ("sendrecv", None)
        await made.connect()
        assert transceiver.mid == made.right.get_transceivers()[0].mid == "0"
        assert (transceiver.direction, transceiver.current_direction) == ("sendrecv", "sendonly")
        assert made.right.get_transceivers()[0].current_direction == "recvonly"


async def test_what_it_has_cannot_be_set() -> None:
    async with call() as made:
        transceiver: Any = made.left.add_transceiver("video")
        for name in ("kind", "mid", "sender", "receiver", "current_direction"):
            with pytest.raises(AttributeError):
                setattr(transceiver, name, None)


async def test_another_direction_needs_a_negotiation() -> None:
    async with video_call() as (made, _):
        needed: list[None] = []
        made.left.on("negotiationneeded", lambda: needed.append(None))
        [transceiver] = made.left.get_transceivers()
        transceiver.direction = "sendrecv"
        transceiver.direction = "inactive"
        await eventually(lambda: needed)
        assert current(transceiver) == "sendonly"
        await made.agree()
        assert current(transceiver) == "inactive"
        assert len(needed) == 1


@pytest.mark.parametrize("wrong", ["stopped", "both", None])
async def test_no_other_direction_can_be_set(wrong: Any) -> None:
    async with call() as made:
        transceiver = made.left.add_transceiver("video")
        with pytest.raises(TypeError):
            transceiver.direction = wrong
        assert transceiver.direction == "sendrecv"


async def test_one_that_stops_says_goodbye_and_is_gone_after_a_negotiation() -> None:
    async with video_call() as (made, track):
        ended: list[str] = []
        [ours], [theirs] = made.left.get_transceivers(), made.right.get_transceivers()
        ours.receiver.track.onended = lambda: ended.append("ours")
        theirs.receiver.track.onended = lambda: ended.append("theirs")
        track.send(picture(0))
        await eventually(lambda: not theirs.receiver.track.muted)
        ours.stop()
        assert (ours.direction, ours.current_direction) == ("stopped", "sendonly")
        assert ended == []
        assert made.left.get_senders() == [ours.sender]
        await eventually(lambda: theirs.receiver.track.muted)
        assert ended == ["ours"]
        await made.agree()
        assert ours.current_direction == theirs.current_direction == "stopped"
        assert made.left.get_transceivers() == made.right.get_transceivers() == []
        assert not made.left.get_senders()
        assert not made.right.get_receivers()
        await eventually(lambda: len(ended) == 2)


async def test_the_answerer_that_stops_answers_inactive_and_offers_the_end() -> None:
    """Stopping becomes Stopped only by the remote's rejection."""
    async with video_call() as (made, _):
        [ours], [theirs] = made.left.get_transceivers(), made.right.get_transceivers()
        theirs.stop()
        await made.agree()
        assert theirs.direction == "stopped"
        assert current(theirs) == current(ours) == "inactive"
        await made.right.set_local_description()
        assert made.right.get_transceivers() == [theirs]
        assert made.right.local_description is not None
        await made.left.set_remote_description(made.right.local_description)
        await made.left.set_local_description()
        assert made.left.local_description is not None
        await made.right.set_remote_description(made.left.local_description)
        assert current(theirs) == current(ours) == "stopped"
        assert made.right.get_transceivers() == []


async def test_one_that_is_stopped_can_do_no_more() -> None:
    async with call() as made:
        transceiver = made.left.add_transceiver("video")
        await made.connect()
        transceiver.stop()
        transceiver.stop()
        with pytest.raises(InvalidStateError):
            transceiver.direction = "sendonly"
        with pytest.raises(InvalidStateError):
            await transceiver.sender.replace_track(EncodedTrack("video", "VP8"))
        other = made.left.add_transceiver("audio")
        await made.left.close()
        with pytest.raises(InvalidStateError):
            other.stop()


async def test_preferences_order_what_is_offered_and_leave_out_the_rest() -> None:
    async with call() as made:
        transceiver = made.left.add_transceiver("video")
        known = RTCRtpSender.get_capabilities("video")
        assert known is not None
        names = {each.mime_type: each for each in known.codecs}
        transceiver.set_codec_preferences([names["video/VP9"], names["video/VP8"]])
        offer = await made.left.create_offer()
        told = [line for line in offer.sdp.splitlines() if line.startswith("a=rtpmap:")]
        assert [line.split()[1] for line in told] == ["VP9/90000", "VP8/90000"]
        with pytest.raises(InvalidModificationError):
            transceiver.set_codec_preferences([names["video/rtx"]])
        with pytest.raises(TypeError):
            transceiver.set_codec_preferences(["VP8"])  # type: ignore[list-item] # what is tested


async def test_it_is_shown_with_what_matters() -> None:
    async with call() as made:
        made.left.add_transceiver("video", direction="recvonly")
        assert repr(made.left.get_transceivers()) == (
            "[<RTCRtpTransceiver video mid=None recvonly>]"
        )
