"""The interceptors that every session has."""

from random import Random

from tests.interceptor.support import SOUND, End, info
from webrtc.clock import Clock
from webrtc.interceptor import Chain, Slot
from webrtc.streams.built_in import BuiltIn


def built_in() -> BuiltIn:
    return BuiltIn(info(), Random(1), Clock(0.0), lambda ssrc, number: False)


def test_a_stream_that_has_agreed_on_nothing_is_counted_and_no_more() -> None:
    made, end = built_in(), End()
    chain = Chain(made.all)
    assert chain.bind_inbound(SOUND, end.take).first == made.reports.received[SOUND.ssrc].take
    assert chain.bind_inbound(SOUND, end.take).repaired == end.take
    assert chain.bind_outbound(SOUND, end.take) == made.reports.sent[SOUND.ssrc].take


def test_arrivals_are_recorded_before_anything_is_repaired() -> None:
    made = built_in()
    assert made.recorder.slot <= made.reports.slot < Slot.REPAIR <= made.nack.slot
    assert made.rtx.slot == Slot.REPAIR
