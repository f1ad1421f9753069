"""Two sessions with keys in hand, on a virtual network."""

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from tests.streams.support import (
    AUDIO,
    EXTENSIONS,
    FORMATS,
    KEYS,
    PROFILE,
    VIDEO,
    Asked,
    Pair,
    session,
)
from webrtc import rtcp
from webrtc.clock import Clock
from webrtc.rtp import EncodedFrame, RtpPacket
from webrtc.rtp.codec import Codec
from webrtc.srtp import InboundContext, OutboundContext
from webrtc.streams import (
    BitrateWanted,
    KeyFrameWanted,
    Muted,
    Receiver,
    ReceiveTerms,
    RtpSession,
    Sender,
    SendTerms,
    Unmuted,
)
from webrtc.vnet import Link

ROUND_TRIP = 0.06
WIRE = Link(delay=ROUND_TRIP / 2)


def numbers(pair: Pair) -> list[int]:
    return [int.from_bytes(frame.data[:4], "big") for frame in pair.right.frames]


def test_frames_arrive_as_they_were_sent() -> None:
    pair = Pair(WIRE)
    pair.play(30)
    pair.network.run(0.2)
    assert numbers(pair) == list(range(30))
    assert pair.right.rtp.keyframes.sent == 0
    delays = pair.delays().values()
    assert max(delays) == pytest.approx(ROUND_TRIP / 2)
    encoding = pair.sender.encodings[0]
    assert (encoding.frames, encoding.keyframes) == (30, 1)


def test_sound_arrives() -> None:
    pair = Pair(WIRE, kind="audio")
    pair.play(10, 0.02, 100)
    pair.network.run(0.2)
    assert numbers(pair) == list(range(10))


def test_encodings_arrive_by_their_names() -> None:
    pair = Pair(Link(delay=0.03, loss=0.05), rids=("q", "h"))
    for _ in range(60):
        for rid in ("q", "h"):
            pair.wanted = True
            pair.send(5000, rid=rid, ticks=1500)
        pair.network.run(1 / 30)
    pair.network.run(1.0)
    frames = pair.right.frames
    for rid in ("q", "h"):
        assert len([frame for frame in frames if frame.rid == rid]) == 60


def test_packets_go_again_as_they_were_where_nothing_repairs_them() -> None:
    pair = Pair(Link(delay=0.03, loss=0.05), codec=replace(VIDEO, rtx=None))
    pair.play(150)
    pair.network.run(1.0)
    assert numbers(pair) == list(range(150))
    assert pair.left.rtp.rtx.resent(pair.sender.encodings[0].ssrc)[0] > 10


def test_packets_of_others_are_forwarded() -> None:
    pair = Pair(WIRE, kind="audio")
    pair.receiver.packets = True
    sources = [(7, 65530, 1000), (8, 5, 0xFFFFF000)]
    for ssrc, sequence, timestamp in sources:
        for number in range(10):
            packet = RtpPacket(
                111,
                sequence + number & 0xFFFF,
                timestamp + 960 * number & 0xFFFFFFFF,
                ssrc,
                bytes((3, number)),
            )
            assert pair.sender.forward(packet, pair.network.now, extra={9: b"x"})
            pair.network.flush()
            pair.network.run(0.02)
    pair.network.run(0.1)
    packets = pair.right.packets
    first = packets[0]
    assert {each.ssrc for each in packets} == {pair.sender.encodings[0].ssrc}
    assert [each.sequence_number - first.sequence_number & 0xFFFF for each in packets] == list(
        range(20)
    )
    assert [each.timestamp - first.timestamp & 0xFFFFFFFF for each in packets] == [
        960 * number for number in range(20)
    ]
    assert all(each.get_extension(9) == b"x" for each in packets)
    assert [each.payload[1] for each in packets] == [*range(10), *range(10)]


def test_gaps_of_what_is_forwarded_stay_and_late_packets_fill_them() -> None:
    pair = Pair(WIRE, kind="audio")
    for sequence in (1, 2, 4, 3, 5):
        pair.sender.forward(RtpPacket(111, sequence, 0, 7, bytes((3, sequence))), 0.0)
    pair.network.flush()
    pair.network.run(0.1)
    assert [frame.data[0] for frame in pair.right.frames] == [1, 2, 3, 4, 5]


