"""RFC 7983 §7 as updated by RFC 9443, RFC 5761 §4: every first byte."""

import pytest

from webrtc.peer.demux import Kind, classify

LENGTHS = [1, 2, 3, 4, 12, 19, 20, 65507]


def expected(first: int) -> Kind:
    """The table of the RFC, without TURN channels, which nobody here asks for."""
    for lowest, highest, kind in ((0, 3, Kind.STUN), (20, 63, Kind.DTLS), (128, 191, Kind.SRTP)):
        if lowest <= first <= highest:
            return kind
    return Kind.UNKNOWN


def test_the_empty_datagram_is_nothing() -> None:
    """M-01."""
    assert classify(b"") is Kind.UNKNOWN


@pytest.mark.parametrize("length", LENGTHS)
def test_every_first_byte(length: int) -> None:
    """M-02, M-05: by the first byte alone, and one byte is nothing."""
    for first in range(256):
        datagram = bytes([first]) + bytes(length - 1)
        assert classify(datagram) is (expected(first) if length > 1 else Kind.UNKNOWN)


@pytest.mark.parametrize("first", [128, 144, 160, 191])
def test_second_byte_tells_rtcp_from_rtp(first: int) -> None:
    """M-03: packet types 192 to 223, which are payload types 64 to 95 with the marker bit."""
    for second in range(256):
        kind = Kind.SRTCP if 192 <= second <= 223 else Kind.SRTP
        assert classify(bytes([first, second]) + bytes(10)) is kind


def test_second_byte_means_nothing_elsewhere() -> None:
    for first in (*range(128), *range(192, 256)):
        assert classify(bytes([first, 200])) is expected(first)
