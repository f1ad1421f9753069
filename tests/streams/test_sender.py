"""Encodings of a sender, and frames into packets."""

from dataclasses import replace
from random import Random

import pytest

from tests.streams.support import BEGINS, ENDS, KEY, VIDEO, Pair
from webrtc.rtp import EncodedFrame, RtpPacket
from webrtc.streams import Sender, SendTerms


def frame(data: bytes = b"data", rid: str | None = None) -> EncodedFrame:
    return EncodedFrame(data, "TEST", 0, keyframe=True, rid=rid)


def test_sources_are_drawn_once_and_for_life() -> None:
    sender = Sender("video", Random(1), ["q", "f"])
    assert [each.rid for each in sender.encodings] == ["q", "f"]
    sources = {ssrc for each in sender.encodings for ssrc in (each.ssrc, each.rtx_ssrc)}
    assert len(sources) == 4
    assert 0 not in sources


def test_without_a_session_nothing_is_sent() -> None:
    sender = Sender("video", Random(1))
    codecs = [sender.codec]
    sender.configure(SendTerms("0", (VIDEO,)))
    assert [*codecs, sender.codec] == [None, VIDEO]
    assert not sender.send(frame(), 0.0)
    assert sender.dropped == 1


def test_an_unknown_encoding_is_an_error() -> None:
    with pytest.raises(ValueError, match="no encoding has the rid 'x'"):
        Sender("video", Random(1), ["q"]).send(frame(rid="x"), 0.0)


def test_an_inactive_encoding_sends_nothing() -> None:
    pair = Pair()
    pair.sender.encodings[0].active = False
    assert not pair.sender.send(frame(), 0.0)
    pair.sender.encodings[0].active = True
    assert pair.sender.send(frame(), 0.0)


def test_a_frame_that_the_format_refuses_sends_nothing() -> None:
    pair = Pair()
    with pytest.raises(ValueError, match="empty"):
        pair.sender.send(frame(b""), 0.0)
    assert pair.left.rtp.poll_write() is None


def test_every_datagram_fits_and_all_but_the_last_are_equal() -> None:
    pair = Pair()
    pair.sender.send(frame(bytes(10_000)), 0.0)
    sizes = []
    while (data := pair.left.rtp.poll_write()) is not None:
        sizes.append(len(data))
    assert len(set(sizes[:-1])) == 1
    assert 1190 <= sizes[0] <= 1200 - 2  # two bytes are for a retransmission's number


def test_extensions_of_a_frame_take_their_room() -> None:
    pair = Pair()
    pair.sender.send(frame(bytes(10_000)), 0.0, {9: bytes(40)})
    sizes = []
    while (data := pair.left.rtp.poll_write()) is not None:
        sizes.append(len(data))
    assert max(sizes) <= 1198


def test_what_goes_on_from_frame_to_frame_goes_on_under_new_terms() -> None:
    pair = Pair()
    encoding = pair.sender.encodings[0]
    packetizer = encoding.packetizer
    pair.sender.configure(SendTerms("n", (VIDEO,)))
    pair.left.rtp.bind_sender(pair.sender)
    pair.left.rtp.unbind_sender(pair.sender, 0.0)
    pair.left.rtp.bind_sender(pair.sender)
    assert encoding.packetizer is packetizer
    pair.sender.configure(SendTerms("n", (replace(VIDEO, payload_type=98),)))
    pair.left.rtp.bind_sender(pair.sender)
    assert encoding.packetizer is not packetizer


def test_a_codec_without_a_format_is_not_sent() -> None:
    pair = Pair()
    pair.sender.configure(SendTerms("m", (replace(VIDEO, name="NONE"),)))
    pair.left.rtp.bind_sender(pair.sender)
    assert not pair.sender.send(frame(), 0.0)


def test_a_source_that_is_forwarded_anew_goes_on_where_the_stream_is() -> None:
    """Another track may number the packets of the same source in another way."""
    pair = Pair()
    pair.receiver.packets = True
    for number in (100, 101, 5000):
        if number == 5000:
            pair.sender.begin_anew()
        packet = RtpPacket(96, number, number, 7, bytes((BEGINS | ENDS | KEY,)) + b"x")
        pair.sender.forward(packet, pair.network.now)
    pair.network.flush()
    pair.network.run(0.1)
    first = pair.right.packets[0].sequence_number
    numbers = [packet.sequence_number for packet in pair.right.packets]
    assert numbers == [first, first + 1, first + 2]
