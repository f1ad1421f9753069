from hypothesis import given
from hypothesis import strategies as st

from webrtc.datachannel.text import scalar, to_utf8


def test_lone_surrogates_become_replacement_characters() -> None:
    """DC-27: a USVString of WebIDL."""
    assert scalar("a\ud800b\udc00") == "a\ufffdb\ufffd"
    assert to_utf8("\ud83d") == "\ufffd".encode()


def test_a_surrogate_pair_is_one_character() -> None:
    assert scalar("\ud83d\ude00") == "\U0001f600"


@given(st.text(st.characters()))
def test_any_string_can_be_sent_and_text_is_left_alone(value: str) -> None:
    """X-06."""
    assert to_utf8(value).decode() == scalar(value)
    if not any("\ud800" <= each <= "\udfff" for each in value):
        assert scalar(value) == value
