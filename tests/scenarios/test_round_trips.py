"""How many round trips pass between the answer and the first message. docs/set-up.md.

Counted on virtual time from the moment that both sides know both descriptions, all candidates
included, to the arrival of the message.
"""

import asyncio
from random import Random
from typing import Literal

import pytest

from webrtc import RTCDataChannel, RTCPeerConnection, SettingEngine
from webrtc.vnet import Host, Link, Network

from tests.support import two_hosts

ROUND_TRIP = 0.1

Side = Literal["offerer", "answerer"]


async def first_message(
    pair: tuple[RTCPeerConnection, RTCPeerConnection], creator: Side, sender: Side
) -> float:
    """Round trips until a message of `sender` arrives over the channel that `creator` opens."""
    loop = asyncio.get_running_loop()
    peers = dict(zip(("offerer", "answerer"), pair, strict=True))
    offerer, answerer = pair
    if creator == "answerer":
        offerer.create_data_channel("for the section", negotiated=True, id=100)
    announced: asyncio.Future[RTCDataChannel] = loop.create_future()
    other = answerer if creator == "offerer" else offerer
    other.once("datachannel", announced.set_result)
    channel = peers[creator].create_data_channel("data")
    await offerer.set_local_description()
    await gathered(offerer)
    await answerer.set_remote_description(offerer.local_description)
    await answerer.set_local_description()
    await gathered(answerer)
    await offerer.set_remote_description(answerer.local_description)
    started = loop.time()

    async def first() -> RTCDataChannel:
        await channel.opened()
        return channel

    ends = (first(), announced) if creator == sender else (announced, first())
    a, b = (asyncio.ensure_future(end) for end in ends)
    (await a).send("first")
    assert await (await b).recv() == "first"
    return (loop.time() - started) / ROUND_TRIP


async def gathered(peer: RTCPeerConnection) -> None:
    while peer.ice_gathering_state != "complete":
        await asyncio.sleep(0)


@pytest.mark.parametrize("snap", [False, True])
@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("creator", ["offerer", "answerer"])
@pytest.mark.parametrize("sender", ["offerer", "answerer"])
async def test_first(snap, role, creator, sender):
    network, left, right = two_hosts(Link(delay=ROUND_TRIP / 2))
    async with (
        RTCPeerConnection(settings=SettingEngine(random=Random(1), snap=snap), network=left) as one,
        RTCPeerConnection(
            settings=SettingEngine(random=Random(2), snap=snap, dtls_role=role), network=right
        ) as other,
    ):
        print(
            "RT",
            snap,
            role,
            creator,
            sender,
            round(await first_message((one, other), creator, sender), 3),
        )
