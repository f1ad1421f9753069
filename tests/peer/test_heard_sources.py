"""Whose sound and pictures were given of late. webrtc-pc §5.3; row PC-18."""

import pytest

from webrtc.peer.heard_sources import LATE, MAX_SOURCES, HeardSources
from webrtc.rtp import RtpPacket
from webrtc.rtp.extensions import encode_elements
from webrtc.rtp.header_values import (
    ABS_CAPTURE_TIME,
    AUDIO_LEVEL,
    CSRC_AUDIO_LEVEL,
    AbsCaptureTime,
    AudioLevel,
    encode_csrc_audio_levels,
)

IDS = {AUDIO_LEVEL: 1, CSRC_AUDIO_LEVEL: 2, ABS_CAPTURE_TIME: 3}


def packet(
    ssrc: int = 1, timestamp: int = 0, csrcs: tuple[int, ...] = (), **elements: bytes
) -> RtpPacket:
    made = RtpPacket(111, 1, timestamp, ssrc, b"sound")
    made.csrcs = csrcs
    if elements:
        made.extension_profile, made.extension = encode_elements(
            (int(name[1:]), value) for name, value in elements.items()
        )
    return made


def test_the_newest_come_first_and_the_late_not_at_all() -> None:
    heard = HeardSources()
    heard.note(packet(1, 10), 0.0)
    heard.note(packet(2, 20), 1.0)
    shown = heard.synchronization(IDS, 1000.0, 1.0)
    assert [(each.source, each.rtp_timestamp, each.timestamp) for each in shown] == [
        (2, 20, 1_001_000.0),
        (1, 10, 1_000_000.0),
    ]
    heard.note(packet(1, 30), 2.0)
    assert [each.source for each in heard.synchronization(IDS, 0.0, 2.0)] == [1, 2]
    assert [each.source for each in heard.synchronization(IDS, 0.0, 1.5 + LATE)] == [1]
    assert heard.contributing(IDS, 0.0, 2.0) == []


@pytest.mark.parametrize(("level", "linear"), [(0, 1.0), (20, 0.1), (127, 0.0)])
def test_the_level_is_linear(level: int, linear: float) -> None:
    heard = HeardSources()
    heard.note(packet(e1=AudioLevel(level).encode()), 0.0)
    [shown] = heard.synchronization(IDS, 0.0, 0.0)
    assert shown.audio_level == pytest.approx(linear)
    assert heard.synchronization({}, 0.0, 0.0)[0].audio_level is None


def test_a_mixer_tells_the_level_of_each() -> None:
    heard = HeardSources()
    levels = encode_csrc_audio_levels([20, 127])
    heard.note(packet(csrcs=(7, 8, 9), e2=levels), 0.0)
    shown = heard.contributing(IDS, 0.0, 0.0)
    assert {each.source: each.audio_level for each in shown} == {7: 0.1, 8: 0.0, 9: None}


def test_capture_times_are_in_milliseconds() -> None:
    heard = HeardSources()
    heard.note(packet(e3=AbsCaptureTime(5 << 32, -(1 << 31)).encode()), 0.0)
    [shown] = heard.synchronization(IDS, 0.0, 0.0)
    assert (shown.capture_timestamp, shown.sender_capture_time_offset) == (5000.0, -500.0)


def test_what_cannot_be_read_tells_nothing() -> None:
    heard = HeardSources()
    heard.note(packet(csrcs=(7,), e1=b"", e2=bytes(16), e3=b"x"), 0.0)
    broken = packet(2)
    broken.extension_profile, broken.extension = 0xBEDE, b"\x1f\x00\x00\x00"
    heard.note(broken, 0.0)
    for shown in (*heard.synchronization(IDS, 0.0, 0.0), *heard.contributing(IDS, 0.0, 0.0)):
        assert (shown.audio_level, shown.capture_timestamp) == (None, None)


def test_they_are_bounded() -> None:
    heard = HeardSources()
    for number in range(MAX_SOURCES + 20):
        heard.note(packet(number, csrcs=tuple(range(number * 15, number * 15 + 15))), float(number))
    newest = MAX_SOURCES + 19
    shown = heard.synchronization(IDS, 0.0, float(newest))
    assert shown[0].source == newest
    assert len(heard._synchronization) == len(heard._contributing) == MAX_SOURCES
