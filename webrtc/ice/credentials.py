"""Username fragments and passwords. RFC 8445 §5.3."""

import re
from dataclasses import dataclass, field
from random import Random

from webrtc.errors import InvalidAccessError

_ICE_CHARS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_OF_BYTE = 4 * _ICE_CHARS  # 64 of them: every one as often as the others
_OURS = re.compile(r"[A-Za-z0-9+/]+")
_ANYBODYS = re.compile(r"[!-9;-~]+")

UFRAG_LENGTH = 8
"""48 bits; RFC 8445 asks for 24."""
PWD_LENGTH = 24
"""144 bits; RFC 8445 asks for 128."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one agent is known by while a generation lasts.

    Raises InvalidAccessError unless `ufrag` has 4 to 256 and `pwd` 22 to 256 characters (RFC 8839
    §5.4) of visible ASCII. Cameras use `=`, `-` and `_` beside the ice-chars of the RFC; a colon
    would be ambiguous in the USERNAME of a check.
    """

    ufrag: str
    pwd: str = field(repr=False)

    def __post_init__(self) -> None:
        check_ufrag(self.ufrag)
        check_pwd(self.pwd)

    @classmethod
    def generate(
        cls, random: Random, ufrag: str | None = None, pwd: str | None = None
    ) -> "Credentials":
        """Fresh credentials; a part that is given is used as it is.

        Raises InvalidAccessError unless that part is ice-chars: letters, digits, `+` and `/`.
        """
        for name, given in (("ufrag", ufrag), ("pwd", pwd)):
            if given and not _OURS.fullmatch(given):
                raise InvalidAccessError(f"{name} with characters other than ice-chars")
        return cls(ufrag or _draw(random, UFRAG_LENGTH), pwd or _draw(random, PWD_LENGTH))


def check_ufrag(ufrag: str) -> None:
    """Raise InvalidAccessError unless this can be the ufrag of a peer."""
    _check("ufrag", ufrag, 4)


def check_pwd(pwd: str) -> None:
    """Raise InvalidAccessError unless this can be the password of a peer."""
    _check("pwd", pwd, 22)


def _check(name: str, value: str, minimum: int) -> None:
    # The message leaves the value out: it may reach a log, and a password must not.
    if not minimum <= len(value) <= 256:
        raise InvalidAccessError(f"ice-{name} of {len(value)} characters, not {minimum} to 256")
    if not _ANYBODYS.fullmatch(value):
        raise InvalidAccessError(f"ice-{name} with characters that are not allowed")


def _draw(random: Random, length: int) -> str:
    return random.randbytes(length).translate(_OF_BYTE).decode()
