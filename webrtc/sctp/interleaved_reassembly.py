"""Fragments of I-DATA into messages, several of them at a time. RFC 8260 §2.2.3."""

from collections.abc import Iterable
from typing import Final

from webrtc.sctp.causes import out_of_resource, violation
from webrtc.sctp.chunks import BEGINNING, END, UNORDERED
from webrtc.sctp.reassembly import FRAGMENT_OVERHEAD

MESSAGE_OVERHEAD: Final = 512
"""Counted for each incomplete message, so that many of one small fragment are not nearly free."""

_MASK: Final = 0xFFFF_FFFF
_HALF: Final = 0x8000_0000


class IncompleteMessage:
    """Some fragments of one message."""

    __slots__ = ("last", "parts", "ppid", "size")

    def __init__(self) -> None:
        self.parts: dict[int, bytes] = {}
        """By FSN."""
        self.size = 0
        self.ppid = 0
        self.last = -1
        """FSN of the fragment with the E bit."""


class InterleavedReassembly:
    """Incomplete messages by the flow they belong to and by MID.

    A flow is the ordered or the unordered messages of one stream: `flow_of`.
    """

    def __init__(self, max_message_size: int) -> None:
        self._max_message_size = max_message_size
        self._flows: dict[int, dict[int, IncompleteMessage]] = {}
        self.size = 0
        """Bytes held, with `FRAGMENT_OVERHEAD` for each fragment and `MESSAGE_OVERHEAD`."""

    def add(
        self, flow: int, mid: int, flags: int, last_word: int, payload: bytes
    ) -> tuple[int, bytes] | None:
        """Take a fragment that is not a whole message; returns PPID and data of one it completes.

        `last_word` is the PPID in a first fragment, in others the FSN. Raises Violation for a
        fragment that contradicts what is here, and for a message that is longer than allowed.
        """
        messages = self._flows.get(flow)
        message = None if messages is None else messages.get(mid)
        if message is None:
            message = self._begin(flow, mid)
        fsn, begins, last = last_word, flags & BEGINNING, message.last
        if begins:
            fsn, message.ppid = 0, last_word
        if flags & END:
            wrong = last >= 0 or any(found > fsn for found in message.parts)
            message.last = fsn
        else:
            wrong = 0 <= last < fsn
        if wrong or fsn in message.parts or not (fsn or begins):
            raise violation(f"fragment {fsn} of message {mid} contradicts those that are here")
        size = len(payload)
        message.size += size
        # No message within the limit has more fragments than bytes.
        if message.size > self._max_message_size or fsn >= self._max_message_size:
            raise out_of_resource(f"message of more than {self._max_message_size} bytes")
        message.parts[fsn] = payload
        self.size += size + FRAGMENT_OVERHEAD
        if not 0 <= message.last < len(message.parts):
            return None
        self._drop(flow, mid)
        return message.ppid, b"".join([message.parts[n] for n in range(message.last + 1)])

    def skip(self, flow: int, mid: int) -> None:
        """Drop what is here of the messages up to `mid`: they are given up. RFC 8260 §2.3.1."""
        passed = [found for found in self._flows.get(flow, ()) if mid - found & _MASK < _HALF]
        for found in passed:
            self._drop(flow, found)

    def reset(self, stream_ids: Iterable[int]) -> None:
        """Drop what is here of these streams: their numbers start again."""
        for stream_id in stream_ids:
            for unordered in (0, 1):
                flow = flow_of(stream_id, unordered)
                for mid in tuple(self._flows.get(flow, ())):
                    self._drop(flow, mid)

    def clear(self) -> None:
        """Drop everything."""
        self._flows.clear()
        self.size = 0

    def _begin(self, flow: int, mid: int) -> IncompleteMessage:
        message = self._flows.setdefault(flow, {})[mid] = IncompleteMessage()
        self.size += MESSAGE_OVERHEAD
        return message

    def _drop(self, flow: int, mid: int) -> None:
        messages = self._flows[flow]
        message = messages.pop(mid)
        self.size -= message.size + FRAGMENT_OVERHEAD * len(message.parts) + MESSAGE_OVERHEAD
        if not messages:
            del self._flows[flow]


def flow_of(stream_id: int, unordered: int) -> int:
    """The ordered or the unordered messages of a stream; each have MIDs of their own."""
    return stream_id << 3 | (UNORDERED if unordered else 0)
