"""Numbers, timestamps and headers of one encoding."""

from random import Random

import pytest

from tests.interceptor.support import VIDEO, End
from webrtc.interceptor import StreamInfo
from webrtc.rtp.header_values import ABS_SEND_TIME, MID, RID
from webrtc.streams.outbound import KEYFRAME_INTERVAL, Numbers, OutboundStream

INFO = StreamInfo(7, "video", {96: VIDEO}, {MID: 1, RID: 2, ABS_SEND_TIME: 4}, mid="0", rid="h")


def stream(info: StreamInfo = INFO) -> tuple[OutboundStream, End]:
    end = End()
    return OutboundStream(info, Numbers(Random(1)), end.take), end


def test_numbers_and_timestamps_begin_anywhere_in_their_range() -> None:
    numbers = [Numbers(Random(seed)) for seed in range(200)]
    assert all(each.sequence < 0x8000 for each in numbers)
    assert len({each.offset for each in numbers}) == 200


def test_packets_of_a_frame() -> None:
    made, end = stream()
    made.send([b"a", b"b"], 5, 0.0, marker=True)
    first, second = end.packets
    assert (first.ssrc, first.payload_type) == (7, 96)
    assert second.sequence_number == first.sequence_number + 1 & 0xFFFF
    assert first.timestamp == second.timestamp
    assert (first.marker, second.marker) == (False, True)


def test_numbers_and_timestamps_wrap() -> None:
    made, end = stream()
    made._numbers.sequence, made._numbers.offset = 65535, 0xFFFFFFFF
    made.send([b"a", b"b"], 5, 0.0, marker=True)
    assert end.numbers == [65535, 0]
    assert end.packets[0].timestamp == 4


def test_names_are_said_until_the_peer_knows_the_source() -> None:
    made, end = stream()
    made.send([b"a"], 0, 0.0, marker=True)
    made.introduced = True
    made.send([b"b"], 1, 0.0, marker=True)
    assert end.packets[0].extensions == {4: bytes(3), 1: b"0", 2: b"h"}
    assert end.packets[1].extensions == {4: bytes(3)}


def test_a_frame_brings_extensions_of_its_own() -> None:
    made, end = stream()
    made.introduced = True
    made.send([b"a"], 0, 0.0, marker=True, extra={9: b"level"})
    assert end.packets[0].extensions == {4: bytes(3), 9: b"level"}


def test_without_extensions_the_header_is_short() -> None:
    made, end = stream(StreamInfo(7, "video", {96: VIDEO}))
    made.send([b"a"], 0, 0.0, marker=True)
    assert len(end.packets[0].header()) == 12


def test_room_is_the_same_for_every_packet() -> None:
    made, _ = stream()
    room = made.room(1200, 16)
    made.introduced = True
    assert made.room(1200, 16) == room
    assert room == 1200 - 12 - 4 - 8 - 2 - 16
    assert made.room(1200, 16, {9: bytes(16)}) < room


def test_key_frames_for_a_peer_are_made_three_times_a_second_at_most() -> None:
    made, _ = stream()
    assert made.wants_keyframe(10.0)
    assert not made.wants_keyframe(10.1)
    assert made.keyframe_due == pytest.approx(10.0 + KEYFRAME_INTERVAL)
    assert made.wants_keyframe(10.31)
    assert made.keyframe_due is None
