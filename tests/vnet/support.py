"""Inhabitants for virtual networks."""

from collections import deque
from collections.abc import Sequence

from webrtc.core import Address, Path, Transmit
from webrtc.vnet import Host, Network
from webrtc.vnet.sockets import Socket


class Inbox:
    """A receiver that keeps what it gets; `bursts` holds the sizes of the bursts."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, Address]] = []
        self.bursts: list[int] = []
        self.together: list[int] = []
        """How many were handed over at once, where it was more than one."""
        self._count = 0

    def receive(self, data: bytes, path: Path) -> None:
        self.received.append((data, path.remote))
        self._count += 1

    def receive_burst(self, datagrams: Sequence[bytes], path: Path) -> None:
        self.together.append(len(datagrams))
        for data in datagrams:
            self.receive(data, path)

    def flush(self) -> None:
        self.bursts.append(self._count)
        self._count = 0

    def take(self) -> list[tuple[bytes, Address]]:
        """Everything since the last call."""
        taken, self.received = self.received, []
        return taken


class Peer:
    """A socket with an inbox."""

    def __init__(self, host: Host, port: int = 0, address: str | None = None) -> None:
        self.socket: Socket = host.bind((address or host.cards[0].hosts[0], port))
        self.inbox = Inbox()
        self.socket.start(self.inbox)

    @property
    def local(self) -> Address:
        return self.socket.local

    def send(self, remote: Address, *datagrams: bytes) -> None:
        path = Path(self.local, remote)
        self.socket.send([Transmit(data, path) for data in datagrams])

    def take(self) -> list[tuple[bytes, Address]]:
        return self.inbox.take()


class Retry:
    """A core that repeats a request every half second until the answer comes."""

    def __init__(self, local: Address, remote: Address) -> None:
        self.done = False
        self.sent = 0
        self._path = Path(local, remote)
        self._deadline: float | None = 0.0
        self._writes: deque[Transmit] = deque()
        self._events: deque[object] = deque()

    def handle_read(self, data: bytes, path: Path, now: float) -> None:
        if data == b"answer" and not self.done:
            self.done = True
            self._deadline = None
            self._events.append(("done", now))

    def handle_timeout(self, now: float) -> None:
        if self._deadline is not None and now >= self._deadline:
            self.sent += 1
            self._deadline = now + 0.5
            self._writes.append(Transmit(b"request %d" % self.sent, self._path))

    def poll_write(self) -> Transmit | None:
        return self._writes.popleft() if self._writes else None

    def poll_event(self) -> object | None:
        return self._events.popleft() if self._events else None

    def poll_timeout(self) -> float | None:
        return self._deadline


class Answer:
    """A core that answers everything."""

    def __init__(self) -> None:
        self._writes: deque[Transmit] = deque()

    def handle_read(self, data: bytes, path: Path, now: float) -> None:
        self._writes.append(Transmit(b"answer", path))

    def handle_timeout(self, now: float) -> None:
        pass

    def poll_write(self) -> Transmit | None:
        return self._writes.popleft() if self._writes else None

    def poll_event(self) -> object | None:
        return None

    def poll_timeout(self) -> float | None:
        return None


Trace = list[tuple[float, str, str, int, Address, Address, bytes]]


def trace(network: Network) -> Trace:
    """Everything that happens to packets, byte for byte."""
    entries: Trace = []
    network.watch(
        lambda now, action, packet, place: entries.append(
            (now, action, place, packet.id, packet.source, packet.destination, packet.data)
        )
    )
    return entries
