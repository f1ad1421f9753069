"""What is found in a packet once, for all who are shown it."""

from tests.streams.forwarded import EXTENSIONS, VP8, Source, Stage
from webrtc.rtp.codec import Codec
from webrtc.rtp.header_values import ABS_SEND_TIME, VIDEO_ORIENTATION
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.payload import DEFAULT_FORMATS
from webrtc.streams.layer import Layer


def layer(codec: Codec = VP8) -> Layer:
    ids = {**EXTENSIONS, ABS_SEND_TIME: 5}
    return Layer(Stage({}).forwarding, None, codec, DEFAULT_FORMATS[codec.name], ids)


def test_numbers_go_on_over_their_wrap() -> None:
    of, source = layer(), Source(1, 0xFFFE)
    units = [of.read(packet) for packet in source.picture_of(key=True) + source.picture_of()]
    assert [unit.number for unit in units] == [0x1FFFE, 0x1FFFF, 0x20000, 0x20001]
    late = of.read(units[0].packet)
    assert late.number == 0x1FFFE


def test_a_key_frame_and_what_follows_is_kept() -> None:
    of, source = layer(), Source(1, 0)
    for packet in source.picture_of():
        of.read(packet)
    assert of.kept == []
    units = [of.read(packet) for packet in source.picture_of(key=True) + source.picture_of()]
    assert of.kept == units
    assert [unit.begins for unit in units] == [True, False, False, False]


def test_elements_of_one_way_are_not_carried_to_the_next() -> None:
    packet = Source(1, 0).picture_of()[0]
    packet.set_extension(1, b"mid")
    packet.set_extension(5, bytes(3))
    packet.set_extension(2, b"\1")
    assert layer().read(packet).carried == ((VIDEO_ORIENTATION, b"\1"),)
    packet.extension_profile, packet.extension = 0xBEDE, b"\x2f\0\0\0"
    assert layer().read(packet).carried == ()


def test_what_goes_on_with_a_picture_is_of_its_layer() -> None:
    of = layer(Codec(45, "AV1", 90000))
    first = of.read(RtpPacket(45, 0, 7, 1, b"\x50\x34\x40rest"))
    assert of.read(RtpPacket(45, 1, 7, 1, b"\x90rest")).numbers is first.numbers
    assert of.read(RtpPacket(45, 2, 8, 1, b"\x90rest")).numbers.temporal_id == 0