def test_forwarding_without_a_way_or_a_payload_type() -> None:
    packet = RtpPacket(111, 1, 0, 7, b"x")
    assert not Sender("audio", Random(1)).forward(packet, 0.0)
    pair = Pair(kind="audio")
    with pytest.raises(ValueError, match="payload type 50 was not agreed on"):
        pair.sender.forward(packet, 0.0, payload_type=50)


@pytest.mark.parametrize("seed", range(5))
def test_a_key_frame_is_asked_for_once_a_round_trip_until_one_comes(seed: int) -> None:
    heard = Asked()
    pair = Pair(WIRE, seed=seed, interceptors=[heard])
    asked = heard.times
    for _ in range(20):
        pair.wanted = False
        pair.send()
        pair.network.run(1 / 30)
    spacing = [later - before for before, later in pairwise(asked)]
    assert len(asked) >= 5
    assert min(spacing) >= 0.05
    pair.wanted = True
    pair.send()
    pair.network.run(ROUND_TRIP)
    count = len(asked)
    pair.play(30)
    assert len(asked) == count
    assert numbers(pair)


def test_key_frames_are_made_for_a_peer_three_times_a_second_at_most() -> None:
    """Row P-13: and the last wish is not lost."""
    left, _ = connected()
    sender = Sender("video", Random(1))
    sender.configure(SendTerms("m", (VIDEO,)))
    left.bind_sender(sender)
    peer = OutboundContext(PROFILE, KEYS[1])
    wanted = 0
    pli = rtcp.PictureLossIndication(5, sender.encodings[0].ssrc).encode()
    fir = rtcp.FullIntraRequest(5, ((sender.encodings[0].ssrc, 1),)).encode()
    for turn in range(1000):
        left.handle_rtcp(peer.seal_rtcp((pli, fir)[turn % 2]), turn / 1000)
        left.handle_timeout(turn / 1000)
        while (event := left.poll_event()) is not None:
            wanted += isinstance(event, KeyFrameWanted)
    assert wanted == 4
    encoding = sender.encodings[0]
    assert (encoding.plis, encoding.firs) == (500, 500)
    deadline = left.poll_timeout()
    assert deadline is not None
    left.handle_timeout(1.2)
    assert left.poll_event() == KeyFrameWanted(sender, None)


def connected() -> tuple[RtpSession, OutboundContext]:
    """A session, and what protects its peer's packets."""
    left = session()
    left.secure(InboundContext(PROFILE, KEYS[1]), OutboundContext(PROFILE, KEYS[0]))
    return left, OutboundContext(PROFILE, KEYS[1])


@pytest.mark.parametrize("round_trip", [0.02, 0.06, 0.2])
def test_an_outage_of_two_seconds(round_trip: float) -> None:
    pair = Pair(Link(delay=round_trip / 2))
    pair.play(90)
    end = pair.network.now + 2.0
    restore = pair.network.filter(lambda packet: True)
    pair.play(60)
    restore()
    pair.play(60)
    first = min(at for at, _ in pair.right.media if at >= end)
    assert first - end <= round_trip + 0.5


def test_wraps_lose_nothing() -> None:
    pair = Pair(WIRE)
    numbers_of = pair.sender.encodings[0].numbers
    numbers_of.sequence, numbers_of.offset = 65500, 0xFFFFFFFF - 5000
    pair.play(60)
    pair.network.run(0.2)
    assert numbers(pair) == list(range(60))
    assert pair.right.rtp.keyframes.sent == 0


def test_wraps_under_loss_lose_nothing() -> None:
    pair = Pair(Link(delay=0.03, loss=0.05))
    numbers_of = pair.sender.encodings[0].numbers
    numbers_of.sequence, numbers_of.offset = 65000, 0xFFFFFFFF - 90000
    pair.play(150)
    pair.network.run(1.0)
    assert numbers(pair) == list(range(150))


def test_a_slow_consumer_loses_the_oldest() -> None:
    pair = Pair(WIRE, kind="audio")
    pair.right.reads = False
    pair.play(1500, 0.02, 100)
    pair.network.run(0.2)
    assert pair.right.rtp.media_dropped == 1500 - 1024
    pair.right.reads = True
    pair.right._take(pair.network.now)
    assert numbers(pair) == list(range(1500 - 1024, 1500))


