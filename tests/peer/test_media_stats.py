"""Statistics of audio and video. webrtc-stats §8; row PC-26."""

from itertools import pairwise

import pytest

from tests.peer.hands import Hand, Hands
from webrtc.peer.media_report import (
    RTCCodecStats,
    RTCInboundRtpStreamStats,
    RTCMediaSourceStats,
    RTCOutboundRtpStreamStats,
    RTCRemoteInboundRtpStreamStats,
    RTCRemoteOutboundRtpStreamStats,
)
from webrtc.peer.parameters import RTCRtpCodec
from webrtc.peer.report import RTCStatsReport
from webrtc.peer.transceiver import Transceiver
from webrtc.rtp import EncodedFrame
from webrtc.vnet import Link

KEY = bytes.fromhex("10020 0 9d012a 80 02 e0 01".replace(" ", "")) + bytes(3000)
"""A key frame of VP8, as far as its header goes: 640 by 480 pixels. RFC 6386 §9.1."""
FRAMES = 30
EPOCH = 1_000_000.0


class Track:
    id = "camera"


class Call:
    """One peer sends video to the other."""

    def __init__(self, loss: float = 0.0) -> None:
        self.hands = Hands(link=Link(delay=0.02, loss=loss), seed=3)
        codec = RTCRtpCodec(mime_type="video/VP8", clock_rate=90000)
        media = self.hands.left.core.media
        self.sending: Transceiver = media.add_track("video", Track(), ["s"], codec)
        self.hands.connect()
        [self.receiving] = self.hands.right.core.media.transceivers
        self.hands.right.core.media.read(self.receiving, frames=True, packets=False)

    def send(self, count: int = FRAMES) -> None:
        for index in range(count):
            now = self.hands.network.now
            frame = EncodedFrame(KEY, "VP8", index * 3000, keyframe=True, width=640, height=480)
            self.hands.left.core.media.send_frame(self.sending, frame, None, now)
            self.hands.network.run(1 / 30)
        self.hands.network.run(3.0)

    def report(self, hand: Hand) -> RTCStatsReport:
        return hand.core.stats(self.hands.network.now, EPOCH)

    @property
    def sent(self) -> RTCStatsReport:
        return self.report(self.hands.left)

    @property
    def received(self) -> RTCStatsReport:
        return self.report(self.hands.right)


@pytest.fixture
def call() -> Call:
    call = Call()
    call.send()
    return call


def test_what_is_sent_is_counted(call: Call) -> None:
    [stream] = call.sent.of(RTCOutboundRtpStreamStats)
    [source] = call.sent.of(RTCMediaSourceStats)
    assert (stream.kind, stream.mid, stream.rid, stream.active) == ("video", "0", None, True)
    assert (stream.frames_sent, source.frames) == (FRAMES, FRAMES)
    assert stream.packets_sent == 3 * FRAMES
    assert stream.bytes_sent > len(KEY) * FRAMES
    assert (stream.frame_width, stream.frame_height) == (640, 480)
    assert (stream.media_source_id, source.track_identifier) == (source.id, "camera")
    assert stream.rtx_ssrc is not None
    assert stream.retransmitted_packets_sent == 0


def test_what_is_received_is_counted(call: Call) -> None:
    [stream] = call.received.of(RTCInboundRtpStreamStats)
    [sent] = call.sent.of(RTCOutboundRtpStreamStats)
    assert stream.ssrc == sent.ssrc
    assert stream.packets_received == sent.packets_sent
    assert (stream.bytes_received, stream.packets_lost) == (sent.bytes_sent, 0)
    assert (stream.frames_received, stream.key_frames_received) == (FRAMES, FRAMES)
    assert (stream.frame_width, stream.frame_height, stream.frames_dropped) == (640, 480, 0)
    heard = stream.last_packet_received_timestamp
    assert heard is not None
    assert EPOCH * 1000 < heard < stream.timestamp


def test_each_side_tells_what_the_other_has_said(call: Call) -> None:
    [stream] = call.sent.of(RTCOutboundRtpStreamStats)
    [heard] = call.sent.of(RTCRemoteInboundRtpStreamStats)
    assert (stream.remote_id, heard.local_id) == (heard.id, stream.id)
    assert heard.packets_lost == 0
    assert heard.fraction_lost == 0.0
    assert heard.round_trip_time == pytest.approx(0.04, abs=0.01)
    assert heard.round_trip_time_measurements > 0
    [stream_there] = call.received.of(RTCInboundRtpStreamStats)
    [told] = call.received.of(RTCRemoteOutboundRtpStreamStats)
    assert (stream_there.remote_id, told.local_id) == (told.id, stream_there.id)
    assert 0 < told.packets_sent <= stream.packets_sent


def test_streams_name_the_codec_that_they_use(call: Call) -> None:
    for report in (call.sent, call.received):
        [codec] = report.of(RTCCodecStats)
        assert (codec.mime_type, codec.clock_rate, codec.payload_type) == ("video/VP8", 90000, 96)
        stream = next(each for each in report.values() if each.type.endswith("bound-rtp"))
        assert getattr(stream, "codec_id", None) == codec.id


def test_losses_and_their_repair_are_counted_on_both_sides() -> None:
    call = Call(loss=0.05)
    call.send(100)
    [sent] = call.sent.of(RTCOutboundRtpStreamStats)
    [received] = call.received.of(RTCInboundRtpStreamStats)
    assert (received.nack_count or 0) > 0
    assert 0 < (sent.nack_count or 0) <= (received.nack_count or 0)
    assert sent.retransmitted_packets_sent > 0
    assert 0 < received.retransmitted_packets_received <= sent.retransmitted_packets_sent
    assert received.rtx_ssrc == sent.rtx_ssrc
    assert (received.frames_received or 0) >= 95


def test_counters_never_fall(call: Call) -> None:
    reports = [call.received]
    for _ in range(3):
        call.send(5)
        reports.append(call.received)
    streams = [report.of(RTCInboundRtpStreamStats)[0] for report in reports]
    for before, after in pairwise(streams):
        assert after.packets_received > before.packets_received
        assert after.id == before.id


def test_what_there_was_is_still_told_when_the_connection_is_closed(call: Call) -> None:
    call.hands.left.core.close(call.hands.network.now)
    [stream] = call.sent.of(RTCOutboundRtpStreamStats)
    assert stream.frames_sent == FRAMES
