"""How much each address holds at a server."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address, ip_network

from aiohttp import web

from webrtc.signaling.refusal import refusal

_SITE_PREFIX = 64  # bits of an IPv6 address that its owner does not choose: RFC 6177


class Addresses:
    """Counts what each address holds, up to a limit.

    Loopback has none, nor have proxies that are trusted: behind them everybody has one address.
    """

    def __init__(self, limit: int, trusted_proxies: Collection[str]) -> None:
        """`trusted_proxies` are addresses or networks, `10.0.0.0/8`. Raises ValueError."""
        self._limit = limit
        self._trusted = [ip_network(each, strict=False) for each in trusted_proxies]
        self._held: Counter[str] = Counter()

    @contextmanager
    def holding(self, address: str | None) -> Iterator[None]:
        """Count one more during the block. Raises HTTPTooManyRequests when that is too much."""
        if not self.take(address):
            reason = f"{self._limit} are open from this address"
            raise refusal(web.HTTPTooManyRequests, reason, **{"Retry-After": "5"})
        try:
            yield
        finally:
            self.give_back(address)

    def take(self, address: str | None) -> bool:
        """Count one more, unless that is too much: then nothing is counted."""
        owner = self._owner(address)
        if owner is not None and self._held[owner] >= self._limit:
            return False
        if owner is not None:
            self._held[owner] += 1
        return True

    def give_back(self, address: str | None) -> None:
        """Count one less, of those that `take` has counted."""
        owner = self._owner(address)
        if owner is not None:
            self._held[owner] -= 1
            if not self._held[owner]:
                del self._held[owner]

    def _owner(self, address: str | None) -> str | None:
        """Whose count it is; None for who is not counted."""
        try:
            found = ip_address((address or "").partition("%")[0])
        except ValueError:  # of another program on this machine: a socket in the file system
            return None
        if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        if found.is_loopback or any(found in each for each in self._trusted):
            return None
        if isinstance(found, IPv6Address):
            return str(ip_network((found, _SITE_PREFIX), strict=False))
        return str(found)
