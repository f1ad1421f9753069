"""What ICE needs to know of an IP address: family, scope, and whether a peer may name it."""

from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from webrtc.core import Address

_TRANSITION = (IPv6Network("2001::/32"), IPv6Network("2002::/16"), IPv6Network("fec0::/10"))
_DISCARD_PORT = 9
_BROADCAST = IPv4Address("255.255.255.255")


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


def why_unusable(address: Address) -> str | None:
    """Reason why no peer can be at `address`, or None."""
    host, port = address
    if not 0 < port <= 0xFFFF or port == _DISCARD_PORT:
        return "port that cannot be reached"
    return _why_unusable_host(host)


@lru_cache(maxsize=1024)
def _why_unusable_host(host: str) -> str | None:
    parsed = _parse(host)
    if parsed is None:
        return "not an IP address"
    if parsed.is_unspecified or parsed.is_multicast:
        return "unspecified or multicast address"
    if parsed == _BROADCAST:
        return "broadcast address"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return "IPv4-mapped address"
    return None


@lru_cache(maxsize=1024)
def _parse(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
