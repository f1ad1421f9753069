"""Hosts and their UDP sockets: the seam on which the unmodified asyncio shell runs."""

import asyncio
import errno
import os
import socket
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import ip_address
from typing import NamedTuple

from webrtc.aio.net import seam
from webrtc.core import Address, Burst, Path, Refused, Transmit, smaller, transmits
from webrtc.vnet.cores import Core, Driver
from webrtc.vnet.engine import Engine, Receiver
from webrtc.vnet.link import Link
from webrtc.vnet.packet import IPV4_OVERHEAD, IPV6_OVERHEAD, Packet
from webrtc.vnet.router import LINK_LOCAL, Interface, Router

EPHEMERAL_PORTS = range(49152, 65536)  # RFC 6335 §6
RECEIVE_BUFFER = 212992
"""Bytes kept for a socket that nobody reads yet, as Linux does by default."""

MAX_DATAGRAM = 65507
"""Largest UDP payload in bytes that an IPv4 packet can hold."""

MAX_PATHS = 4096
"""Remote addresses remembered per socket; the memory starts anew when they are more."""

WILDCARDS = ("0.0.0.0", "::")  # noqa: S104  # no real socket is bound


class Name(NamedTuple):
    """An entry of the network's DNS."""

    hosts: tuple[str, ...]
    delay: float


class Socket:
    """A bound UDP socket. Like a real one it drops silently what it cannot send or keep."""

    def __init__(self, host: "Host", local: Address) -> None:
        self.local: Address = local
        self.dropped = 0
        """Datagrams that could not be sent, and received ones nobody read in time."""
        self._host = host
        self._receiver: Receiver | None = None
        self._unread: deque[Packet] = deque()
        self._unread_size = 0
        self._burst: list[bytes] = []
        """What arrived at this instant, over `_burst_path`."""
        self._burst_path: Path | None = None
        bare, _, self._zone = local[0].partition("%")
        self._source: Address | None = None if bare in WILDCARDS else (bare, local[1])
        self._ipv6 = ":" in bare
        self._paths: dict[Address, Path] = {}
        self._remotes: dict[Address, Address] = {}

    def start(self, receiver: Receiver) -> None:
        """Hand what arrives to `receiver`, beginning with what has arrived since `bind`."""
        self._receiver = receiver
        while self._unread:
            self._host.engine.at(self._host.engine.now, self.deliver, self._unread.popleft())

    def send(self, transmits: Iterable[Transmit]) -> Refused | None:
        """Send datagrams. The local address of their paths does not matter: it is this socket's.

        Returns those for which there is no way.
        """
        host = self._host
        host.engine.synchronize()
        refused: list[Transmit] = []
        unreachable: list[Transmit] = []
        too_large = None
        for transmit in transmits:
            path = transmit.path
            remote = self._remotes.get(path.remote)
            if remote is None:
                remote = self._check(path.remote)
            source = self._source or (remote and host.source(remote[0], self.local[1]))
            if remote is None or source is None:
                unreachable.append(transmit)
            elif len(transmit.data) > MAX_DATAGRAM:
                refused.append(transmit)
            elif transmit.dont_fragment and not host.fits(source, remote, transmit.data):
                refused.append(transmit)
                too_large = smaller(transmit, too_large)
            elif not host.send(source, remote, transmit):
                unreachable.append(transmit)
        refused += unreachable
        self.dropped += len(refused)
        return Refused(refused, too_large, tuple(unreachable)) if refused else None

    def send_burst(self, burst: Burst) -> Refused | None:
        """As `send`."""
        return self.send(transmits(burst))

    def close(self) -> None:
        """Release the port; what arrives from here on is dropped."""
        self._host.release(self)
        self._receiver = None
        self._unread.clear()

    def deliver(self, packet: Packet) -> None:
        """Take a packet that arrived for this socket."""
        receiver = self._receiver
        if receiver is None:
            self._keep(packet)
            return
        path = self._paths.get(packet.source)
        if path is None:
            path = self._path(packet.source)
        if path is not self._burst_path:
            self._hand_over(receiver)
            self._burst_path = path
        self._burst.append(packet.data)
        self._host.engine.mark(self)

    def flush(self) -> None:
        """Hand over what arrived at this instant as one burst, as a real socket is read."""
        if self._receiver is not None:
            self._hand_over(self._receiver)
        if self._receiver is not None:
            self._receiver.flush()

    def _hand_over(self, receiver: Receiver) -> None:
        burst, path = self._burst, self._burst_path
        if path is None:
            return
        self._burst, self._burst_path = [], None
        if len(burst) == 1:
            receiver.receive(burst[0], path)
        else:
            receiver.receive_burst(burst, path)

    def _keep(self, packet: Packet) -> None:
        if self._unread_size + packet.size > RECEIVE_BUFFER:
            self.dropped += 1
            return
        self._unread_size += packet.size
        self._unread.append(packet)

    def _path(self, source: Address) -> Path:
        if len(self._paths) >= MAX_PATHS:
            self._paths.clear()
        host, port = source
        zone = f"%{self._zone}" if self._zone and host.startswith(LINK_LOCAL) else ""
        path = self._paths[source] = Path(self.local, (host + zone, port))
        return path

    def _check(self, remote: Address) -> Address | None:
        """`remote` in canonical form without zone, or None when it is no address of our family."""
        try:
            address = ip_address(remote[0].partition("%")[0])
        except ValueError:
            return None
        if (address.version == 6) is not self._ipv6:
            return None
        if len(self._remotes) >= MAX_PATHS:
            self._remotes.clear()
        canonical = self._remotes[remote] = (str(address), remote[1])
        return canonical


