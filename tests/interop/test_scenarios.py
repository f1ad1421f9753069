"""We and Chromium, Firefox or aiortc, each as the one who offers.

Rows SYS-09 and SYS-16.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.interop.conftest import failed
from tests.interop.peer import (
    Channel,
    LinkedPeer,
    Message,
    Pair,
    Peer,
    local_ufrag,
    pair,
    steady_trips,
)
from tests.support import PATIENCE

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="session")]

PROMPT = 15.0
"""Seconds: half of those after which ICE itself misses a peer. RFC 7675 §5.1."""
BROWSERS = ["chromium", "firefox"]
PEERS = [*BROWSERS, "aiortc"]

Roles = tuple[Peer, Peer]
by_roles = pytest.mark.parametrize("we", ["offer", "answer"])
each_peer = pytest.mark.parametrize("theirs", PEERS, indirect=True)
each_browser = pytest.mark.parametrize("theirs", BROWSERS, indirect=True)

MESSAGES: list[Message] = [
    "plain",
    b"\x00\x01\xfe\xff",
    "",
    b"",
    "žluťoučký 🐎 𝄞 \u0000 \u2028 שלום 👩‍👩‍👧",
    bytes(range(256)) * 256,
    "ä" * 32768,
    b"\xa5" * 262144,
]

CHANNELS: list[dict[str, Any]] = [
    {},
    {"ordered": False},
    {"maxRetransmits": 0},
    {"ordered": False, "maxRetransmits": 3},
    {"maxPacketLifeTime": 1500},
    {"ordered": False, "maxPacketLifeTime": 250},
    {"protocol": "proto/1"},
]


@pytest.fixture
def theirs(request: pytest.FixtureRequest) -> LinkedPeer:
    peer = request.getfixturevalue(request.param)
    assert isinstance(peer, LinkedPeer)
    return peer


@pytest_asyncio.fixture(loop_scope="session")
async def connection(
    ours: Peer, theirs: LinkedPeer, we: str, request: pytest.FixtureRequest
) -> AsyncIterator[Pair]:
    offerer, answerer = (ours, theirs) if we == "offer" else (theirs, ours)
    async with pair(offerer, answerer) as connection:
        yield connection
        if request.node.stash.get(failed, False):
            print(await connection.diagnosis())  # noqa: T201 - pytest shows it with the failure


@each_peer
@by_roles
async def test_messages_of_every_kind_arrive_unchanged_both_ways(
    connection: Pair, measured: list[str]
) -> None:
    started = time.perf_counter()
    near, far = await connection.connect("chat")
    elapsed = time.perf_counter() - started
    for sender, receiver in [(near, far), (far, near)]:
        for message in MESSAGES:
            await sender.send(message)
        assert await receiver.take(len(MESSAGES)) == MESSAGES
    for side in (connection.offerer, connection.answerer):
        await side.reach("connectionState", "connected")
        await side.reach("iceConnectionState", "connected", "completed")
        await side.reach("iceGatheringState", "complete")
        await side.reach("signalingState", "stable")
        assert ("connectionState", "connecting") in side.states
        assert ("iceConnectionState", "checking") in side.states
    names = f"{connection.offerer.peer.name} -> {connection.answerer.peer.name}"
    measured.append(f"{names}: open channel {elapsed * 1e3:.0f} ms after the offer was asked for")


@each_peer
@by_roles
async def test_a_channel_appears_with_its_parameters_at_the_other_side(connection: Pair) -> None:
    near, far = await connection.connect("first", protocol="before")
    assert far.parameters["label"] == "first"
    assert far.parameters["protocol"] == "before"
    assert (await near.describe())["id"] == far.parameters["id"]
    creators = [connection.offerer, connection.answerer]
    for creator, other in zip(creators, reversed(creators), strict=True):
        for number, options in enumerate(CHANNELS):
            # aiortc 1.16 announces a label's length in characters instead of bytes.
            label = f"kanál {number} 🛰" if creator.peer.name != "aiortc" else f"channel {number}"
            mine = await creator.create_channel(label, **options)
            await mine.opened()
            await mine.send("hello")
            its = await other.next_channel()
            expected = {"label": label, "protocol": "", "ordered": True, "negotiated": False}
            expected |= {"maxRetransmits": None, "maxPacketLifeTime": None, **options}
            assert {name: its.parameters[name] for name in expected} == expected
            assert (await mine.describe())["id"] == its.parameters["id"]
            await exchange(mine, its)


async def exchange(mine: Channel, its: Channel) -> None:
    """More after the first message, there and back."""
    texts = [f"message {number}" for number in range(20)]
    assert await its.take(1) == ["hello"]
    await its.echo()
    for text in texts:
        await mine.send(text)
    assert sorted(await mine.take(len(texts))) == sorted(texts)


@each_peer
@by_roles
async def test_negotiated_channels_need_no_announcement(connection: Pair) -> None:
    near, far = [
        await side.create_channel("agreed", negotiated=True, id=42, ordered=False)
        for side in (connection.offerer, connection.answerer)
    ]
    await connection.negotiate()
    for channel in (near, far):
        await channel.opened()
        description = await channel.describe()
        assert (description["id"], description["negotiated"]) == (42, True)
    await near.send("over")
    assert await far.take(1) == ["over"]
    await far.send("back")
    assert await near.take(1) == ["back"]
    announced = await connection.offerer.create_channel("announced")
    await announced.opened()
    assert (await connection.answerer.next_channel()).parameters["label"] == "announced"


@each_peer
@by_roles
async def test_bulk_arrives_intact_both_ways(
    connection: Pair, we: str, measured: list[str]
) -> None:
    near, far = await connection.connect("bulk")
    total = 50_000_000
    for sender, receiver in [(near, far), (far, near)]:
        started = time.perf_counter()
        async with asyncio.timeout(5 * PATIENCE):
            sent, received = await asyncio.gather(sender.pour(total, 16384), receiver.drain(total))
        elapsed = time.perf_counter() - started
        assert sent == received
        names = f"{sender.side.peer.name} -> {receiver.side.peer.name}"
        measured.append(f"{names}: {total / elapsed / 1e6:.1f} MB/s, we {we}")


@each_peer
@by_roles
async def test_closing_a_channel_is_seen_by_the_other_side(connection: Pair) -> None:
    near, far = await connection.connect("stays")
    for closer in (connection.offerer, connection.answerer):
        mine = await closer.create_channel("goes")
        await mine.opened()
        await mine.send("last words")
        other = connection.answerer if closer is connection.offerer else connection.offerer
        its = await other.next_channel()
        if other.peer.name == "chromium":
            # It may drop a message when the close is right behind it: 3 in 60 from Firefox.
            assert await its.take(1) == ["last words"]
        await mine.close()
        await asyncio.gather(mine.closed(PROMPT), its.closed(PROMPT))
        if other.peer.name != "chromium":
            assert await its.take(1) == ["last words"]
        assert (await mine.describe())["readyState"] == "closed"
        assert (await its.describe())["readyState"] == "closed"
    await near.send("still here")
    assert await far.take(1) == ["still here"]


@each_peer
@by_roles
@pytest.mark.parametrize("closer", ["we", "they"])
async def test_closing_the_connection_is_seen_by_the_other_side(
    connection: Pair, we: str, closer: str, measured: list[str]
) -> None:
    channels = await connection.connect("open")
    offerer_closes = (closer == "we") == (we == "offer")
    closing, other = channels if offerer_closes else reversed(channels)
    started = time.perf_counter()
    await closing.side.close()
    await other.closed(PROMPT)
    elapsed = time.perf_counter() - started
    names = f"{other.side.peer.name} noticed that {closing.side.peer.name} closed"
    state = other.side.state["connectionState"]
    measured.append(f"{names} after {elapsed * 1e3:.0f} ms (connection {state})")


@each_browser
@by_roles
@pytest.mark.parametrize("restarter", ["we", "they"])
async def test_data_goes_on_over_an_ice_restart(connection: Pair, we: str, restarter: str) -> None:
    near, far = await connection.connect("steady")
    before = {await local_ufrag(side) for side in (connection.offerer, connection.answerer)}
    await far.echo()
    stream = asyncio.create_task(steady_trips(near, 60))
    offerer_restarts = (restarter == "we") == (we == "offer")
    again = connection if offerer_restarts else connection.swapped()
    await again.negotiate(restart=True)
    await stream
    after = {await local_ufrag(side) for side in (connection.offerer, connection.answerer)}
    assert not before & after
    for side in (connection.offerer, connection.answerer):
        await side.reach("iceConnectionState", "connected", "completed")
        await side.reach("connectionState", "connected")
    await near.send("afterwards")
    assert await near.take(1) == ["afterwards"]


@each_browser
@by_roles
async def test_connects_with_whole_descriptions_instead_of_trickling(
    ours: Peer, theirs: LinkedPeer, we: str
) -> None:
    offerer, answerer = (ours, theirs) if we == "offer" else (theirs, ours)
    async with pair(offerer, answerer, trickle=False) as connection:
        near, far = await connection.connect("whole")
        await near.send("no trickle")
        assert await far.take(1) == ["no trickle"]
