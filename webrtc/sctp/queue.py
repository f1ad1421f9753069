"""Messages that wait to be sent, by stream, and which of them goes next. RFC 8831 §6.4, §6.6.

Weighted fair queueing between streams: equal priorities and sizes make it a round robin. A turn is
a whole message, since DATA cannot mix them; with interleaving it is one chunk. RFC 8260 §3.6.
"""

from collections import deque
from heapq import heappop, heappush
from typing import Final

from webrtc.errors import InvalidStateError
from webrtc.sctp.events import BufferedAmountLow, Event

MESSAGE_OVERHEAD: Final = 128
"""Counted for each waiting message beside its bytes, so that empty ones are not free."""
DEFAULT_PRIORITY: Final = 256
"""`normal` of RFC 8831 §6.4; a stream of 512 gets twice its share."""
TURN: Final = 1024
"""What one chunk of an interleaved message is taken for before it is cut: about a packet."""


class OutboundMessage:
    """A message and how far it was sent."""

    __slots__ = (
        "claim",
        "data",
        "expires_at",
        "first_tsn",
        "fsn",
        "last_tsn",
        "max_retransmits",
        "number",
        "offset",
        "ordered",
        "ppid",
        "reliable",
        "size",
        "stream",
    )

    def __init__(
        self,
        stream: "OutboundStream",
        ppid: int,
        data: bytes,
        ordered: bool = True,  # noqa: FBT001, FBT002 - see `Association.send`
        max_retransmits: int | None = None,
        expires_at: float | None = None,
    ) -> None:
        self.stream = stream
        self.ppid = ppid
        self.data = data
        self.size = len(data)
        self.ordered = ordered
        self.offset = self.claim = 0  # bytes sent; bytes set aside for it at the peer
        self.number = self.fsn = 0  # stream sequence number or MID; of the fragment sent last
        self.reliable = max_retransmits is None and expires_at is None
        self.max_retransmits = max_retransmits
        self.expires_at = expires_at
        self.first_tsn = 0
        self.last_tsn = -1


class OutboundStream:
    """One outgoing stream that has been used."""

    __slots__ = (
        "buffered",
        "closing",
        "excess",
        "id",
        "low_threshold",
        "messages",
        "next_ordered",
        "next_unordered",
        "ready",
        "served",
        "weight",
    )

    def __init__(self, stream_id: int) -> None:
        self.id = stream_id
        self.messages: deque[OutboundMessage] = deque()
        self.next_ordered = 0
        self.next_unordered = 0
        self.buffered = 0
        self.low_threshold = -1
        self.weight = 1.0
        self.served = 0.0  # what was sent, by weight, on the queue's virtual clock
        self.ready = False  # it stands in line
        self.closing = False
        self.excess = False
        """Its next message may be more than the send buffer has room for."""


