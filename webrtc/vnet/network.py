"""The virtual network itself: builds the topology, moves time, watches packets."""

from collections.abc import Callable
from ipaddress import ip_address
from os import PathLike
from random import Random

from webrtc.core import Address
from webrtc.vnet.capture import Capture
from webrtc.vnet.cores import Core, Driver
from webrtc.vnet.engine import Engine, Filter, Hook
from webrtc.vnet.link import Link
from webrtc.vnet.nat import Translator
from webrtc.vnet.packet import Packet
from webrtc.vnet.router import Router
from webrtc.vnet.sockets import Host, Name


class Network:
    """Hosts, routers, NATs and links under one clock and one seed.

    `link` is the default for the way from a host to its router; every interface gets a copy. The
    other way, and the links between routers, are perfect unless given. So two hosts side by side
    see `link` once in each direction.

    Sans-IO cores run when the caller moves time with `run` or `run_until`. As soon as something
    is bound inside a running asyncio loop, that loop moves the time, best a `VirtualTimeLoop`.
    """

    def __init__(self, link: Link | None = None, *, seed: int = 0) -> None:
        self.seed = seed
        self._engine = Engine(Random(seed))
        self._link = link or Link()
        self._names: dict[str, Name] = {}
        self.wan = Router(self._engine, "wan")
        """The public Internet: takes hosts with any address, and routers."""

    @property
    def now(self) -> float:
        """Seconds on the network's clock."""
        self._engine.synchronize()
        return self._engine.now

    def host(
        self,
        name: str,
        *hosts: str,
        router: Router | None = None,
        outbound: Link | None = None,
        inbound: Link | None = None,
    ) -> Host:
        """Make a host with one interface on `router` (default: `wan`); see `Host.add_interface`.

        Without addresses it takes a free one of each of the router's subnets.
        """
        host = Host(self._engine, name, self._names, self._link)
        host.add_interface(router or self.wan, *hosts, outbound=outbound, inbound=inbound)
        return host

    def router(
        self,
        name: str,
        *subnets: str,
        parent: Router | None = None,
        nat: Translator | None = None,
        outbound: Link | None = None,
        inbound: Link | None = None,
    ) -> Router:
        """Make a network of its own (`192.168.1.0/24`) below `parent` (default: `wan`).

        `nat` brings its outer address, which must be one the parent's network can have.
        """
        return Router(
            self._engine,
            name,
            subnets,
            parent=parent or self.wan,
            nat=nat,
            outbound=outbound,
            inbound=inbound,
        )

    def add(
        self,
        address: Address,
        core: Core,
        *,
        on_event: Callable[[object], None] | None = None,
    ) -> Driver:
        """Put `core` at a public address: the short way to `Host.attach`."""
        host = Host(self._engine, address[0], self._names, self._link)
        host.add_interface(self.wan, address[0])
        return host.attach(core, address, on_event=on_event)

    def name(self, name: str, *hosts: str, delay: float = 0.0) -> None:
        """Enter `name` in the DNS; every look-up takes `delay`. Without addresses it fails."""
        self._names[name.lower()] = Name(tuple(str(ip_address(host)) for host in hosts), delay)

    def filter(self, drop: Filter) -> Callable[[], None]:
        """Drop packets for which `drop` returns True, as they leave their host.

        Call the result to end it. `Router.filter` does the same at one place.
        """
        self._engine.filters.append(drop)
        return lambda: self._engine.filters.remove(drop)

    def watch(self, hook: Hook) -> Callable[[], None]:
        """Call `hook(now, action, packet, place)` for everything that happens to packets.

        `send` and `deliver` are seen at interfaces; any other action is the reason for a loss.
        NATs rewrite packets, so keep copies, not packets. Call the result to end it.
        """
        self._engine.hooks.append(hook)
        return lambda: self._engine.hooks.remove(hook)

    def capture(self, path: str | PathLike[str], *, on_failure: bool = False) -> Capture:
        """Write a pcapng file until the `with` block ends; `on_failure` only when that raises."""
        capture = Capture(path, self._engine.hooks.remove, on_failure=on_failure)
        self._engine.hooks.append(capture)
        return capture

    def inject(
        self,
        data: bytes,
        source: Address,
        destination: Address,
        *,
        router: Router | None = None,
    ) -> None:
        """Send a datagram from any `source`, true or not, into `router` (default: `wan`)."""
        router = router or self.wan
        engine = self._engine
        engine.synchronize()
        engine.packets += 1
        packet = Packet(data, source, destination, number=engine.packets)
        if engine.admit(packet, f"{router.name}/injected"):
            engine.at(engine.now, router.forward, packet)

    def run(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self._engine.run(self._engine.now + seconds, lambda: False)

    def run_until(self, predicate: Callable[[], object], limit: float) -> None:
        """Run until `predicate()` is true. Raises TimeoutError after `limit` seconds."""
        if not self._engine.run(self._engine.now + limit, lambda: bool(predicate())):
            raise TimeoutError(f"not reached in {limit} s of virtual time (seed {self.seed})")

    def flush(self) -> None:
        """Take the output of every core now, after commands given while an asyncio loop runs."""
        self._engine.synchronize()
        self._engine.mark_drivers()
        self._engine.settle()
