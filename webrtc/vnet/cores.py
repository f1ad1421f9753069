"""Sans-IO cores as inhabitants of the virtual network."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from webrtc.core import Address, BurstAware, Path, Refused, SizeAware, Transmit, WayAware
from webrtc.vnet.engine import Engine, Receiver

MAX_SPINS = 1000
"""How often in a row a core may be due at one instant before this is called a bug."""


class Core(Protocol):
    """The five verbs of a network-facing core."""

    def handle_read(self, data: bytes, path: Path, now: float, /) -> None: ...

    def handle_timeout(self, now: float, /) -> None: ...

    def poll_write(self) -> Transmit | None: ...

    def poll_event(self) -> object | None: ...

    def poll_timeout(self) -> float | None: ...


class Endpoint(Protocol):
    """The socket of a core."""

    local: Address

    def start(self, receiver: Receiver) -> None: ...

    def send(self, transmits: Iterable[Transmit]) -> Refused | None: ...

    def close(self) -> None: ...


class Driver:
    """Runs one core on one or more sockets. It polls the core after everything that may change it.

    A command given to the core outside `Network.run` needs no more; on an asyncio loop, call
    `flush` afterwards.
    """

    def __init__(
        self, core: Core, engine: Engine, on_event: Callable[[object], None] | None
    ) -> None:
        self.core = core
        self._ways = core if isinstance(core, WayAware) else None
        self._sizes = core if isinstance(core, SizeAware) else None
        self._bursts = core if isinstance(core, BurstAware) else None
        self._engine = engine
        self._on_event = on_event
        self._sockets: dict[Address, Endpoint] = {}
        self._armed = float("inf")
        self._fired = -1.0
        self._spins = 0
        engine.drivers.append(self)

    def add(self, endpoint: Endpoint) -> None:
        """Let the core send and receive on one more socket."""
        self._sockets[endpoint.local] = endpoint
        endpoint.start(self)

    def close(self) -> None:
        """Take the core out of the network: close its sockets and never call it again."""
        for endpoint in self._sockets.values():
            endpoint.close()
        self._sockets.clear()
        self._armed = float("-inf")
        self._engine.drivers.remove(self)

    def receive(self, data: bytes, path: Path) -> None:
        """Feed one datagram."""
        self.core.handle_read(data, path, self._engine.now)

    def receive_burst(self, datagrams: Sequence[bytes], path: Path) -> None:
        """Feed datagrams that arrived at the same instant."""
        if self._bursts is not None:
            self._bursts.handle_reads(datagrams, path, self._engine.now)
            return
        for data in datagrams:
            self.receive(data, path)

    def flush(self) -> None:
        """Send what is due, hand over events, arm the timer."""
        core = self.core
        while True:
            while (transmit := core.poll_write()) is not None:
                endpoint = self._sockets.get(transmit.path.local)
                refused = endpoint.send((transmit,)) if endpoint is not None else None
                if refused is not None:
                    self._tell(refused)
            if self._on_event is None or (event := core.poll_event()) is None:
                break
            self._on_event(event)
            self._engine.mark_drivers()
        deadline = core.poll_timeout()
        if deadline is not None and deadline < self._armed:
            self._armed = deadline
            self._engine.at(max(deadline, self._engine.now), self._on_timer, deadline)

    def _tell(self, refused: Refused) -> None:
        now = self._engine.now
        if refused.too_large is not None and self._sizes is not None:
            self._sizes.handle_too_large(refused.too_large, now)
        if self._ways is not None:
            for transmit in refused.unreachable:
                self._ways.handle_unreachable(transmit, now)

    def _on_timer(self, deadline: float) -> None:
        if deadline != self._armed:  # an earlier deadline came between
            return
        now = self._engine.now
        self._spins = self._spins + 1 if now == self._fired else 0
        if self._spins > MAX_SPINS:
            raise RuntimeError(f"{self.core!r} is due again and again at {now}")
        self._armed, self._fired = float("inf"), now
        self.core.handle_timeout(now)
        self._engine.mark(self)
