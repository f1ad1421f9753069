from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rtp.payload.wire import frame_data
from webrtc.rtp import EncodedFrame, Packetizer, RtpPacket, Sample, SampleBuilder, Sequencer
from webrtc.rtp.payload import DEFAULT_FORMATS, generic_format
from webrtc.rtp.payload.parts import MAX_FRAME
from webrtc.rtp.sample_builder import MAX_SAMPLES

VIDEO = DEFAULT_FORMATS["VP8"]
GENERIC = generic_format("x-own", "video", 90000)


def frames(count: int, size: int = 250) -> list[EncodedFrame]:
    return [
        EncodedFrame(bytes([number % 256]) * size, "VP8", number * 3000 & 0xFFFFFFFF)
        for number in range(count)
    ]


def sent(count: int, first: int = 0, size: int = 250) -> list[RtpPacket]:
    """Three packets a frame."""
    packetizer = Packetizer(VIDEO, 96, 1, Sequencer(first), size=112)
    return [packet for frame in frames(count, size) for packet in packetizer.packetize(frame)]


def build(packets: list[RtpPacket], max_late: int = 20, **options: float) -> list[Sample]:
    builder = SampleBuilder(VIDEO.depacketizer({}), 90000, max_late, **options)
    samples = []
    for packet in packets:
        builder.push(packet)
        samples += list(builder)
    builder.flush()
    return [*samples, *builder]


def numbers(samples: list[Sample]) -> list[int]:
    return [sample.frame.data[0] for sample in samples]


@given(st.integers(0, 0xFFFF), st.integers(0, 1000))
def test_any_order_gives_all_frames_in_order(first: int, seed: int) -> None:
    """SB-03: behind the first, each up to 8 places from its own, some twice, over the wrap."""
    random = Random(seed)
    packets = sent(20, first)
    packets += random.sample(packets, 5)
    places = {id(packet): (packet.sequence_number - first) & 0xFFFF for packet in packets}
    shuffled = sorted(packets, key=lambda packet: places[id(packet)] + random.uniform(0, 8))
    samples = build([packets[0], *shuffled])
    assert numbers(samples) == list(range(20))
    assert {(sample.dropped, sample.padding) for sample in samples} == {(0, 0)}


def test_a_frame_is_there_with_its_last_packet() -> None:
    """SB-01, SB-04, SB-05: and has the timestamp of its packets."""
    builder = SampleBuilder(VIDEO.depacketizer({}), 90000)
    packets = sent(2)
    for packet in packets[:2]:
        builder.push(packet)
        assert builder.pop() is None
    builder.push(packets[2])
    sample = builder.pop()
    assert sample is not None
    assert (sample.frame.timestamp, sample.frame.data) == (0, frames(1)[0].data)
    assert builder.pop() is None


def test_without_a_marker_the_next_timestamp_ends_a_frame() -> None:
    packets = sent(3)
    for packet in packets:
        packet.marker = False
    assert numbers(build(packets)) == [0, 1, 2]


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_frame_that_misses_any_packet_is_dropped_and_counted(lost: int) -> None:
    """SB-06: all three of its packets, for the one that was lost."""
    packets = sent(10)
    del packets[9 + lost]
    samples = build(packets)
    assert numbers(samples) == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert [sample.dropped for sample in samples] == [0, 0, 0, 3, 0, 0, 0, 0, 0]


def test_what_comes_behind_a_gap_waits_for_it() -> None:
    packets = sent(10)
    late = packets.pop(4)
    packets.insert(15, late)
    assert numbers(build(packets)) == list(range(10))


def test_a_packet_is_given_up_after_so_many_others() -> None:
    packets = sent(10)
    late = packets.pop(4)
    builder = SampleBuilder(VIDEO.depacketizer({}), 90000, max_late=6)
    for packet in packets[:9]:
        builder.push(packet)
    assert numbers(list(builder)) == [0]
    builder.push(packets[9])
    assert numbers(list(builder)) == [2]
    builder.push(late)
    for packet in packets[10:]:
        builder.push(packet)
    assert numbers(list(builder)) == [3, 4, 5, 6, 7, 8, 9]


def test_a_packet_is_given_up_after_so_much_time() -> None:
    """SB-02: of the timestamps; 3000 ticks are a thirtieth of a second."""
    packets = sent(10)
    del packets[4]
    builder = SampleBuilder(VIDEO.depacketizer({}), 90000, max_late=100, max_delay=0.1)
    given = []
    for packet in packets:
        builder.push(packet)
        given.append(len(list(builder)))
    assert sum(given) == 9
    assert given.index(3) == 14, "when the first packet of the fifth frame was there"


def test_padding_is_counted_and_in_nobodys_way() -> None:
    """SB-07: within a frame, between frames, and with the timestamp of the frame before."""
    packets = sent(3)
    for place in (1, 4, 5):
        padding = RtpPacket(96, 0, packets[place].timestamp, 1)
        padding.padding = 50
        packets.insert(place, padding)
    for number, packet in enumerate(packets):
        packet.sequence_number = number
    samples = build(packets)
    assert numbers(samples) == [0, 1, 2]
    assert [sample.padding for sample in samples] == [1, 2, 0]


