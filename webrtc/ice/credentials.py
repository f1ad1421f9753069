"""Username fragments and passwords. RFC 8445 §5.3."""

import re
from dataclasses import dataclass, field
from random import Random

from webrtc.errors import InvalidAccessError

_ICE_CHARS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_OF_BYTE = 4 * _ICE_CHARS  # 64 of them: every one as often as the others
_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PWD = re.compile(r"[A-Za-z0-9+/]{22,256}")

UFRAG_LENGTH = 8
"""48 bits; RFC 8445 asks for 24."""
PWD_LENGTH = 24
"""144 bits; RFC 8445 asks for 128."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one agent is known by while a generation lasts.

    Raises InvalidAccessError for what RFC 8839 §5.4 does not allow: `ufrag` has 4 to 256 and `pwd`
    22 to 256 letters, digits, `+` and `/`.
    """

    ufrag: str
    pwd: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _UFRAG.fullmatch(self.ufrag):
            raise InvalidAccessError(
                f"ufrag of {len(self.ufrag)} characters is not 4-256 ice-chars"
            )
        if not _PWD.fullmatch(self.pwd):
            raise InvalidAccessError(f"pwd of {len(self.pwd)} characters is not 22-256 ice-chars")

    @classmethod
    def generate(
        cls, random: Random, ufrag: str | None = None, pwd: str | None = None
    ) -> "Credentials":
        """Fresh credentials; a part that is given is used as it is."""
        return cls(ufrag or _draw(random, UFRAG_LENGTH), pwd or _draw(random, PWD_LENGTH))


def _draw(random: Random, length: int) -> str:
    return random.randbytes(length).translate(_OF_BYTE).decode()
