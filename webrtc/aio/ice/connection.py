"""A connection for datagrams over the path that ICE found, and the core below it."""

import asyncio
from collections import deque

from webrtc.aio.net.driver import Driver
from webrtc.aio.net.udp import BURST
from webrtc.core import Address, Path, Transmit
from webrtc.errors import ConnectionFailed, InvalidAccessError, InvalidStateError
from webrtc.ice import Agent, CandidatePair, State
from webrtc.peer.events import AddressesBound
from webrtc.stun import is_stun

MAX_DATAGRAM = 65507
"""Bytes that a UDP datagram over IPv4 can carry."""


class IceConnection:
    """Datagrams over the path that ICE has found. Like UDP it loses, repeats and reorders them.

    `IceAgent.dial` and `IceAgent.accept` make it. It ends when the agent fails or is closed, and
    outlives a restart before that. Nothing is encrypted: that is for the protocol above.
    """

    def __init__(self, core: "IceCore", driver: Driver, max_queued: int) -> None:
        self.dropped = 0
        """Datagrams that were received and had to make room for newer ones."""
        self.unsent = 0
        """Datagrams that were not sent for want of a path."""
        self.pair: CandidatePair | None = None
        """The pair in use, with its counters and round trip times; the last one at the end."""
        self.closed = asyncio.Event()
        """Set when the connection has ended."""
        self._core = core
        self._driver = driver
        self._max_queued = max_queued
        self._loop = asyncio.get_running_loop()
        self._queue: deque[bytes] = deque()
        self._receivers: deque[asyncio.Future[None]] = deque()
        self._reason = ""

    @property
    def local(self) -> Address:
        """Our end of the path."""
        return self._path.local

    @property
    def remote(self) -> Address:
        """The peer's end of the path."""
        return self._path.remote

    def send(self, data: bytes | bytearray | memoryview) -> None:
        """Send one datagram now. Without a path at this moment it is lost and counted.

        Raises InvalidStateError when the connection has ended, InvalidAccessError for more than
        `MAX_DATAGRAM` bytes and for what the peer would take for a STUN message.
        """
        if self.closed.is_set():
            raise InvalidStateError(f"send() on an ICE connection that has ended: {self._reason}")
        data = bytes(memoryview(data))
        if len(data) > MAX_DATAGRAM:
            raise InvalidAccessError(f"datagram of {len(data)} bytes, above {MAX_DATAGRAM}")
        if is_stun(data):
            raise InvalidAccessError("a STUN message is for ICE itself and not for its user")
        waiting = self._core.send(data)
        if not waiting:
            self.unsent += 1
        elif waiting < BURST:
            self._driver.flush_soon()
        else:
            self._driver.flush_now()

    async def recv(self) -> bytes:
        """Next datagram, waiting for one.

        Raises ConnectionFailed once there is none and the connection has ended.
        """
        while not self._queue:
            if self.closed.is_set():
                raise ConnectionFailed(self._reason)
            waiter = self._loop.create_future()
            self._receivers.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if self._queue:  # this one may have been woken for it
                    self._wake_receiver()
                raise
            finally:
                self._receivers.remove(waiter)
        data = self._queue.popleft()
        if self._queue:
            self._wake_receiver()
        return data

    def take(self, data: bytes) -> None:
        """Queue what the core received; the oldest makes room."""
        queue = self._queue
        if len(queue) >= self._max_queued:
            queue.popleft()
            self.dropped += 1
        queue.append(data)
        if self._receivers:
            self._wake_receiver()

    def end(self, reason: str) -> None:
        """Nothing more will come: tell who waits."""
        self._reason = reason
        self.closed.set()
        for waiter in self._receivers:
            if not waiter.done():
                waiter.set_result(None)

    @property
    def _path(self) -> Path:
        if self.pair is None:
            raise InvalidStateError("no pair was selected yet")
        return self.pair.path

    def _wake_receiver(self) -> None:
        for waiter in self._receivers:
            if not waiter.done():
                waiter.set_result(None)
                return


class IceCore:
    """An agent and the datagrams beside its checks, as a driver and a gatherer want them."""

    connection: IceConnection
    gathering = False
    """Whether addresses are for the agent's generation."""

    def __init__(self, agent: Agent) -> None:
        self.untrusted = 0
        self._agent = agent
        self._writes: deque[Transmit] = deque()
        self.handle_timeout = agent.handle_timeout
        self.poll_timeout = agent.poll_timeout

    def handle_event(self, event: AddressesBound, now: float) -> None:
        if self.gathering and self._agent.state is not State.CLOSED:
            self._agent.gather(
                event.hosts, event.stun_servers, now, more=event.more, subnets=event.subnets
            )

    def handle_read(self, data: bytes, path: Path, now: float) -> None:
        if is_stun(data):
            self._agent.handle_read(data, path, now)
        elif self._agent.allows(path):
            self._agent.handle_data(path, len(data), now)
            self.connection.take(data)
        else:
            self.untrusted += 1

    def poll_write(self) -> Transmit | None:
        transmit = self._agent.poll_write()
        if transmit is None and self._writes:
            return self._writes.popleft()
        return transmit

    def handle_discarded(self, transmit: Transmit) -> None:
        if not is_stun(transmit.data):
            self._agent.handle_discarded(transmit.path, len(transmit.data))

    def handle_unreachable(self, transmit: Transmit, now: float) -> None:
        if is_stun(transmit.data):
            self._agent.handle_unreachable(transmit.path, now)

    def send(self, data: bytes) -> int:
        """Queue a datagram and say how many wait; 0 when there is no path."""
        path = self._agent.selected_path
        if path is None:
            return 0
        self._agent.handle_sent(len(data))
        self._writes.append(Transmit(data, path))
        return len(self._writes)
