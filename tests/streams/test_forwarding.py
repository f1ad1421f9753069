"""One source and many viewers, with sessions on a virtual network where ways are needed."""

from functools import partial
from itertools import pairwise

import pytest

from tests.streams.forwarded import OPUS, VP8, Screen, Source, Stage
from tests.streams.support import Pair
from webrtc.rtp.codec import Codec
from webrtc.rtp.packet import RtpPacket
from webrtc.streams import ReceiveTerms, Viewer
from webrtc.streams.layer import MAX_KEPT, Carried, Layer, Unit

SSRC, OTHER = 0xA, 0xB


def test_who_joins_late_is_shown_all_from_the_key_frame_on() -> None:
    stage, early, late = Stage({SSRC: None}), Screen(), Screen()
    stage.forwarding.show(early.viewer, 0.0)
    source = Source(SSRC, 0)
    stage.play(source.picture_of(key=True) + source.picture_of())
    stage.forwarding.show(late.viewer, 0.0)
    stage.play(source.picture_of())
    assert late.numbers == early.numbers == list(range(6))
    assert stage.asked(SSRC) == 0


def test_who_joins_too_late_gets_a_key_frame_that_is_asked_for_once() -> None:
    stage, source = Stage({SSRC: None}), Source(SSRC, 0)
    stage.play(source.picture_of(key=True))
    for _ in range(MAX_KEPT // 2):
        stage.play(source.picture_of())
    screens = [Screen() for _ in range(5)]
    for screen in screens:
        stage.forwarding.show(screen.viewer, 0.0)
    [first, second] = source.picture_of()
    stage.play([first])
    assert (stage.asked(SSRC), stage.flushes) == (1, 1)
    stage.play([second, *source.picture_of(key=True)])
    assert all(len(screen.packets) == 2 for screen in screens)


def test_who_is_not_connected_yet_misses_nothing_and_asks_nothing() -> None:
    stage, screen, source = Stage({SSRC: None}), Screen(), Source(SSRC, 0)
    screen.ready = False
    stage.forwarding.show(screen.viewer, 0.0)
    stage.play(source.picture_of() + source.picture_of(key=True) + source.picture_of())
    assert screen.packets == []
    assert stage.asked(SSRC) == 0
    screen.ready = True
    stage.play(source.picture_of())
    assert len(screen.packets) == 6


def test_another_source_takes_over_with_its_key_frame() -> None:
    one, other, screen = Stage({SSRC: None}), Stage({OTHER: None}), Screen()
    first, second = Source(SSRC, 0), Source(OTHER, 5000)
    one.forwarding.show(screen.viewer, 0.0)
    one.play(first.picture_of(key=True))
    other.play(second.picture_of(key=True))
    other.forwarding.show(screen.viewer, 0.0)
    assert other.asked(OTHER) == 1
    one.play(first.picture_of())
    other.play(second.picture_of())
    other.play(second.picture_of(key=True))
    one.play(first.picture_of(key=True))
    assert [packet.ssrc for packet in screen.packets] == [SSRC] * 4 + [OTHER] * 2
    assert [each.picture_id for each in screen.descriptors] == [1, 2, 3]


def test_a_source_that_is_replaced_goes_on_with_a_key_frame() -> None:
    stage, screen = Stage({SSRC: None, OTHER: None}), Screen()
    stage.forwarding.show(screen.viewer, 0.0)
    stage.play(Source(SSRC, 0).picture_of(key=True))
    second = Source(OTHER, 700)
    stage.play(second.picture_of())
    assert stage.asked(OTHER) > 0
    stage.play(second.picture_of(key=True))
    assert [packet.ssrc for packet in screen.packets] == [SSRC] * 2 + [OTHER] * 2
    assert len(stage.forwarding.layers) == 1


def test_a_negotiation_interrupts_nothing() -> None:
    stage, screen, source = Stage({SSRC: None}), Screen(), Source(SSRC, 0)
    stage.forwarding.show(screen.viewer, 0.0)
    stage.play(source.picture_of(key=True))
    stage.receiver.configure(ReceiveTerms("m", (OPUS, VP8), {"urn:x": 5}))
    [first, second] = source.picture_of()
    first.set_extension(5, b"value")
    stage.play([first, second])
    assert len(screen.packets) == 4
    assert screen.carried[2] == (("urn:x", b"value"),)


def test_what_cannot_be_forwarded_is_counted() -> None:
    stage = Stage({SSRC: None}, (VP8, Codec(97, "unheard of", 90000)))
    for payload_type, ssrc in ((97, SSRC), (98, SSRC), (96, OTHER)):
        stage.play([RtpPacket(payload_type, 0, 0, ssrc, b"x")])
    assert stage.forwarding.unknown == 3
    stage.play([RtpPacket(96, 0, 0, SSRC)])  # padding
    assert not stage.forwarding.layers


def test_who_is_hidden_is_shown_nothing() -> None:
    stage, screen, source = Stage({SSRC: None}), Screen(), Source(SSRC, 0)
    stage.forwarding.show(screen.viewer, 0.0)
    stage.play(source.picture_of(key=True))
    stage.forwarding.hide(screen.viewer)
    stage.forwarding.hide(screen.viewer)
    stage.play(source.picture_of())
    assert len(screen.packets) == 2


def test_sound_begins_with_any_packet() -> None:
    stage, screen = Stage({SSRC: None}, (OPUS,)), Screen("opus")
    stage.forwarding.show(screen.viewer, 0.0)
    stage.play([RtpPacket(111, number, number * 960, SSRC, b"x") for number in range(3)])
    assert screen.numbers == [0, 1, 2]


def test_a_packet_is_looked_at_once_for_all_viewers(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[RtpPacket] = []
    read = Layer.read

    def counting(layer: Layer, packet: RtpPacket) -> Unit:
        looked.append(packet)
        return read(layer, packet)

    monkeypatch.setattr(Layer, "read", counting)
    stage, source = Stage({SSRC: None}), Source(SSRC, 0)
    screens = [Screen() for _ in range(50)]
    for screen in screens:
        stage.forwarding.show(screen.viewer, 0.0)
    packets = source.picture_of(key=True)
    stage.play(packets)
    assert looked == packets
    assert all(screen.packets == packets for screen in screens)


def test_the_peer_gets_one_stream_whatever_is_switched() -> None:
    pair = Pair(codec=VP8)
    pair.receiver.packets = True
    stage, source, other = Stage({SSRC: "q", OTHER: "f"}), Source(SSRC, 9), Source(OTHER, 60000)
    now = pair.network.now
    viewer = Viewer("VP8", partial(forward, pair), lambda: True)
    stage.forwarding.show(viewer, now, "q")
    for number in range(30):
        if number % 5 == 4:
            stage.forwarding.show(viewer, pair.network.now, "f" if number % 2 else "q")
        viewer.temporal_id = number // 10 % 2
        key = number % 5 == 0
        for each in (source, other):
            stage.play(each.picture_of(key=key, layer=0 if key else number % 2, sync=True))
        pair.network.flush()
        pair.network.run(1 / 30)
    packets = pair.right.packets
    first = packets[0].sequence_number
    assert viewer.switches == 4
    assert [packet.sequence_number for packet in packets] == list(
        range(first, first + len(packets))
    )
    steps = [b.timestamp - a.timestamp for a, b in pairwise(packets[::2])]
    assert all(step % 0x100000000 < 4 * 3000 for step in steps)
    assert {packet.ssrc for packet in packets} == {pair.sender.encodings[0].ssrc}


def forward(pair: Pair, packet: RtpPacket, _: Carried) -> None:
    pair.sender.forward(packet, pair.network.now)
