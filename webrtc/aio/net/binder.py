"""Which local addresses to use, and the sockets on them."""

import asyncio
import errno
import logging
from collections.abc import Iterator, Sequence
from typing import Protocol

from webrtc.aio.net.driver import Driver
from webrtc.aio.net.seam import Endpoint, InterfaceAddress, NetworkStack
from webrtc.core import Address
from webrtc.errors import InvalidAccessError
from webrtc.ice.address import Scope, normalize, scope
from webrtc.ice.candidate import NetworkType
from webrtc.peer import SettingEngine
from webrtc.peer.events import AddressesBound

_log = logging.getLogger("webrtc.ice")

RESOLVE_TIMEOUT = 5.0
"""Seconds that the name of a STUN server may take."""
_PORT_TAKEN = {errno.EADDRINUSE, errno.EACCES}  # Windows keeps some ranges for itself


class Gathering(Protocol):
    """A core that makes candidates of addresses."""

    def handle_event(self, event: AddressesBound, now: float) -> None:
        """Take what was bound and resolved."""


class Binder:
    """Binds one endpoint for each usable address of a network and tells the core.

    Raises InvalidAccessError for `bind_addresses` or a `port_range` that cannot work.
    """

    def __init__(
        self, core: Gathering, driver: Driver, network: NetworkStack, settings: SettingEngine
    ) -> None:
        self._core = core
        self._driver = driver
        self._network = network
        self._settings = settings
        self._bound: dict[str, Address] = {}
        self._round = 0
        self._unresolved = 0
        for host in settings.bind_addresses:
            if not _is_ip(host):
                raise InvalidAccessError(f"bind_addresses: {host!r:.80} is no IP address")
        self._ports = self._port_order()

    def bind(
        self, stun_servers: Sequence[tuple[str, int]]
    ) -> tuple[AddressesBound, Sequence[tuple[str, int]]]:
        """Answer `GatherWanted`: bind what is new and release what is gone.

        Returns what to tell the core, and the servers that have a name, for `look_up`.
        """
        self._round += 1
        names = [server for server in stun_servers if not _is_ip(server[0])]
        addresses = tuple(server for server in stun_servers if _is_ip(server[0]))
        self._unresolved = len(names)
        interfaces = self._interfaces()
        bound = self._bind_all(interfaces)
        subnets = tuple(_subnets(interfaces))
        return AddressesBound(bound, addresses, more=bool(names), subnets=subnets), names

    async def look_up(self, names: Sequence[tuple[str, int]]) -> None:
        """Each server counts as soon as its name is resolved; none waits for another."""
        async with asyncio.TaskGroup() as group:
            for host, port in names:
                group.create_task(self._look_up(host, port, self._round))

    async def _look_up(self, host: str, port: int, round_: int) -> None:
        servers = tuple((address, port) for address in await self._resolve(host))
        if round_ == self._round:  # else an ICE restart has begun another one meanwhile
            self._unresolved -= 1
            self.tell(AddressesBound((), servers, more=self._unresolved > 0, name=host))

    async def _resolve(self, host: str) -> Sequence[str]:
        try:
            async with asyncio.timeout(RESOLVE_TIMEOUT):
                return await self._network.resolve(host)
        except (OSError, TimeoutError) as error:
            _log.warning("STUN server %s cannot be resolved: %r", host, error)
            return ()

    def tell(self, event: AddressesBound) -> None:
        """Let the core make candidates of what was bound or found."""
        self._core.handle_event(event, asyncio.get_running_loop().time())
        self._driver.flush_now()

    def _bind_all(self, interfaces: Sequence[InterfaceAddress]) -> tuple[Address, ...]:
        hosts = self._hosts(interfaces)
        for gone in self._bound.keys() - set(hosts):
            self._driver.remove_endpoint(self._bound.pop(gone))
        for host in hosts:
            if host not in self._bound and (endpoint := self._bind(host)) is not None:
                self._bound[host] = endpoint.local
                self._driver.add_endpoint(endpoint)
        return tuple(self._bound[host] for host in hosts if host in self._bound)

    def _hosts(self, interfaces: Sequence[InterfaceAddress]) -> list[str]:
        """The addresses to bind, each once."""
        settings = self._settings
        if settings.bind_addresses:
            return list(dict.fromkeys(settings.bind_addresses))
        accepts = settings.interface_filter
        named = [each.host for each in interfaces if accepts is None or accepts(each.name)]
        hosts = list(dict.fromkeys(filter(self._wants, named)))
        loopback = [host for host in hosts if scope(host) is Scope.LOOPBACK]
        others = [host for host in hosts if host not in loopback]
        # A link-local address reaches nobody whom its neighbours do not: RFC 8445 §5.1.1.1.
        usable = [host for host in others if not host.startswith("fe80:")] or others
        return [*usable, *loopback] if settings.include_loopback or not usable else usable

    def _interfaces(self) -> Sequence[InterfaceAddress]:
        try:
            return self._network.interfaces()
        except OSError as error:
            _log.warning("the network interfaces cannot be listed: %s", error)
            return []

    def _wants(self, host: str) -> bool:
        config = self._settings.ice
        family = NetworkType.UDP6 if ":" in host else NetworkType.UDP4
        accepts = config.ip_filter
        return family in config.network_types and (accepts is None or accepts(host))

    def _bind(self, host: str) -> Endpoint | None:
        error: OSError | None = None
        for port in self._ports:
            try:
                return self._network.bind((host, port))
            except OSError as failure:
                error = failure
                if failure.errno not in _PORT_TAKEN:
                    break
        _log.warning("no UDP socket on %s: %s", host, error)
        return None

    def _port_order(self) -> Sequence[int]:
        if self._settings.port_range is None:
            return (0,)
        first, last = self._settings.port_range
        if not 1 <= first <= last <= 65535:
            raise InvalidAccessError(f"port_range {first} to {last}")
        ports = list(range(first, last + 1))
        self._settings.random.shuffle(ports)
        return ports


def _subnets(interfaces: Sequence[InterfaceAddress]) -> Iterator[str]:
    for each in interfaces:
        if each.prefix is not None:
            yield f"{each.host.partition('%')[0]}/{each.prefix}"


def _is_ip(host: str) -> bool:
    return normalize(host) is not None
