"""What ICE needs to know of an IP address: family, scope, and whether a peer may name it."""

from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from webrtc.core import Address
from webrtc.errors import InvalidAccessError

_TRANSITION = (IPv6Network("2001::/32"), IPv6Network("2002::/16"), IPv6Network("fec0::/10"))
_UNROUTABLE = (IPv4Network("0.0.0.0/8"), IPv4Network("240.0.0.0/4"))
_DISCARD_PORT = 9
_FIRST_HIGH_PORT = 1024
_LOW_PORTS = frozenset({80, 443})
"""Ports of media servers that want to get through firewalls."""

Subnet = str
"""A network such as `192.0.2.0/24`."""


class Scope(Enum):
    """How far an address reaches. Addresses talk to those of a scope that includes them."""

    LOOPBACK = "loopback"
    LINK_LOCAL = "link-local"
    GLOBAL = "global"


@lru_cache(maxsize=1024)
def normalize(host: str) -> str | None:
    """Canonical text of an IP address with its zone, or None for a name."""
    parsed = _parse(host)
    return None if parsed is None else str(parsed)


def family(host: str) -> int:
    """4 or 6."""
    return 6 if ":" in host else 4


@lru_cache(maxsize=1024)
def scope(host: str) -> Scope:
    """Reach of `host`. IPv4 link-local counts as global: it is routed like any other subnet."""
    parsed = _parse(host)
    if parsed is None or not (parsed.is_loopback or parsed.is_link_local):
        return Scope.GLOBAL
    if parsed.is_loopback:
        return Scope.LOOPBACK
    return Scope.LINK_LOCAL if parsed.version == 6 else Scope.GLOBAL


@lru_cache(maxsize=1024)
def is_transitional(host: str) -> bool:
    """Whether `host` is Teredo, 6to4 or site-local: IPv6 that RFC 6724 §2.1 ranks below IPv4."""
    parsed = _parse(host)
    return isinstance(parsed, IPv6Address) and any(parsed in network for network in _TRANSITION)


def without_zone(address: Address) -> Address:
    """`address` as it is written in a message: the zone means nothing to others."""
    host, port = address
    return (host.partition("%")[0], port) if "%" in host else address


def with_zone_of(local: Address, remote: Address) -> Address:
    """`remote` as this host must spell it to reach it from `local`. RFC 4007 §6."""
    zone = local[0].partition("%")[2]
    if zone and "%" not in remote[0] and scope(remote[0]) is Scope.LINK_LOCAL:
        return f"{remote[0]}%{zone}", remote[1]
    return remote


def why_unreachable_port(port: int) -> str | None:
    """Reason why nobody answers at `port`, or None."""
    return None if 0 < port <= 0xFFFF and port != _DISCARD_PORT else "port that cannot be reached"


def is_low_port(port: int) -> bool:
    """Whether `port` is that of a service which a peer must not make us send to."""
    return port < _FIRST_HIGH_PORT and port not in _LOW_PORTS


@lru_cache(maxsize=1024)
def why_unusable(host: str) -> str | None:
    """Reason why no peer can be at `host`, or None."""
    parsed = _parse(host)
    if parsed is None:
        return "not an IP address"
    if parsed.is_unspecified or parsed.is_multicast:
        return "unspecified or multicast address"
    if isinstance(parsed, IPv6Address):
        return None if parsed.ipv4_mapped is None else "IPv4-mapped address"
    if any(parsed in network for network in _UNROUTABLE):
        return "address of no host"
    return None


class Subnets:
    """The networks that our own interfaces are in."""

    def __init__(self) -> None:
        self._subnets: dict[Subnet, None] = {}

    def add(self, subnets: Iterable[Subnet]) -> None:
        """Learn networks. Raises InvalidAccessError for what is none."""
        for subnet in subnets:
            _network(subnet)
            self._subnets[subnet] = None

    def clear(self) -> None:
        """Forget all."""
        self._subnets.clear()

    def of(self, host: str) -> Subnet | None:
        """The network that one of our addresses is in, or None when it is not known."""
        return next((each for each in self._subnets if contains(each, host)), None)

    def is_broadcast(self, host: str) -> bool:
        """Whether `host` stands for everybody in one of them."""
        return any(_is_broadcast(each, host) for each in self._subnets)


@lru_cache(maxsize=1024)
def contains(subnet: Subnet | None, host: str) -> bool:
    """Whether `host` is in `subnet`."""
    return subnet is not None and _parse(host.partition("%")[0]) in _network(subnet)


@lru_cache(maxsize=1024)
def _is_broadcast(subnet: Subnet, host: str) -> bool:
    network = _network(subnet)
    if not isinstance(network, IPv4Network) or network.prefixlen >= 31:
        return False  # RFC 3021: two hosts and no broadcast
    return _parse(host) == network.broadcast_address


@lru_cache(maxsize=256)
def _network(subnet: Subnet) -> IPv4Network | IPv6Network:
    try:
        return ip_network(subnet, strict=False)
    except ValueError:
        raise InvalidAccessError(f"subnet {subnet!r:.80} is no network") from None


@lru_cache(maxsize=1024)
def _parse(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
