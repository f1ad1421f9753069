"""The time of sending in the header."""

import pytest

from tests.interceptor.support import STREAM, End, packet
from webrtc.clock import Clock
from webrtc.interceptor import StreamInfo
from webrtc.interceptor.send_time import SendTimes
from webrtc.rtp.extensions import encode_elements
from webrtc.rtp.header_values import ABS_SEND_TIME, decode_abs_send_time, encode_abs_send_time

CLOCK = Clock(1.7e9)


@pytest.mark.parametrize("elements", [[(4, bytes(3)), (1, b"m")], [(1, b"m"), (4, bytes(3))], []])
def test_the_time_is_written_wherever_the_element_is(elements: list[tuple[int, bytes]]) -> None:
    end = End()
    stream = StreamInfo(1, "video", {}, {ABS_SEND_TIME: 4})
    made = packet(1)
    if elements:
        made.extension_profile, made.extension = encode_elements(elements)
    SendTimes(CLOCK).bind_outbound(stream, end.take)(made, 12.34)
    value = end.packets[0].extensions[4]
    assert decode_abs_send_time(value) == pytest.approx((1.7e9 + 12.34) % 64, abs=1e-5)
    assert end.packets[0].extensions.get(1) == dict(elements).get(1)


def test_ids_beyond_the_short_form() -> None:
    end = End()
    stream = StreamInfo(1, "video", {}, {ABS_SEND_TIME: 20})
    SendTimes(CLOCK).bind_outbound(stream, end.take)(packet(1), 1.0)
    assert end.packets[0].extensions == {20: encode_abs_send_time(CLOCK.ntp(1.0))}


def test_streams_without_it_are_left_alone() -> None:
    end = End()
    assert SendTimes(CLOCK).bind_outbound(STREAM, end.take) == end.take
