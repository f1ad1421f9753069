"""A key of a telephone, as packets in the place of sound. RFC 4733 §2.5."""

from random import Random

import pytest

from tests.peer.hands import Hands
from webrtc.engine import AUDIO, MediaEngine
from webrtc.peer import SettingEngine
from webrtc.peer.media_section import MediaSection
from webrtc.peer.tones import INTERVAL, Tone, event_codec
from webrtc.rtp import EncodedFrame


def connected(*names: str) -> tuple[Hands, MediaSection]:
    """The left peer sends sound; the right one takes these codecs."""
    codecs = tuple(each for each in AUDIO if f"{each.name}/{each.clock_rate}" in names)
    right = SettingEngine(random=Random(2), media=MediaEngine(audio=codecs or AUDIO))
    hands = Hands(right=right)
    hands.left.core.media.add_track("audio", object(), (), None)
    hands.negotiate()
    hands.network.run_until(lambda: hands.left.core.connection_state == "connected", limit=10.0)
    [section] = hands.left.core.media
    return hands, section


def test_events_have_the_clock_of_the_sound_or_else_the_narrow_one() -> None:
    for names, expected in (
        ((), 48000),
        (("opus/48000", "PCMU/8000", "telephone-event/8000"), 8000),
        (("PCMU/8000", "telephone-event/8000"), 8000),
    ):
        codec = event_codec(connected(*names)[1])
        assert codec is not None
        assert codec.clock_rate == expected
    assert event_codec(connected("opus/48000")[1]) is None


def test_packets_are_due_until_the_end_was_told_three_times() -> None:
    hands, section = connected()
    now = hands.network.now
    tone, due = Tone(section, "#", 0.1, now), list[float]()
    assert section.held
    while tone.due is not None:
        due.append(round(tone.due - now, 3))
        tone.send(tone.due)
    assert due == pytest.approx([0.0, INTERVAL, 2 * INTERVAL, 3 * INTERVAL])
    assert not section.held


def test_sound_is_dropped_meanwhile() -> None:
    hands, section = connected()
    media, now = hands.left.core.media, hands.network.now
    tone = media.press_key(section.transceiver, "1", 0.1, now)
    media.send_frame(section.transceiver, EncodedFrame(b"\xfc", "opus", 0), None, now)
    sent = section.sender.encodings[0].numbers
    before = sent.sequence
    tone.stop()
    media.send_frame(section.transceiver, EncodedFrame(b"\xfc", "opus", 960), None, now)
    assert sent.sequence == before + 1


def test_a_tone_ends_where_nothing_can_be_sent_any_more() -> None:
    hands, section = connected()
    tone = Tone(section, "1", 0.1, hands.network.now)
    section.unbind(hands.network.now, goodbye=False)
    tone.send(hands.network.now)
    assert tone.due is None
    assert not section.held