class Host:
    """A machine with interfaces, bound sockets and a resolver.

    It is the `network` that the asyncio shell asks for: `interfaces`, `bind` and `resolve`. Within
    a running asyncio loop, `bind` attaches the virtual network to that loop's time.
    """

    def __init__(self, engine: Engine, name: str, names: Mapping[str, Name], link: Link) -> None:
        self.name = name
        self.engine = engine
        self.cards: list[Interface] = []
        """Its network interfaces, connected or not."""
        self._names = names
        self._link = link
        self._owners: dict[str, Interface] = {}
        self._sockets: dict[Address, Socket] = {}
        self._next_port = 0
        self._loopback = f"{name}/lo"

    def add_interface(
        self,
        router: Router,
        *hosts: str,
        name: str = "",
        outbound: Link | None = None,
        inbound: Link | None = None,
    ) -> Interface:
        """Add an interface to `router` with addresses `hosts`, or with free ones of its subnets.

        Unless given, `outbound` is a copy of the network's default link and `inbound` is perfect.
        Raises ValueError when an address is taken.
        """
        card = Interface(
            self.engine,
            f"{self.name}/{name or f'eth{len(self.cards)}'}",
            hosts or router.free_addresses(),
            router,
            self._arrive,
            outbound or self._link.copy(),
            inbound or Link(),
        )
        self.cards.append(card)
        self._owners |= dict.fromkeys(card.hosts, card)
        return card

    def interfaces(self) -> Sequence[seam.InterfaceAddress]:
        """Every address of the connected interfaces, link-local ones with their zone."""
        found = []
        for card in self.cards:
            short = card.name.rpartition("/")[2]
            for host in card.hosts if card.connected else ():
                zone = f"%{short}" if host.startswith(LINK_LOCAL) else ""
                prefix = card.router.prefix(host)
                found.append(seam.InterfaceAddress(short, host + zone, prefix))
        return found

    def bind(self, address: Address) -> Socket:
        """Bind a UDP socket; port 0 takes a free one. `0.0.0.0` and `::` stand for every address.

        Raises OSError: EADDRNOTAVAIL for an address that no connected interface has, EADDRINUSE
        for a taken port or when all are taken.
        """
        self._attach_running_loop()
        host, port = address
        bare = str(ip_address(host.partition("%")[0]))
        if bare not in WILDCARDS and not self._has(bare):
            raise _os_error(errno.EADDRNOTAVAIL)
        if port == 0:
            port = self._free_port(bare)
        elif not self._free(bare, port):
            raise _os_error(errno.EADDRINUSE)
        zone = host[len(host.partition("%")[0]) :]
        endpoint = self._sockets[bare, port] = Socket(self, (bare + zone, port))
        return endpoint

    def attach(
        self,
        core: Core,
        *addresses: Address,
        on_event: Callable[[object], None] | None = None,
    ) -> Driver:
        """Bind `addresses` and let `core` run on them.

        Its events go to `on_event`; without one they stay in the core for the caller to poll.
        """
        driver = Driver(core, self.engine, on_event)
        for address in addresses:
            driver.add(self.bind(address))
        self.engine.at(self.engine.now, self.engine.mark, driver)
        return driver

    async def resolve(self, host: str) -> Sequence[str]:
        """Look `host` up in the network's DNS. An unknown name raises OSError."""
        try:
            return (str(ip_address(host)),)
        except ValueError:
            pass
        name = self._names.get(host.lower(), Name((), 0.0))
        if name.delay:
            await asyncio.sleep(name.delay)
        if not name.hosts:
            raise socket.gaierror(socket.EAI_NONAME, f"no address for {host!r}")
        return name.hosts

    def fits(self, source: Address, destination: Address, data: bytes) -> bool:
        """Whether the interface takes a datagram in one piece; there is no limit within a host."""
        card = self._owners.get(source[0])
        return (
            card is None
            or destination[0] in self._owners
            or len(data) + (IPV6_OVERHEAD if ":" in source[0] else IPV4_OVERHEAD) <= card.mtu
        )

    def send(self, source: Address, destination: Address, transmit: Transmit) -> bool:
        """Send a packet from the interface that has the source address; False without one."""
        card = self._owners.get(source[0])
        data = transmit.data
        if card is None or not card.connected:
            return False
        engine = self.engine
        engine.packets += 1
        packet = Packet(
            data,
            source,
            destination,
            transmit.ecn,
            engine.packets,
            dont_fragment=transmit.dont_fragment,
        )
        if destination[0] not in self._owners:
            card.send(packet)
        elif engine.admit(packet, self._loopback):
            engine.at(engine.now, self._loop_back, packet)
        return True

    def source(self, destination: str, port: int) -> Address | None:
        """The address from which a socket bound to a wildcard address sends to `destination`."""
        family = ip_address(destination).version
        hosts = [
            (not card.router.contains(destination), host)
            for card in self.cards
            for host in card.hosts
            if card.connected and ip_address(host).version == family
        ]
        return (min(hosts, key=lambda item: item[0])[1], port) if hosts else None

    def release(self, endpoint: Socket) -> None:
        """Forget a closed socket."""
        key = endpoint.local[0].partition("%")[0], endpoint.local[1]
        if self._sockets.get(key) is endpoint:
            del self._sockets[key]

    def _loop_back(self, packet: Packet) -> None:
        if self._has(packet.destination[0]):
            self.engine.report("deliver", packet, self._loopback)
            self._arrive(packet)
        else:
            self.engine.report("route", packet, self._loopback)

    def _arrive(self, packet: Packet) -> None:
        endpoint = self._sockets.get(packet.destination)
        if endpoint is None:
            host, port = packet.destination
            endpoint = self._sockets.get((WILDCARDS[":" in host], port))
        if endpoint is None:
            self.engine.report("port", packet, self.name)
        else:
            endpoint.deliver(packet)

    def _has(self, host: str) -> bool:
        return host in self._owners and self._owners[host].connected

    def _free(self, host: str, port: int) -> bool:
        wildcard = WILDCARDS[":" in host]
        if host != wildcard:
            return (host, port) not in self._sockets and (wildcard, port) not in self._sockets
        return not any(
            taken == port and (":" in other) is (":" in host) for other, taken in self._sockets
        )

    def _free_port(self, host: str) -> int:
        for _ in EPHEMERAL_PORTS:
            port = EPHEMERAL_PORTS[self._next_port % len(EPHEMERAL_PORTS)]
            self._next_port += 1
            if self._free(host, port):
                return port
        raise _os_error(errno.EADDRINUSE)

    def _attach_running_loop(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self.engine.attach(loop)


def _os_error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
