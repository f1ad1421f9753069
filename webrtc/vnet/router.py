"""Routers and the interfaces on them: subnets, uplinks, NATs, who can reach whom."""

from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network
from itertools import islice

from webrtc.vnet.engine import Engine, Filter, Pipe
from webrtc.vnet.link import Link
from webrtc.vnet.nat import Translator
from webrtc.vnet.packet import Packet

Route = Callable[[Packet], None]

LINK_LOCAL = "fe80:"
"""Start of the link-local IPv6 addresses. RFC 4291 §2.5.6."""

MAX_ROUTES = 65536
"""Destinations remembered per router; the memory starts anew when they are more."""


class Router:
    """Connects the interfaces of one network with each other and with a parent router.

    Packets for an address that is neither here nor below go to the parent, through `nat` when
    there is one for the address family, else unchanged. A subnet is reachable from the parent only
    when no NAT translates its family. A root router has no parent and no subnets: it takes every
    address.
    """

    def __init__(
        self,
        engine: Engine,
        name: str,
        subnets: Sequence[str] = (),
        *,
        parent: "Router | None" = None,
        nat: Translator | None = None,
        outbound: Link | None = None,
        inbound: Link | None = None,
    ) -> None:
        self.name = name
        self.subnets = [ip_network(subnet) for subnet in subnets]
        self.parent = parent
        self.nat = nat
        self.filters: list[Filter] = []
        """Packets that enter this router and for which one of these returns True are dropped."""
        self._engine = engine
        self._routes: dict[str, Route] = {}
        self._inward: dict[str, Route] = {}
        self._interfaces: dict[str, Interface] = {}
        self._children: list[Router] = []
        self._unused = [map(str, islice(subnet.hosts(), 1, None)) for subnet in self.subnets]
        up = parent.forward if parent is not None else self._unroutable
        self._up = Pipe(engine, outbound or Link(), up, f"{name} up")
        self._down = Pipe(engine, inbound or Link(), self._descend, f"{name} down")
        if parent is not None:
            parent.adopt(self)

    @property
    def outbound(self) -> Link:
        """The link to the parent."""
        return self._up.link

    @outbound.setter
    def outbound(self, link: Link) -> None:
        self._up.link = link

    @property
    def inbound(self) -> Link:
        """The link from the parent."""
        return self._down.link

    @inbound.setter
    def inbound(self, link: Link) -> None:
        self._down.link = link

    def filter(self, drop: Filter) -> Callable[[], None]:
        """Drop packets entering this router for which `drop` returns True. Call the result to end.

        Addresses are as seen on the inner side of this router's own NAT.
        """
        self.filters.append(drop)
        return lambda: self.filters.remove(drop)

    def free_addresses(self) -> list[str]:
        """One unused address of each subnet; the first one is left for the router itself."""
        return [
            next(host for host in hosts if host not in self._interfaces) for hosts in self._unused
        ]

    def interface(self, host: str) -> "Interface | None":
        """The connected interface with address `host`."""
        return self._interfaces.get(host)

    def connect(self, interface: "Interface") -> None:
        """Make the addresses of `interface` reachable. Raises ValueError when one is taken."""
        for host in interface.hosts:
            if host in self._interfaces:
                raise ValueError(f"{host} is taken by {self._interfaces[host].name}")
        self._interfaces |= dict.fromkeys(interface.hosts, interface)
        self._forget()

    def disconnect(self, interface: "Interface") -> None:
        """Undo `connect`."""
        for host in interface.hosts:
            del self._interfaces[host]
        self._forget()

    def adopt(self, child: "Router") -> None:
        """Route what belongs to `child` to it."""
        self._children.append(child)
        self._forget()

    def forward(self, packet: Packet) -> None:
        """Send `packet`, which came from this network or below, on its way."""
        if self.filters and any(drop(packet) for drop in self.filters):
            self._engine.report("filter", packet, self.name)
            return
        host = packet.destination[0]
        route = self._routes.get(host)
        if route is None:
            route = self._remember(self._routes, host, self._inside(host) or self._outside(host))
        route(packet)

    def contains(self, host: str) -> bool:
        """Whether `host` is an address of one of the subnets."""
        address = ip_address(host)
        return any(address in subnet for subnet in self.subnets)

    def prefix(self, host: str) -> int | None:
        """Length of the prefix of the subnet that has `host`, or None without one."""
        address = ip_address(host)
        return next((subnet.prefixlen for subnet in self.subnets if address in subnet), None)

    def reaches(self, host: str) -> bool:
        """Whether packets from the parent to `host` come here."""
        if self.nat is not None and host in self.nat.hosts:
            return True
        hidden = self.nat is not None and self.nat.translates(host)
        return not hidden and self.contains(host)

    def _descend(self, packet: Packet) -> None:
        """Take a packet from the parent."""
        nat = self.nat
        if (
            nat is not None
            and packet.destination[0] in nat.hosts
            and not nat.inbound(packet, self._engine.now)
        ):
            self._engine.report("nat", packet, self.name)
            return
        if self.filters and any(drop(packet) for drop in self.filters):
            self._engine.report("filter", packet, self.name)
            return
        host = packet.destination[0]
        route = self._inward.get(host)
        if route is None:
            route = self._remember(self._inward, host, self._inside(host) or self._unroutable)
        route(packet)

    def _inside(self, host: str) -> Route | None:
        interface = self._interfaces.get(host)
        if interface is not None:
            return interface.take
        return next((child.take for child in self._children if child.reaches(host)), None)

    def _outside(self, host: str) -> Route:
        if self.parent is None or self.contains(host) or host.startswith(LINK_LOCAL):
            return self._unroutable
        if self.nat is None:
            return self._ascend
        if host in self.nat.hosts:
            return self._hairpin
        return self._translate if self.nat.translates(host) else self._ascend

    def _remember(self, routes: dict[str, Route], host: str, route: Route) -> Route:
        if len(routes) >= MAX_ROUTES:
            routes.clear()
        routes[host] = route
        return route

    def _forget(self) -> None:
        self._routes.clear()
        self._inward.clear()

    def take(self, packet: Packet) -> None:
        """Let a packet from the parent in."""
        self._down.carry(packet)

    def _ascend(self, packet: Packet) -> None:
        self._up.carry(packet)

    def _translate(self, packet: Packet) -> None:
        engine = self._engine
        if self.nat is not None and self.nat.outbound(packet, engine.now, engine.random):
            self._up.carry(packet)
        else:
            engine.report("nat", packet, self.name)

    def _hairpin(self, packet: Packet) -> None:
        """Turn a packet from inside to an outer address round. RFC 4787 §6 REQ-9."""
        engine, nat = self._engine, self.nat
        if (
            nat is not None
            and nat.hairpin
            and nat.outbound(packet, engine.now, engine.random)
            and nat.inbound(packet, engine.now)
        ):
            self.forward(packet)
        else:
            engine.report("nat", packet, self.name)

    def _unroutable(self, packet: Packet) -> None:
        self._engine.report("route", packet, self.name)