def test_reports_begin_with_the_first_packet_and_tell_round_trips() -> None:
    pair = Pair(WIRE)
    assert pair.left.rtp.poll_timeout() is None
    pair.play(60)
    assert pair.left.rtp.info.round_trip == pytest.approx(ROUND_TRIP, abs=1e-3)
    assert pair.right.rtp.info.round_trip == pytest.approx(ROUND_TRIP, abs=1e-3)
    assert pair.right.sent_rtcp[0][0] < 0.2


def test_rtcp_takes_a_twentieth_at_most() -> None:
    pair = Pair(Link(delay=0.03, loss=0.05))
    pair.play(300, size=4000)
    media = 300 * 4000
    assert sum(size + 28 for _, size in pair.right.sent_rtcp) <= 0.05 * media + 4000


def test_a_goodbye_mutes_and_the_next_packet_unmutes() -> None:
    pair = Pair(WIRE)
    pair.play(3)
    pair.network.run(0.1)
    pair.left.rtp.unbind_sender(pair.sender, pair.network.now, goodbye=True)
    pair.network.flush()
    pair.network.run(0.1)
    assert pair.receiver.muted
    pair.left.rtp.bind_sender(pair.sender)
    pair.play(3)
    pair.network.run(0.1)
    kinds = [type(event) for _, event in pair.right.events]
    assert kinds == [Unmuted, Muted, Unmuted]
    assert numbers(pair) == list(range(6))


def test_a_goodbye_of_somebody_else_mutes_nobody() -> None:
    left, peer = connected()
    receiver = Receiver("audio")
    receiver.configure(ReceiveTerms("m", (AUDIO,), EXTENSIONS))
    left.bind_receiver(receiver)
    packet = RtpPacket(111, 1, 0, 77, b"\x03x")
    left.handle_rtp(peer.seal_rtp(packet.header(), packet.body(), 77, 1), 0.0)
    left.handle_rtcp(peer.seal_rtcp(rtcp.Goodbye((78, 0)).encode() + bytes(0)), 0.1)
    assert not receiver.muted
    left.handle_rtcp(peer.seal_rtcp(rtcp.Goodbye((77,)).encode()), 0.1)
    assert receiver.muted


def test_a_source_description_tells_the_section() -> None:
    left, peer = connected()
    receivers = [Receiver("audio"), Receiver("audio")]
    for mid, receiver in zip("ab", receivers, strict=True):
        receiver.configure(ReceiveTerms(mid, (AUDIO,), EXTENSIONS))
        left.bind_receiver(receiver)
    described = rtcp.SourceDescription((rtcp.Chunk(77, ((rtcp.ItemType.MID, b"b"),)),))
    left.handle_rtcp(peer.seal_rtcp(described.encode()), 0.0)
    packet = RtpPacket(111, 1, 0, 77, b"\x03x")
    left.handle_rtp(peer.seal_rtp(packet.header(), packet.body(), 77, 1), 0.0)
    assert list(receivers[1].sources) == [77]


def test_names_are_said_until_the_peer_reports() -> None:
    pair = Pair(WIRE)
    pair.receiver.packets = True
    pair.play(30)
    pair.network.run(0.1)
    packets = pair.right.packets
    assert packets[0].get_extension(1) == b"m"
    assert packets[-1].get_extension(1) is None


def test_what_the_peer_can_take_is_told_once() -> None:
    left, peer = connected()
    sender = Sender("video", Random(1))
    sender.configure(SendTerms("m", (VIDEO,)))
    left.bind_sender(sender)
    ssrc = sender.encodings[0].ssrc
    for bitrate, named in [(500_000, ssrc), (500_000, ssrc), (1, ssrc), (9, 0xDEAD)]:
        remb = rtcp.ReceiverEstimatedMaximumBitrate(5, bitrate, (named,))
        left.handle_rtcp(peer.seal_rtcp(remb.encode()), 0.0)
    assert left.poll_event() == BitrateWanted((sender,), 500_000)
    assert left.poll_event() == BitrateWanted((sender,), 30_000)
    assert left.poll_event() is None


