"""What a peer is told to send at most."""

from dataclasses import replace

import pytest

from tests.interceptor.support import RTX, SESSION_SSRC, STREAM, End, chain, info
from webrtc.interceptor import StreamInfo
from webrtc.interceptor.remb import MAX_RECEIVE_BITRATE, BitrateLimit
from webrtc.rtcp import ReceiverEstimatedMaximumBitrate as Remb
from webrtc.rtcp import RtcpPacket


def offering(*feedback: str) -> StreamInfo:
    codec = replace(STREAM.codecs[96], feedback=frozenset(feedback))
    return replace(STREAM, codecs={96: codec})


def bound(stream: StreamInfo) -> tuple[BitrateLimit, list[RtcpPacket]]:
    limit = BitrateLimit(info())
    links = chain(limit)
    links.bind_inbound(stream, End().take)
    return limit, links.rtcp


def test_it_is_said_at_once_and_once_a_second() -> None:
    limit, sent = bound(offering("goog-remb"))
    for now in (5.0, 5.5, 6.0):
        if limit.deadline is not None and limit.deadline <= now:
            limit.handle_timeout(now)
    assert sent == [Remb(SESSION_SSRC, MAX_RECEIVE_BITRATE, (STREAM.ssrc,))] * 2


def test_a_new_limit_is_said_at_once() -> None:
    limit, sent = bound(offering("goog-remb"))
    limit.handle_timeout(5.0)
    limit.bitrate = 100_000
    assert limit.deadline == 0.0
    limit.handle_timeout(5.1)
    assert sent[-1] == Remb(SESSION_SSRC, 100_000, (STREAM.ssrc,))


@pytest.mark.parametrize(
    "stream", [offering(), offering("goog-remb", "transport-cc"), replace(RTX, repairs=5)]
)
def test_who_has_not_asked_or_has_better_is_not_told(stream: StreamInfo) -> None:
    limit, sent = bound(stream)
    limit.bitrate = 1
    limit.handle_timeout(5.0)
    assert limit.deadline is None
    assert sent == []


def test_a_source_that_is_gone_is_not_named() -> None:
    limit, sent = bound(offering("goog-remb"))
    limit.unbind(STREAM.ssrc)
    assert limit.deadline is None
    limit.handle_timeout(5.0)
    assert sent == []
