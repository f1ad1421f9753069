from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rtp.payload.wire import carried
from webrtc.errors import DecodeError
from webrtc.rtp import EncodedFrame
from webrtc.rtp.payload.events import (
    LONGEST,
    TELEPHONE_EVENT,
    TONES,
    Listener,
    TelephoneEvent,
    Update,
    updates,
)


@pytest.mark.parametrize(
    ("payload", "event"),
    [
        ("09 07 0640", TelephoneEvent(9, 1600, end=False, volume=7)),
        ("09 87 0640", TelephoneEvent(9, 1600, end=True, volume=7)),
        ("01 0a 0190", TelephoneEvent(1, 400)),
        ("0b bf ffff", TelephoneEvent(11, 65535, end=True, volume=63)),
        ("0b 80 0000", TelephoneEvent(11, 0, end=True, volume=0)),
        ("0b 3f 0000", TelephoneEvent(11, 0, volume=63)),
    ],
)
def test_fields_of_a_payload(payload: str, event: TelephoneEvent) -> None:
    """RFC 4733 §2.3: figure 1, and values of the example in §5."""
    assert TelephoneEvent.decode(bytes.fromhex(payload)) == event
    assert event.encode() == bytes.fromhex(payload)


def test_the_reserved_bit_and_more_events_are_ignored() -> None:
    """§2.3.3, §2.5.1.5."""
    assert TelephoneEvent.decode(bytes.fromhex("017f0190 020a0190")) == TelephoneEvent(
        1, 400, volume=63
    )


def test_keys_have_the_codes_of_their_places() -> None:
    """§3.2, table 3."""
    assert [TONES[code] for code in (0, 9, 10, 11, 12, 15)] == list("09*#AD")


@given(st.binary(max_size=8))
def test_garbage_raises_only_decode_error(payload: bytes) -> None:
    try:
        event = TelephoneEvent.decode(payload)
    except DecodeError:
        assert len(payload) < 4
        return
    assert TelephoneEvent.decode(event.encode()) == event


@pytest.mark.parametrize(
    ("event", "value"),
    [
        (TelephoneEvent(256, 1), "256"),
        (TelephoneEvent(1, 65536), "65536"),
        (TelephoneEvent(1, 1, volume=64), "64"),
    ],
)
def test_what_does_not_fit_is_refused(event: TelephoneEvent, value: str) -> None:
    with pytest.raises(ValueError, match=value):
        event.encode()


def told(sent: Iterable[Update]) -> list[tuple[int, int, int, bool]]:
    """When, the timestamp, the duration, the end."""
    events = [(update, TelephoneEvent.decode(update.payload)) for update in sent]
    return [(update.due, update.offset, event.duration, event.end) for update, event in events]


def test_an_event_is_told_while_it_lasts_and_its_end_three_times() -> None:
    """§2.5.1.2, §2.5.1.4: one timestamp for all, the marker on the first."""
    sent = list(updates(5, 1000, 400))
    assert told(sent) == [
        (0, 0, 400, False),
        (400, 0, 800, False),
        (800, 0, 1000, True),
        (1200, 0, 1000, True),
        (1600, 0, 1000, True),
    ]
    assert [update.marker for update in sent] == [True, False, False, False, False]


def test_an_event_shorter_than_the_interval_is_its_end() -> None:
    assert told(updates(5, 100, 400)) == [(due, 0, 100, True) for due in (0, 400, 800)]


def test_what_outlasts_the_field_goes_on_in_another_segment() -> None:
    """§2.5.1.3: the W3C's longest tone at 48 kHz is 288 000 ticks."""
    sent = told(updates(5, 288000, 2400))
    starts = sorted({offset for _, offset, _, _ in sent})
    assert starts == [LONGEST * number for number in range(5)]
    last_of = {offset: (duration, end) for _, offset, duration, end in sent}
    assert [last_of[start] for start in starts[:-1]] == [(LONGEST, False)] * 4
    assert last_of[starts[-1]] == (288000 - 4 * LONGEST, True)
    assert [end for *_, end in sent].count(True) == 3
    assert [update.marker for update in updates(5, 288000, 2400)].count(True) == 1


@given(st.integers(1, 400_000), st.integers(100, LONGEST))
def test_every_event_is_told_in_full(duration: int, interval: int) -> None:
    sent = told(updates(1, duration, interval))
    assert [end for *_, end in sent[-3:]] == [True] * 3
    assert sent[-1][1] + sent[-1][2] == duration
    lasted = [offset + so_far for _, offset, so_far, _ in sent]
    assert lasted == sorted(lasted)
    assert all(due <= offset + so_far for due, offset, so_far, end in sent if not end)


@pytest.mark.parametrize(("duration", "interval"), [(0, 400), (100, 0), (100, 65536)])
def test_events_of_no_time_are_refused(duration: int, interval: int) -> None:
    with pytest.raises(ValueError, match="ticks"):
        list(updates(1, duration, interval))


def heard(packets: Iterable[tuple[int, bytes]]) -> str:
    listener = Listener()
    events = [listener.heard(timestamp, payload) for timestamp, payload in packets]
    return "".join(TONES[event.code] for event in events if event)


def sent(code: int, begin: int, duration: int = 1000) -> list[tuple[int, bytes]]:
    return [
        ((begin + update.offset) & 0xFFFFFFFF, update.payload)
        for update in updates(code, duration, 400)
    ]


def test_each_event_is_heard_once() -> None:
    assert heard([*sent(1, 0), *sent(1, 2000), *sent(2, 4000)]) == "112"
    assert heard([*sent(1, 2**32 - 500), *sent(2, 1500)]) == "12"


@given(st.lists(st.integers(0, 4), min_size=1, max_size=5, unique=True))
def test_any_one_packet_is_enough(survivors: list[int]) -> None:
    packets = sent(7, 0)
    assert heard([packets[number] for number in survivors]) == "7"


def test_segments_are_one_event_and_two_presses_are_two() -> None:
    assert heard(sent(3, 0, 200_000)) == "3"
    assert heard([*sent(3, 0), *sent(3, LONGEST)]) == "33"


def test_what_comes_late_is_not_heard_again() -> None:
    assert heard([*sent(1, 0), sent(2, 4000)[0], sent(1, 0)[-1], *sent(2, 4000)[1:]]) == "12"


def test_a_frame_survives_the_wire() -> None:
    frame = EncodedFrame(TelephoneEvent(4, 160).encode(), "telephone-event", 320)
    format_ = TELEPHONE_EVENT
    assert carried(frame, format_.packetizer({}), format_.depacketizer({})) == frame
