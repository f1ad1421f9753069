"""The line of one transceiver, and what follows from it for packets. RFC 9429 §5.2.1, §5.3.1."""

from dataclasses import replace

import pytest

from tests.peer.hands import Hand, Hands
from webrtc.errors import InvalidModificationError
from webrtc.peer import RTCSessionDescription
from webrtc.peer.media_section import MediaSection, capability, described, preferred
from webrtc.peer.parameters import RTCRtpCodec, RTCRtpEncodingParameters
from webrtc.peer.track_events import KeyFrameWanted, TrackEnded, TrackMuted
from webrtc.peer.transceiver import Transceiver
from webrtc.rtp import EncodedFrame
from webrtc.sdp import Direction
from webrtc.sdp.codecs import Codec

KEY = bytes.fromhex("100200 9d012a 8002 e001") + bytes(100)


def video(hands: Hands, codec: str | None = "VP8") -> Transceiver:
    """A track of the left peer."""
    told = None if codec is None else RTCRtpCodec(mime_type=f"video/{codec}", clock_rate=0)
    return hands.left.core.media.add_track("video", object(), ["camera"], told)


def section(hand: Hand) -> MediaSection:
    [found] = hand.core.media
    return found


def connect(hands: Hands) -> tuple[MediaSection, MediaSection]:
    """Negotiate and wait for keys."""
    hands.negotiate()
    both = hands.left.core, hands.right.core
    hands.network.run_until(
        lambda: {str(each.connection_state) for each in both} == {"connected"}, limit=10.0
    )
    return section(hands.left), section(hands.right)


def send(hands: Hands, transceiver: Transceiver, timestamp: int = 0) -> None:
    frame = EncodedFrame(KEY, "VP8", timestamp, keyframe=True)
    hands.left.core.media.send_frame(transceiver, frame, None, hands.network.now)
    hands.network.flush()
    hands.network.run(0.1)


def came(hand: Hand) -> list[object]:
    found: list[object] = []
    while (heard := hand.core.poll_media()) is not None:
        found.append(heard.item)
    return found


def test_the_codec_of_the_track_is_offered_first_and_sent() -> None:
    hands = Hands()
    made = video(hands, "H264")
    offer = hands.left.core.create_offer()
    assert next(line for line in offer.sdp.splitlines() if "rtpmap" in line).endswith("H264/90000")
    left, _ = connect(hands)
    assert left.refused is None
    assert left.sender.codec is not None
    assert left.sender.codec.name == "H264"
    assert made.send_codecs[0].mime_type == "video/H264"


def test_frames_arrive_once_somebody_reads_them() -> None:
    hands = Hands()
    made = video(hands)
    _, right = connect(hands)
    send(hands, made)
    assert came(hands.right) == []
    hands.right.core.media.read(right.transceiver, frames=True, packets=True)
    send(hands, made, 3000)
    _, frame = came(hands.right)
    assert isinstance(frame, EncodedFrame)
    assert frame.data == KEY
    assert [event.muted for event in hands.right.of(TrackMuted)] == [False]


def test_a_key_frame_that_the_peer_asks_for_is_told_of() -> None:
    hands = Hands()
    made = video(hands)
    _, right = connect(hands)
    send(hands, made)
    hands.right.core.media.request_keyframe(right.transceiver, hands.network.now)
    hands.network.flush()
    hands.network.run(0.5)
    assert hands.left.of(KeyFrameWanted)[0] == KeyFrameWanted(made, None)


def test_what_was_agreed_on_is_kept_over_offers() -> None:
    hands = Hands()
    made = video(hands)
    left, right = connect(hands)
    sources = [each.ssrc for each in left.sender.encodings]
    payload_types = [each.payload_type for each in made.send_codecs]
    hands.negotiate(hands.right)
    hands.negotiate()
    assert [each.ssrc for each in left.sender.encodings] == sources
    assert [each.payload_type for each in made.send_codecs] == payload_types
    assert right.transceiver.current_direction is Direction.RECVONLY


def test_a_codec_that_was_not_agreed_on_is_not_sent() -> None:
    hands = Hands()
    made = video(hands, "Theora")
    left, _ = connect(hands)
    assert left.refused == "Theora"
    frame = EncodedFrame(KEY, "Theora", 0)
    hands.left.core.media.send_frame(made, frame, None, hands.network.now)
    assert left.sender.dropped == 1


def test_a_track_that_nothing_agreed_suits_leaves_all_as_it_was() -> None:
    hands = Hands()
    made = video(hands)
    left, _ = connect(hands)
    before = made.track
    wrong = RTCRtpCodec(mime_type="video/Theora", clock_rate=0)
    with pytest.raises(InvalidModificationError, match="Theora was not negotiated"):
        hands.left.core.media.replace_track(made, object(), wrong, 0.0)
    assert made.track is before
    assert left.sender.codec is not None
    assert left.sender.codec.name == "VP8"


