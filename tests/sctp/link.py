"""Two associations joined by a bad link, in virtual time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

import pytest

from webrtc.sctp import Association, Config, Event, Message, State

both_formats = pytest.mark.parametrize("interleaving", [True, False], ids=["I-DATA", "DATA"])
"""For what must hold with message interleaving and without."""


def numbered(n: int, size: int) -> bytes:
    """A message that tells its number, again and again."""
    return n.to_bytes(4, "big") * (size // 4)


@dataclass(frozen=True)
class Link:
    """One direction. `rate` is bytes a second behind a queue of `queue` seconds."""

    delay: float = 0.01
    jitter: float = 0.0
    jittered: float = 1.0
    loss: float = 0.0
    duplicate: float = 0.0
    rate: float | None = None
    queue: float = 0.2
    mtu: int = 1 << 16
    fragments: bool = True
    """Whether a larger packet that may be fragmented gets through."""


class Host:
    """An association with what it received and reported."""

    def __init__(self, association: Association) -> None:
        self.association = association
        self.received: list[Message] = []
        self.events: list[Event] = []
        self.reads = True
        self.busy_until = 0.0
        self.sent = 0
        self.drop: Callable[[bytes], bool] = lambda packet: False

    def ends(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


class Pair:
    """Two hosts, `a` and `b`, and the packets between them."""

    def __init__(
        self,
        seed: int = 0,
        link: Link | None = None,
        config: Config | None = None,
        peer_config: Config | None = None,
        *,
        interleaving: bool = True,
    ) -> None:
        self.random = Random(seed)
        self.link = link or Link()
        config = replace(config or Config(), interleaving=interleaving)
        self.a = Host(Association(config, Random(seed * 2 + 1)))
        self.b = Host(Association(peer_config or config, Random(seed * 2 + 2)))
        self.now = 0.0
        self._heap: list[tuple[float, int, Host, bytes]] = []
        self._order = count()

    @property
    def hosts(self) -> tuple[Host, Host]:
        return self.a, self.b

    def connect(self) -> "Pair":
        """Both sides call connect, as WebRTC does; runs until both are established."""
        for host in self.hosts:
            host.association.connect(self.now)
        established = self.run(
            lambda: all(host.association.state is State.ESTABLISHED for host in self.hosts), 60.0
        )
        assert established
        return self

    def run(self, until: Callable[[], bool] = lambda: False, limit: float = 10.0) -> bool:
        """Run until the condition holds, nothing is left to do, or `limit` seconds have passed."""
        end = self.now + limit
        self.flush()
        while not until():
            deadline = min(
                (
                    when
                    for host in self.hosts
                    if (when := host.association.poll_timeout()) is not None
                ),
                default=None,
            )
            arrival = self._heap[0][0] if self._heap else None
            moments = [when for when in (deadline, arrival) if when is not None]
            if not moments or min(moments) > end:
                self.now = end
                return until()
            self.now = max(self.now, min(moments))
            if arrival is not None and arrival <= self.now:
                _, _, host, packet = heappop(self._heap)
                host.association.handle_read(packet, self.now)
            else:
                for host in self.hosts:
                    host.association.handle_timeout(self.now)
            self.flush()
        return True

    def flush(self) -> None:
        """Move everything out of both associations."""
        for host, peer in ((self.a, self.b), (self.b, self.a)):
            association = host.association
            while host.reads and (message := association.poll_data()) is not None:
                host.received.append(message)
                association.consume(message.cost)
            while (packet := association.poll_write()) is not None:
                self._transmit(host, peer, packet)
            while (event := association.poll_event()) is not None:
                host.events.append(event)

    def lossy(self, **changes: Any) -> "Pair":
        """Change the link from now on."""
        self.link = replace(self.link, **changes)
        return self

    def _transmit(self, host: Host, peer: Host, packet: bytes) -> None:
        link, random = self.link, self.random
        host.sent += 1
        if host.drop(packet) or random.random() < link.loss:
            return
        whole = host.association.dont_fragment or not link.fragments
        if len(packet) > link.mtu and whole:
            return
        depart = self.now
        if link.rate is not None:
            if host.busy_until - self.now > link.queue:
                return
            depart = host.busy_until = max(self.now, host.busy_until) + len(packet) / link.rate
        copies = 1 + (random.random() < link.duplicate)
        for _ in range(copies):
            delay = link.delay
            if link.jitter and random.random() < link.jittered:
                delay += random.random() * link.jitter
            heappush(self._heap, (depart + delay, next(self._order), peer, packet))
