"""The end of the way of received packets."""

from dataclasses import replace

import pytest

from tests.interceptor.support import End, chain, info
from tests.streams.support import BEGINS, ENDS, FORMATS, KEY, VIDEO
from webrtc.interceptor import StreamInfo
from webrtc.interceptor.pli import KeyFrameRequests
from webrtc.interceptor.reception import Reception
from webrtc.rtcp import SenderReport
from webrtc.rtp import EncodedFrame, RtpPacket
from webrtc.streams import Media, Receiver, Unmuted
from webrtc.streams.inbound import MAX_MEDIA, InboundStream, Outlets, RepairStream

INFO = StreamInfo(7, "video", {96: VIDEO}, rid="h")


class Arriving:
    def __init__(self) -> None:
        self.receiver = Receiver("video")
        self.outlets = Outlets()
        session = info()
        self.keyframes = KeyFrameRequests(session)
        self.chain = chain(self.keyframes)
        self.stream = InboundStream(
            INFO, self.receiver, self.outlets, session, self.keyframes, FORMATS
        )
        self.reception = Reception(INFO, End().take)
        self.stream.bind(self.chain.bind_inbound(INFO, self.stream.take), self.reception)
        self.receiver.sources[7] = self.stream

    def feed(
        self,
        sequence: int,
        flags: int = KEY | BEGINS | ENDS,
        data: bytes = b"x",
        timestamp: int = 90_000,
    ) -> None:
        payload = bytes((flags,)) + data
        self.stream.first(RtpPacket(96, sequence, timestamp, 7, payload), 1.0)

    @property
    def items(self) -> list[object]:
        return [media.item for media in self.outlets.media]


def test_the_first_packet_unmutes() -> None:
    it = Arriving()
    it.feed(1)
    it.feed(2)
    assert list(it.outlets.events) == [Unmuted(it.receiver)]
    assert not it.receiver.muted


def test_frames_packets_or_both() -> None:
    it = Arriving()
    it.feed(1)
    it.receiver.packets = True
    it.feed(2)
    it.receiver.frames = False
    it.feed(3)
    assert [type(item) for item in it.items] == [EncodedFrame, RtpPacket, EncodedFrame, RtpPacket]


def test_packets_are_given_as_they_come() -> None:
    it = Arriving()
    it.receiver.packets, it.receiver.frames = True, False
    it.feed(1)
    it.feed(3)
    it.feed(2)
    assert [item.sequence_number for item in it.items if isinstance(item, RtpPacket)] == [1, 3, 2]


def test_a_frame_knows_its_encoding_and_when_it_was_captured() -> None:
    it = Arriving()
    it.feed(1)
    it.reception.handle_report(SenderReport(7, (2_208_988_800 + 1000) << 32, 45_000, 0, 0), 1.0)
    it.feed(2)
    first, second = it.items
    assert isinstance(first, EncodedFrame)
    assert isinstance(second, EncodedFrame)
    assert first.rid == "h"
    assert it.outlets.media[0].packet.timestamp == 90_000
    assert first.captured is None
    assert second.captured == pytest.approx(1000.5)


def test_what_nobody_takes_is_dropped_oldest_first() -> None:
    it = Arriving()
    for sequence in range(MAX_MEDIA + 10):
        it.feed(sequence, data=sequence.to_bytes(2, "big"))
    assert it.outlets.dropped == 10
    assert len(it.outlets.media) == MAX_MEDIA
    first = it.outlets.media[0]
    assert isinstance(first, Media)
    assert isinstance(first.item, EncodedFrame)
    assert first.item.data == (10).to_bytes(2, "big")


def test_a_stream_that_waits_is_known_to_wait() -> None:
    it = Arriving()
    it.feed(1)
    it.feed(3)
    assert it.outlets.waiting == {7: it.stream.buffer}
    it.stream.close()
    assert it.outlets.waiting == {}
    assert it.receiver.sources == {}


def test_a_key_frame_that_has_come_is_asked_for_no_more() -> None:
    it = Arriving()
    it.feed(1, BEGINS | ENDS)
    assert len(it.chain.rtcp) == 1
    it.feed(2, timestamp=93_000)
    it.keyframes.handle_timeout(10.0)
    assert len(it.chain.rtcp) == 1


def repair(it: Arriving) -> RepairStream:
    codecs = {97: VIDEO}
    made = RepairStream(replace(INFO, ssrc=8, codecs=codecs, repairs=7), it.stream, codecs)
    made.first = made.take
    return made


def test_a_key_frame_that_comes_in_packets_alone_is_asked_for_no_more() -> None:
    it = Arriving()
    it.receiver.frames, it.receiver.packets = False, True
    it.stream.request_keyframe(0.9)
    it.feed(1, flags=BEGINS | ENDS)
    assert it.keyframes.asks(7)
    it.feed(2)
    assert not it.keyframes.asks(7)


def test_a_retransmission_is_restored() -> None:
    it = Arriving()
    it.receiver.packets = True
    it.feed(1)
    it.feed(3)
    lost = RtpPacket(97, 500, 90_000, 8, b"\x00\x02" + bytes((KEY | BEGINS | ENDS,)) + b"y")
    lost.marker = True
    lost.set_extension(1, b"m")
    repair(it).first(lost, 1.1)
    frames = [item.data for item in it.items if isinstance(item, EncodedFrame)]
    assert frames == [b"x", b"y", b"x"]
    restored = [item for item in it.items if isinstance(item, RtpPacket)][-1]
    assert (restored.ssrc, restored.payload_type, restored.sequence_number) == (7, 96, 2)
    assert restored.marker
    assert restored.extensions == {1: b"m"}
    assert (it.stream.restored, it.stream.restored_octets) == (1, 2)


@pytest.mark.parametrize("payload", [b"", b"\x01"])
def test_padding_of_a_repair_stream_is_nothing(payload: bytes) -> None:
    """Row P-02."""
    it = Arriving()
    it.feed(1)
    repair(it).first(RtpPacket(97, 500, 0, 8, payload), 1.1)
    repair(it).first(RtpPacket(99, 500, 0, 8, b"\x00\x02x"), 1.1)
    assert len(it.items) == 1
