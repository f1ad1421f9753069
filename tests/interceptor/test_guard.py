"""An application's interceptor that raises does not stop the media."""

import logging
from collections.abc import Callable

import pytest

from tests.interceptor.support import STREAM, End, chain, packet
from webrtc.interceptor import Forward, Guard, Interceptor, StreamInfo
from webrtc.rtcp import Goodbye, RtcpPacket
from webrtc.rtp import RtpPacket


class Faulty(Interceptor):
    """Raises where it is told to."""

    def __init__(self, where: str) -> None:
        self.reads = frozenset({Goodbye})
        self.where = where
        self.calls: list[str] = []

    def attach(self, rtcp: list[RtcpPacket]) -> None:
        self._enter("attach")

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        self._enter("bind_inbound")
        return self._packets(onward)

    def bind_outbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        self._enter("bind_outbound")
        return self._packets(onward)

    def unbind(self, ssrc: int) -> None:
        self._enter("unbind")

    def handle_rtcp(self, packet: RtcpPacket, now: float) -> None:
        self._enter("handle_rtcp")

    def handle_timeout(self, now: float) -> None:
        self._enter("handle_timeout")

    def _packets(self, onward: Forward) -> Forward:
        def take(packet: RtpPacket, now: float) -> None:
            self._enter("before")
            onward(packet, now)
            self._enter("after")
            self.deadline = 5.0

        return take

    def _enter(self, name: str) -> None:
        self.calls.append(name)
        if name == self.where:
            raise KeyError(name)


def exercise(guard: Guard, end: End) -> None:
    links = chain(guard)
    first = links.bind_inbound(STREAM, end.take).first
    last = links.bind_outbound(STREAM, end.take)
    for sequence in (1, 2):
        first(packet(sequence), 0.0)
        last(packet(sequence), 0.0)
    links.handle_rtcp(Goodbye((1,)), 0.0)
    guard.handle_timeout(0.0)
    links.unbind(STREAM.ssrc)


WHERE = ["attach", "bind_inbound", "bind_outbound", "before", "after"]
WHERE += ["handle_rtcp", "handle_timeout", "unbind"]


@pytest.mark.parametrize("where", WHERE)
def test_every_packet_goes_on_once(where: str, caplog: pytest.LogCaptureFixture) -> None:
    guard, end = Guard(Faulty(where)), End()
    with caplog.at_level(logging.ERROR):
        exercise(guard, end)
    assert end.numbers == [1, 1, 2, 2]
    assert guard.off
    assert guard.deadline is None
    assert len(caplog.records) == 1
    assert "Faulty raised and is switched off" in caplog.text


def test_one_that_does_not_raise_works() -> None:
    faulty = Faulty("never")
    guard, end = Guard(faulty), End()
    exercise(guard, end)
    assert not guard.off
    assert faulty.calls.count("before") == 4
    assert guard.deadline == 5.0


def test_one_that_does_not_want_a_stream_is_not_in_its_way() -> None:
    end = End()
    guard = Guard(Interceptor())
    assert guard.bind_inbound(STREAM, end.take) == end.take
    assert guard.bind_outbound(STREAM, end.take) == end.take


def test_what_others_raise_is_not_its_fault() -> None:
    def fail(packet: RtpPacket, now: float) -> None:
        raise ZeroDivisionError

    guard = Guard(Faulty("never"))
    forward: Callable[[RtpPacket, float], None] = chain(guard).bind_outbound(STREAM, fail)
    with pytest.raises(ZeroDivisionError):
        forward(packet(1), 0.0)
    assert not guard.off
