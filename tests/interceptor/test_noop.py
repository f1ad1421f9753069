"""The interceptor that does nothing."""

from tests.interceptor.support import STREAM, End, packet
from webrtc.interceptor import Interceptor
from webrtc.rtcp import Goodbye


def test_it_is_not_in_the_way() -> None:
    end, noop = End(), Interceptor()
    assert noop.bind_inbound(STREAM, end.take) == end.take
    assert noop.bind_outbound(STREAM, end.take) == end.take


def test_it_takes_everything_and_sends_nothing() -> None:
    noop = Interceptor()
    noop.attach([])
    noop.handle_rtcp(Goodbye((1,)), 0.0)
    noop.handle_timeout(0.0)
    noop.unbind(1)
    assert noop.rtcp == []
    assert noop.deadline is None
    assert packet(1).sequence_number == 1
