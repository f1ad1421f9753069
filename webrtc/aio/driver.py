"""Moves bytes between endpoints and one core, and keeps its one timer."""

import asyncio
from collections.abc import Callable

from webrtc.aio.network import Endpoint
from webrtc.core import Address, Path, Transmit
from webrtc.peer import PeerConnection


class Driver:
    """Feeds `core` from its endpoints and sends what it wants sent. No task, no queue.

    `deliver` is called after every flush to take the core's events and data.
    """

    def __init__(self, core: PeerConnection, deliver: Callable[[], None]) -> None:
        self.unroutable = 0
        """Datagrams whose local address has no endpoint any more."""
        self._core = core
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._endpoints: dict[Address, Endpoint] = {}
        self._flush_pending = False

    def add_endpoint(self, endpoint: Endpoint) -> None:
        """Read from `endpoint`, and send over it what leaves from its address."""
        self._endpoints[endpoint.local] = endpoint
        endpoint.start(self)

    def receive(self, data: bytes, path: Path) -> None:
        """Feed one datagram. The endpoint calls `flush` when its burst is read."""
        self._core.handle_read(data, path, self._loop.time())

    def flush(self) -> None:
        """Send what is due, hand over events and data, set the timer."""
        poll = self._core.poll_write
        transmit = poll()
        if transmit is not None:
            burst = []
            while transmit is not None:
                burst.append(transmit)
                transmit = poll()
            self._send(burst)
        self._deliver()
        self._arm(self._core.poll_timeout())

    def flush_soon(self) -> None:
        """After a command: flush once this loop turn, however many commands it has."""
        if not self._flush_pending:
            self._flush_pending = True
            self._loop.call_soon(self._flush_now)

    def close(self) -> None:
        """Stop the timer and release every endpoint."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for endpoint in self._endpoints.values():
            endpoint.close()
        self._endpoints.clear()

    def _send(self, burst: list[Transmit]) -> None:
        start, count = 0, len(burst)
        while start < count:
            local = burst[start].path.local
            end = start + 1
            while end < count and burst[end].path.local == local:
                end += 1
            endpoint = self._endpoints.get(local)
            if endpoint is None:
                self.unroutable += end - start
            else:
                endpoint.send(burst if end - start == count else burst[start:end])
            start = end

    def _flush_now(self) -> None:
        self._flush_pending = False
        self.flush()

    def _arm(self, deadline: float | None) -> None:
        # A timer that fires early costs one idle handle_timeout; moving it later on every
        # packet would cost a cancel and a heap push each.
        if deadline is None or (self._timer is not None and self._timer.when() <= deadline):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(deadline, self._on_timer, deadline)

    def _on_timer(self, deadline: float) -> None:
        self._timer = None
        # The loop may run a timer a clock tick early.
        self._core.handle_timeout(max(deadline, self._loop.time()))
        self.flush()
