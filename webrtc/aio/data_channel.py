"""RTCDataChannel. webrtc-pc §6.2."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator
from typing import TYPE_CHECKING, Any, Literal

from webrtc.aio.loop.emitter import Emitter, EventHandler
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.stream import PIECE, DataChannelStream
from webrtc.datachannel import Channel, ChannelState
from webrtc.errors import (
    ConnectionFailed,
    InvalidStateError,
    InvalidSyntaxError,
    NotSupportedError,
)
from webrtc.peer import PeerConnection
from webrtc.util.webidl import unsigned_long

if TYPE_CHECKING:
    from webrtc.aio.net.driver import Driver

RTCDataChannelState = Literal["connecting", "open", "closing", "closed"]
RTCPriorityType = Literal["very-low", "low", "medium", "high"]

_OPEN = ChannelState.OPEN
SEND_BUFFER = 1024 * 1024
"""`await channel.send(…)` waits while more bytes than this are buffered."""
_PRIORITIES: dict[int, RTCPriorityType] = {
    128: "very-low",
    256: "low",
    512: "medium",
    1024: "high",
}


class Sending:
    """What `send` returns: the message is queued; await it to wait for room in the buffer."""

    __slots__ = ("_channel",)

    def __init__(self, channel: "RTCDataChannel") -> None:
        self._channel = channel

    def __await__(self) -> Generator[Any, None, None]:
        return self._channel.drained(SEND_BUFFER).__await__()


class RTCDataChannel(Emitter):
    """A channel for messages: each is a `str` or `bytes`.

    Messages wait until a `message` handler is attached or `recv` (or `async for`) takes
    them; while they wait they hold the peer back.

    Events: `open`, `message` (the message), `bufferedamountlow`, `closing`, `close`,
    `error` (the exception).
    """

    onopen = EventHandler("open")
    onmessage = EventHandler("message")
    onbufferedamountlow = EventHandler("bufferedamountlow")
    onclosing = EventHandler("closing")
    onclose = EventHandler("close")
    onerror = EventHandler("error")

    def __init__(
        self,
        channel: Channel,
        core: PeerConnection,
        driver: "Driver",
        sending: "set[RTCDataChannel]",
        tasks: Tasks,
    ) -> None:
        super().__init__(tasks)
        self._channel = channel
        self._core = core
        self._driver = driver
        self._sending = sending
        """The connection's channels on which somebody waits for room."""
        self._state: RTCDataChannelState = "connecting"
        self._silent = False
        """Announced, and neither `open` nor a message was fired yet."""
        self._detached = False
        self._threshold = 0
        self._inbox: deque[tuple[bytes | str, int]] = deque()
        self._receivers: list[asyncio.Future[None]] = []
        self._senders: list[tuple[int, asyncio.Future[None]]] = []
        self._watchers: list[asyncio.Future[None]] = []
        """Of whoever waits for another state."""
        self._reason: Exception | None = None
        self._outage: Exception | None = None
        """Why the connection has failed, until an ICE restart brings it back."""

    def __repr__(self) -> str:
        return f"<RTCDataChannel {self.id} {self.label[:40]!r} {self._state}>"

    @property
    def label(self) -> str:
        return self._channel.parameters.label

    @property
    def ordered(self) -> bool:
        return self._channel.parameters.ordered

    @property
    def max_packet_life_time(self) -> int | None:
        """Milliseconds."""
        return self._channel.parameters.max_packet_life_time

    @property
    def max_retransmits(self) -> int | None:
        return self._channel.parameters.max_retransmits

    @property
    def protocol(self) -> str:
        return self._channel.parameters.protocol

    @property
    def priority(self) -> RTCPriorityType:
        """W3C webrtc-priority §4.1: the nearest of four levels."""
        value = self._channel.parameters.priority
        return _PRIORITIES[next((level for level in _PRIORITIES if value <= level), 1024)]

    @property
    def negotiated(self) -> bool:
        return self._channel.negotiated

    @property
    def id(self) -> int | None:
        """SCTP stream identifier; None until the DTLS role is known."""
        return self._channel.id

    @property
    def ready_state(self) -> RTCDataChannelState:
        return self._state

    @property
    def reason(self) -> Exception | None:
        """Why the channel has ended, the argument of `error`; None after an orderly close."""
        return self._reason

    @property
    def buffered_amount(self) -> int:
        """Bytes given to `send` that are not on the wire yet."""
        return self._core.channels.buffered_amount(self._channel)

    @property
    def has_room(self) -> bool:
        """Whether awaiting `send` would return at once."""
        return self.buffered_amount <= SEND_BUFFER

    @property
    def unread(self) -> int:
        """Messages that wait for `recv`."""
        return len(self._inbox)

    @property
    def buffered_amount_low_threshold(self) -> int:
        """Falling to this many buffered bytes fires `bufferedamountlow`."""
        return self._threshold

    @buffered_amount_low_threshold.setter
    def buffered_amount_low_threshold(self, value: int) -> None:
        unsigned_long("buffered_amount_low_threshold", value)
        self._threshold = value
        if "bufferedamountlow" in self._events:
            self._core.channels.set_buffered_amount_low(self._channel, value)

    @property
    def binary_type(self) -> Literal["arraybuffer"]:
        """Binary messages are `bytes`, the counterpart of an ArrayBuffer."""
        return "arraybuffer"

    @binary_type.setter
    def binary_type(self, value: str) -> None:
        if value == "blob":
            raise NotSupportedError("binary messages are bytes; there is no Blob")
        if value != "arraybuffer":
            raise InvalidSyntaxError(f"binary_type {value!r:.80}")

    def send(self, data: bytes | bytearray | memoryview | str) -> Sending:
        """Queue a message; await the result to wait for room in the buffer.

        Raises InvalidStateError unless the channel is open, TypeError when the message is
        larger than the peer takes, OperationError when the send buffer is full.
        """
        if self._state != "open":
            raise InvalidStateError(f"send() on a data channel that is {self._state}")
        if not isinstance(data, (bytes, str)):
            if not isinstance(data, (bytearray, memoryview)):
                raise TypeError(f"send() takes str or bytes, not {type(data).__name__}")
            data = bytes(data)
        if self._channel.state is _OPEN:
            self._driver.flush_soon()  # first: it raises in a foreign thread
            self._core.send(self._channel, data, self._loop.time())
        # Else the peer has closed it, which we have yet to be told: this is lost on the way.
        return Sending(self)

    async def drained(self, amount: int = 0) -> None:
        """Wait until at most `amount` bytes are buffered.

        Raises ConnectionFailed when the channel closes or the connection fails first.
        """
        while self.buffered_amount > amount:
            self._check_alive()
            waiter = self._loop.create_future()
            entry = (amount, waiter)
            self._senders.append(entry)
            self._sending.add(self)
            self._driver.flush_soon()
            try:
                await waiter
            finally:
                if entry in self._senders:
                    self._senders.remove(entry)

    async def opened(self) -> None:
        """Wait until the channel is open.

        Raises ConnectionFailed when the channel closes or the connection fails first.
        """
        while self._state == "connecting":
            self._check_alive()
            await self._change()
        if self._state != "open":
            raise self._failure()

    async def closed(self) -> None:
        """Wait until the channel is closed on both sides.

        Raises ConnectionFailed when the connection has failed: the channel may come back with it.
        """
        while self._state != "closed":
            self._check_alive()
            await self._change()

    async def recv(self) -> bytes | str:
        """Next message, waiting for one.

        Raises ConnectionFailed once there is none and the channel is closed or the connection has
        failed; after an ICE restart it can be called again.
        """
        while not self._inbox:
            self._check_alive()
            waiter = self._loop.create_future()
            self._receivers.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if self._inbox:  # this one may have been woken for it
                    self._wake_receiver()
                raise
            finally:
                self._receivers.remove(waiter)
        message = self._pop()
        if self._inbox:
            self._wake_receiver()
        return message

    def recv_nowait(self) -> bytes | str | None:
        """Next message, or None when none is here."""
        return self._pop() if self._inbox else None

    async def __aiter__(self) -> AsyncIterator[bytes | str]:
        """Messages until the channel closes. Raises ConnectionFailed when the connection fails."""
        while self._inbox or self._state != "closed":
            try:
                yield await self.recv()
            except ConnectionFailed:
                if self._state == "closed":
                    return
                raise

    def close(self) -> None:
        """Begin to close: what is buffered is delivered first. Harmless when closed."""
        self._close(half=False)

    def detach(self) -> DataChannelStream:
        """The channel as a stream, to be used in its place; its events are fired no more.

        Raises InvalidStateError unless the channel is open, or when it is detached already.
        """
        if self._state != "open" or self._detached:
            state = "detached" if self._detached else self._state
            raise InvalidStateError(f"detach() of a data channel that is {state}")
        self._detached = True
        piece = min(PIECE, self._core.channels.max_message_size)
        return DataChannelStream(self, lambda: self._close(half=True), piece)

    def take(self, message: bytes | str, size: int) -> bool:
        """Store a message of the core. Whether `dispatch` has to be called for it."""
        self._inbox.append((message, size))
        if self._receivers:
            self._wake_receiver()
        return len(self._inbox) == 1 and "message" in self._events and not self._detached

    def dispatch(self) -> None:
        """Give what waits to the `message` handlers, when there are any."""
        if self._silent or self._detached:
            return
        while self._inbox and self._state == "open" and "message" in self._events:
            self.emit("message", self._pop())

    def wake_senders(self) -> bool:
        """Let go on who waits for room. Whether someone still waits."""
        if self._senders:
            buffered = self.buffered_amount
            for amount, waiter in self._senders:
                if buffered <= amount and not waiter.done():
                    waiter.set_result(None)
        return bool(self._senders)

    def set_announced(self) -> None:
        """The peer has opened the channel. It is open, though `open` is yet to be fired."""
        self._state = "open"
        self._silent = True

    def set_open(self) -> None:
        """The core has opened the channel."""
        if self._state == "connecting" or (self._state == "open" and self._silent):
            self._state = "open"
            self._silent = False
            _release(self._watchers)
            self._fire("open")
            self.dispatch()

    def set_closing(self) -> None:
        """The peer has begun to close the channel."""
        if self._state == "open":
            self.dispatch()
            self._state = "closing"
            self._fire("closing")

    def set_closed(self, reason: Exception | None) -> None:
        """The core has closed the channel."""
        if self._state == "closed":
            return
        self.dispatch()
        self._end(reason)
        if reason is not None and "error" in self._events:
            self._fire("error", reason)
        self._fire("close")

    def set_low(self) -> None:
        """The buffered amount has fallen to the threshold."""
        self._fire("bufferedamountlow")

    def set_outage(self, reason: Exception | None) -> None:
        """The connection has failed, or, with None, has not: what waits is told."""
        self._outage = reason
        if reason is not None:
            self._release_all()

    def abandon(self) -> None:
        """The connection is closed, which no event tells."""
        self._end(ConnectionFailed("the peer connection was closed"))
        self.remove_all_listeners()  # no event follows, and handlers often refer to their object

    def _end(self, reason: Exception | None) -> None:
        """Nothing more comes; what was received can still be taken."""
        self._state = "closed"
        self._reason = reason
        # Messages that nobody takes must not hold back the peer's other channels.
        self._core.channels.consume(sum(size for _, size in self._inbox))
        self._inbox = deque((message, 0) for message, _ in self._inbox)
        self._release_all()

    async def _change(self) -> None:
        waiter = self._loop.create_future()
        self._watchers.append(waiter)
        try:
            await waiter
        finally:
            self._watchers.remove(waiter)

    def _close(self, *, half: bool) -> None:
        if self._state == "closed" or (half and self._state == "closing"):
            return
        self._driver.flush_soon()
        self._state = "closing"
        self._core.channels.close(self._channel, self._loop.time(), half=half)

    def _fire(self, event: str, *args: object) -> None:
        if not self._detached:
            self.emit(event, *args)

    def _release_all(self) -> None:
        _release([*self._watchers, *self._receivers, *(waiter for _, waiter in self._senders)])

    def _check_alive(self) -> None:
        if self._state == "closed" or self._outage is not None:
            raise self._failure()

    def _pop(self) -> bytes | str:
        self._driver.flush_soon()
        message, size = self._inbox.popleft()
        self._core.channels.consume(size)
        return message

    def _wake_receiver(self) -> None:
        for waiter in self._receivers:
            if not waiter.done():
                waiter.set_result(None)
                return

    def _failure(self) -> ConnectionFailed:
        reason = self._reason or self._outage or "it was closed"
        return ConnectionFailed(f"data channel {self.label[:40]!r}: {reason}")

    def _add_event_handler(self, event: str, k: Callable[..., Any], v: Callable[..., Any]) -> None:
        super()._add_event_handler(event, k, v)
        if event == "message" and self._inbox:
            self._loop.call_soon(self.dispatch)
        elif event == "bufferedamountlow":  # nobody pays for an event that nobody hears
            self._core.channels.set_buffered_amount_low(self._channel, self._threshold)


def _release(waiters: list[asyncio.Future[None]]) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(None)
