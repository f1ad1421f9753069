"""Two peers on a virtual network, connected by signalling that takes no time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from webrtc import SettingEngine
from webrtc.aio.net.network import SystemNetwork
from webrtc.testing import Pair, connected, negotiate, trickle
from webrtc.vnet import Host, Link, Network, VirtualTimeLoop

__all__ = [
    "LEFT",
    "PATIENCE",
    "RIGHT",
    "Pair",
    "connected",
    "eventually",
    "negotiate",
    "over_loopback",
    "trickle",
    "two_hosts",
]

LEFT, RIGHT = "192.0.2.1", "192.0.2.2"
PATIENCE = 120.0
"""Seconds of real time after which what must happen will not, on the busiest machine."""


def two_hosts(link: Link | None = None, *, seed: int = 0) -> tuple[Network, Host, Host]:
    """A network with two hosts on it."""
    network = Network(link, seed=seed)
    return network, network.host("left", LEFT), network.host("right", RIGHT)


async def eventually(predicate: Callable[[], object], limit: float | None = None) -> float:
    """Wait until `predicate()` is true; gives the seconds it took.

    The limit is 10 s of virtual time, `PATIENCE` of real time.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    if limit is None:
        limit = 10.0 if isinstance(loop, VirtualTimeLoop) else PATIENCE
    while not predicate():
        if loop.time() - started > limit:
            raise TimeoutError(f"not true within {limit} s")
        await asyncio.sleep(0.01)
    return loop.time() - started


@asynccontextmanager
async def over_loopback(settings: SettingEngine | None = None) -> AsyncIterator[Pair]:
    """Two connected peers on real sockets; mark the test `realtime`."""
    settings = settings or SettingEngine(bind_addresses=("127.0.0.1",))
    network = SystemNetwork()
    async with connected(network, network, settings=settings, limit=PATIENCE) as pair:
        yield pair
