"""Retransmission: a stream of its own, once a round trip, within a budget. RFC 4588."""

from dataclasses import replace
from random import Random

import pytest

from tests.interceptor.support import RTX, SOUND, STREAM, End, chain, info, packet
from webrtc.interceptor import Forward, StreamInfo
from webrtc.interceptor.rtx import RtxResponder
from webrtc.rtcp import GenericNack
from webrtc.rtp.header_values import MID, REPAIRED_RID, RID


class Answering:
    def __init__(self, stream: StreamInfo = STREAM) -> None:
        self.resent: list[int] = []
        self.session = info()
        self.session.take_round_trip(0.05)
        self.rtx = RtxResponder(self.session, Random(1), self._resend)
        self.end, self.repairs = End(), End()
        self.chain = chain(self.rtx)
        self.take: Forward = self.chain.bind_outbound(stream, self.end.take)
        rtx = replace(stream, ssrc=RTX.ssrc, rtx_ssrc=None, repairs=stream.ssrc)
        self.chain.bind_outbound(rtx, self.repairs.take)

    def _resend(self, ssrc: int, number: int) -> bool:
        self.resent.append(number)
        return number != 3

    def send(self, *sequences: int, now: float = 0.0) -> None:
        for sequence in sequences:
            self.take(packet(sequence, 3000), now)

    def ask(self, *lost: int, now: float = 0.0) -> None:
        self.chain.handle_rtcp(GenericNack(5, STREAM.ssrc, lost), now)


def test_a_packet_is_sent_again_with_its_number_in_front() -> None:
    answering = Answering()
    answering.send(1, 2, 3)
    answering.ask(2, 3, now=0.01)
    first, second = answering.repairs.packets
    assert first.ssrc == RTX.ssrc
    assert first.payload_type == 97
    assert first.timestamp == 3000
    assert first.payload == b"\x00\x02payload"
    assert second.payload == b"\x00\x03payload"
    assert second.sequence_number == first.sequence_number + 1
    assert answering.end.numbers == [1, 2, 3]
    assert answering.rtx.resent(STREAM.ssrc) == (2, 14)
    assert answering.rtx.requests(STREAM.ssrc) == 1


def test_once_a_round_trip() -> None:
    answering = Answering()
    answering.send(*range(10))
    for now in (0.01, 0.03, 0.059):
        answering.ask(5, now=now)
    assert len(answering.repairs.packets) == 1
    answering.ask(5, now=0.0601)
    assert len(answering.repairs.packets) == 2


def test_an_encoding_says_which_one_it_repairs() -> None:
    extensions = {MID: 1, RID: 2, REPAIRED_RID: 3}
    stream = replace(STREAM, extensions=extensions, mid="v", rid="h")
    answering = Answering(stream)
    named = packet(1)
    named.set_extension(2, b"h")
    answering.take(named, 0.0)
    answering.send(2)
    answering.ask(1, 2, now=0.01)
    first, second = answering.repairs.packets
    assert first.extensions == {1: b"v", 3: b"h"}
    assert second.extensions == {1: b"v", 3: b"h"}
    assert named.extensions == {2: b"h"}


def test_without_nack_nothing_is_kept() -> None:
    end, rtx = End(), RtxResponder(info(), Random(1), lambda ssrc, number: False)
    assert rtx.bind_outbound(SOUND, end.take) == end.take
    assert rtx.resent(SOUND.ssrc) == (0, 0)
    assert rtx.requests(SOUND.ssrc) == 0


@pytest.mark.parametrize("ssrc", [STREAM.ssrc, 0xDEAD])
def test_a_request_for_a_stream_that_is_gone_is_harmless(ssrc: int) -> None:
    answering = Answering()
    answering.send(1)
    answering.rtx.unbind(STREAM.ssrc)
    answering.chain.handle_rtcp(GenericNack(5, ssrc, (1,)), 0.1)
    assert answering.repairs.packets == []


def test_without_a_stream_that_repairs_the_packet_itself_goes_again() -> None:
    plain = replace(STREAM.codecs[96], rtx=None)
    answering = Answering(replace(STREAM, codecs={96: plain}, rtx_ssrc=None))
    answering.send(1, 2, 3)
    answering.ask(2, 3, now=0.01)
    assert answering.resent == [2, 3]
    assert answering.repairs.packets == []
    assert answering.rtx.resent(STREAM.ssrc) == (1, 7)
