"""Messages that wait to be sent, by stream, and which of them goes next. RFC 8831 §6.4, §6.6.

Between streams a message at a time by weighted fair queueing: equal priorities and sizes make it a
round robin. A message that was begun is finished first, as DATA without interleaving demands.
"""

from collections import deque
from heapq import heappop, heappush

from webrtc.errors import InvalidStateError

MESSAGE_OVERHEAD = 128
"""Counted for each waiting message beside its bytes, so that empty ones are not free."""
DEFAULT_PRIORITY = 256
"""`normal` of RFC 8831 §6.4; a stream of 512 gets twice its share."""


class OutboundMessage:
    """A message and how far it was sent."""

    __slots__ = (
        "abandoned",
        "data",
        "expires_at",
        "first_tsn",
        "last_tsn",
        "max_retransmits",
        "offset",
        "ordered",
        "ppid",
        "reliable",
        "size",
        "ssn",
        "stream",
    )

    def __init__(
        self,
        stream: "OutboundStream",
        ppid: int,
        data: bytes,
        *,
        ordered: bool = True,
        max_retransmits: int | None = None,
        expires_at: float | None = None,
    ) -> None:
        self.stream = stream
        self.ppid = ppid
        self.data = data
        self.size = len(data)
        self.offset = 0
        self.ordered = ordered
        self.ssn = 0
        self.reliable = max_retransmits is None and expires_at is None
        self.max_retransmits = max_retransmits
        self.expires_at = expires_at
        self.first_tsn = 0
        self.last_tsn = -1
        self.abandoned = False


class OutboundStream:
    """One outgoing stream that has been used."""

    __slots__ = (
        "buffered",
        "closing",
        "finish",
        "id",
        "low_threshold",
        "messages",
        "next_ssn",
        "weight",
    )

    def __init__(self, stream_id: int) -> None:
        self.id = stream_id
        self.messages: deque[OutboundMessage] = deque()
        self.next_ssn = 0
        self.buffered = 0
        self.low_threshold = -1
        self.weight = 1.0
        self.finish = 0.0
        self.closing = False


class SendQueue:
    """All messages not yet wholly sent."""

    def __init__(self) -> None:
        self.current: OutboundMessage | None = None
        """The message being sent; always the first of its stream."""
        self.size = 0
        """Bytes that wait, with `MESSAGE_OVERHEAD` for each message; 0 when none does."""
        self.low: deque[int] = deque()
        """Streams whose unsent bytes fell to their threshold."""
        self.dropped = 0
        """Messages that expired before any of their bytes was sent."""
        self._streams: dict[int, OutboundStream] = {}
        self._ready: list[tuple[float, int, OutboundStream]] = []
        self._virtual = 0.0

    def stream(self, stream_id: int) -> OutboundStream:
        """The stream of that id, made when it is first used."""
        stream = self._streams.get(stream_id)
        if stream is None:
            stream = self._streams[stream_id] = OutboundStream(stream_id)
        return stream

    def is_closing(self, stream_id: int) -> bool:
        """Whether that stream is being reset and takes no message."""
        stream = self._streams.get(stream_id)
        return stream is not None and stream.closing

    def push(self, message: OutboundMessage) -> None:
        """Queue a message behind the others of its stream."""
        stream = message.stream
        if stream.closing:
            raise InvalidStateError(f"stream {stream.id} is being reset")
        stream.messages.append(message)
        stream.buffered += message.size
        self.size += message.size + MESSAGE_OVERHEAD
        if len(stream.messages) == 1:
            stream.finish = max(stream.finish, self._virtual)
            self._enter(stream)

    def next(self, now: float) -> OutboundMessage | None:
        """The message to go on with, or to begin."""
        if self.current is not None:
            return self.current
        while self._ready:
            self._virtual, _, stream = heappop(self._ready)
            message = stream.messages[0]
            if message.expires_at is None or now < message.expires_at:
                self.current = message
                return message
            self.dropped += 1
            self.drop(message)
        return None

    def advance(self, message: OutboundMessage, size: int) -> None:
        """`size` more bytes of the current message were sent."""
        message.offset += size
        self.size -= size
        stream = message.stream
        before = stream.buffered
        stream.buffered = before - size
        if before - size <= stream.low_threshold < before:
            self.low.append(stream.id)
        if message.offset == message.size:
            self._leave(stream)

    def drop(self, message: OutboundMessage) -> None:
        """Send nothing more of a message that is the first of its stream and was not all sent."""
        self.advance(message, message.size - message.offset)

    def buffered_amount(self, stream_id: int) -> int:
        """Bytes of the stream that were not sent yet."""
        stream = self._streams.get(stream_id)
        return 0 if stream is None else stream.buffered

    def set_priority(self, stream_id: int, priority: int) -> None:
        """Share of the stream; counts from its next message."""
        self.stream(stream_id).weight = DEFAULT_PRIORITY / priority

    def is_empty(self, stream_id: int) -> bool:
        """Whether all messages of the stream have been sent."""
        stream = self._streams.get(stream_id)
        return stream is None or not stream.messages

    def forget(self, stream_id: int) -> None:
        """After a reset: the stream starts again when it is next used."""
        self._streams.pop(stream_id, None)

    def _leave(self, stream: OutboundStream) -> None:
        messages = stream.messages
        messages.popleft()
        self.size -= MESSAGE_OVERHEAD
        self.current = None
        if messages:
            self._enter(stream)

    def _enter(self, stream: OutboundStream) -> None:
        stream.finish += (stream.messages[0].size + MESSAGE_OVERHEAD) * stream.weight
        heappush(self._ready, (stream.finish, stream.id, stream))