def test_a_peer_is_told_what_it_may_send() -> None:
    pair = Pair(WIRE)
    pair.right.rtp.max_receive_bitrate = 700_000
    assert pair.right.rtp.max_receive_bitrate == 700_000
    pair.play(10)
    wanted = [event for _, event in pair.left.events if isinstance(event, BitrateWanted)]
    assert wanted == [BitrateWanted((pair.sender,), 700_000)]


@pytest.mark.parametrize("numbered", [True, False])
def test_what_is_sent_is_numbered_where_that_is_asked_for(numbered: bool) -> None:
    left = RtpSession(Random(1), Clock(0.0), "c", formats=FORMATS, send_transport_cc=numbered)
    left.secure(InboundContext(PROFILE, KEYS[1]), OutboundContext(PROFILE, KEYS[0]))
    sender = Sender("video", Random(1))
    sender.configure(SendTerms("m", (VIDEO,), EXTENSIONS))
    left.bind_sender(sender)
    sender.send(EncodedFrame(bytes(3000), "TEST", 0), 1.0)
    peer = InboundContext(PROFILE, KEYS[0])
    found = []
    while (data := left.poll_write()) is not None:
        opened = peer.open_rtp(data, 1.0)
        assert opened is not None
        found.append(RtpPacket.decode(opened).get_extension(5))
    assert found == ([b"\0\0", b"\0\1", b"\0\2"] if numbered else [None] * 3)


def test_every_arrival_is_told_to_who_numbers_its_packets() -> None:
    left, peer = connected()
    receiver = Receiver("video")
    codec = Codec(96, "TEST", 90000, feedback=frozenset({"transport-cc", "nack"}), rtx=97)
    receiver.configure(ReceiveTerms("m", (codec,), EXTENSIONS))
    left.bind_receiver(receiver)
    for number, (ssrc, payload_type) in enumerate([(1, 96), (0, 50), (2, 97)]):
        packet = RtpPacket(payload_type, 1, 0, ssrc, b"\x07data")
        packet.set_extension(5, bytes((0, number)))
        left.handle_rtp(peer.seal_rtp(packet.header(), packet.body(), ssrc, 1), 0.0)
    left.handle_timeout(0.3)
    (feedback,) = [each for each in told(left) if isinstance(each, rtcp.TransportFeedback)]
    assert [distance for distance, _ in feedback.arrivals] == [0, 1, 2]


def told(left: RtpSession) -> list[rtcp.RtcpPacket]:
    """What a session has said by RTCP."""
    peer = InboundContext(PROFILE, KEYS[0])
    packets: list[rtcp.RtcpPacket] = []
    while (data := left.poll_write()) is not None:
        opened = peer.open_rtcp(data)
        packets += rtcp.decode(opened) if opened is not None else []
    return packets


def test_only_a_report_says_that_the_peer_knows_a_source() -> None:
    left, peer = connected()
    sender = Sender("video", Random(1))
    sender.configure(SendTerms("m", (VIDEO,), EXTENSIONS))
    left.bind_sender(sender)
    stream = sender.encodings[0].stream
    assert stream is not None
    known: list[bool] = []
    block = rtcp.ReportBlock(sender.encodings[0].ssrc, 0, 0, 1, 0)
    for packet in (rtcp.GenericNack(5, block.ssrc, (1,)), rtcp.ReceiverReport(5, (block,))):
        left.handle_rtcp(peer.seal_rtcp(packet.encode()), 0.0)
        known.append(stream.introduced)
    assert known == [False, True]


def test_feedback_is_given_in_the_name_of_who_sends() -> None:
    left, _ = connected()
    own = left.info.ssrc
    sender = Sender("audio", Random(1))
    sender.configure(SendTerms("m", (AUDIO,)))
    left.bind_sender(sender)
    named = left.info.ssrc
    left.unbind_sender(sender, 0.0)
    assert (named, left.info.ssrc) == (sender.encodings[0].ssrc, own)


def test_a_key_frame_is_not_asked_of_who_is_gone() -> None:
    left, peer = connected()
    sender = Sender("video", Random(1))
    sender.configure(SendTerms("m", (VIDEO,)))
    left.bind_sender(sender)
    pli = rtcp.PictureLossIndication(5, sender.encodings[0].ssrc).encode()
    for now in (0.0, 0.1):
        left.handle_rtcp(peer.seal_rtcp(pli), now)
    assert left.poll_event() == KeyFrameWanted(sender, None)
    left.unbind_sender(sender, 0.2)
    left.handle_timeout(1.0)
    assert left.poll_event() is None


