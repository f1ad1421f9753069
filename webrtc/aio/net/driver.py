"""Moves bytes between endpoints and one core, and keeps its one timer."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from threading import get_ident
from typing import Final, Protocol
from weakref import WeakKeyDictionary

from webrtc.aio.net.seam import Endpoint
from webrtc.core import Address, Burst, Path, Refused, Transmit, transmits

STALL: Final = 1.0
"""A timer that is later than this is worth a warning: some code has blocked the loop."""
RETRY: Final = 1.0
"""Pause after an exception in the core, which is a bug: neither stand still nor spin."""

_log = logging.getLogger("webrtc.aio")
_stalls: WeakKeyDictionary[asyncio.AbstractEventLoop, float] = WeakKeyDictionary()
"""When each loop was last reported: all its connections are late together."""


class Driven(Protocol):
    """A core that faces the network. See `webrtc.core.Core` for what the verbs mean."""

    def handle_read(self, data: bytes, path: Path, now: float) -> None:
        """Take one datagram."""

    def handle_timeout(self, now: float) -> None:
        """Act on every timer due at `now`."""

    def poll_write(self) -> Transmit | None:
        """Next datagram to send, or None."""

    def handle_discarded(self, transmit: Transmit) -> None:
        """Hear that a datagram could not be sent."""

    def poll_timeout(self) -> float | None:
        """When to call `handle_timeout` next, or None."""


class Deliver(Protocol):
    """Takes the core's events and data."""

    def __call__(self, *, reading: bool) -> bool:
        """Whether the application will get some of them later, between `cork` and `uncork`.

        With `reading`, at the end of a burst, it may also hand over messages at once.
        """


