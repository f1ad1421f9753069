"""Whole peer connections behind every pair of the NATs of RFC 4787, with a STUN server."""

import asyncio
from itertools import combinations_with_replacement

import pytest

from tests.ice.test_nat_matrix import NATS, SERVER, Kind, behind, connects, name
from tests.support import negotiate, trickle
from webrtc import ConnectionFailed, RTCIceServer, RTCPeerConnection
from webrtc.stun.responder import Responder
from webrtc.vnet import Link, Network


async def connect(left: Kind, right: Kind, seed: int) -> float:
    """Seconds until connected. Raises ConnectionFailed."""
    network = Network(Link(delay=0.02, jitter=0.01), seed=seed)
    network.add(SERVER, Responder())
    servers = [RTCIceServer(f"stun:{SERVER[0]}:{SERVER[1]}")]
    loop = asyncio.get_running_loop()
    async with (
        RTCPeerConnection(ice_servers=servers, network=behind(network, 1, left)) as one,
        RTCPeerConnection(ice_servers=servers, network=behind(network, 2, right)) as other,
    ):
        trickle(one, other)
        channel = one.create_data_channel("through")
        started = loop.time()
        await negotiate(one, other)
        await one.wait_connected()
        await channel.opened()
        return loop.time() - started


@pytest.mark.parametrize(("left", "right"), list(combinations_with_replacement(NATS, 2)), ids=name)
async def test_connects_where_theory_says_so_and_fails_in_time_where_not(
    left: Kind, right: Kind
) -> None:
    """VNET-01, ICE-01: up within three seconds, or failed within thirty with the reason."""
    if connects(left, right):
        assert await connect(left, right, seed=1) < 3.0
        return
    with pytest.raises(ConnectionFailed, match="there are no relay candidates"):
        async with asyncio.timeout(30.0):
            await connect(left, right, seed=1)
