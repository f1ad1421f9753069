"""Code phrases: `7-tiger-lamp-river-coral`, a number and words that people can read out."""

import difflib
import re
from dataclasses import dataclass, field
from random import Random
from typing import Self

from webrtc.errors import InvalidSyntaxError
from webrtc.transfer.words import WORDS

WORDS_IN_CODE = 4
"""8 bits each; what they are worth is in docs/sending-files.md."""
MAX_WORDS = 16
MAX_NUMBER = 999_999


@dataclass(frozen=True, slots=True)
class Code:
    """`number` says whom to call and is no secret; `words` are the secret."""

    number: int
    words: tuple[str, ...] = field(repr=False)

    @classmethod
    def generate(cls, number: int, random: Random, words: int = WORDS_IN_CODE) -> Self:
        """A fresh code. `random` has to be a SystemRandom outside of tests."""
        return cls(number, tuple(random.choice(WORDS) for _ in range(words)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a code as somebody has typed it.

        Raises InvalidSyntaxError, which names a word that is not in any code and one like it.
        """
        number, *words = re.split(r"[\s_-]+", text.strip().lower())
        if not re.fullmatch("[0-9]{1,6}", number, re.ASCII) or not 1 <= len(words) <= MAX_WORDS:
            raise InvalidSyntaxError("a code is a number and words, such as 7-tiger-lamp-river")
        for word in words:
            if word not in WORDS:
                near = difflib.get_close_matches(word, WORDS, 1)
                hint = f"; is it {near[0]!r}?" if near else ""
                raise InvalidSyntaxError(f"{word[:40]!r} is in no code{hint}")
        return cls(int(number), tuple(words))

    def __str__(self) -> str:
        return "-".join((str(self.number), *self.words))
