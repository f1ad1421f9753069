"""Addresses that change under a connection: NATs that forget, networks that are left."""

import asyncio
import hashlib
import itertools
from collections.abc import Sequence

import pytest

from tests.scenarios.test_outages import numbering
from tests.support import Pair, connected, eventually, negotiate
from webrtc import ConnectionFailed, RTCConfiguration, RTCIceServer
from webrtc.stun.responder import Responder
from webrtc.vnet import Behavior, Host, Link, Nat, Network

SERVER = ("198.51.100.1", 3478)
STUN = RTCConfiguration(ice_servers=[RTCIceServer(f"stun:{SERVER[0]}:{SERVER[1]}")])


def at_home(filtering: Behavior | None) -> tuple[Network, Nat, Host, Host]:
    """A host behind a NAT, and another in public or behind a NAT with that filtering."""
    network = Network(Link(delay=0.02), seed=1)
    network.add(SERVER, Responder())
    nat = Nat("203.0.113.1")
    home = network.router("home", "192.168.1.0/24", nat=nat)
    left = network.host("left", router=home)
    if filtering is None:
        return network, nat, left, network.host("right", "192.0.2.2")
    office = network.router("office", "10.0.0.0/8", nat=Nat("203.0.113.2", filtering=filtering))
    return network, nat, left, network.host("right", router=office)


@pytest.mark.parametrize(
    "filtering",
    [None, Behavior.ENDPOINT_INDEPENDENT, Behavior.ADDRESS_DEPENDENT],
    ids=["public", "endpoint-independent", "address-dependent"],
)
async def test_a_nat_that_forgets_its_mapping_costs_nothing_but_time(
    filtering: Behavior | None,
) -> None:
    """F-11: another source port, three times, without notice; back in five seconds, 0 lost."""
    network, nat, left, right = at_home(filtering)
    async with (
        connected(left, right, configuration=STUN) as pair,
        numbering(pair.channel, pair.remote),
        numbering(pair.remote, pair.channel),
    ):
        await asyncio.sleep(3.0)
        dtls = pair.left._core.transports.one.dtls  # type: ignore[union-attr] # connected
        for _ in range(3):
            nat.rebind()
            await asyncio.sleep(0.1)
            assert await silence(network, left) <= 5.0
            await asyncio.sleep(5.0)
        assert pair.left._core.transports.one.dtls is dtls  # type: ignore[union-attr] # connected


async def silence(network: Network, host: Host) -> float:
    """Seconds until something other than STUN is delivered to `host`."""
    arrived: list[float] = []
    end = network.watch(
        lambda now, action, packet, place: (
            arrived.append(now)
            if action == "deliver" and place.startswith(host.name) and packet.data[0] > 3
            else None
        )
    )
    started = network.now
    await eventually(lambda: arrived, limit=20.0)
    end()
    return arrived[0] - started


async def transfer(pair: Pair, blocks: Sequence[bytes]) -> str:
    """Send all blocks, through failures too; the hash of what arrived."""
    received = hashlib.sha256()

    async def receive() -> None:
        count = 0
        while count < len(blocks):
            try:
                message = await pair.remote.recv()
            except ConnectionFailed:
                await asyncio.sleep(0.1)
                continue
            assert isinstance(message, bytes)
            received.update(message)
            count += 1

    receiving = asyncio.create_task(receive())
    for block in blocks:
        pair.channel.send(block)
        await asyncio.sleep(0.02)
    async with asyncio.timeout(120.0):
        await receiving
    return received.hexdigest()


@pytest.mark.parametrize("mover", ["offerer", "answerer"])
@pytest.mark.parametrize("overlap", [True, False], ids=["make before break", "break before make"])
async def test_a_network_switch_with_an_ice_restart_keeps_a_transfer_intact(
    mover: str, *, overlap: bool
) -> None:
    """F-14, PC-27: the interface vanishes, another appears; the new address is gathered."""
    network = Network(Link(delay=0.02, rate=20e6), seed=1)
    left, right = network.host("left", "192.0.2.1"), network.host("right", "192.0.2.2")
    moving = left if mover == "offerer" else right
    blocks = [bytes([number]) * 60_000 for number in range(100)]
    async with connected(left, right) as pair:
        sending = asyncio.create_task(transfer(pair, blocks))
        pc, other = (pair.left, pair.right) if moving is left else (pair.right, pair.left)
        await asyncio.sleep(0.8)
        if not overlap:
            moving.cards[0].disconnect()
            await asyncio.sleep(0.5)
        moving.add_interface(network.wan, "198.51.100.77")
        pc.restart_ice()
        await negotiate(pc, other)
        if overlap:
            await asyncio.sleep(0.1)
            moving.cards[0].disconnect()
        # A path that dies after it was chosen has to be missed first.
        assert await silence(network, moving) < (6.0 if overlap else 3.0)
        assert not sending.done()
        assert await sending == hashlib.sha256(b"".join(blocks)).hexdigest()
        selected = pc._core.transports.one.ice.selected_pair  # type: ignore[union-attr] # connected
        assert selected is not None
        assert selected.local.address[0] == "198.51.100.77"
        assert pc.connection_state == other.connection_state == "connected"


async def test_every_switch_closes_the_sockets_of_addresses_that_are_gone() -> None:
    """F-14, F-15: ten networks one after the other leave two sockets, not eleven."""
    network = Network(Link(delay=0.01), seed=1)
    left, right = network.host("left", "192.0.2.1"), network.host("right", "192.0.2.2")
    async with connected(left, right) as pair:
        for number in range(10):
            left.cards[-1].disconnect()
            left.add_interface(network.wan, f"198.51.100.{number + 10}")
            pair.left.restart_ice()
            await negotiate(pair.left, pair.right)
            await asyncio.sleep(1.0)
            pair.channel.send(str(number))
            assert await pair.remote.recv() == str(number)
        assert len(pair.left._driver._endpoints) == 1
        assert len(pair.right._driver._endpoints) == 1


@pytest.mark.slow
@pytest.mark.parametrize("mover", ["sender", "receiver"])
async def test_a_network_switch_in_the_middle_of_fifty_megabytes(mover: str) -> None:
    """F-14: no error, the same hash, and a gap of less than 3 s in what is delivered."""
    network = Network(Link(delay=0.02, rate=50e6, queue=256_000), seed=1)
    left, right = network.host("left", "192.0.2.1"), network.host("right", "192.0.2.2")
    moving = left if mover == "sender" else right
    sent, received, block = hashlib.sha256(), hashlib.sha256(), 65536
    arrivals: list[float] = []
    async with connected(left, right) as pair:

        async def send() -> None:
            for number in range(50_000_000 // block):
                message = number.to_bytes(4, "big") * (block // 4)
                sent.update(message)
                await pair.channel.send(message)

        async def receive() -> None:
            for _ in range(50_000_000 // block):
                message = await pair.remote.recv()
                assert isinstance(message, bytes)
                received.update(message)
                arrivals.append(network.now)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(send())
            tasks.create_task(receive())
            await eventually(lambda: len(arrivals) > 300, limit=60.0)
            moving.cards[0].disconnect()
            moving.add_interface(network.wan, "198.51.100.77")
            pc, other = (pair.left, pair.right) if moving is left else (pair.right, pair.left)
            await asyncio.sleep(0.2)
            pc.restart_ice()
            await negotiate(pc, other)
    assert received.digest() == sent.digest()
    gaps = [later - earlier for earlier, later in itertools.pairwise(arrivals)]
    assert max(gaps) < 3.0
