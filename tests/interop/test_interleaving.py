"""Messages interleaved with Firefox, and with a Chromium that does so on request. RFC 8260."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.interop.peer import Channel, LinkedPeer, Pair, Peer, deadline, pair
from tests.interop.wire import Wire
from webrtc.sctp import Config, State
from webrtc.sctp.chunks import ChunkType
from webrtc.sctp.handshake import Capability

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="session")]

MESSAGE = 262144
"""The largest message that we and Chromium take."""
LARGE = {"chromium": MESSAGE, "firefox": 4 << 20}
MANY = 24

by_roles = pytest.mark.parametrize("we", ["offer", "answer"])
each_peer = pytest.mark.parametrize("theirs", ["firefox", "chromium_interleaving"], indirect=True)


@pytest.fixture
def theirs(request: pytest.FixtureRequest) -> LinkedPeer:
    peer = request.getfixturevalue(request.param)
    assert isinstance(peer, LinkedPeer)
    return peer


def roles(ours: Peer, theirs: Peer, we: str) -> tuple[Peer, Peer]:
    return (ours, theirs) if we == "offer" else (theirs, ours)


async def another(connection: Pair, label: str) -> tuple[Channel, Channel]:
    """Both ends of one more channel, made by the offerer."""
    near = await connection.offerer.create_channel(label)
    far = await connection.answerer.next_channel()
    await asyncio.gather(near.opened(), far.opened())
    return near, far


async def move(total: int, size: int, sender: Channel, receiver: Channel) -> None:
    """Send `total` bytes in messages of `size`; they arrive unchanged."""
    async with deadline(f"{total} bytes at {receiver.side.peer.name}", 30):
        sent, received = await asyncio.gather(sender.pour(total, size), receiver.drain(total))
    assert sent == received


async def burst(senders: Sequence[Channel], receivers: Sequence[Channel]) -> None:
    """Send a message on each channel at once; they arrive unchanged."""
    numbers = [channel.number for channel in senders]
    bursting = senders[0].side.call("burst", channels=numbers, size=MESSAGE)
    draining = [channel.drain(MESSAGE) for channel in receivers]
    async with deadline(f"{len(numbers)} messages at {receivers[0].side.peer.name}", 30):
        sent, *received = await asyncio.gather(bursting, *draining)
    assert sent == received


@each_peer
@by_roles
async def test_small_messages_travel_between_the_pieces_of_large_ones(
    ours: Peer, theirs: LinkedPeer, we: str, wire: Wire
) -> None:
    """SYS-16: I-DATA and nothing else carries user messages, in both directions."""
    async with pair(*roles(ours, theirs, we)) as connection:
        bulk = await connection.connect("bulk")
        quick = await another(connection, "quick")
        stream = (await bulk[0].describe())["id"]
        assert wire.capabilities & Capability.INTERLEAVING
        for sender in (0, 1):
            ours_sends = bulk[sender].side.peer is ours
            large = LARGE[theirs.name] if ours_sends else MESSAGE
            receiver = 1 - sender
            await asyncio.gather(
                move(8 << 20, large, bulk[sender], bulk[receiver]),
                move(4000, 20, quick[sender], quick[receiver]),
            )
            way = wire.sent if ours_sends else wire.received
            assert way.chunks[ChunkType.I_DATA] > (8 << 20) / 16384
            assert way.inside(stream) > 10
        assert wire.count(ChunkType.DATA) == 0


@each_peer
@by_roles
async def test_many_messages_may_be_incomplete_at_a_time(
    ours: Peer, theirs: LinkedPeer, we: str, wire: Wire
) -> None:
    """C-12: 6 MiB of pieces are more than we announce at first, and than Chromium ever does."""
    config = Config()
    assert config.announced_window < MANY * MESSAGE < config.receive_window
    async with pair(*roles(ours, theirs, we)) as connection:
        channels = [await connection.connect("0")]
        channels += [await another(connection, str(number)) for number in range(1, MANY)]
        near, far = zip(*channels, strict=True)
        for _ in range(2):
            await burst(near, far)
            await burst(far, near)
        assert config.announced_window < wire.held <= config.receive_window
        assert wire.association.state is State.ESTABLISHED


@by_roles
async def test_chromium_without_the_trial_gets_whole_messages(
    ours: Peer, chromium: LinkedPeer, we: str, wire: Wire
) -> None:
    """SYS-16: what we offer is not used with a peer that does not have it."""
    async with pair(*roles(ours, chromium, we)) as connection:
        bulk = await connection.connect("bulk")
        quick = await another(connection, "quick")
        for sender, receiver in ((0, 1), (1, 0)):
            await asyncio.gather(
                move(2 << 20, MESSAGE, bulk[sender], bulk[receiver]),
                move(4000, 20, quick[sender], quick[receiver]),
            )
        assert not wire.capabilities & Capability.INTERLEAVING
        assert wire.count(ChunkType.I_DATA, ChunkType.I_FORWARD_TSN) == 0
        assert wire.count(ChunkType.DATA) > 2 * (2 << 20) / 1500
