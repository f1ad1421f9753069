"""Which local addresses to use, and the sockets on them."""

import asyncio
import itertools
import logging
from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from webrtc.aio.driver import Driver
from webrtc.aio.network import Endpoint, Network
from webrtc.core import Address
from webrtc.peer import PeerConnection, SettingEngine
from webrtc.peer.events import AddressesBound

_log = logging.getLogger("webrtc.ice")

RESOLVE_TIMEOUT = 5.0
"""Seconds that the name of a STUN server may take."""


class Gatherer:
    """Binds one endpoint for each usable address of a network and tells the core."""

    def __init__(
        self, core: PeerConnection, driver: Driver, network: Network, settings: SettingEngine
    ) -> None:
        self._core = core
        self._driver = driver
        self._network = network
        self._settings = settings
        self._bound: dict[str, Address] = {}
        self._ports = self._port_order()

    async def gather(self, stun_servers: Sequence[tuple[str, int]]) -> None:
        """Answer `GatherWanted`. Servers with a name are resolved side by side."""
        hosts = tuple(self._bind_all())
        servers = tuple(address for address in stun_servers if _is_ip(address[0]))
        names = [address for address in stun_servers if not _is_ip(address[0])]
        self._tell(AddressesBound(hosts, servers, more=bool(names)))
        if names:
            found = await asyncio.gather(*(self._resolve(*name) for name in names))
            self._tell(AddressesBound((), tuple(itertools.chain.from_iterable(found))))

    def _tell(self, event: AddressesBound) -> None:
        self._core.handle_event(event, asyncio.get_running_loop().time())
        self._driver.flush()

    def _bind_all(self) -> Iterator[Address]:
        for host in self._hosts():
            if host not in self._bound:
                endpoint = self._bind(host)
                if endpoint is None:
                    continue
                self._bound[host] = endpoint.local
                self._driver.add_endpoint(endpoint)
            yield self._bound[host]

    def _hosts(self) -> list[str]:
        settings = self._settings
        if settings.bind_addresses:
            return list(settings.bind_addresses)
        accepts = settings.interface_filter
        hosts = [
            each.host
            for each in self._network.interfaces()
            if accepts is None or accepts(each.name)
        ]
        usable = [host for host in hosts if not _is_loopback(host)]
        return hosts if settings.include_loopback or not usable else usable

    def _bind(self, host: str) -> Endpoint | None:
        error: OSError | None = None
        for port in self._ports:
            try:
                return self._network.bind((host, port))
            except OSError as failure:
                error = failure
        _log.warning("no UDP socket on %s: %s", host, error)
        return None

    def _port_order(self) -> Sequence[int]:
        if self._settings.port_range is None:
            return (0,)
        first, last = self._settings.port_range
        ports = list(range(first, last + 1))
        self._settings.random.shuffle(ports)
        return ports

    async def _resolve(self, host: str, port: int) -> list[Address]:
        try:
            async with asyncio.timeout(RESOLVE_TIMEOUT):
                addresses = await self._network.resolve(host)
        except (OSError, TimeoutError) as error:
            _log.warning("STUN server %s cannot be resolved: %s", host, error)
            return []
        return [(address, port) for address in addresses]


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return ip_address(host).is_loopback
