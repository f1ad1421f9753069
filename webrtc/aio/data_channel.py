"""RTCDataChannel. webrtc-pc §6.2."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from typing import Any, Literal

from webrtc.aio.conduit import Conduit, RTCDataChannelState
from webrtc.aio.loop.emitter import Emitter, EventHandler
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.stream import PIECE, DataChannelStream
from webrtc.datachannel import ChannelState
from webrtc.errors import (
    ConnectionFailed,
    InvalidStateError,
    InvalidSyntaxError,
    NotSupportedError,
    OperationError,
)
from webrtc.util.webidl import unsigned_long

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
        channel = self._channel
        channel._patient = True  # noqa: SLF001 - of this module
        if not channel.has_room:
            yield from channel._wait_for_room().__await__()  # noqa: SLF001 - of this module


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

    def __init__(self, conduit: Conduit, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._conduit = conduit
        self._channel = conduit.channel
        self._core = conduit.core
        self._driver = conduit.driver
        self._threshold = 0
        self._patient = True
        """Whether every `send` so far was awaited. Who does so may always queue one message."""
        conduit.attach(self.emit, self._events)

    def __repr__(self) -> str:
        return f"<RTCDataChannel {self.id} {self.label[:40]!r} {self._conduit.state}>"

    @property
    def label(self) -> str:
        """The name that its creator gave it."""
        return self._channel.parameters.label

    @property
    def ordered(self) -> bool:
        """Whether messages arrive in the order in which they were sent."""
        return self._channel.parameters.ordered

    @property
    def max_packet_life_time(self) -> int | None:
        """Milliseconds."""
        return self._channel.parameters.max_packet_life_time

    @property
    def max_retransmits(self) -> int | None:
        """How often a lost message is sent again; None without such a limit."""
        return self._channel.parameters.max_retransmits

    @property
    def protocol(self) -> str:
        """What both applications speak on it, by the word of its creator."""
        return self._channel.parameters.protocol

    @property
    def priority(self) -> RTCPriorityType:
        """W3C webrtc-priority §4.1: the nearest of four levels."""
        value = self._channel.parameters.priority
        return _PRIORITIES[next((level for level in _PRIORITIES if value <= level), 1024)]

    @property
    def negotiated(self) -> bool:
        """Whether both applications opened it under one id."""
        return self._channel.negotiated

    @property
    def id(self) -> int | None:
        """SCTP stream identifier; None until the DTLS role is known."""
        return self._channel.id

    @property
    def ready_state(self) -> RTCDataChannelState:
        """`connecting`, `open`, `closing` or `closed`."""
        return self._conduit.state

    @property
    def reason(self) -> Exception | None:
        """Why the channel has ended, the argument of `error`; None after an orderly close."""
        return self._conduit.reason

    @property
    def buffered_amount(self) -> int:
        """Bytes given to `send` that are not on the wire yet."""
        return self._conduit.buffered_amount

    @property
    def has_room(self) -> bool:
        """Whether awaiting `send` would return at once."""
        buffered = self._core.channels.buffered_amount(self._channel)
        return buffered <= SEND_BUFFER and not self._conduit.room.full

    @property
    def unread(self) -> int:
        """Messages that wait for `recv`."""
        return len(self._conduit.inbox)

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
        larger than the peer takes, OperationError when the send buffer, which the connection's
        channels share, is full, and earlier calls were not awaited.
        """
        if self._conduit.state != "open":
            raise InvalidStateError(f"send() on a data channel that is {self._conduit.state}")
        if not isinstance(data, (bytes, str)):
            if not isinstance(data, (bytearray, memoryview)):
                raise TypeError(f"send() takes str or bytes, not {type(data).__name__}")
            data = bytes(data)
        if self._channel.state is _OPEN:
            self._driver.flush_soon()  # first: it raises in a foreign thread
            try:
                self._core.send(self._channel, data, self._loop.time())
            except OperationError:
                if not self._patient:
                    raise
                self._conduit.room.full = True
                self._core.channels.allow_excess(self._channel)
                self._core.send(self._channel, data, self._loop.time())
            if self._patient:
                self._patient = False
        # Else the peer has closed it, which we have yet to be told: this is lost on the way.
        return Sending(self)

    async def drained(self, amount: int = 0) -> None:
        """Wait until at most `amount` bytes are buffered.

        Raises ConnectionFailed when the channel closes or the connection fails first.
        """
        conduit = self._conduit
        while conduit.buffered_amount > amount:
            conduit.check_alive()
            waiter = self._loop.create_future()
            entry = (amount, waiter)
            conduit.senders.append(entry)
            conduit.sending.add(conduit)
            self._driver.flush_soon()
            try:
                await waiter
            finally:
                if entry in conduit.senders:
                    conduit.senders.remove(entry)

    async def _wait_for_room(self) -> None:
        """Wait until neither this channel nor all of the connection's have too much to send."""
        conduit = self._conduit
        await self.drained(SEND_BUFFER)
        if not conduit.room.full:
            return
        conduit.check_alive()
        waiter = conduit.room.queue()
        conduit.watchers.append(waiter)
        self._driver.flush_soon()
        try:
            await waiter
        finally:
            conduit.watchers.remove(waiter)
        conduit.check_alive()

    async def opened(self) -> None:
        """Wait until the channel is open.

        Raises ConnectionFailed when the channel closes or the connection fails first.
        """
        while self._conduit.state == "connecting":
            self._conduit.check_alive()
            await self._change()
        if self._conduit.state != "open":
            raise self._conduit.failure()

    async def closed(self) -> None:
        """Wait until the channel is closed on both sides.

        Raises ConnectionFailed when the connection has failed: the channel may come back with it.
        """
        while self._conduit.state != "closed":
            self._conduit.check_alive()
            await self._change()

    async def recv(self) -> bytes | str:
        """Next message, waiting for one.

        Raises ConnectionFailed once there is none and the channel is closed or the connection has
        failed; after an ICE restart it can be called again. Raises InvalidStateError while a
        `message` handler is attached, which gets them all.
        """
        conduit = self._conduit
        if "message" in self._events:
            self._check_detached()
        while not conduit.inbox:
            conduit.check_alive()
            waiter = self._loop.create_future()
            conduit.receivers.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if conduit.inbox:  # this one may have been woken for it
                    conduit.wake_receiver()
                raise
            finally:
                conduit.receivers.remove(waiter)
        message = conduit.pop()
        if conduit.inbox:
            conduit.wake_receiver()
        return message

    def recv_nowait(self) -> bytes | str | None:
        """Next message, or None when none is here. Raises InvalidStateError as `recv`."""
        if "message" in self._events:
            self._check_detached()
        return self._conduit.pop() if self._conduit.inbox else None

    async def __aiter__(self) -> AsyncIterator[bytes | str]:
        """Messages until either side closes the channel or the connection.

        Raises ConnectionFailed when the connection is lost, or when messages are missing:
        `SettingEngine.max_unread_closed`.
        """
        conduit = self._conduit
        while conduit.inbox or conduit.state != "closed" or conduit.lost:
            try:
                yield await self.recv()
            except ConnectionFailed:
                if conduit.state == "closed" and not conduit.lost:
                    break
                raise
        if conduit.truncated:
            raise conduit.failure()

    def close(self) -> None:
        """Begin to close: what is buffered is delivered first. Harmless when closed."""
        self._conduit.close(self._loop.time())

    def detach(self) -> DataChannelStream:
        """The channel as a stream, to be used in its place; its events are fired no more.

        Raises InvalidStateError unless the channel is open, or when it is detached already.
        """
        if self._conduit.state != "open" or self._conduit.detached:
            state = "detached" if self._conduit.detached else self._conduit.state
            raise InvalidStateError(f"detach() of a data channel that is {state}")
        self._conduit.detached = True
        piece = min(PIECE, self._core.channels.max_message_size)
        return DataChannelStream(self, self._end, piece)

    def _end(self) -> None:
        """Say that nothing more is sent, and go on reading."""
        self._conduit.close(self._loop.time(), half=True)

    async def _change(self) -> None:
        waiter = self._loop.create_future()
        self._conduit.watchers.append(waiter)
        try:
            await waiter
        finally:
            self._conduit.watchers.remove(waiter)

    def _check_detached(self) -> None:
        if not self._conduit.detached:
            raise InvalidStateError(
                "a `message` handler gets the messages of this data channel: remove it first"
            )

    def _add_event_handler(self, event: str, k: Callable[..., Any], v: Callable[..., Any]) -> None:
        if event == "message" and self._conduit.receivers:
            raise InvalidStateError("recv() waits for messages of this data channel already")
        super()._add_event_handler(event, k, v)
        if event == "message" and self._conduit.inbox:
            self._loop.call_soon(self._conduit.dispatch)
        elif event == "bufferedamountlow":  # nobody pays for an event that nobody hears
            self._core.channels.set_buffered_amount_low(self._channel, self._threshold)
