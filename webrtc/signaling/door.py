"""Who may call a server, and how much of it one address may hold."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import TypedDict

from aiohttp import web

from webrtc.signaling.addresses import Addresses
from webrtc.signaling.sites import Sites


class Rules(TypedDict, total=False):
    """The keyword arguments that every server takes."""

    origins: Collection[str]
    """Pages that may call besides those of this server itself: `https://example.org`."""
    hosts: Collection[str]
    """Names of this server, besides those of this machine and of `origins`; `*` is any name."""
    trusted_proxies: Collection[str]
    """Addresses and networks of proxies, behind which everybody has one address: `10.0.0.0/8`."""
    max_per_address: int
    """What one address may have open; more is refused with 429. Loopback may have all there is."""


class Door:
    """Lets in a request, for the time it takes."""

    def __init__(
        self,
        *,
        origins: Collection[str] = (),
        hosts: Collection[str] = (),
        trusted_proxies: Collection[str] = (),
        max_per_address: int = 20,
    ) -> None:
        self._sites = Sites(origins, hosts)
        self._addresses = Addresses(max_per_address, trusted_proxies)

    @asynccontextmanager
    async def admit(self, request: web.Request) -> AsyncIterator[None]:
        """Count the request during the block. Raises HTTPForbidden, HTTPTooManyRequests."""
        await self._sites.check(request)
        with self._addresses.holding(request.remote):
            yield
