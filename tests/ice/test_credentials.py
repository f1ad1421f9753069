import re
from random import Random

import pytest

from webrtc.errors import InvalidAccessError
from webrtc.ice.credentials import Credentials


def test_generated_credentials_have_the_length_and_characters_of_the_rfc() -> None:
    """ICE-29, I-22: more than 24 and 128 random bits, from the injected source."""
    drawn = [Credentials.generate(Random(seed)) for seed in range(100)]
    assert all(re.fullmatch(r"[A-Za-z0-9+/]{8}", one.ufrag) for one in drawn)
    assert all(re.fullmatch(r"[A-Za-z0-9+/]{24}", one.pwd) for one in drawn)
    assert len({one.ufrag for one in drawn} | {one.pwd for one in drawn}) == 200
    assert Credentials.generate(Random(0)) == drawn[0]


def test_given_parts_are_used() -> None:
    given = Credentials.generate(Random(0), "libp2p+webrtc+v1/abc", None)
    assert given.ufrag == "libp2p+webrtc+v1/abc"
    assert len(given.pwd) == 24


def test_ours_are_ice_chars_and_theirs_any_visible_character_but_the_colon() -> None:
    """RFC 8839 §5.4; cameras use more."""
    theirs = Credentials("a=b-c_d", "!#~" * 8)
    assert theirs.ufrag == "a=b-c_d"
    for ufrag, pwd in (("a=b-c_d", None), (None, "!#~" * 8)):
        with pytest.raises(InvalidAccessError, match="ice-chars"):
            Credentials.generate(Random(0), ufrag, pwd)


@pytest.mark.parametrize(
    ("ufrag", "pwd"),
    [
        ("abc", "p" * 22),
        ("abcd", "p" * 21),
        ("abc d", "p" * 22),
        ("abcd\n", "p" * 22),
        ("abcd", "p" * 21 + ":"),
        ("äbcd", "p" * 22),
        ("u" * 257, "p" * 22),
        ("abcd", "p" * 257),
    ],
)
def test_bad_credentials_are_refused(ufrag: str, pwd: str) -> None:
    """I-22, ICE-35"""
    with pytest.raises(InvalidAccessError):
        Credentials(ufrag, pwd)


def test_password_is_not_shown() -> None:
    assert "secret" not in repr(Credentials("abcd", "secret" * 4))
