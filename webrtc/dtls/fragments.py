"""Handshake messages and their fragments. RFC 6347 §4.2.2, §4.2.3."""

import struct
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from webrtc.errors import DecodeError

HEADER_SIZE = 12  # type, length (24 bit), message_seq, fragment_offset (24), fragment_length (24)
MAX_MESSAGE = 16_372
"""Largest body that fits, with its header, into one record."""
MAX_BUFFERED = 65_536

_HEADER = struct.Struct("!IHHBHB")  # type·length, message_seq, offset (16+8), length (16+8)
_AHEAD = 10  # messages after the next one that may be collected: more than any flight has
_GAPS = 64  # separate pieces of one message: more than any honest reordering leaves


class Fragment(NamedTuple):
    """A part of a handshake message, or the whole of it."""

    type: int
    length: int
    """Of the whole message's body."""
    sequence: int
    offset: int
    body: bytes

    def encode(self) -> bytes:
        """Header and body."""
        offset, size = self.offset, len(self.body)
        header = _HEADER.pack(
            self.type << 24 | self.length,
            self.sequence,
            offset >> 8,
            offset & 0xFF,
            size >> 8,
            size & 0xFF,
        )
        return header + self.body

    def split(self, room: int) -> tuple["Fragment", "Fragment"]:
        """Two fragments for this one, the first with a body of `room` bytes."""
        return (
            self._replace(body=self.body[:room]),
            self._replace(offset=self.offset + room, body=self.body[room:]),
        )


def decode(payload: bytes) -> Iterator[Fragment]:
    """Every fragment in the payload of a record. Raises DecodeError."""
    start, size = 0, len(payload)
    while start < size:
        if size - start < HEADER_SIZE:
            raise DecodeError(f"handshake header of {size - start} bytes")
        first, sequence, high, low, size_high, size_low = _HEADER.unpack_from(payload, start)
        length, offset, part = first & 0xFFFFFF, high << 8 | low, size_high << 8 | size_low
        if part > size - start - HEADER_SIZE or offset + part > length:
            raise DecodeError(f"fragment {offset}+{part} of a message of {length} bytes")
        start += HEADER_SIZE + part
        yield Fragment(first >> 24, length, sequence, offset, payload[start - part : start])


def sequence_of(payload: bytes) -> int:
    """The message_seq of the first fragment in a payload that is known to be good."""
    return int.from_bytes(payload[4:6], "big")


class Reassembler:
    """Puts the peer's handshake messages together and into order, in bounded memory.

    What arrived first stands: a fragment that says something else about the same bytes is
    refused.
    """

    def __init__(self, max_message: int = MAX_MESSAGE, max_buffered: int = MAX_BUFFERED) -> None:
        self._max_message = max_message
        self._max_buffered = max_buffered
        self._partial: dict[int, _Partial] = {}
        self._whole: deque[Fragment] = deque()
        self._next = 0

    @property
    def taken(self) -> int:
        """Messages that were popped, or are about to be."""
        return self._next

    @property
    def buffered(self) -> int:
        """Bytes held for messages that are incomplete, early or not popped yet."""
        held = [len(partial.body) for partial in self._partial.values()]
        return sum(held) + sum([len(whole.body) for whole in self._whole])

    def add(self, fragment: Fragment) -> bool:
        """Take one fragment; False when it belongs to a message that was taken before.

        Raises DecodeError when it is refused.
        """
        if fragment.sequence < self._next:
            return False
        if fragment.length > self._max_message:
            raise DecodeError(f"handshake message of {fragment.length} bytes")
        if fragment.sequence > self._next + _AHEAD:
            raise DecodeError(f"handshake message {fragment.sequence}, {self._next} is due")
        partial = self._partial.get(fragment.sequence)
        if partial is None:
            self._make_room(fragment)
            if fragment.sequence == self._next and len(fragment.body) == fragment.length:
                self._next += 1  # as nearly all come: there is nothing to put together
                self._whole.append(fragment)
                return True
            partial = self._partial[fragment.sequence] = _Partial(fragment.type, fragment.length)
        partial.add(fragment)
        return True

    def pop(self) -> Fragment | None:
        """The next message in order when it is complete."""
        if self._whole:
            return self._whole.popleft()
        partial = self._partial.get(self._next)
        if partial is None or not partial.complete:
            return None
        del self._partial[self._next]
        body = bytes(partial.body)
        self._next += 1
        return Fragment(partial.type, len(body), self._next - 1, 0, body)

    def _make_room(self, fragment: Fragment) -> None:
        # The message that is due must always find room: the latest ones give way.
        while self.buffered + fragment.length > self._max_buffered:
            latest = max(self._partial, default=-1)
            if latest < fragment.sequence:
                raise DecodeError(f"more than {self._max_buffered} bytes of handshake messages")
            del self._partial[latest]


class _Partial:
    """One message, and which parts of it have arrived."""

    __slots__ = ("_pieces", "body", "type")

    def __init__(self, type_: int, length: int) -> None:
        self.type = type_
        self.body = bytearray(length)
        self._pieces: list[tuple[int, int]] = []  # [start, end), disjoint, sorted

    @property
    def complete(self) -> bool:
        return self._pieces == [(0, len(self.body))]

    def add(self, fragment: Fragment) -> None:
        start, end = fragment.offset, fragment.offset + len(fragment.body)
        if fragment.type != self.type or fragment.length != len(self.body):
            raise DecodeError(f"message {fragment.sequence} changed its type or length")
        if start == end and self.body:
            raise DecodeError(f"empty fragment of message {fragment.sequence}")
        kept: list[tuple[int, int]] = []
        first, last = start, end
        for low, high in self._pieces:
            if high < start or low > end:
                kept.append((low, high))
                continue
            common = max(low, start), min(high, end)
            if self.body[slice(*common)] != fragment.body[common[0] - start : common[1] - start]:
                raise DecodeError(f"message {fragment.sequence} changed at offset {common[0]}")
            first, last = min(first, low), max(last, high)
        if len(kept) >= _GAPS:
            raise DecodeError(f"message {fragment.sequence} in more than {_GAPS} pieces")
        self.body[start:end] = fragment.body
        self._pieces = sorted([*kept, (first, last)])
