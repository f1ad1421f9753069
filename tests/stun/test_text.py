import pytest

from webrtc.errors import DecodeError, InvalidAccessError
from webrtc.stun.codec import Text
from webrtc.stun.text import (
    AlternateDomain,
    Nonce,
    Realm,
    Software,
    ThirdPartyAuthorization,
    Username,
)

ID = bytes(12)


@pytest.mark.parametrize(
    ("text_class", "number", "limit"),
    [
        (Username, 0x0006, 513),
        (Realm, 0x0014, 763),
        (Nonce, 0x0015, 763),
        (Software, 0x8022, 763),
        (AlternateDomain, 0x8003, 255),
        (ThirdPartyAuthorization, 0x802E, 763),
    ],
)
def test_type_and_length_limit(text_class: type[Text], number: int, limit: int) -> None:
    """STUN-23, I-03, I-12: at the limit, and one byte beyond, both ways."""
    assert getattr(text_class, "type", None) == number
    longest = text_class("x" * limit)
    assert text_class.decode(longest.encode(ID), ID) == longest
    with pytest.raises(DecodeError):
        text_class.decode(b"x" * (limit + 1), ID)
    with pytest.raises(InvalidAccessError):
        text_class("x" * (limit + 1)).encode(ID)


def test_classes_with_the_same_text_differ() -> None:
    texts: set[object] = {Realm("a"), Nonce("a"), Realm("a")}
    assert len(texts) == 2
    assert repr(Realm("a")) == "Realm('a')"