def test_before_there_are_keys_nothing_is_sent_or_taken() -> None:
    alone = session()
    sender = Sender("video", Random(1))
    sender.configure(SendTerms("m", (VIDEO,)))
    alone.bind_sender(sender)
    sender.send(EncodedFrame(b"data", "TEST", 0), 0.0)
    alone.handle_rtp(bytes(100), 0.0)
    alone.handle_rtcp(bytes(100), 0.0)
    assert alone.poll_write() is None
    assert alone.unsent == 1


def test_what_is_not_authentic_leaves_no_trace() -> None:
    left, _ = connected()
    receiver = Receiver("video")
    receiver.configure(ReceiveTerms("m", (VIDEO,), EXTENSIONS))
    left.bind_receiver(receiver)
    random = Random(1)
    stranger = OutboundContext(PROFILE, KEYS[0])
    for ssrc in range(2000):
        packet = RtpPacket(96, 1, 0, ssrc, b"\x07data")
        left.handle_rtp(stranger.seal_rtp(packet.header(), packet.body(), ssrc, 1), 0.0)
        left.handle_rtp(b"\x80\x60" + random.randbytes(60), 0.0)
        left.handle_rtcp(b"\x80\xc8" + random.randbytes(60), 0.0)
    assert receiver.sources == {}
    assert left._sources.router.sources == {}
    assert left._inbound is not None
    assert not left._inbound._sources
    assert left.poll_write() is None
    assert left.poll_event() is None


@pytest.mark.parametrize("body", [b"", b"\x80", bytes(8), b"\x80\xc8\x00\x01" + bytes(4)])
def test_malformed_rtcp_is_counted(body: bytes) -> None:
    left, peer = connected()
    left.handle_rtcp(peer.seal_rtcp((b"\x80\xc9\x00\x01" + bytes(4) + body).ljust(8, b"\0")), 0.0)
    left.handle_rtcp(b"\x80", 0.0)
    assert left.malformed == (body != b"")


def test_a_number_that_was_used_is_not_used_again() -> None:
    left, _ = connected()
    sender = Sender("video", Random(1))
    sender.configure(SendTerms("m", (VIDEO,)))
    left.bind_sender(sender)
    frame = EncodedFrame(b"data", "TEST", 0)
    sender.send(frame, 0.0)
    sender.encodings[0].numbers.sequence -= 1
    sender.send(frame, 0.0)
    assert left.poll_write() is not None
    assert left.poll_write() is None
    assert left.unsent == 1


def test_a_sender_goes_on_under_new_terms_with_its_numbers() -> None:
    pair = Pair(WIRE)
    pair.play(3)
    pair.sender.configure(SendTerms("m", (VIDEO,), {}))
    pair.left.rtp.bind_sender(pair.sender)
    pair.play(3)
    pair.network.run(0.1)
    assert numbers(pair) == list(range(6))
    assert pair.left.rtp.reports.sent[pair.sender.encodings[0].ssrc].packets > 6


def test_a_storm_of_feedback_is_answered_within_bounds() -> None:
    """Row P-13: every number is asked for, again and again."""
    pair = Pair(WIRE)
    pair.play(30)
    ssrc = pair.sender.encodings[0].ssrc
    sent = pair.left.rtp.reports.sent[ssrc]
    nack = rtcp.GenericNack(5, ssrc, tuple(range(65536)[::5]))
    for turn in range(50):
        pair.left.rtp._chain.handle_rtcp(nack, pair.network.now + turn / 1000)
    assert pair.left.rtp.rtx.resent(ssrc)[1] <= sent.octets


def test_a_session_that_is_closed_says_goodbye_and_is_still() -> None:
    pair = Pair(WIRE)
    pair.play(3)
    pair.left.rtp.close(pair.network.now)
    pair.network.flush()
    pair.network.run(0.1)
    assert pair.receiver.muted
    assert pair.left.rtp.poll_timeout() is None
    assert not pair.sender.send(EncodedFrame(b"data", "TEST", 0), pair.network.now)
    pair.right.rtp.close(pair.network.now)
    assert pair.right.rtp.poll_timeout() is None
    assert pair.receiver.sources == {}
