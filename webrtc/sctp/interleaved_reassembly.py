"""Fragments of I-DATA into messages, several of them at a time. RFC 8260 §2.2.3."""

from collections.abc import Collection
from heapq import heapify, heappop, heappush
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


class Flow:
    """The ordered, or the unordered, incomplete messages of one stream."""

    __slots__ = ("_latest", "_order", "messages")

    def __init__(self) -> None:
        self.messages: dict[int, IncompleteMessage] = {}
        """By MID."""
        self._latest = 0
        self._order: list[int] = []
        """A heap of the MIDs, unwrapped; those that are complete by now are passed over."""

    def begin(self, mid: int) -> IncompleteMessage:
        """A new message."""
        message = self.messages[mid] = IncompleteMessage()
        self._latest = self._unwrap(mid)
        heappush(self._order, self._latest)
        if len(self._order) > 2 * len(self.messages) + 16:
            self._order = [each for each in self._order if each & _MASK in self.messages]
            heapify(self._order)
        return message

    def up_to(self, mid: int) -> list[int]:
        """The MIDs of what is here up to that one, which are not asked for again."""
        order, end, found = self._order, self._unwrap(mid), []
        while order and order[0] <= end:
            each = heappop(order) & _MASK
            if each in self.messages:
                found.append(each)
        return found

    def _unwrap(self, mid: int) -> int:
        ahead = mid - self._latest & _MASK
        return self._latest + (ahead if ahead < _HALF else ahead - _MASK - 1)


class InterleavedReassembly:
    """Incomplete messages by the flow they belong to and by MID.

    A flow is the ordered or the unordered messages of one stream: `flow_of`.
    """

    def __init__(self, max_message_size: int) -> None:
        self._max_message_size = max_message_size
        self._flows: dict[int, Flow] = {}
        self.size = 0
        """Bytes held, with `FRAGMENT_OVERHEAD` for each fragment and `MESSAGE_OVERHEAD`."""

    def add(
        self, flow: int, mid: int, flags: int, last_word: int, payload: bytes
    ) -> tuple[int, bytes] | None:
        """Take a fragment that is not a whole message; returns PPID and data of one it completes.

        `last_word` is the PPID in a first fragment, in others the FSN. Raises Violation for a
        fragment that contradicts what is here, and for a message that is longer than allowed.
        """
        found = self._flows.get(flow)
        message = None if found is None else found.messages.get(mid)
        if message is None:
            if found is None:
                found = self._flows[flow] = Flow()
            message = found.begin(mid)
            self.size += MESSAGE_OVERHEAD
        fsn, begins, last = last_word, flags & BEGINNING, message.last
        if begins:
            fsn, message.ppid = 0, last_word
        if flags & END:
            wrong = last >= 0 or max(message.parts, default=0) > fsn
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
        return message.ppid, b"".join(map(message.parts.__getitem__, range(message.last + 1)))

    def skip(self, flow: int, mid: int) -> None:
        """Drop what is here of the messages up to `mid`: they are given up. RFC 8260 §2.3.1."""
        found = self._flows.get(flow)
        if found is not None:
            for passed in found.up_to(mid):
                self._drop(flow, passed)

    def reset(self, stream_ids: Collection[int]) -> None:
        """Drop what is here of these streams: their numbers start again."""
        if len(stream_ids) < len(self._flows):
            flows = [flow_of(each, unordered) for each in stream_ids for unordered in (0, 1)]
        else:
            flows = [flow for flow in self._flows if flow >> 3 in stream_ids]
        for flow in flows:
            found = self._flows.get(flow)
            for mid in () if found is None else tuple(found.messages):
                self._drop(flow, mid)

    def clear(self) -> None:
        """Drop everything."""
        self._flows.clear()
        self.size = 0

    def _drop(self, flow: int, mid: int) -> None:
        messages = self._flows[flow].messages
        message = messages.pop(mid)
        self.size -= message.size + FRAGMENT_OVERHEAD * len(message.parts) + MESSAGE_OVERHEAD
        if not messages:
            del self._flows[flow]


def flow_of(stream_id: int, unordered: int) -> int:
    """The ordered or the unordered messages of a stream; each have MIDs of their own."""
    return stream_id << 3 | (UNORDERED if unordered else 0)