class Interface:
    """A network card: its addresses, and the links to and from its router."""

    def __init__(
        self,
        engine: Engine,
        name: str,
        hosts: Sequence[str],
        router: Router,
        deliver: Callable[[Packet], None],
        outbound: Link,
        inbound: Link,
    ) -> None:
        if not hosts:
            raise ValueError(f"no address for {name}: {router.name} has no subnet to take one from")
        self.name = name
        self.hosts = tuple(str(ip_address(host)) for host in hosts)
        self.router = router
        self.connected = False
        self.mtu = 1500
        """Largest IP packet it takes; a larger one is fragmented, or refused if it must not be."""
        self._engine = engine
        self._deliver = deliver
        self._up = Pipe(engine, outbound, self._leave, f"{name} up", direct=False)
        self._down = Pipe(engine, inbound, self._arrive, f"{name} down")
        self.connect()

    @property
    def outbound(self) -> Link:
        """The link to the router."""
        return self._up.link

    @outbound.setter
    def outbound(self, link: Link) -> None:
        self._up.link = link

    @property
    def inbound(self) -> Link:
        """The link from the router."""
        return self._down.link

    @inbound.setter
    def inbound(self, link: Link) -> None:
        self._down.link = link

    def connect(self) -> None:
        """Appear. Raises ValueError when another interface has one of the addresses."""
        self.router.connect(self)
        self.connected = True

    def disconnect(self) -> None:
        """Vanish with all addresses; packets under way to here are lost."""
        if self.connected:
            self.router.disconnect(self)
            self.connected = False

    def send(self, packet: Packet) -> None:
        """Put `packet` on the wire."""
        if self._engine.admit(packet, self.name):
            self._up.carry(packet)

    def take(self, packet: Packet) -> None:
        """Let a packet from the router in."""
        self._down.carry(packet)

    def _leave(self, packet: Packet) -> None:
        self.router.forward(packet)

    def _arrive(self, packet: Packet) -> None:
        if not self.connected:
            self._engine.report("route", packet, self.name)
            return
        self._engine.report("deliver", packet, self.name)
        self._deliver(packet)
