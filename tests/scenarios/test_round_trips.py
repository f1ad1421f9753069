"""How many round trips pass between the answer and the first message. docs/set-up.md.

Counted on virtual time from the moment that both sides know both descriptions, all candidates
included.
"""

import asyncio
from random import Random
from typing import Literal

import pytest

from tests.peer.hands import Hand, Hands
from tests.support import two_hosts
from webrtc import RTCDataChannel, RTCPeerConnection, SettingEngine
from webrtc.peer.events import DtlsStateChanged, Event, IceConnectionStateChanged, SctpStateChanged
from webrtc.vnet import Link

ROUND_TRIP = 0.1
LINK = Link(delay=ROUND_TRIP / 2)

Side = Literal["offerer", "answerer"]


def settings(seed: int, *, snap: bool, client: Side = "answerer") -> SettingEngine:
    """`client` is the DTLS client, which only the answerer chooses."""
    role: Literal["client", "server"] = "client" if client == "answerer" else "server"
    return SettingEngine(random=Random(seed), snap=snap, dtls_role=role)


async def gathered(peer: RTCPeerConnection) -> None:
    complete = asyncio.Event()

    def look() -> None:
        if peer.ice_gathering_state == "complete":
            complete.set()

    peer.on("icegatheringstatechange", look)
    look()
    await complete.wait()


async def first_message(
    offerer: RTCPeerConnection, answerer: RTCPeerConnection, creator: Side, sender: Side
) -> float:
    """Round trips until a message of `sender` arrives over the channel that `creator` opens."""
    loop = asyncio.get_running_loop()
    announced: asyncio.Future[RTCDataChannel] = loop.create_future()
    if creator == "offerer":
        channel = offerer.create_data_channel("data")
        answerer.once("datachannel", announced.set_result)
    else:
        offerer.create_data_channel("what the offer is made for", negotiated=True, id=100)
        channel = answerer.create_data_channel("data")
        offerer.once("datachannel", announced.set_result)
    await offerer.set_local_description()
    await gathered(offerer)
    assert offerer.local_description is not None
    await answerer.set_remote_description(offerer.local_description)
    await answerer.set_local_description()
    await gathered(answerer)
    assert answerer.local_description is not None
    await offerer.set_remote_description(answerer.local_description)
    started = loop.time()

    async def own() -> RTCDataChannel:
        await channel.opened()
        return channel

    async def other() -> RTCDataChannel:
        return await announced

    ends = (own(), other()) if creator == sender else (other(), own())
    source, sink = map(asyncio.ensure_future, ends)
    (await source).send("first")
    assert await (await sink).recv() == "first"
    return (loop.time() - started) / ROUND_TRIP


@pytest.mark.parametrize(
    ("client", "creator", "sender", "plain", "with_snap"),
    [
        ("answerer", "offerer", "offerer", 5.0, 3.0),
        ("answerer", "offerer", "answerer", 5.5, 3.5),
        ("answerer", "answerer", "offerer", 5.0, 4.0),
        ("answerer", "answerer", "answerer", 4.5, 3.5),
        ("offerer", "offerer", "offerer", 4.5, 3.5),
        ("offerer", "offerer", "answerer", 5.0, 4.0),
        ("offerer", "answerer", "offerer", 5.5, 3.5),
        ("offerer", "answerer", "answerer", 5.0, 3.0),
    ],
)
@pytest.mark.parametrize("snap", [False, True])
async def test_round_trips_to_the_first_message(
    client: Side, creator: Side, sender: Side, plain: float, with_snap: float, *, snap: bool
) -> None:
    """DC-01, SCTP-01: ICE 1, DTLS 1.5 for its server and 2 for its client, SCTP 2 or none."""
    _, left, right = two_hosts(LINK)
    async with (
        RTCPeerConnection(settings=settings(1, snap=snap), network=left) as one,
        RTCPeerConnection(settings=settings(2, snap=snap, client=client), network=right) as other,
    ):
        taken = await first_message(one, other, creator, sender)
    assert taken == pytest.approx(with_snap if snap else plain)


Milestones = dict[str, float]
LAYERS: dict[str, type[Event]] = {
    "ice": IceConnectionStateChanged,
    "dtls": DtlsStateChanged,
    "sctp": SctpStateChanged,
}


def is_connected(hand: Hand, layer: str) -> bool:
    return any(event.state == "connected" for event in hand.of(LAYERS[layer]))  # type: ignore[union-attr]  # all of LAYERS have one


def milestones(*, snap: bool) -> list[Milestones]:
    """When each layer of the offerer and of the answerer was connected, in round trips."""
    hands = Hands(link=LINK, left=settings(1, snap=snap), right=settings(2, snap=snap))
    hands.left.other = hands.right.other = None
    hands.left.core.create_data_channel("", 0.0)
    hands.left.offer()
    hands.network.flush()
    assert hands.left.core.local_description is not None
    hands.right.answer(hands.left.core.local_description)
    hands.network.flush()
    assert hands.right.core.local_description is not None
    hands.left.accept(hands.right.core.local_description)
    started = hands.network.now
    found: list[Milestones] = [{}, {}]

    def all_reached() -> bool:
        for hand, times in zip((hands.left, hands.right), found, strict=True):
            for layer in LAYERS:
                if is_connected(hand, layer):
                    times.setdefault(layer, round((hands.network.now - started) / ROUND_TRIP, 6))
        return all(len(times) == len(LAYERS) for times in found)

    hands.network.run_until(all_reached, limit=5.0)
    return found


def test_what_each_layer_takes() -> None:
    """ICE-26, DTLS-13, SCTP-01: the answerer is the DTLS client."""
    assert milestones(snap=False) == [
        {"ice": 1.0, "dtls": 2.5, "sctp": 4.5},
        {"ice": 1.0, "dtls": 3.0, "sctp": 4.0},
    ]
    assert milestones(snap=True) == [
        {"ice": 1.0, "dtls": 2.5, "sctp": 2.5},
        {"ice": 1.0, "dtls": 3.0, "sctp": 3.0},
    ]
