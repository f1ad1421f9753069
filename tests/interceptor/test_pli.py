"""One request for a key frame a round trip, until one comes."""

from dataclasses import replace

import pytest

from tests.interceptor.support import SESSION_SSRC, SOUND, STREAM, End, chain, info
from webrtc.interceptor import StreamInfo
from webrtc.interceptor.pli import KeyFrameRequests
from webrtc.rtcp import FullIntraRequest, PictureLossIndication, RtcpPacket


def requests(stream: StreamInfo = STREAM) -> tuple[KeyFrameRequests, list[RtcpPacket]]:
    session = info()
    session.take_round_trip(0.1)
    made = KeyFrameRequests(session)
    links = chain(made)
    links.bind_inbound(stream, End().take)
    return made, links.rtcp


def test_it_is_repeated_once_a_round_trip() -> None:
    made, sent = requests()
    made.request(STREAM.ssrc, 0.0)
    made.request(STREAM.ssrc, 0.01)
    assert sent == [PictureLossIndication(SESSION_SSRC, STREAM.ssrc)]
    assert made.deadline == pytest.approx(0.1)
    made.handle_timeout(0.09)
    assert len(sent) == 1
    made.handle_timeout(0.1)
    assert len(sent) == made.sent == 2
    assert made.sent_for(STREAM.ssrc) == (2, 0)


def test_not_when_one_has_come() -> None:
    made, sent = requests()
    made.request(STREAM.ssrc, 0.0)
    assert made.asks(STREAM.ssrc)
    made.satisfied(STREAM.ssrc)
    assert not made.asks(STREAM.ssrc)
    made.handle_timeout(0.1)
    assert len(sent) == 1
    assert made.deadline is None


def test_a_new_wish_waits_for_the_round_trip_of_the_last() -> None:
    made, sent = requests()
    made.request(STREAM.ssrc, 0.0)
    made.satisfied(STREAM.ssrc)
    made.request(STREAM.ssrc, 0.02)
    assert len(sent) == 1
    assert made.deadline == pytest.approx(0.1)
    made.handle_timeout(0.1)
    assert len(sent) == 2


def test_who_does_not_answer_is_asked_less_often() -> None:
    made, sent = requests()
    made.request(STREAM.ssrc, 0.0)
    while made.deadline is not None and made.deadline < 60.0:
        made.handle_timeout(made.deadline)
    assert 60 <= len(sent) <= 75


def test_fir_where_nothing_else_is_agreed_on() -> None:
    codec = replace(STREAM.codecs[96], feedback=frozenset({"ccm fir"}))
    made, sent = requests(replace(STREAM, codecs={96: codec}))
    made.request(STREAM.ssrc, 0.0)
    made.handle_timeout(0.1)
    made.satisfied(STREAM.ssrc)
    made.request(STREAM.ssrc, 1.0)
    assert sent == [
        FullIntraRequest(SESSION_SSRC, ((STREAM.ssrc, number),)) for number in (0, 0, 1)
    ]
    assert made.sent_for(STREAM.ssrc) == (0, 3)


def test_nobody_is_asked_who_has_not_agreed() -> None:
    made, sent = requests(SOUND)
    made.request(SOUND.ssrc, 0.0)
    made.request(0xDEAD, 0.0)
    assert sent == []


def test_a_stream_is_forgotten() -> None:
    made, sent = requests()
    made.request(STREAM.ssrc, 0.0)
    made.unbind(STREAM.ssrc)
    made.handle_timeout(1.0)
    assert len(sent) == 1