def test_encodings_of_simulcast_are_offered_and_answers_may_drop_them() -> None:
    hands = Hands()
    encodings = [RTCRtpEncodingParameters(rid=rid) for rid in "qhf"]
    made = hands.left.core.media.add_transceiver("video", None, None, "sendonly", (), encodings)
    offer = hands.left.core.create_offer()
    assert "a=simulcast:send q;h;f\r\n" in offer.sdp
    hands.left.core.set_local_description(offer, 0.0)
    answer = hands.right.answer(offer)
    lines = [line for line in answer.sdp.splitlines() if not line.startswith(("a=rid", "a=simul"))]
    hands.left.accept(RTCSessionDescription("answer", "\r\n".join([*lines, ""])))
    left = section(hands.left)
    # An answer without `a=simulcast` leaves the first.
    assert [each.rid for each in made.encodings] == ["q"]
    assert [each.active for each in left.sender.encodings] == [True, False, False]


def test_an_encoding_can_have_a_codec_of_its_own() -> None:
    hands = Hands()
    made = video(hands, None)
    left, _ = connect(hands)
    media = hands.left.core.media
    told = media.get_parameters(made)
    vp9 = next(each for each in told.codecs if each.mime_type == "video/VP9")
    wanted = RTCRtpCodec(
        mime_type=vp9.mime_type,
        clock_rate=vp9.clock_rate,
        channels=vp9.channels,
        sdp_fmtp_line=vp9.sdp_fmtp_line,
    )
    [encoding] = told.encodings
    media.set_parameters(made, replace(told, encodings=(replace(encoding, codec=wanted),)), 0.0)
    assert left.sender.codec is not None
    assert left.sender.codec.name == "VP9"


def test_a_line_that_is_rejected_ends_the_transceiver() -> None:
    hands = Hands()
    made = video(hands)
    connect(hands)
    hands.left.core.media.stop(made, hands.network.now)
    hands.negotiate()
    assert made.stopped
    assert list(hands.left.core.media) == list(hands.right.core.media) == []
    assert len(hands.right.of(TrackEnded)) == 1


@pytest.mark.parametrize(
    ("change", "outdated"),
    [
        (lambda made: made.set_direction("inactive"), True),
        (lambda made: made.set_direction("sendonly"), False),
        (lambda made: setattr(made, "stream_ids", ("other",)), True),
        (lambda made: setattr(made, "stream_ids", ("camera",)), False),
        (lambda made: made.stop(), True),
    ],
    ids=["direction", "as agreed", "streams", "same streams", "stop"],
)
def test_an_offer_is_needed_when_the_line_says_something_else(
    change: object, outdated: bool
) -> None:
    """Section 4.7.3."""
    assert callable(change)
    hands = Hands()
    made = video(hands)
    left, _ = connect(hands)
    change(made)
    local = hands.left.core.negotiation.current_local
    assert local is not None
    assert left.outdated(local.parsed, None, 0) is outdated


def test_codecs_in_the_words_of_the_w3c() -> None:
    opus, vp8 = Codec(111, "opus", 48000, 2), Codec(96, "VP8", 90000, None)
    assert described(opus, "audio").channels == 2
    assert described(Codec(0, "PCMU", 8000, None), "audio").channels == 1
    assert capability(vp8, "video") == RTCRtpCodec(mime_type="video/VP8", clock_rate=90000)
    assert list(preferred([vp8], [], "video")) == []
    assert list(preferred([vp8], [capability(vp8, "video")], "video")) == [vp8]


def simulcast_wanted(hand: Hand) -> RTCSessionDescription:
    """An offer, set at `hand`, that wants two encodings of the one line."""
    offer = hand.offer()
    lines = "a=rid:l recv\r\na=rid:h recv\r\na=simulcast:recv l;h\r\n"
    return RTCSessionDescription("offer", offer.sdp + lines)


def test_what_is_sent_goes_on_until_an_offer_of_simulcast_is_answered() -> None:
    hands = Hands()
    made = video(hands)
    left, right = connect(hands)
    right.receiver.frames = True
    hands.left.accept(simulcast_wanted(hands.right))
    send(hands, made)
    assert len(came(hands.right)) == 1
    hands.left.accept(RTCSessionDescription("rollback"))
    send(hands, made, 3000)
    assert len(came(hands.right)) == 1
    assert [each.rid for each in left.sender.encodings] == [None]
    assert "a=simulcast" not in hands.left.core.create_offer().sdp


def test_the_source_before_simulcast_says_goodbye() -> None:
    hands = Hands()
    made = video(hands)
    left, _ = connect(hands)
    send(hands, made)
    [before] = left.sender.encodings
    answer = hands.left.answer(simulcast_wanted(hands.right))
    assert "a=simulcast:send l;h" in answer.sdp
    assert before.stream is None
    assert [each.rid for each in left.sender.encodings if each.stream is not None] == ["l", "h"]
