"""What one viewer is shown: a stream without a seam, whatever it is put together of."""

import pytest

from tests.streams.forwarded import Screen, Source, Stage
from webrtc.rtp.header_values import DEPENDENCY_DESCRIPTOR, VIDEO_ORIENTATION
from webrtc.rtp.payload import vp8

LOW, HIGH = 0xA, 0xB


def simulcast() -> tuple[Stage, Screen, Source, Source]:
    stage, screen = Stage({LOW: "q", HIGH: "f"}), Screen()
    stage.forwarding.show(screen.viewer, 0.0, "q")
    return stage, screen, Source(LOW, 100), Source(HIGH, 0x7FFE)


def is_key(screen: Screen) -> list[bool]:
    starts = [p for p in screen.packets if vp8.Descriptor.decode(p.payload)[0].start]
    return [vp8.Vp8Depacketizer().is_keyframe(packet.payload) for packet in starts]


def test_the_very_packets_pass_while_nothing_changes() -> None:
    stage, screen, low, _ = simulcast()
    packets = low.picture_of(key=True) + low.picture_of()
    stage.play(packets)
    assert [id(each) for each in screen.packets] == [id(each) for each in packets]


def test_another_layer_is_not_shown() -> None:
    stage, screen, low, high = simulcast()
    stage.play(low.picture_of(key=True))
    stage.play(high.picture_of(key=True))
    assert {packet.ssrc for packet in screen.packets} == {LOW}
    assert stage.forwarding.rids == ("q", "f")


def test_the_old_layer_flows_until_the_key_frame_of_the_new_one() -> None:
    stage, screen, low, high = simulcast()
    stage.play(low.picture_of(key=True) + high.picture_of(key=True))
    stage.forwarding.show(screen.viewer, 1.0, "f")
    assert stage.asked(HIGH) == 1
    stage.play(low.picture_of() + high.picture_of() + low.picture_of())
    assert [packet.ssrc for packet in screen.packets] == [LOW] * 6
    stage.play(high.picture_of(key=True) + low.picture_of() + high.picture_of())
    assert [packet.ssrc for packet in screen.packets] == [LOW] * 6 + [HIGH] * 4
    assert screen.viewer.switches == 1


def test_a_key_frame_takes_over_when_it_is_whole() -> None:
    stage, screen, low, high = simulcast()
    stage.play(low.picture_of(key=True))
    stage.forwarding.show(screen.viewer, 1.0, "f")
    first, last = high.picture_of(key=True)
    stage.play([first, *low.picture_of(), last])
    assert [packet.ssrc for packet in screen.packets] == [LOW] * 4 + [HIGH] * 2


def test_one_key_frame_is_shown_where_all_encodings_have_one() -> None:
    stage, screen, low, high = simulcast()
    stage.play(low.picture_of(key=True))
    stage.forwarding.show(screen.viewer, 1.0, "f")
    stage.play(low.picture_of(key=True) + high.picture_of(key=True))
    assert is_key(screen) == [True, True]
    assert {packet.ssrc for packet in screen.packets[2:]} == {HIGH}


def test_a_key_frame_that_stays_alone_is_shown_before_the_next_picture() -> None:
    stage, screen, low, _ = simulcast()
    stage.play(low.picture_of(key=True))
    stage.forwarding.show(screen.viewer, 1.0, "f")
    stage.play(low.picture_of(key=True))
    assert is_key(screen) == [True]
    stage.play(low.picture_of())
    assert is_key(screen) == [True, True, False]
    assert screen.numbers == list(range(100, 106))


def test_numbers_of_pictures_go_on_over_a_switch_and_its_wrap() -> None:
    stage, screen, low, high = simulcast()
    stage.play(low.picture_of(key=True) + low.picture_of())
    stage.forwarding.show(screen.viewer, 1.0, "f")
    stage.play(high.picture_of(key=True) + high.picture_of() + high.picture_of())
    shown = screen.descriptors
    assert [each.picture_id for each in shown] == [101, 102, 103, 104, 105]
    assert [each.tl0_picture_index for each in shown] == [101, 102, 103, 104, 105]
    assert [each.key_index for each in shown] == [4, 4, 5, 5, 5]
    stage.forwarding.show(screen.viewer, 2.0, "q")
    stage.play(low.picture_of() + low.picture_of(key=True))
    assert screen.descriptors[-1].picture_id == 106
    assert screen.descriptors[-1].key_index == 6
    assert {each.picture_id_bits for each in screen.descriptors} == {15}


