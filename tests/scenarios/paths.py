"""SCTP associations that share a path, in virtual time: throughput, fairness, delay.

Associations only, without DTLS and sockets, so that seconds of many packets are computed in
little time. What a link's `rate` and `queue` count are therefore SCTP packets.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from heapq import heappop, heappush
from itertools import count
from random import Random
from statistics import quantiles

from webrtc.aio.net.udp import BURST
from webrtc.sctp import Association, Config, State
from webrtc.vnet import Link

MESSAGE = bytes(16384)
UNSENT = 1 << 18
"""Bytes that a bulk sender keeps waiting: more than one burst takes."""
FAST = 1e9
"""Bit/s of a path that is limited by windows alone."""
PACKET = 1452
"""Largest SCTP packet of links that are to be like Ethernet."""
LOSSY = [(0.1, 0.01, 10.0, 15.0), (0.1, 0.1, 6.0, 10.0), (0.1, 0.2, 4.0, 7.0)]
"""Round-trip time, loss each way, Mbit/s of `LOSSY_RATE` to be reached, and that we aim at."""
LOSSY_RATE = 20e6
NARROW = [(1e6, 0.85, 0.93), (18e6, 16.0, 17.0)]
"""Bit/s of a path of 60 ms, Mbit/s that must be reached, and that we aim at."""
LATENCIES = [(0.0, 0.099), (0.02, 0.124), (0.05, 0.156), (0.1, 0.231)]
"""Loss each way, and seconds that libdatachannel was measured with in its issue 409."""


def lossy(rtt: float, loss: float) -> Link:
    """A path that loses, with a rate and a queue like others."""
    return Link(delay=rtt / 2, loss=loss, rate=LOSSY_RATE, queue=1 << 19, mtu=PACKET)


@dataclass(frozen=True)
class Aim:
    """A path, how it is measured, and the Mbit/s that we aim at."""

    link: Link
    rate: float
    seconds: float
    warm_up: float = 0.0
    seeds: int = 1


AIMS = {
    "60 ms, 1 %": Aim(
        Link(delay=0.03, loss=0.01, rate=40e6, queue=1 << 19, mtu=PACKET), 20.0, 2.0, 2.0
    ),
    "100 ms, 0 %": Aim(Link(delay=0.05, rate=FAST, queue=4 << 20, mtu=PACKET), 300.0, 0.5, 1.0),
    "300 ms, 0 %": Aim(Link(delay=0.15, rate=2e8, queue=4 << 20, mtu=PACKET), 100.0, 1.0, 3.0),
    "100 ms, 5 %": Aim(
        Link(delay=0.05, loss=0.05, rate=20e6, queue=1 << 19, mtu=PACKET), 8.0, 3.0, 2.0
    ),
    "40 ms, 18 Mbit/s, 256 KB": Aim(
        Link(delay=0.02, rate=18e6, queue=256_000, mtu=PACKET), 17.0, 6.0, 2.0
    ),
}
"""Paths, named by round-trip time, loss each way, rate and queue."""

SETTING = "congestion_control"
"""The field of `Config` that chooses the algorithm."""


def config(control: str | None = None, **changes: object) -> Config:
    """A configuration with that algorithm; None is the default."""
    if control is not None and SETTING in {each.name for each in fields(Config)}:
        changes[SETTING] = control
    return Config(**changes)  # type: ignore[arg-type] # passed on


class End:
    """One association, and what it has received."""

    def __init__(self, association: Association) -> None:
        self.association = association
        self.peer: End = self
        self.out: Link = Link()
        self.received = 0
        self.on_message: Callable[[bytes], None] | None = None
        self.fill: Callable[[], None] = lambda: None


class Flow:
    """A sender and its receiver."""

    def __init__(self, sender: End, receiver: End) -> None:
        self.sender = sender
        self.receiver = receiver
        sender.peer, receiver.peer = receiver, sender

    @property
    def rate(self) -> float:
        """Mbit of messages received since `received` was set to 0; divide by the seconds."""
        return self.receiver.received * 8 / 1e6

    @property
    def spurious(self) -> float:
        """Share of DATA that the receiver had already, of all packets sent."""
        duplicated = self.receiver.association.counters.chunks_duplicated
        return duplicated / self.sender.association.counters.packets_sent


class Path:
    """Two directions of one path, and the flows on it. `there` is what bulk data goes through."""

    def __init__(self, there: Link, back: Link | None = None, seed: int = 0) -> None:
        self.there = there
        self.back = back or Link(
            delay=there.delay, loss=there.loss, mtu=there.mtu, interrupts=there.interrupts
        )
        self.now = 0.0
        self.waits: list[float] = []
        """Seconds that each packet spent in the queue of `there`."""
        self._random = Random(seed)
        self._ends: list[End] = []
        self._heap: list[tuple[float, int, End, bytes]] = []
        self._order = count()

    def flow(self, settings: Config | None = None) -> Flow:
        """One more association on the path, connected before anything is lost."""
        settings = settings or Config()
        sender, receiver = (
            End(Association(settings, Random(self._random.getrandbits(32)))) for _ in range(2)
        )
        flow = Flow(sender, receiver)
        self._ends += [sender, receiver]
        for end in (sender, receiver):
            end.out = Link(delay=self.there.delay, mtu=self.there.mtu)
            end.association.connect(self.now)
        limit = self.now + 10.0
        while sender.association.state is not State.ESTABLISHED:
            assert self.now < limit
            self.run(0.01)
        sender.out, receiver.out = self.there, self.back
        return flow

    def bulk(self, settings: Config | None = None, *, both_ways: bool = False) -> Flow:
        """A flow whose sender, or both ends, always have something to send."""
        flow = self.flow(settings)
        self._keep_full(flow.sender)
        if both_ways:
            self._keep_full(flow.receiver)
        return flow

    def _keep_full(self, end: End) -> None:
        association = end.association

        def fill() -> None:
            while association.buffered_amount(0) < UNSENT:
                association.send(0, 53, MESSAGE, self.now)

        end.fill = fill

    def run(self, seconds: float) -> None:
        """Let `seconds` pass."""
        end = self.now + seconds
        for each in self._ends:
            self._flush(each)
        while (moment := self._next()) <= end:
            self.now = max(self.now, moment)
            self._read()
            for each in self._ends:
                deadline = each.association.poll_timeout()
                if deadline is not None and deadline <= self.now:
                    each.association.handle_timeout(self.now)
                    self._flush(each)
        self.now = end

    def p95_wait(self) -> float:
        """Queueing delay that one packet in twenty exceeds."""
        return quantiles(self.waits, n=20)[-1]

    def _read(self) -> None:
        """Deliver what has arrived, and flush each end after every burst, as `webrtc.aio` does."""
        heap, now = self._heap, self.now
        bursts: dict[int, tuple[End, list[bytes]]] = {}
        while heap and heap[0][0] <= now:
            _, _, target, packet = heappop(heap)
            burst = bursts.setdefault(id(target), (target, []))[1]
            burst.append(packet)
            if len(burst) == BURST:
                self._take(*bursts.pop(id(target)))
        for target, burst in bursts.values():
            self._take(target, burst)

    def _take(self, target: End, burst: list[bytes]) -> None:
        if len(burst) == 1:
            target.association.handle_read(burst[0], self.now)
        else:
            target.association.handle_reads(burst, self.now)
        self._flush(target)

    def _next(self) -> float:
        moment = self._heap[0][0] if self._heap else float("inf")
        for each in self._ends:
            deadline = each.association.poll_timeout()
            if deadline is not None and deadline < moment:
                moment = deadline
        return moment

    def _flush(self, end: End) -> None:
        association = end.association
        while (message := association.poll_data()) is not None:
            end.received += len(message.data)
            if end.on_message is not None:
                end.on_message(message.data)
            association.consume(message.cost)
        wrote = True
        while wrote:
            wrote = False
            end.fill()
            for each in association.poll_burst():
                self._transmit(end, each)
                wrote = True
            while (packet := association.poll_write()) is not None:
                self._transmit(end, packet)
                wrote = True
        while (event := association.poll_event()) is not None:
            del event

    def _transmit(self, end: End, packet: bytes) -> None:
        link = end.out
        arrivals = link.accept(len(packet), self.now, self._random)
        if arrivals and link is self.there:
            self.waits.append(arrivals[0] - self.now - link.delay)
        for arrival in arrivals:
            heappush(self._heap, (arrival, next(self._order), end.peer, packet))


def throughput(
    there: Link,
    *,
    seconds: float = 20.0,
    warm_up: float = 0.0,
    seed: int = 0,
    settings: Config | None = None,
) -> float:
    """Mbit/s of messages that one bulk flow delivers, from `warm_up` on."""
    path = Path(there, seed=seed)
    flow = path.bulk(settings)
    path.run(warm_up)
    flow.receiver.received = 0
    path.run(seconds)
    return flow.rate / seconds


def shares(
    there: Link,
    first: Config,
    second: Config,
    *,
    seconds: float = 30.0,
    warm_up: float = 10.0,
    seed: int = 0,
) -> tuple[float, float]:
    """Parts of what two flows deliver together; the second joins a second after the first."""
    path = Path(there, seed=seed)
    flows = [path.bulk(first)]
    path.run(1.0)
    flows.append(path.bulk(second))
    path.run(warm_up)
    for flow in flows:
        flow.receiver.received = 0
    path.run(seconds)
    one, other = (flow.rate for flow in flows)
    return one / (one + other), other / (one + other)


def latency(
    loss: float, *, seconds: float = 30.0, seed: int = 0, settings: Config | None = None
) -> float:
    """Mean seconds from sending to delivery of 64 ordered bytes each 16 ms, 50 ms one way."""
    path = Path(Link(delay=0.05, loss=loss), seed=seed)
    flow = path.flow(settings)
    sent: list[float] = []
    times: list[float] = []

    def arrived(message: bytes) -> None:
        times.append(path.now - sent[int.from_bytes(message[:8], "big")])

    flow.receiver.on_message = arrived
    end = path.now + seconds
    while path.now < end:
        number = len(sent)
        sent.append(path.now)
        flow.sender.association.send(0, 53, number.to_bytes(8, "big") * 8, path.now)
        path.run(0.016)
    path.run(10.0)
    assert len(times) == len(sent)
    return sum(times) / len(times)
