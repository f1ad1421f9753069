"""Code phrases as they are made, read out and typed."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import InvalidSyntaxError
from webrtc.transfer.code import MAX_NUMBER, MAX_WORDS, WORDS_IN_CODE, Code


@given(st.integers(0, MAX_NUMBER), st.integers(1, MAX_WORDS), st.integers())
def test_code_survives_being_read_out(number: int, words: int, seed: int) -> None:
    code = Code.generate(number, Random(seed), words)
    assert len(code.words) == words
    assert Code.parse(str(code)) == code


def test_code_has_four_words_unless_told_otherwise() -> None:
    assert WORDS_IN_CODE == 4
    assert len(Code.generate(7, Random(1)).words) == 4
    assert Code.generate(7, Random(1)) != Code.generate(7, Random(2))


@pytest.mark.parametrize(
    "text", ["7-tiger-lamp", " 7 Tiger  lamp\n", "7_TIGER-lamp", "007-tiger-lamp"]
)
def test_code_may_be_typed_carelessly(text: str) -> None:
    assert Code.parse(text) == Code(7, ("tiger", "lamp"))


@pytest.mark.parametrize(
    "text",
    ["", "7", "-", "tiger-lamp", "7-", "x-tiger", "1234567-tiger", "٧-tiger", "7" + "-tiger" * 17],
)
def test_what_is_no_code_is_told_what_a_code_is(text: str) -> None:
    with pytest.raises(InvalidSyntaxError, match=r"a code is a number|is in no code"):
        Code.parse(text)


def test_mistyped_word_is_named_with_one_like_it() -> None:
    with pytest.raises(InvalidSyntaxError, match=r"'tigre' is in no code; is it 'tiger'\?"):
        Code.parse("7-tigre-lamp")
    with pytest.raises(InvalidSyntaxError, match=r"'qqq' is in no code$"):
        Code.parse("7-qqq")


def test_secret_words_are_not_in_the_representation() -> None:
    assert "tiger" not in repr(Code(7, ("tiger", "lamp")))
