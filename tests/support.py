"""Two peers on a virtual network, connected by signalling that takes no time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from random import Random

from webrtc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCIceCandidate,
    RTCPeerConnection,
    SettingEngine,
)
from webrtc.aio.network import Network as Seam
from webrtc.aio.network import SystemNetwork
from webrtc.vnet import Host, Link, Network

LEFT, RIGHT = "192.0.2.1", "192.0.2.2"


@dataclass
class Pair:
    """Both ends of one connection, and the channel that the left one opened."""

    left: RTCPeerConnection
    right: RTCPeerConnection
    channel: RTCDataChannel
    remote: RTCDataChannel


def two_hosts(link: Link | None = None, *, seed: int = 0) -> tuple[Network, Host, Host]:
    """A network with two hosts on it."""
    network = Network(link, seed=seed)
    return network, network.host("left", LEFT), network.host("right", RIGHT)


def trickle(left: RTCPeerConnection, right: RTCPeerConnection) -> None:
    """Carry candidates both ways."""

    async def carry(to: RTCPeerConnection, candidate: RTCIceCandidate | None) -> None:
        if to.signaling_state != "closed":
            await to.add_ice_candidate(candidate)

    left.on("icecandidate", partial(carry, right))
    right.on("icecandidate", partial(carry, left))


async def negotiate(offerer: RTCPeerConnection, answerer: RTCPeerConnection) -> None:
    """One offer and its answer, over JSON as a real application would send them."""
    await offerer.set_local_description()
    assert offerer.local_description is not None
    await answerer.set_remote_description(offerer.local_description.to_json())
    await answerer.set_local_description()
    assert answerer.local_description is not None
    await offerer.set_remote_description(answerer.local_description.to_json())


async def eventually(predicate: Callable[[], object], limit: float = 10.0) -> float:
    """Wait until `predicate()` is true; gives the seconds it took."""
    loop = asyncio.get_running_loop()
    started = loop.time()
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
    async with connected(network, network, settings=settings) as pair:
        yield pair


@asynccontextmanager
async def connected(
    left: Seam,
    right: Seam,
    *,
    configuration: RTCConfiguration | None = None,
    settings: SettingEngine | None = None,
    limit: float = 30.0,
    **options: object,
) -> AsyncIterator[Pair]:
    """Two connected peers with an open data channel; closes both."""
    settings = settings or SettingEngine(random=Random(0))
    async with (
        RTCPeerConnection(configuration, settings=settings, network=left) as one,
        RTCPeerConnection(configuration, settings=settings, network=right) as other,
    ):
        trickle(one, other)
        channel = one.create_data_channel("data", **options)  # type: ignore[arg-type] # passed on
        announced: asyncio.Future[RTCDataChannel] = asyncio.get_running_loop().create_future()
        other.once("datachannel", announced.set_result)
        await negotiate(one, other)
        async with asyncio.timeout(limit):
            await channel.opened()
            remote = await announced
        yield Pair(one, other, channel, remote)
