"""We and a Chromium that puts SCTP's INIT into its descriptions. draft-hancke-tsvwg-snap."""

import logging

import pytest

from tests.interop.peer import LinkedPeer, Peer, pair
from tests.interop.wire import Wire
from webrtc.sctp.chunks import ChunkType

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="session")]

ATTRIBUTE = "a=sctp-init:"
HANDSHAKE = (
    ChunkType.INIT,
    ChunkType.INIT_ACK,
    ChunkType.COOKIE_ECHO,
    ChunkType.COOKIE_ACK,
)

by_roles = pytest.mark.parametrize("we", ["offer", "answer"])


@by_roles
@pytest.mark.parametrize("restart", [False, True])
async def test_chromium_needs_no_handshake_either(
    ours: Peer,
    chromium_snap: LinkedPeer,
    we: str,
    caplog: pytest.LogCaptureFixture,
    wire: Wire,
    *,
    restart: bool,
) -> None:
    """SCTP-01: both descriptions have it, also later ones, and data flows both ways."""
    caplog.set_level(logging.INFO, logger="webrtc.sctp")
    peers = (ours, chromium_snap) if we == "offer" else (chromium_snap, ours)
    async with pair(*peers) as connection:
        near = await connection.offerer.create_channel("data")
        first = await connection.negotiate()
        far = await connection.answerer.next_channel()
        await near.opened()
        told = [line(description["sdp"]) for description in first]
        assert all(told)
        assert [text.split()[-1] for text in caplog.messages] == ["ESTABLISHED"]
        for side in (connection.offerer, connection.answerer):
            await side.reach("iceGatheringState", "complete")
        for again in (connection, connection.swapped()):
            later = await again.negotiate(restart=restart)
            assert {line(description["sdp"]) for description in later} == set(told)
            for sender, receiver in ((near, far), (far, near)):
                await sender.send(bytes(100_000))
                assert await receiver.take(1) == [bytes(100_000)]
            for side in (connection.offerer, connection.answerer):
                await side.reach("iceGatheringState", "complete")
        assert wire.count(*HANDSHAKE) == 0


@by_roles
async def test_chromium_without_the_trial_shakes_hands(
    ours: Peer, chromium: LinkedPeer, we: str, wire: Wire
) -> None:
    """SYS-16: we offer SNAP and do not answer with it; Chromium does neither."""
    peers = (ours, chromium) if we == "offer" else (chromium, ours)
    async with pair(*peers) as connection:
        near = await connection.offerer.create_channel("data")
        told = [line(description["sdp"]) for description in await connection.negotiate()]
        far = await connection.answerer.next_channel()
        await near.opened()
        assert [text is not None for text in told] == [we == "offer", False]
        assert wire.sent.chunks[ChunkType.INIT] == 1
        for sender, receiver in ((near, far), (far, near)):
            await sender.send(bytes(100_000))
            assert await receiver.take(1) == [bytes(100_000)]


def line(sdp: str) -> str | None:
    """The attribute in a description."""
    return next((text for text in sdp.splitlines() if text.startswith(ATTRIBUTE)), None)
