"""Two connections, a link between them, and a clock that only the test moves."""

import heapq
from collections.abc import Callable, Sequence
from functools import cache
from itertools import count
from random import Random

from webrtc.core import earliest
from webrtc.dtls import (
    Certificate,
    Config,
    Event,
    Fingerprint,
    KeyType,
    OpenSSLConnection,
    Role,
    State,
)

NOW = 1_800_000_000.0

Route = Callable[[Role, int, bytes], Sequence[bytes]]
"""What arrives for the n-th datagram (from 0) of one side: nothing, the datagram, others …"""


@cache
def certificate(name: str, key_type: KeyType = KeyType.ECDSA) -> Certificate:
    """One certificate for each name: RSA keys are slow to make."""
    return Certificate.generate(Random(name), NOW, key_type=key_type)


def connection(
    role: Role,
    *,
    config: Config | None = None,
    own: Certificate | None = None,
    expects: Sequence[Fingerprint] | None = (),
) -> OpenSSLConnection:
    """A connection that has not started."""
    own = own or certificate(role)
    return OpenSSLConnection(own, role, expects, config or Config(), Random(role))


def other_role(role: Role) -> Role:
    return Role.SERVER if role is Role.CLIENT else Role.CLIENT


class Pair:
    """A client and a server that trust each other; delivery takes `delay` each way."""

    def __init__(
        self,
        client: Config | None = None,
        server: Config | None = None,
        *,
        certificates: tuple[Certificate, Certificate] | None = None,
        delay: float = 0.01,
        route: Route | None = None,
    ) -> None:
        one, other = certificates or (certificate(Role.CLIENT), certificate(Role.SERVER))
        self.client = connection(
            Role.CLIENT, config=client, own=one, expects=other.get_fingerprints()
        )
        self.server = connection(
            Role.SERVER, config=server, own=other, expects=one.get_fingerprints()
        )
        self.now = 0.0
        self.delay = delay
        self.route: Route = route or (lambda role, index, datagram: [datagram])
        self.sent: list[tuple[Role, bytes]] = []
        self.events: dict[Role, list[Event]] = {Role.CLIENT: [], Role.SERVER: []}
        self._arrivals: list[tuple[float, int, OpenSSLConnection, bytes]] = []
        self._order = count()

    @property
    def connected(self) -> bool:
        return self.client.state is State.CONNECTED and self.server.state is State.CONNECTED

    @property
    def timeouts(self) -> tuple[int, int]:
        return self.client.counters.timeouts, self.server.counters.timeouts

    def side(self, role: Role) -> OpenSSLConnection:
        return self.client if role is Role.CLIENT else self.server

    def datagrams(self, role: Role) -> list[bytes]:
        return [datagram for sender, datagram in self.sent if sender is role]

    def start(self) -> None:
        self.server.start(self.now)
        self.client.start(self.now)

    def flush(self) -> None:
        """Put what both have written on the link and take their events."""
        for one, other in ((self.client, self.server), (self.server, self.client)):
            while (datagram := one.poll_write()) is not None:
                arriving = self.route(one.role, len(self.datagrams(one.role)), datagram)
                self.sent.append((one.role, datagram))
                for each in arriving:
                    arrival = (self.now + self.delay, next(self._order), other, each)
                    heapq.heappush(self._arrivals, arrival)
            while (event := one.poll_event()) is not None:
                self.events[one.role].append(event)

    def step(self) -> bool:
        """Go to the next arrival or timer; False when there is none."""
        self.flush()
        timers = earliest(self.client.poll_timeout(), self.server.poll_timeout())
        arrival = self._arrivals[0][0] if self._arrivals else None
        due = earliest(timers, arrival)
        if due is None:
            return False
        self.now = max(self.now, due)
        if due == arrival:
            _, _, receiver, datagram = heapq.heappop(self._arrivals)
            receiver.handle_read(datagram, self.now)
        else:
            self.client.handle_timeout(self.now)
            self.server.handle_timeout(self.now)
        self.flush()
        return True

    def run(self) -> None:
        """Until nothing is on its way and no timer runs."""
        while self.step():
            pass

    def connect(self) -> "Pair":
        self.start()
        self.run()
        assert self.connected
        return self
