"""The words of code phrases can be told apart and typed anywhere."""

import re

from webrtc.transfer.words import WORDS


def test_there_are_256_words_no_two_alike_in_their_first_four_letters() -> None:
    assert len(WORDS) == 256
    assert len({word[:4] for word in WORDS}) == 256
    assert list(WORDS) == sorted(WORDS)
    assert all(re.fullmatch("[a-z]{4,8}", word) for word in WORDS)
