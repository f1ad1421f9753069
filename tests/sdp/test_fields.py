"""The lines that are not attributes."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import SdpError
from webrtc.sdp.fields import (
    Bandwidth,
    ConnectionInformation,
    Origin,
    RepeatTime,
    TimeDescription,
    TimeZone,
)

numbers = st.integers(0, 2**64 - 1)
words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)


@given(st.builds(Origin, numbers, numbers, words, words, words, words))
def test_origin_round_trip(origin: Origin) -> None:
    """SDP-05, SDP-40, X-06."""
    assert Origin.parse(str(origin)) == origin


@given(st.builds(ConnectionInformation, words, words, words))
def test_connection_round_trip(connection: ConnectionInformation) -> None:
    """SDP-07, X-06."""
    assert ConnectionInformation.parse(str(connection)) == connection


@given(st.builds(Bandwidth, st.sampled_from(["AS", "CT", "TIAS", "X-y"]), st.integers(0, 2**53)))
def test_bandwidth_round_trip(bandwidth: Bandwidth) -> None:
    """SDP-07, X-06."""
    assert Bandwidth.parse(str(bandwidth)) == bandwidth


@given(st.builds(TimeDescription, numbers, numbers))
def test_time_round_trip(time: TimeDescription) -> None:
    """SDP-08, X-06."""
    assert TimeDescription.parse(str(time)) == time


@given(st.builds(RepeatTime, numbers, numbers, st.lists(numbers, min_size=1).map(tuple)))
def test_repeat_time_round_trip(repeat: RepeatTime) -> None:
    """SDP-08, X-06."""
    assert RepeatTime.parse(str(repeat)) == repeat


def test_examples_of_rfc_8866() -> None:
    """SDP-08: RFC 8866 §5.2, §5.7, §5.10 and §5.11."""
    origin = Origin.parse("jdoe 3724394400 3724394405 IN IP4 198.51.100.1")
    assert origin == Origin(3724394400, 3724394405, "jdoe", address="198.51.100.1")
    assert ConnectionInformation.parse("IN IP4 233.252.0.1/127/3").address == "233.252.0.1/127/3"
    week = RepeatTime(604800, 3600, (0, 90000))
    assert RepeatTime.parse("604800 3600 0 90000") == RepeatTime.parse("7d 1h 0 25h") == week
    assert RepeatTime.parse("1m 30s 0").duration == 30
    zones = TimeZone.parse_all("3730928400 -1h 3749680800 0")
    assert zones == [TimeZone(3730928400, -3600), TimeZone(3749680800, 0)]
    assert str(zones[0]) == "3730928400 -3600"


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (Origin.parse, ""),
        (Origin.parse, "- 1 1 IN IP4"),
        (Origin.parse, "- 1 1 IN IP4 0.0.0.0 x"),
        (Origin.parse, "- -1 1 IN IP4 0.0.0.0"),
        (Origin.parse, "- 1 18446744073709551616 IN IP4 0.0.0.0"),
        (ConnectionInformation.parse, "IN IP4"),
        (Bandwidth.parse, "AS"),
        (Bandwidth.parse, "AS:-1"),
        (Bandwidth.parse, "AS:99999999999999999999"),
        (Bandwidth.parse, ":1"),
        (TimeDescription.parse, "0"),
        (TimeDescription.parse, "0 x"),
        (RepeatTime.parse, "7d 1h"),
        (RepeatTime.parse, "7w 1h 0"),
        (RepeatTime.parse, "d h 0"),
        (TimeZone.parse_all, ""),
        (TimeZone.parse_all, "1"),
        (TimeZone.parse_all, "1 -"),
        (TimeZone.parse_all, "1 --1"),
    ],
)
def test_malformed_fields_raise_sdp_error(parse: Callable[[str], object], text: str) -> None:
    """SDP-42."""
    with pytest.raises(SdpError):
        parse(text)
