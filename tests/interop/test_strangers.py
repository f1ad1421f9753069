"""We and libwebrtc, libdatachannel or Pion outside of browsers; and how long set-ups take."""

import asyncio
import statistics
import time

import pytest

from tests.interop.peer import LinkedPeer, Peer, deadline, local_ufrag, pair, steady_trips

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="session")]

TOTAL = 20_000_000
SET_UPS = 7
STRANGERS = ["libwebrtc", "libdatachannel", "pion"]
RESTARTERS = ["libwebrtc", "pion"]
"""libdatachannel cannot restart ICE."""
EVERYBODY = ["chromium", "firefox", "aiortc", *STRANGERS]

by_roles = pytest.mark.parametrize("we", ["offer", "answer"])


@pytest.fixture
def theirs(request: pytest.FixtureRequest) -> LinkedPeer:
    peer = request.getfixturevalue(request.param)
    assert isinstance(peer, LinkedPeer)
    return peer


def roles(ours: Peer, theirs: Peer, we: str) -> tuple[Peer, Peer]:
    return (ours, theirs) if we == "offer" else (theirs, ours)


@pytest.mark.parametrize("theirs", STRANGERS, indirect=True)
@by_roles
async def test_a_connection_from_its_opening_to_its_end(
    ours: Peer, theirs: LinkedPeer, we: str, measured: list[str]
) -> None:
    async with pair(*roles(ours, theirs, we)) as connection:
        near, far = await connection.connect()
        for sender, receiver in [(near, far), (far, near)]:
            started = time.perf_counter()
            name = f"{sender.side.peer.name} -> {receiver.side.peer.name}"
            async with deadline(f"{TOTAL} bytes, {name}"):
                sent, received = await asyncio.gather(
                    sender.pour(TOTAL, 16384), receiver.drain(TOTAL)
                )
            assert sent == received
            rate = TOTAL / (time.perf_counter() - started) / 1e6
            measured.append(f"{name}: {rate:.1f} MB/s, we {we}")
        await far.echo()
        await steady_trips(near, 10)
        closing = await connection.offerer.create_channel("closing")
        its = await connection.answerer.next_channel()
        await asyncio.gather(closing.opened(), its.opened())
        await closing.close()
        await asyncio.gather(closing.closed(), its.closed())
        await steady_trips(near, 10)
        await near.side.close()
        await far.closed()


@pytest.mark.parametrize("theirs", RESTARTERS, indirect=True)
@by_roles
@pytest.mark.parametrize("restarter", ["we", "they"])
async def test_data_goes_on_over_an_ice_restart(
    ours: Peer, theirs: LinkedPeer, we: str, restarter: str
) -> None:
    async with pair(*roles(ours, theirs, we)) as connection:
        near, far = await connection.connect()
        sides = (connection.offerer, connection.answerer)
        before = {await local_ufrag(side) for side in sides}
        await far.echo()
        stream = asyncio.create_task(steady_trips(near, 60))
        offerer_restarts = (restarter == "we") == (we == "offer")
        again = connection if offerer_restarts else connection.swapped()
        await again.negotiate(restart=True)
        await stream
        assert not before & {await local_ufrag(side) for side in sides}
        await steady_trips(near, 10)


@pytest.mark.parametrize("theirs", EVERYBODY, indirect=True)
@by_roles
async def test_set_ups_succeed_one_after_another(
    ours: Peer, theirs: LinkedPeer, we: str, measured: list[str]
) -> None:
    """The median is for the reader: a busy machine must not fail it."""
    elapsed = []
    for _ in range(SET_UPS):
        async with pair(*roles(ours, theirs, we)) as connection:
            started = time.perf_counter()
            await connection.connect()
            elapsed.append((time.perf_counter() - started) * 1e3)
    told = ", ".join(f"{ms:.0f}" for ms in sorted(elapsed))
    median = statistics.median(elapsed)
    measured.append(f"set-up with {theirs.name}, we {we}: median {median:.0f} ms of {told}")