def test_joining_in_the_middle_of_a_frame_begins_with_the_next() -> None:
    samples = build(sent(3)[1:])
    assert numbers(samples) == [1, 2]
    assert samples[0].dropped == 2


def test_the_first_packets_may_be_out_of_order_too() -> None:
    packets = sent(3)
    assert numbers(build([packets[1], packets[0], *packets[2:]])) == [0, 1, 2]


def test_a_burst_of_losses_ends_nothing() -> None:
    packets = sent(200)
    samples = build(packets[:31] + packets[500:])
    assert numbers(samples) == [*range(10), *range(167, 200)]
    assert sum(sample.dropped for sample in samples) == 500 - 30 + 1


def test_a_sender_that_begins_anew_is_followed() -> None:
    """RFC 3550 appendix A.1: two packets in order, wherever they are."""
    packets = sent(5, first=40000) + sent(5, first=30000)
    assert numbers(build(packets)) == [0, 1, 2, 3, 4, 1, 2, 3, 4]


def test_one_stray_packet_from_far_behind_changes_nothing() -> None:
    packets = sent(5, first=1000)
    stray = sent(1, first=60000)
    assert numbers(build([*packets[:7], stray[0], *packets[7:]])) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("codec", [*DEFAULT_FORMATS, "x-own"])
def test_every_format_is_put_together(codec: str) -> None:
    """SB-08: with a loss."""
    format_ = GENERIC if codec == "x-own" else DEFAULT_FORMATS[codec]
    packetizer = Packetizer(format_, 96, 1, Sequencer(1))
    builder = SampleBuilder(format_.depacketizer({}), format_.clock_rate, max_late=3)
    made = [EncodedFrame(frame_data(codec, number), codec, number * 160) for number in range(8)]
    for number, frame in enumerate(made):
        for packet in packetizer.packetize(frame):
            if number != 3:
                builder.push(packet)
    builder.flush()
    samples = list(builder)
    assert [sample.frame.data for sample in samples] == [
        each.data for number, each in enumerate(made) if number != 3
    ]
    assert [sample.dropped for sample in samples] == [0, 0, 0, 1, 0, 0, 0]


def test_after_a_gap_a_frame_without_a_mark_of_its_beginning_is_found_by_the_end_before_it() -> (
    None
):
    packetizer = Packetizer(GENERIC, 96, 1, Sequencer(1), size=112)
    made = [EncodedFrame(bytes([number]) * 250, "x-own", number) for number in range(4)]
    packets = [packet for frame in made for packet in packetizer.packetize(frame)]
    builder = SampleBuilder(GENERIC.depacketizer({}), 90000)
    for packet in packets[:4] + packets[5:]:
        builder.push(packet)
    builder.flush()
    assert numbers(list(builder)) == [0, 2, 3]


def test_a_malformed_frame_is_dropped_and_counted() -> None:
    packets = sent(3)
    packets[4].payload = b"\x80"
    samples = build(packets)
    assert numbers(samples) == [0, 2]
    assert samples[1].dropped == 3


@given(st.lists(st.integers(0, 0xFFFF), max_size=300))
def test_nothing_that_comes_makes_it_grow(arrivals: list[int]) -> None:
    """SB-09, P-10, P-11: numbers and timestamps at random."""
    builder = SampleBuilder(VIDEO.depacketizer({}), 90000, max_late=10)
    for number in arrivals:
        builder.push(RtpPacket(96, number, number * 77, 1, b"\x10x", marker=number % 2 > 0))
        assert len(builder._held) <= 2 * 10


def test_samples_that_nobody_takes_are_bounded() -> None:
    builder = SampleBuilder(VIDEO.depacketizer({}), 90000)
    for packet in sent(MAX_SAMPLES + 7, size=1):
        builder.push(packet)
    assert builder.overflowed == 7
    assert numbers(list(builder)) == [number % 256 for number in range(7, MAX_SAMPLES + 7)]


def test_a_frame_that_never_ends_is_dropped() -> None:
    part = b"\x10" + bytes(60000)
    builder = SampleBuilder(VIDEO.depacketizer({}), 90000)
    for number in range(MAX_FRAME // 60000 + 5):
        builder.push(RtpPacket(96, number, 0, 1, part))
    assert builder._size <= MAX_FRAME
    builder.push(RtpPacket(96, number + 1, 1, 1, b"\x10ok", marker=True))
    sample = builder.pop()
    assert sample is not None
    assert (sample.frame.data, sample.dropped) == (b"ok", number + 1)


@pytest.mark.parametrize("max_late", [0, 0x2001])
def test_patience_beyond_sequence_numbers_is_refused(max_late: int) -> None:
    with pytest.raises(ValueError, match="max_late"):
        SampleBuilder(VIDEO.depacketizer({}), 90000, max_late)