def test_a_higher_temporal_layer_is_left_out_without_a_gap() -> None:
    stage, screen, low, _ = simulcast()
    stage.play(low.picture_of(key=True))
    screen.viewer.temporal_id = 0
    for _ in range(3):
        stage.play(low.picture_of(layer=1) + low.picture_of())
    assert screen.numbers == list(range(100, 108))
    assert [each.picture_id for each in screen.descriptors] == [101, 102, 103, 104]
    assert [each.temporal_id for each in screen.descriptors] == [0] * 4


def test_a_picture_that_was_begun_is_shown_to_its_end() -> None:
    stage, screen, low, _ = simulcast()
    stage.play(low.picture_of(key=True))
    first, last = low.picture_of(layer=1)
    stage.play([first])
    screen.viewer.temporal_id = 0
    stage.play([last])
    assert screen.packets[-1] is last


def test_a_temporal_layer_comes_back_where_it_can_be_decoded() -> None:
    stage, screen, low, _ = simulcast()
    stage.play(low.picture_of(key=True))
    screen.viewer.temporal_id = 0
    stage.play(low.picture_of(layer=1) + low.picture_of())
    screen.viewer.temporal_id = 2
    stage.play(low.picture_of(layer=2) + low.picture_of(layer=1))
    assert [each.temporal_id for each in screen.descriptors] == [0, 0]
    stage.play(low.picture_of(layer=1, sync=True) + low.picture_of(layer=2))
    assert [each.temporal_id for each in screen.descriptors] == [0, 0, 1]
    stage.play(low.picture_of(layer=2, sync=True))
    assert [each.picture_id for each in screen.descriptors] == [101, 102, 103, 104]
    assert screen.numbers == list(range(100, 108))


def test_what_comes_late_has_the_number_that_was_left_for_it() -> None:
    stage, screen, low, _ = simulcast()
    stage.play(low.picture_of(key=True))
    screen.viewer.temporal_id = 0
    lost, shown = low.picture_of(layer=1), low.picture_of()
    late, after = low.picture_of(), low.picture_of()
    stage.play([*lost, *shown, *after])
    stage.play(late)
    assert screen.numbers == [100, 101, 102, 103, 106, 107, 104, 105]
    assert [each.picture_id for each in screen.descriptors] == [101, 102, 104, 103]


def test_what_is_left_out_too_late_is_padding() -> None:
    """A receiver would ask for its number again and again."""
    stage, screen, low, _ = simulcast()
    stage.play(low.picture_of(key=True))
    screen.viewer.temporal_id = 0
    late, shown = low.picture_of(layer=1), low.picture_of()
    stage.play([*shown, *late])
    assert sorted(screen.numbers) == list(range(100, 106))
    assert [packet.payload for packet in screen.packets[-2:]] == [b"", b""]
    assert not screen.packets[-1].marker


def test_extensions_are_carried_by_their_names_and_the_frame_number_goes_on() -> None:
    stage, screen, low, high = simulcast()
    for source in (low, high):
        [first, last] = source.picture_of(key=True)
        first.set_extension(1, b"mid")
        first.set_extension(2, b"\1")
        first.set_extension(3, b"\x80" + (0xFFFF).to_bytes(2, "big") + b"rest")
        stage.play([first, last])
        stage.forwarding.show(screen.viewer, 0.0, "f")
    assert screen.carried[::2] == [
        (
            (VIDEO_ORIENTATION, b"\1"),
            (DEPENDENCY_DESCRIPTOR, b"\x80" + number + b"rest"),
        )
        for number in (b"\xff\xff", b"\0\0")
    ]


@pytest.mark.parametrize("codec", ["VP9", "H264"])
def test_a_codec_that_cannot_be_sent_is_not_shown(codec: str) -> None:
    stage, screen = Stage({LOW: None}), Screen(codec)
    stage.forwarding.show(screen.viewer, 0.0)
    stage.play(Source(LOW, 0).picture_of(key=True))
    assert screen.packets == []
