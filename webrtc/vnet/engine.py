"""The event heap of a virtual network: its clock, its random source, its observers."""

import heapq
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Literal, Protocol, TypeVar

from webrtc.core import Path
from webrtc.vnet.link import Link, Loss
from webrtc.vnet.packet import Packet

ArgumentT = TypeVar("ArgumentT")

Action = Literal["send", "deliver", "filter", "route", "nat", "port"] | Loss
"""What happened to a packet: the first two, or what it was dropped by."""

Hook = Callable[[float, Action, Packet, str], None]
"""Called with the time, what happened, the packet and the name of the place."""

Filter = Callable[[Packet], bool]
"""Returns True for a packet that must be dropped."""


class Flushed(Protocol):
    """Whoever has something left to do when all that happens at an instant has happened."""

    def flush(self) -> None: ...


class Receiver(Flushed, Protocol):
    """Takes the datagrams of a socket: `receive` one, `receive_burst` several; then `flush`."""

    def receive(self, data: bytes, path: Path) -> None: ...

    def receive_burst(self, datagrams: Sequence[bytes], path: Path) -> None: ...


class Timer(Protocol):
    """What `Loop.call_at` returns."""

    def cancel(self) -> None: ...


class Loop(Protocol):
    """The part of an asyncio loop that drives a network."""

    def time(self) -> float: ...

    def call_at(self, when: float, callback: Callable[[], object], /) -> Timer: ...


class Engine:
    """Runs everything that happens in a network in order of time, ties in order of origin.

    Either the caller moves time (`run`), or an asyncio loop does (`attach`): then the engine keeps
    exactly one timer of that loop.
    """

    def __init__(self, random: Random) -> None:
        self.now = 0.0
        self.random = random
        self.filters: list[Filter] = []
        self.hooks: list[Hook] = []
        self.drivers: list[Flushed] = []
        """Cores: they are flushed whenever code outside the network may have called them."""
        self.packets = 0
        self._heap: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self._pushed = 0
        self._dirty: dict[int, Flushed] = {}
        self._loop: Loop | None = None
        self._timer: Timer | None = None
        self._armed = float("-inf")

    def at(self, when: float, action: Callable[[ArgumentT], None], argument: ArgumentT) -> None:
        """Call `action(argument)` at `when`."""
        self._pushed += 1
        heapq.heappush(self._heap, (when, self._pushed, action, argument))
        if when < self._armed:
            self._arm(when)

    def mark(self, item: Flushed) -> None:
        """Flush `item` when all that happens at this instant has happened."""
        self._dirty[id(item)] = item

    def mark_drivers(self) -> None:
        """Mark every core."""
        for driver in self.drivers:
            self._dirty[id(driver)] = driver

    def settle(self) -> None:
        """Flush what is marked, and what that marks."""
        while self._dirty:
            self._dirty.pop(next(iter(self._dirty))).flush()

    def report(self, action: Action, packet: Packet, place: str) -> None:
        """Tell the observers."""
        for hook in self.hooks:
            hook(self.now, action, packet, place)

    def admit(self, packet: Packet, place: str) -> bool:
        """Report `packet` as sent from `place`; False when a filter drops it there."""
        self.report("send", packet, place)
        if self.filters and any(drop(packet) for drop in self.filters):
            self.report("filter", packet, place)
            return False
        return True

    def synchronize(self) -> None:
        """Take the time of the attached loop; call on every entry from outside."""
        if self._loop is not None:
            self.now = max(self.now, self._loop.time())

    def attach(self, loop: Loop) -> None:
        """Let `loop` move the time from here on.

        Raises RuntimeError when another loop does already, or when time would go back.
        """
        if loop is self._loop:
            return
        if self._loop is not None or loop.time() < self.now:
            raise RuntimeError("a network runs on one clock: make a new one for another loop")
        self._loop = loop
        self.now = loop.time()
        self._rearm()

    def run(self, end: float, done: Callable[[], bool]) -> bool:
        """Let things happen until `done()`, which is asked once per instant, or `end`."""
        if self._loop is not None:
            raise RuntimeError("an asyncio loop moves the time of this network: wait there")
        self.mark_drivers()
        self.settle()
        while not done():
            if not self._heap or self._heap[0][0] > end:
                self.now = end
                return False
            self._instant()
        return True

    def _instant(self) -> None:
        """Do everything that is due at the time of the earliest entry, then flush.

        What that makes due at the same time is left for another call, so that even two cores that
        answer each other without delay cannot keep the caller from looking.
        """
        heap, last = self._heap, self._pushed
        self.now = now = max(self.now, heap[0][0])
        while heap and heap[0][0] <= now and heap[0][1] <= last:
            _, _, action, argument = heapq.heappop(heap)
            action(argument)
        self.settle()

    def _on_timer(self) -> None:
        # Asyncio fires a timer up to its clock's resolution early.
        deadline, self._timer, self._armed = self._armed, None, float("-inf")
        self.synchronize()
        self.now = max(self.now, deadline)
        try:
            self._instant()
        finally:
            self._rearm()

    def _rearm(self) -> None:
        self._armed = float("inf")
        if self._heap:
            self._arm(self._heap[0][0])

    def _arm(self, when: float) -> None:
        if self._loop is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._armed = when
        self._timer = self._loop.call_at(when, self._on_timer)


class Pipe:
    """A `Link` put in place: packets go in at `carry` and come out by a call of `exit_`."""

    __slots__ = ("_direct", "_engine", "_exit", "_place", "link")

    def __init__(
        self,
        engine: Engine,
        link: Link,
        exit_: Callable[[Packet], None],
        place: str,
        *,
        direct: bool = True,
    ) -> None:
        self.link = link
        self._engine = engine
        self._exit = exit_
        self._place = place
        self._direct = direct

    def carry(self, packet: Packet) -> None:
        """Let `packet` in."""
        engine = self._engine
        now = engine.now
        times = self.link.accept(
            packet.size, now, engine.random, dont_fragment=packet.dont_fragment
        )
        if not times:
            engine.report(self.link.cause or "loss", packet, self._place)
            return
        for _ in times[1:]:
            engine.at(times[0], self._exit, packet.copy())
        if self._direct and times[0] <= now:
            self._exit(packet)
        else:
            engine.at(times[0], self._exit, packet)
