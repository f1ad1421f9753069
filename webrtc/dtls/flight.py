"""A flight: the messages that one side sends in a row, and sends again. RFC 6347 §4.2.3, §4.2.4."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from webrtc.dtls.fragments import HEADER_SIZE, Fragment, decode
from webrtc.dtls.record import ALERT, EPOCH, HANDSHAKE, HEADER, Protection, plain

MAX_REPETITIONS: Final = 3
"""Times in a row that a flight is sent again because the peer repeats its own."""
REPETITION_INTERVAL: Final = 0.2
"""Seconds after which it may be once more."""

_SAME_FLIGHT: Final = 0.02  # seconds in which all datagrams of one flight arrive
_LEAST_FRAGMENT = 32  # body bytes that are worth a record of their own


class RecordWriter:
    """Writes records with numbers that are never used twice."""

    def __init__(self) -> None:
        self.protection: Protection | None = None
        """What protects epoch 1; None until its keys are known."""
        self.number = EPOCH
        """Of the next protected record."""
        self._plain_number = 0

    def write(self, type_: int, payload: bytes, *, protected: bool) -> bytes:
        """One record."""
        if not protected or self.protection is None:
            self._plain_number += 1
            return plain(type_, self._plain_number - 1, payload)
        self.number += 1
        return self.protection.seal(type_, self.number - 1, payload)

    def alert(self, level: int, code: int) -> bytes:
        """An alert, protected as soon as that is possible."""
        return self.write(ALERT, bytes([level, code]), protected=True)


class Piece(NamedTuple):
    """Part of a flight: type and payload of a record, and whether epoch 1 protects it."""

    type: int
    payload: bytes
    protected: bool


class Repetitions:
    """Bounds how often a flight answers the peer's repetitions, which anybody could replay."""

    def __init__(self) -> None:
        self._left = float(MAX_REPETITIONS)
        self._looked_at = 0.0
        self._answered_at: float | None = None

    def allows(self, now: float) -> bool:
        """Whether to send the flight again for a datagram of `now`; counts it."""
        if self._answered_at is not None and now - self._answered_at < _SAME_FLIGHT:
            return False
        refilled = self._left + (now - self._looked_at) / REPETITION_INTERVAL
        self._left, self._looked_at = min(refilled, MAX_REPETITIONS), now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        self._answered_at = now
        return True


def pack(flight: Sequence[Piece], writer: RecordWriter, mtu: int) -> list[bytes]:
    """Datagrams of at most `mtu` bytes that carry the flight, each as full as possible.

    Every call numbers the records anew, for a peer drops numbers that it has seen.
    """
    datagrams = [b""] if flight else []
    for piece in flight:
        splittable = piece.type == HANDSHAKE and not piece.protected
        if splittable and len(datagrams[-1]) + HEADER.size + len(piece.payload) > mtu:
            for fragment in decode(piece.payload):
                _pack_fragment(fragment, datagrams, writer, mtu)
            continue
        record = writer.write(piece.type, piece.payload, protected=piece.protected)
        if len(datagrams[-1]) + len(record) > mtu:
            datagrams.append(b"")
        datagrams[-1] += record
    return datagrams


def _pack_fragment(
    fragment: Fragment, datagrams: list[bytes], writer: RecordWriter, mtu: int
) -> None:
    rest: Fragment | None = fragment
    while rest is not None:
        room = mtu - len(datagrams[-1]) - HEADER.size - HEADER_SIZE
        if room < min(len(rest.body), _LEAST_FRAGMENT):
            datagrams.append(b"")
            continue
        head, tail = rest.split(room)
        datagrams[-1] += writer.write(HANDSHAKE, head.encode(), protected=False)
        rest = tail if tail.body else None
