"""Tracks that the application feeds with frames and packets that are encoded already."""

import pytest

from webrtc import EncodedTrack, RtpTrack
from webrtc.aio.tracks.encoded import MAX_FRAME, Carried, Fed
from webrtc.errors import InvalidStateError
from webrtc.rtp import EncodedFrame, RtpPacket

FRAME = EncodedFrame(b"\x01", "VP8", 0)
PACKET = RtpPacket(96, 1, 2, 3, b"payload")


class Taking:
    """A sender that notes what it is given."""

    def __init__(self) -> None:
        self.frames: list[tuple[EncodedFrame, str | None]] = []
        self.packets: list[tuple[RtpPacket, str | None]] = []
        self.carried: Carried = ()
        self.ready = True

    def send_frame(self, frame: EncodedFrame, rid: str | None) -> None:
        self.frames.append((frame, rid))

    def send_packet(self, packet: RtpPacket, rid: str | None, carried: Carried = ()) -> None:
        self.packets.append((packet, rid))
        self.carried = carried


async def test_every_sender_gets_the_very_frame() -> None:
    track, one, other = EncodedTrack("video", "VP8"), Taking(), Taking()
    track.add_sink(one)
    track.add_sink(other)
    track.send(FRAME)
    track.send(FRAME, rid="q")
    assert one.frames == other.frames == [(FRAME, None), (FRAME, "q")]
    assert one.frames[0][0] is FRAME
    track.remove_sink(other)
    track.send(FRAME)
    assert (len(one.frames), len(other.frames)) == (3, 2)


async def test_every_sender_gets_the_very_packet() -> None:
    track, sink = RtpTrack("audio", "opus"), Taking()
    track.add_sink(sink)
    track.send(PACKET, rid="h", carried=[("urn:x", b"1")])
    assert sink.carried == [("urn:x", b"1")]
    assert sink.packets[0] == (PACKET, "h")


@pytest.mark.parametrize(
    "frame",
    [
        EncodedFrame(b"\x01", "VP9", 0),
        EncodedFrame(b"", "VP8", 0),
        EncodedFrame(bytes(MAX_FRAME + 1), "VP8", 0),
    ],
    ids=["codec", "empty", "large"],
)
async def test_a_frame_that_cannot_be_is_refused_before_any_sender_has_it(
    frame: EncodedFrame,
) -> None:
    track, sink = EncodedTrack("video", "vp8"), Taking()
    track.add_sink(sink)
    with pytest.raises(ValueError, match="a frame of"):
        track.send(frame)
    assert sink.frames == []


@pytest.mark.parametrize("track", [EncodedTrack, RtpTrack])
async def test_a_track_that_has_ended_sends_nothing(track: type[Fed]) -> None:
    ended = track("video", "VP8")
    ended.stop()
    with pytest.raises(InvalidStateError):
        ended.send(FRAME if isinstance(ended, EncodedTrack) else PACKET)  # type: ignore[attr-defined]


async def test_what_is_no_frame_or_packet_is_refused() -> None:
    with pytest.raises(TypeError):
        EncodedTrack("video", "VP8").send(b"bytes")  # type: ignore[arg-type] # what is tested
    with pytest.raises(TypeError):
        RtpTrack("video", "VP8").send(b"bytes")  # type: ignore[arg-type] # what is tested
    with pytest.raises(TypeError):
        EncodedTrack("video", 5)  # type: ignore[arg-type] # what is tested
