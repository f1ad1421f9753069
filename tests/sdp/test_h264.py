"""Profiles in a profile-level-id."""

import pytest

from webrtc.sdp.h264 import profile


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("42e01f", "constrained baseline"),
        ("42C02A", "constrained baseline"),
        ("4de01f", "constrained baseline"),
        ("58f01f", "constrained baseline"),
        ("42001f", "baseline"),
        ("42a01f", "baseline"),
        ("58A01F", "baseline"),
        ("4D001f", "main"),
        ("4d401f", "main"),
        ("58001f", "extended"),
        ("640c1f", "constrained high"),
        ("64001f", "high"),
        ("f4001f", "high 4:4:4 predictive"),
        ("2c101f", "cavlc 4:4:4 intra"),
        (None, "constrained baseline"),
        ("ff001f", None),
        ("42e0", None),
        ("42e01g", None),
        (" 2e01f", None),
        ("42 e01f", None),
        ("", None),
    ],
)
def test_profile(value: str | None, name: str | None) -> None:
    """SDP-14, S-09: RFC 6184 table 5; junk names no profile."""
    assert profile(value) == name