class Driver:
    """Feeds `core` from its endpoints and sends what it wants sent. No task, no queue."""

    def __init__(self, core: Driven, deliver: Deliver) -> None:
        self.unroutable = 0
        """Datagrams whose local address has no endpoint any more."""
        self._core = core
        self._too_large: Callable[[Transmit, float], None] | None
        self._too_large = getattr(core, "handle_too_large", None)  # see SizeAware
        self._unreachable: Callable[[Transmit, float], None] | None
        self._unreachable = getattr(core, "handle_unreachable", None)  # see WayAware
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        self._home = get_ident()
        self._timer: asyncio.TimerHandle | None = None
        self._endpoints: dict[Address, Endpoint] = {}
        self._flush_pending = False
        self._corked = False
        self._closed = False
        self._handle_burst: Callable[[Sequence[bytes], Path, float], None] | None
        self._handle_burst = getattr(core, "handle_reads", None)  # see BurstAware
        self._poll_burst: Callable[[], Burst | None] | None
        self._poll_burst = getattr(core, "poll_burst", None)  # see BurstAware
        self._received = 0
        """Datagrams that have been read since the last flush."""

    def time(self) -> float:
        """The `now` of commands to the core."""
        return self._loop.time()

    def add_endpoint(self, endpoint: Endpoint) -> None:
        """Read from `endpoint`, and send over it what leaves from its address."""
        self._endpoints[endpoint.local] = endpoint
        endpoint.start(self)

    def remove_endpoint(self, local: Address) -> None:
        """Release the endpoint at `local`, if there is one."""
        endpoint = self._endpoints.pop(local, None)
        if endpoint is not None:
            endpoint.close()

    def receive(self, data: bytes, path: Path) -> None:
        """Feed one datagram. The endpoint calls `flush` when its burst is read."""
        self._received += 1
        self._core.handle_read(data, path, self._loop.time())

    def receive_burst(self, datagrams: Sequence[bytes], path: Path) -> None:
        """Feed datagrams that were waiting together."""
        self._received += len(datagrams)
        now = self._loop.time()
        if self._handle_burst is not None:
            self._handle_burst(datagrams, path, now)
            return
        for data in datagrams:
            self._core.handle_read(data, path, now)

    def flush(self) -> None:
        """Let the application answer the burst that was read, and send."""
        if self._received > 1:  # a lone datagram's acknowledgement waits for company anyway
            self._send()
        self._received = 0
        if self._closed:
            return
        self._corked = True
        try:
            self._deliver(reading=True)
        finally:
            self._corked = self._flush_pending = False
            self.flush_now()

    def flush_now(self) -> None:
        """Send what is due, hand over events and data, set the timer. Idle when closed."""
        self._send()
        if not self._closed and not self._deliver(reading=False):
            self._arm(self._core.poll_timeout())

    def _send(self) -> None:
        if self._closed:
            return
        poll_burst = self._poll_burst
        while True:
            burst = None if poll_burst is None else poll_burst()
            told = self._send_writes() if burst is None else self._send_burst(burst)
            if not told and (burst is None or not burst.more):
                break

    def flush_soon(self) -> None:
        """After a command: flush once this loop turn, however many commands it has.

        Raises RuntimeError in a thread other than that of the loop.
        """
        if not self._flush_pending:
            if get_ident() != self._home:
                raise RuntimeError(
                    "called from another thread than the connection's: use"
                    " loop.call_soon_threadsafe() or asyncio.run_coroutine_threadsafe()"
                )
            self._flush_pending = True
            if not self._corked:
                self._loop.call_soon(self._flush_pended)

    def cork(self) -> None:
        """Until `uncork`: what `flush_soon` is asked for waits, and costs no turn of the loop."""
        self._corked = True

    def uncork(self) -> None:
        """Flush what the application has done in between, if it has done anything."""
        self._corked = False
        if self._flush_pending:
            self._flush_pending = False
            self.flush_now()
        elif not self._closed:
            self._arm(self._core.poll_timeout())

    def close(self) -> None:
        """Stop the timer and release every endpoint. Harmless when closed."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for endpoint in self._endpoints.values():
            endpoint.close()
        self._endpoints.clear()
        self._deliver = _nothing  # it has us: without the cycle memory is free at once

    def _send_burst(self, burst: Burst) -> bool:
        """Send; whether the core heard of something that it may want to answer."""
        endpoint = self._endpoints.get(burst.path.local)
        if endpoint is None:
            refused = self._unroutable(transmits(burst))
        else:
            refused = endpoint.send_burst(burst)
        return refused is not None and self._tell(refused)

    def _send_writes(self) -> bool:
        """Send all that `poll_write` gives; returns what `_send_burst` does."""
        poll = self._core.poll_write
        first = poll()
        if first is None:
            return False
        local, writes, told = first.path.local, [first], False
        while (transmit := poll()) is not None:
            if transmit.path.local != local:
                told |= self._send_from(local, writes)
                local, writes = transmit.path.local, []
            writes.append(transmit)
        return self._send_from(local, writes) or told

    def _send_from(self, local: Address, writes: Sequence[Transmit]) -> bool:
        endpoint = self._endpoints.get(local)
        refused = self._unroutable(writes) if endpoint is None else endpoint.send(writes)
        return refused is not None and self._tell(refused)

    def _unroutable(self, lost: Sequence[Transmit]) -> Refused | None:
        self.unroutable += len(lost)
        return Refused(lost, unreachable=lost)

    def _tell(self, refused: Refused) -> bool:
        """Tell the core what was not sent; whether it was of a kind that it may answer."""
        for transmit in refused.transmits:
            self._core.handle_discarded(transmit)
        told, now = False, self._loop.time()
        if refused.too_large is not None and self._too_large is not None:
            self._too_large(refused.too_large, now)
            told = True
        if self._unreachable is not None:
            for transmit in refused.unreachable:
                self._unreachable(transmit, now)
                told = True
        return told

    def _flush_pended(self) -> None:
        if self._flush_pending:
            self._flush_pending = False
            self.flush_now()

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
        now = max(deadline, self._loop.time())
        if now > deadline + STALL:
            _report_stall(self._loop, now, now - deadline)
        try:
            self._core.handle_timeout(now)
            self.flush_now()
        except Exception:
            self._arm(now + RETRY)
            raise


def _nothing(*, reading: bool) -> bool:  # noqa: ARG001 - as `Deliver`
    return False


def _report_stall(loop: asyncio.AbstractEventLoop, now: float, late: float) -> None:
    """Say once that the loop stood still."""
    if now - _stalls.get(loop, float("-inf")) >= late:
        _stalls[loop] = now
        _log.warning("the event loop stood still for %.1f s: something blocks it", late)