class SendQueue:
    """All messages not yet wholly sent. `events` hears of streams that have little left to send."""

    def __init__(self, events: deque[Event]) -> None:
        self.current: OutboundMessage | None = None
        """The message being sent; always the first of its stream."""
        self.size = 0
        """Bytes that wait, with `MESSAGE_OVERHEAD` for each message; 0 when none does."""
        self.dropped = 0
        """Messages that expired before any of their bytes was sent."""
        self._events = events
        self._streams: dict[int, OutboundStream] = {}
        self._only: OutboundStream | None = None
        """The line, while one stands in it; where there are more all are in `_ready`."""
        self._ready: list[tuple[float, int, OutboundStream]] = []
        """When its turn ends on the virtual clock, order of arrival, stream."""
        self._arrivals = 0
        self._virtual = 0.0
        self._interleaving = False
        self._room = 0
        """Bytes of begun messages that the peer can hold until they are whole."""
        self._claimed = 0
        self._held: deque[OutboundStream] = deque()
        """Streams whose next message would be too much for `_room`."""

    def interleave(self, window: int) -> None:
        """From now on a turn is one chunk; the peer announced a receive window of `window` bytes.

        Messages that are begun fill it, and it opens only when one is whole. So no more are begun
        than fit, with an eighth for what the peer spends on each fragment. A message that is too
        large for the window goes to a peer that takes it out in parts: it claims nothing.
        """
        self._interleaving = True
        self._room = window * 7 // 8

    def stream(self, stream_id: int) -> OutboundStream:
        """The stream of that id, made when it is first used."""
        stream = self._streams.get(stream_id)
        if stream is None:
            stream = self._streams[stream_id] = OutboundStream(stream_id)
        return stream

    def push(self, message: OutboundMessage) -> None:
        """Queue a message behind the others of its stream."""
        stream = message.stream
        if stream.closing:
            raise InvalidStateError(f"stream {stream.id} is being reset")
        stream.messages.append(message)
        stream.buffered += message.size
        self.size += message.size + MESSAGE_OVERHEAD
        if len(stream.messages) == 1:
            if stream.served < self._virtual:
                stream.served = self._virtual
            self._enter(stream)

    def next(self, now: float) -> OutboundMessage | None:
        """The message to go on with, or to begin."""
        if self.current is not None:
            return self.current
        while True:
            if self._only is not None:
                stream, self._only = self._only, None
                turn = self._turn(stream)
            elif self._ready:
                turn, _, stream = heappop(self._ready)
            else:
                return None
            stream.ready = False
            if not stream.messages:
                continue
            message = stream.messages[0]
            small = message.size <= TURN and message.expires_at is None
            if small or message.offset or self._may_begin(message, now):
                self._virtual = turn
                self.current = message
                return message

    def advance(self, message: OutboundMessage, size: int) -> None:
        """`size` more bytes of the current message were sent."""
        message.offset += size
        stream = message.stream
        stream.served += size * stream.weight
        before = stream.buffered
        stream.buffered = before - size
        if before - size <= stream.low_threshold < before:
            self._events.append(BufferedAmountLow(stream.id))
        if message.offset == message.size:
            self.size -= size + MESSAGE_OVERHEAD
            self._leave(message, stream)
            return
        self.size -= size
        if self._interleaving:
            if self.alone:
                self._virtual = stream.served
            else:
                self.current = None
                self._enter(stream)

    def drop(self, message: OutboundMessage) -> None:
        """Send nothing more of a message that is the first of its stream and was not all sent."""
        rest, stream = message.size - message.offset, message.stream
        stream.served -= rest * stream.weight
        self.advance(message, rest)
        if stream is self._only and not stream.messages:
            self._only, stream.ready = None, False

    @property
    def alone(self) -> bool:
        """Whether the current message has its turn until it was wholly sent."""
        return not self._interleaving or (self._only is None and not self._ready)

    def buffered_amount(self, stream_id: int) -> int:
        """Bytes of the stream that were not sent yet."""
        stream = self._streams.get(stream_id)
        return 0 if stream is None else stream.buffered

    def set_priority(self, stream_id: int, priority: int) -> None:
        """Share of the stream; counts from its next turn."""
        self.stream(stream_id).weight = DEFAULT_PRIORITY / priority

    def is_empty(self, stream_id: int) -> bool:
        """Whether all messages of the stream have been sent."""
        stream = self._streams.get(stream_id)
        return stream is None or not stream.messages

    def is_closing(self, stream_id: int) -> bool:
        """Whether the stream is being reset."""
        stream = self._streams.get(stream_id)
        return stream is not None and stream.closing

    def forget(self, stream_id: int) -> None:
        """After a reset: the stream starts again when it is next used."""
        self._streams.pop(stream_id, None)

    def _leave(self, message: OutboundMessage, stream: OutboundStream) -> None:
        stream.messages.popleft()
        stream.served += MESSAGE_OVERHEAD * stream.weight
        if self.current is message:
            self.current = None
        if message.claim:
            self._claimed -= message.claim
            self._admit()
        if stream.messages:
            self._enter(stream)

    def _enter(self, stream: OutboundStream) -> None:
        if stream.ready:
            return
        stream.ready = True
        if self._only is not None:
            first, self._only = self._only, None
            self._line_up(first)
            self._line_up(stream)
        elif self._ready:
            self._line_up(stream)
        else:
            self._only = stream

    def _line_up(self, stream: OutboundStream) -> None:
        self._arrivals += 1
        heappush(self._ready, (self._turn(stream), self._arrivals, stream))

    def _turn(self, stream: OutboundStream) -> float:
        """When the turn of a stream ends on the virtual clock."""
        message = stream.messages[0]
        size = message.size - message.offset
        if self._interleaving and size > TURN:
            size = TURN
        return stream.served + (size + MESSAGE_OVERHEAD) * stream.weight

    def _may_begin(self, message: OutboundMessage, now: float) -> bool:
        """Whether a message is not too late, and not too early for the peer."""
        if message.expires_at is not None and now >= message.expires_at:
            self.dropped += 1
            self.drop(message)
            return False
        if self._interleaving and message.size > TURN and not self._claim(message):
            self._held.append(message.stream)
            return False
        return True

    def _claim(self, message: OutboundMessage) -> bool:
        """Set room at the peer aside for a message to begin; False when there is too little."""
        size = message.size
        if message.claim or size <= TURN or size > self._room:
            return True
        if self._claimed + size > self._room:
            return False
        message.claim = size
        self._claimed += size
        return True

    def _admit(self) -> None:
        held = self._held
        while held and self._claim(held[0].messages[0]):
            stream = held.popleft()
            stream.served = max(stream.served, self._virtual)
            self._enter(stream)
