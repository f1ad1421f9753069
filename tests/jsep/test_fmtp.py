"""Parameters of answers."""

import pytest

from webrtc.jsep.fmtp import answered_fmtp
from webrtc.sdp.codecs import Codec


def answer(name: str, own: str, offered: str) -> str:
    return answered_fmtp(Codec(96, name, 90000, fmtp=own), Codec(97, name, 90000, fmtp=offered))


def h264(own: str, offered: str, *, asymmetric: bool = False) -> str:
    head = f"level-asymmetry-allowed={int(asymmetric)};packetization-mode=1;profile-level-id="
    fmtp = answer("H264", head + own, head + offered)
    assert fmtp.startswith(head)
    return fmtp.removeprefix(head)


@pytest.mark.parametrize(
    ("own", "offered", "answered"),
    [
        ("42e034", "42e01f", "42e01f"),
        ("42e01f", "42e034", "42e01f"),
        ("42e01f", "42e01f", "42e01f"),
        ("42e034", "4d801f", "4d801f"),
        ("42e00b", "42f00b", "42f00b"),
        ("42f00b", "42e00b", "42f00b"),
        ("42e00a", "42f00b", "42e00a"),
    ],
    ids=["higher", "lower", "equal", "other bytes", "1b below 1.1", "own 1b", "1 below 1b"],
)
def test_the_lower_level_counts(own: str, offered: str, answered: str) -> None:
    """RFC 6184 §8.2.2, with level 1b of constraint_set3_flag."""
    assert h264(own, offered) == answered


def test_levels_may_differ_where_both_sides_say_so() -> None:
    """Trap 36: each receives at its own level."""
    assert h264("42e034", "42e01f", asymmetric=True) == "42e034"
    assert h264("42e00b", "42f00b", asymmetric=True) == "42e00b"


def test_one_side_alone_does_not_allow_asymmetry() -> None:
    own = "level-asymmetry-allowed=1;profile-level-id=42e034"
    assert answer("H264", own, "profile-level-id=42e01f").endswith("42e01f")


def test_h264_without_parameters_is_what_browsers_take_it_for() -> None:
    assert answer("H264", "profile-level-id=42e034", "") == "profile-level-id=42e01f"


def test_profiles_that_are_none_are_given_back() -> None:
    assert answer("H264", "profile-level-id=x", "profile-level-id=y") == "profile-level-id=y"


@pytest.mark.parametrize(
    ("offered", "level"),
    [("level-id=93", "93"), ("level-id=186", "180"), ("", "93"), ("level-id=x", "180")],
)
def test_the_level_of_h265(offered: str, level: str) -> None:
    """RFC 7798 §7.2.2; 93 is the default."""
    assert answer("H265", "level-id=180;profile-id=1", offered) == f"level-id={level};profile-id=1"


def test_av1_is_answered_as_it_was_offered() -> None:
    own = "level-idx=5;profile=0;tier=0"
    assert answer("AV1", own, "level-idx=8;profile=0;tier=1") == "level-idx=8;profile=0;tier=1"
    assert answer("AV1", own, "") == own


def test_other_codecs_say_what_we_want() -> None:
    assert answer("opus", "minptime=10", "stereo=1") == "minptime=10"
    assert answer("red", "", "111/111") == "111/111"
