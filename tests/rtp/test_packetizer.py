from random import Random

import pytest

from webrtc.rtp import EncodedFrame, Packetizer, Sequencer
from webrtc.rtp.payload import DEFAULT_FORMATS
from webrtc.rtp.payload.vp8 import Descriptor


def test_numbers_wrap_and_the_wraps_are_counted() -> None:
    """RTP-20."""
    sequencer = Sequencer(0xFFFE)
    assert [sequencer.next() for _ in range(2)] == [0xFFFE, 0xFFFF]
    assert sequencer.rollovers == 1
    assert sequencer.next() == 0


def test_random_numbers_begin_far_from_the_wrap() -> None:
    """RTP-21: RFC 3711 §3.3.1."""
    firsts = {Sequencer.random(Random(seed)).next() for seed in range(200)}
    assert max(firsts) < 0x8000
    assert len(firsts) > 150


def test_a_picture_ends_with_the_marker() -> None:
    """RTP-13, RTP-17: equal packets that with their headers are as large as they may be."""
    packetizer = Packetizer(DEFAULT_FORMATS["VP8"], 96, 7, Sequencer(0xFFFF), size=500)
    packets = packetizer.packetize(EncodedFrame(bytes(1200), "VP8", 90))
    assert [packet.sequence_number for packet in packets] == [0xFFFF, 0, 1]
    assert [packet.marker for packet in packets] == [False, False, True]
    assert {(each.payload_type, each.ssrc, each.timestamp) for each in packets} == {(96, 7, 90)}
    assert len({len(packet) for packet in packets[:-1]}) == 1
    assert all(len(packet) <= 500 for packet in packets)


def test_sound_begins_with_the_marker_after_silence() -> None:
    """RTP-15: RFC 3551 §4.1."""
    packetizer = Packetizer(DEFAULT_FORMATS["opus"], 111, 7, Sequencer(1))
    frames = [EncodedFrame(b"\xf8\xff\xfe", "opus", 960 * number) for number in range(4)]
    packets = [packetizer.packetize(frame) for frame in frames[:2]]
    packetizer.pause()
    packets += [packetizer.packetize(frame) for frame in frames[2:]]
    assert [packet.marker for [packet] in packets] == [True, False, True, False]


def test_what_a_stream_counts_goes_on_from_frame_to_frame() -> None:
    packetizer = Packetizer(DEFAULT_FORMATS["VP8"], 96, 7, Sequencer(1))
    made = [packetizer.packetize(EncodedFrame(b"x", "VP8", number)) for number in range(3)]
    ids = [Descriptor.decode(packet.payload)[0].picture_id for [packet] in made]
    assert ids == [0, 1, 2]


def test_parameters_reach_the_format() -> None:
    l16 = DEFAULT_FORMATS["L16"]
    packetizer = Packetizer(l16, 96, 7, Sequencer(1), {"channels": "2"})
    with pytest.raises(ValueError, match="2 bytes of a sample"):
        packetizer.packetize(EncodedFrame(bytes(2), "L16", 0))


def test_a_frame_that_is_refused_takes_no_number() -> None:
    packetizer = Packetizer(DEFAULT_FORMATS["opus"], 111, 7, Sequencer(5))
    with pytest.raises(ValueError, match="empty"):
        packetizer.packetize(EncodedFrame(b"", "opus", 0))
    assert packetizer.sequencer.next() == 5
