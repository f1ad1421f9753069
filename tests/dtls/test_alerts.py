"""Alerts."""

import pytest

from webrtc.dtls import alerts
from webrtc.errors import DecodeError


def test_close_notify_ends_without_an_error() -> None:
    """DTLS-22: whatever level the peer gives it."""
    assert alerts.ending(b"\x01\x00") == (True, None)
    assert alerts.ending(b"\x02\x00") == (True, None)


def test_a_fatal_alert_ends_with_its_name_and_code() -> None:
    """DTLS-22."""
    ends, error = alerts.ending(b"\x02\x2a")
    assert ends and error is not None
    assert error.code == 42
    assert "bad_certificate" in str(error)


def test_a_warning_ends_nothing() -> None:
    """DTLS-22: no_renegotiation and user_canceled."""
    assert alerts.ending(b"\x01\x64") == (False, None)
    assert alerts.ending(b"\x01\x5a") == (False, None)


def test_an_unknown_code_is_named_by_its_number() -> None:
    """DTLS-22."""
    assert alerts.name(99) == "alert 99"


@pytest.mark.parametrize("payload", [b"", b"\x02", b"\x02\x00\x00"])
def test_wrong_lengths_are_refused(payload: bytes) -> None:
    """X-02: every length but 2."""
    with pytest.raises(DecodeError):
        alerts.ending(payload)
