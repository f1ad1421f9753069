"""What the two ends of a file transfer say: JSON in text messages, the file in binary ones.

One ordered, reliable data channel carries one file:

    sender                                      receiver
    {"type": "file", "name", "size"}        →
                                            ←   {"type": "have", "size", "sha256"}
    {"type": "start", "offset"}             →
    the bytes from `offset` on, in binary messages
    {"type": "end", "sha256"}               →
                                            ←   {"type": "done"}
    closes the channel

`have` is what the receiver kept of an earlier attempt; when its hash is that of the beginning of
the file, `offset` is its size, else 0. `end` has the hash of the whole file. `failure`, with a
`reason`, may come from either side at any time and is the last word.

With a code phrase, `proof` (`mac`) goes before: the receiver's, then the sender's or `refused`.
"""

import json
import re
from dataclasses import asdict, dataclass
from typing import TypeAlias

from webrtc.errors import DecodeError

PROTOCOL = "file-transfer"
"""Subprotocol of the data channel."""
MAX_TEXT = 4096
"""Characters of a text message."""
MAX_SIZE = 2**53 - 1
"""Bytes of a file: the largest number that every JSON reader has exactly."""
MAX_REASON = 200
"""Characters shown of the reason that a peer gives."""

_SHA256 = re.compile("[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class File:
    """What the sender has."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Have:
    """What the receiver has of it already."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Start:
    """Where the sender begins."""

    offset: int


@dataclass(frozen=True, slots=True)
class End:
    """Everything was sent."""

    sha256: str


@dataclass(frozen=True, slots=True)
class Done:
    """Everything was received and stored."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the other side gives up."""

    reason: str


@dataclass(frozen=True, slots=True)
class Proof:
    """That this side knows the code phrase."""

    mac: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The proof was wrong; so many tries are left."""

    tries: int


Message: TypeAlias = File | Have | Start | End | Done | Failure | Proof | Refused


def encode(message: Message) -> str:
    """Write a message."""
    return json.dumps({"type": type(message).__name__.lower(), **asdict(message)})


def decode(text: str) -> Message:
    """Read a message. Raises DecodeError."""
    if len(text) > MAX_TEXT:
        raise DecodeError(f"text message of {len(text)} characters")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DecodeError("text message is not JSON") from error
    match value:
        case {"type": "file", "name": str(name), "size": int(size)}:
            return File(name, _amount(size))
        case {"type": "have", "size": int(size), "sha256": str(sha256)}:
            return Have(_amount(size), _hash(sha256))
        case {"type": "start", "offset": int(offset)}:
            return Start(_amount(offset))
        case {"type": "end", "sha256": str(sha256)}:
            return End(_hash(sha256))
        case {"type": "done"}:
            return Done()
        case _:
            return _decode_other(value)


def _decode_other(value: object) -> Message:
    match value:
        case {"type": "failure", "reason": str(reason)}:
            return Failure(printable(reason[:MAX_REASON]))
        case {"type": "proof", "mac": str(mac)}:
            return Proof(_hash(mac))
        case {"type": "refused", "tries": int(tries)}:
            return Refused(_amount(tries))
    raise DecodeError(f"unknown message {value!r:.80}")


def printable(text: str) -> str:
    """`text` without what could act on a terminal."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def _amount(value: int) -> int:
    if isinstance(value, bool) or not 0 <= value <= MAX_SIZE:
        raise DecodeError(f"amount {value!r:.80}")
    return value


def _hash(value: str) -> str:
    if not _SHA256.fullmatch(value):
        raise DecodeError(f"hash {value[:80]!r}")
    return value
