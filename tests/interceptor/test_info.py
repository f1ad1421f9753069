"""What all streams of a session share."""

import pytest

from tests.interceptor.support import STREAM, info
from webrtc.interceptor.info import FIRST_ROUND_TRIP


def test_a_stream_wants_what_one_of_its_codecs_has_agreed_on() -> None:
    assert STREAM.wants("nack")
    assert not STREAM.wants("transport-cc")
    assert STREAM.clock_rate == 90000


def test_the_first_round_trip_counts_whole_and_later_ones_are_smoothed() -> None:
    session = info()
    assert session.round_trip == FIRST_ROUND_TRIP
    session.take_round_trip(0.04)
    assert session.round_trip == 0.04
    session.take_round_trip(0.08)
    assert session.round_trip == pytest.approx(0.045)


@pytest.mark.parametrize("seconds", [-0.1, 61.0, float("inf"), float("nan")])
def test_a_round_trip_that_cannot_be_is_left(seconds: float) -> None:
    session = info()
    session.take_round_trip(seconds)
    assert session.round_trip == FIRST_ROUND_TRIP
    assert session.measured == 0


def test_patience_follows_the_round_trip_within_bounds() -> None:
    session = info()
    session.take_round_trip(0.06)
    assert session.patience("video") == pytest.approx(0.62)
    assert session.patience("audio") == 0.06
    session.round_trip = 0.0
    assert session.patience("video") == 0.1
    session.round_trip = 10.0
    assert session.patience("video") == 2.0
