"""Between a data channel of the core and the object of the application that stands for it."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from webrtc.aio.net.driver import Driver
from webrtc.aio.outcome import PEER_CLOSED
from webrtc.aio.room import Room
from webrtc.datachannel import Channel
from webrtc.errors import ConnectionFailed
from webrtc.peer import PeerConnection

RTCDataChannelState = Literal["connecting", "open", "closing", "closed"]


class Conduit:
    """State and messages of one data channel, and who waits for what.

    The core's side calls the methods; the object reads the attributes and puts futures into
    `receivers`, `senders` and `watchers`.
    """

    def __init__(
        self,
        channel: Channel,
        core: PeerConnection,
        driver: Driver,
        sending: "set[Conduit]",
        room: Room,
    ) -> None:
        self.channel = channel
        self.core = core
        self.driver = driver
        self.sending = sending
        """The connection's channels on which somebody waits until they have less to send."""
        self.room = room
        self.state: RTCDataChannelState = "connecting"
        self.detached = False
        """Its messages are read as a stream, and no event is fired."""
        self.truncated = False
        """Messages that waited after the end were dropped: nobody read them."""
        self.reason: Exception | None = None
        """Why it has ended; None after an orderly close of the channel itself."""
        self.lost = False
        """Ended by an error, of which `error` tells."""
        self.outage: Exception | None = None
        """Why the connection has failed, until an ICE restart brings it back."""
        self.inbox: deque[tuple[bytes | str, int]] = deque()
        self.receivers: list[asyncio.Future[None]] = []
        self.senders: list[tuple[int, asyncio.Future[None]]] = []
        self.watchers: list[asyncio.Future[None]] = []
        """Of whoever waits for another state."""
        self._silent = False
        """Announced, and neither `open` nor a message was fired yet."""
        self._emit: Callable[..., object] = _to_nobody
        self._handlers: Mapping[str, object] = {}

    def attach(self, emit: Callable[..., object], handlers: Mapping[str, object]) -> None:
        """Let events be fired by `emit`; `handlers` has those that somebody handles."""
        self._emit = emit
        self._handlers = handlers

    @property
    def buffered_amount(self) -> int:
        """Bytes that are not on the wire yet."""
        return self.core.channels.buffered_amount(self.channel)

    # From the application

    def pop(self) -> bytes | str:
        """The oldest message, whose place the peer may use again."""
        self.driver.flush_soon()
        message, size = self.inbox.popleft()
        self.core.channels.consume(size)
        return message

    def wake_receiver(self) -> None:
        """Let the one go on who has waited longest for a message."""
        for waiter in self.receivers:
            if not waiter.done():
                waiter.set_result(None)
                return

    def close(self, now: float, *, half: bool = False) -> None:
        """Begin to close; with `half` go on reading what the peer sends until it does so too."""
        if self.state == "closed" or (half and self.state == "closing"):
            return
        self.driver.flush_soon()
        self.state = "closing"
        self.core.channels.close(self.channel, now, half=half)

    def check_alive(self) -> None:
        """Raise ConnectionFailed when what is awaited cannot come."""
        if self.state == "closed" or self.outage is not None:
            raise self.failure()

    def failure(self) -> ConnectionFailed:
        """Why nothing comes."""
        label = self.channel.parameters.label
        reason = self.reason or self.outage or "it was closed"
        return ConnectionFailed(f"data channel {label[:40]!r}: {reason}")

    # From the core

    def take(self, message: bytes | str, size: int) -> bool:
        """Store a message of the core. Whether `dispatch` has to be called for it."""
        self.inbox.append((message, size))
        if self.receivers:
            self.wake_receiver()
        return len(self.inbox) == 1 and "message" in self._handlers and not self.detached

    def hand_over(self, message: bytes | str, size: int) -> None:
        """Give a message of the core to the `message` handlers at once, or store it."""
        if (
            self.inbox
            or self.state != "open"
            or self._silent
            or self.detached
            or "message" not in self._handlers
        ):
            self.take(message, size)
            return
        self.core.channels.consume(size)
        self._emit("message", message)

    def dispatch(self) -> None:
        """Give what waits to the `message` handlers, when there are any."""
        if self._silent or self.detached:
            return
        while self.inbox and self.state == "open" and "message" in self._handlers:
            self._emit("message", self.pop())

    def wake_senders(self) -> bool:
        """Let go on who waits for room. Whether someone still waits."""
        if self.senders:
            buffered = self.buffered_amount
            for amount, waiter in self.senders:
                if buffered <= amount and not waiter.done():
                    waiter.set_result(None)
        return bool(self.senders)

    def handle_announced(self) -> None:
        """The peer has opened the channel. It is open, though `open` is yet to be fired."""
        self.state = "open"
        self._silent = True

    def handle_opened(self) -> None:
        """The core has opened the channel."""
        if self.state == "connecting" or (self.state == "open" and self._silent):
            self.state = "open"
            self._silent = False
            _release(self.watchers)
            self._fire("open")
            self.dispatch()

    def handle_closing(self) -> None:
        """The peer has begun to close the channel."""
        if self.state == "open":
            self.dispatch()
            self.state = "closing"
            self._fire("closing")

    def handle_closed(self, reason: Exception | None, *, cut: bool = False) -> None:
        """The core has closed the channel; `cut` when its peer has closed the whole connection."""
        if self.state == "closed":
            return
        self.dispatch()
        self.lost = reason is not None
        if reason is None and cut:
            reason = ConnectionFailed(PEER_CLOSED)
        self._end(reason)
        if self.lost and "error" in self._handlers:
            self._fire("error", reason)
        self._fire("close")
        self._emit = _to_nobody  # the object has us: without the cycle memory is free at once

    def handle_low(self) -> None:
        """The buffered amount has fallen to the threshold."""
        self._fire("bufferedamountlow")

    def handle_outage(self, reason: Exception | None) -> None:
        """The connection has failed, or, with None, has not: what waits is told."""
        self.outage = reason
        if reason is not None:
            self._release_all()

    @property
    def unread(self) -> int:
        """What the messages that wait cost in the receive window: nothing after the end."""
        return sum(size for _, size in self.inbox)

    def drop_unread(self) -> int:
        """Forget what waits after the end; returns how many messages that is."""
        count = len(self.inbox)
        self.inbox.clear()
        self.truncated = True
        self.reason = self.reason or ConnectionFailed("its unread messages were dropped")
        return count

    def abandon(self) -> None:
        """The connection is closed, which no event tells."""
        self._end(ConnectionFailed("the peer connection was closed"))
        self._emit = _to_nobody

    def _end(self, reason: Exception | None) -> None:
        """Nothing more comes; what was received can still be taken."""
        self.state = "closed"
        self.reason = reason
        # Messages that nobody takes must not hold back the peer's other channels.
        self.core.channels.consume(self.unread)
        self.inbox = deque((message, 0) for message, _ in self.inbox)
        self._release_all()

    def _fire(self, event: str, *args: object) -> None:
        if not self.detached:
            self._emit(event, *args)

    def _release_all(self) -> None:
        _release([*self.watchers, *self.receivers, *(waiter for _, waiter in self.senders)])


def _release(waiters: Iterable[asyncio.Future[None]]) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(None)


def _to_nobody(*_: object) -> None:
    """Takes events of a channel that fires none."""
