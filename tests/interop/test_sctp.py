"""What our SCTP offers and probes, to peers that know nothing of it."""

import asyncio

import pytest

from tests.interop.peer import Channel, LinkedPeer, Peer, deadline, pair
from tests.interop.wire import Wire
from webrtc.sctp.chunks import ChunkType
from webrtc.sctp.handshake import Capability
from webrtc.sctp.path_mtu import MAX_UNPADDED

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="session")]

TOTAL = 2 << 20

PEERS = ["chromium", "firefox", "aiortc", "libwebrtc", "libdatachannel", "pion"]

each_peer = pytest.mark.parametrize("theirs", PEERS, indirect=True)
by_roles = pytest.mark.parametrize("we", ["offer", "answer"])


@pytest.fixture
def theirs(request: pytest.FixtureRequest) -> LinkedPeer:
    peer = request.getfixturevalue(request.param)
    assert isinstance(peer, LinkedPeer)
    return peer


async def move(total: int, sender: Channel, receiver: Channel) -> None:
    async with deadline(f"{total} bytes at {receiver.side.peer.name}", 30):
        sent, received = await asyncio.gather(sender.pour(total, 65536), receiver.drain(total))
    assert sent == received


@each_peer
@by_roles
async def test_peers_take_our_first_init_and_larger_packets(
    ours: Peer, theirs: LinkedPeer, we: str, wire: Wire
) -> None:
    """SYS-16: PAD is offered in vain, zero checksum to all but one; HEARTBEATs are answered."""
    async with pair(*((ours, theirs) if we == "offer" else (theirs, ours))) as connection:
        near, far = await connection.connect("data")
        us, them = (near, far) if we == "offer" else (far, near)
        assert wire.sent.chunks[ChunkType.INIT] <= 1  # none where theirs was first
        assert not wire.capabilities & Capability.PAD
        zero_checksum = theirs.name == "libdatachannel"
        assert bool(wire.capabilities & Capability.ZERO_CHECKSUM) is zero_checksum
        association = wire.association
        async with deadline(f"packets of {MAX_UNPADDED} bytes", 15):
            while association.mtu < MAX_UNPADDED:
                await move(1 << 18, us, them)
        assert association.mtu == MAX_UNPADDED
        before = pieces(wire)
        await move(TOTAL, us, them)
        assert TOTAL / (pieces(wire) - before) > MAX_UNPADDED * 0.9
        await move(TOTAL, them, us)


def pieces(wire: Wire) -> int:
    """Chunks of user data that we sent for the first time."""
    sent = wire.sent.chunks
    again = wire.association.counters.chunks_retransmitted
    return sent[ChunkType.DATA] + sent[ChunkType.I_DATA] - again
