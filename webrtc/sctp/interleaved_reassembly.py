"""Fragments of I-DATA into messages, several of them at a time. RFC 8260 §2.2.3."""

from collections.abc import Collection, Container, Iterable
from heapq import heapify, heappop, heappush
from typing import Final

from webrtc.sctp.causes import out_of_resource, violation
from webrtc.sctp.chunks import BEGINNING, END, UNORDERED
from webrtc.sctp.reassembly import FRAGMENT_OVERHEAD

MESSAGE_OVERHEAD: Final = 512
"""Counted for each incomplete message, so that many of one small fragment are not nearly free."""

_FEW: Final = 8  # incomplete messages of a flow that are looked at one by one
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


class MidOrder:
    """The MIDs of one flow with many incomplete messages, in order. Those of others are few."""

    __slots__ = ("_heap", "_latest")

    def __init__(self, messages: Container[int], mids: Iterable[int]) -> None:
        self._latest = 0
        self._heap: list[int] = []
        """Of the MIDs, unwrapped; those that are complete by now are passed over."""
        for mid in mids:
            self.add(mid, messages, _MASK)

    def add(self, mid: int, messages: Container[int], count: int) -> None:
        """A message was begun; `messages` are the `count` that are incomplete now."""
        self._latest = self._unwrap(mid)
        heappush(self._heap, self._latest)
        if len(self._heap) > 2 * count + _FEW:
            self._heap = [each for each in self._heap if each & _MASK in messages]
            heapify(self._heap)

    def up_to(self, mid: int) -> list[int]:
        """The MIDs up to that one, which are not asked for again.

        One is there twice if its message was complete and begun again.
        """
        heap, end, found = self._heap, self._unwrap(mid), []
        while heap and heap[0] <= end:
            found.append(heappop(heap) & _MASK)
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
        self._flows: dict[int, dict[int, IncompleteMessage]] = {}
        self._orders: dict[int, MidOrder] = {}
        """Of flows that have had more than `_FEW` messages since they were last empty."""
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
        messages, order = self._flows.get(flow, {}), self._orders.get(flow)
        if order is not None:
            passed = {found for found in order.up_to(mid) if found in messages}
        else:
            passed = {found for found in messages if mid - found & _MASK < _HALF}
        for found in passed:
            self._drop(flow, found)

    def reset(self, stream_ids: Collection[int]) -> None:
        """Drop what is here of these streams: their numbers start again."""
        if len(stream_ids) < len(self._flows):
            flows = [flow_of(each, unordered) for each in stream_ids for unordered in (0, 1)]
        else:
            flows = [flow for flow in self._flows if flow >> 3 in stream_ids]
        for flow in flows:
            for mid in tuple(self._flows.get(flow, ())):
                self._drop(flow, mid)

    def clear(self) -> None:
        """Drop everything."""
        self._flows.clear()
        self._orders.clear()
        self.size = 0

    def _begin(self, flow: int, mid: int) -> IncompleteMessage:
        messages = self._flows.setdefault(flow, {})
        message = messages[mid] = IncompleteMessage()
        self.size += MESSAGE_OVERHEAD
        order = self._orders.get(flow) if self._orders else None
        if order is not None:  # all have to be in it, even when they are few again
            order.add(mid, messages, len(messages))
        elif len(messages) > _FEW:
            self._orders[flow] = MidOrder(messages, messages)
        return message

    def _drop(self, flow: int, mid: int) -> None:
        messages = self._flows[flow]
        message = messages.pop(mid)
        self.size -= message.size + FRAGMENT_OVERHEAD * len(message.parts) + MESSAGE_OVERHEAD
        if not messages:
            del self._flows[flow]
            if self._orders:
                self._orders.pop(flow, None)


def flow_of(stream_id: int, unordered: int) -> int:
    """The ordered or the unordered messages of a stream; each have MIDs of their own."""
    return stream_id << 3 | (UNORDERED if unordered else 0)
