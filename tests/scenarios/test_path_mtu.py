"""Whole connections over paths that carry less than they did, or more than one would think."""

import asyncio
import hashlib
from random import Random

import pytest

from tests.support import Pair, connected, eventually, two_hosts
from webrtc import RTCPeerConnection, SettingEngine
from webrtc.sctp import Association
from webrtc.vnet import Host, Link, Network
from webrtc.vnet.packet import Packet

OVERHEAD = 28 + 37
"""IPv4, UDP and a record of DTLS 1.2."""
STALL = 5.0


def association(pc: RTCPeerConnection) -> Association:
    association = pc._core.data.sctp
    assert association is not None
    return association


def limit(mtu: int, *hosts: Host) -> None:
    """All links carry IP packets of up to `mtu` bytes from here on."""
    for host in hosts:
        for card in host.cards:
            card.outbound.mtu = mtu


async def transfer(pair: Pair, size: int, *, both: bool = False) -> None:
    """Send a message and compare; TimeoutError when 5 s pass without one arriving."""
    ways = [(pair.channel, pair.remote), (pair.remote, pair.channel)][: 1 + both]
    blocks = [Random(number).randbytes(16000) for number in range(size // 16000)]

    async def pour(number: int) -> None:
        for block in blocks:
            await ways[number][0].send(block)

    async def drink(number: int) -> None:
        digest = hashlib.sha256()
        for _ in blocks:
            message = await asyncio.wait_for(ways[number][1].recv(), STALL)
            assert isinstance(message, bytes)
            digest.update(message)
        assert digest.digest() == hashlib.sha256(b"".join(blocks)).digest()

    await asyncio.gather(*(step(way) for step in (pour, drink) for way in range(len(ways))))


def watch(network: Network) -> list[Packet]:
    """Every packet that is sent."""
    packets: list[Packet] = []
    network.watch(
        lambda now, action, packet, place: packets.append(packet) if action == "send" else None
    )
    return packets


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (0, 2, 3))]
)
async def test_a_path_that_shrinks_and_shrinks_without_icmp_stalls_nobody(seed: int) -> None:
    """F-10: 1400 → 1280 → 1000 → 576, with loss for the odd seeds, both ways at once."""
    link = Link(delay=0.02, jitter=0.005, loss=0.01 * (seed % 2), rate=50e6)
    _, left, right = two_hosts(link, seed=seed)
    async with connected(left, right) as pair:
        for mtu in (1400, 1280, 1000, 576):
            limit(mtu, left, right)
            await transfer(pair, 640_000, both=True)
            await asyncio.sleep(20.0)  # three lost probes for each size that is too large
            await transfer(pair, 160_000)
            sender = association(pair.left)
            assert sender.mtu <= mtu - OVERHEAD
            assert sender.mtu >= min(mtu - OVERHEAD, 1160) - 20
        assert pair.left.connection_state == "connected"


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))]
)
async def test_a_path_that_shrinks_under_a_transfer(seed: int) -> None:
    """F-10: what was in flight is repaired though its packets are too large."""
    _, left, right = two_hosts(Link(delay=0.02, rate=20e6), seed=seed)
    async with connected(left, right) as pair:
        await transfer(pair, 320_000)
        assert association(pair.left).mtu == 1432
        task = asyncio.create_task(transfer(pair, 4_000_000))
        await asyncio.sleep(0.4 + 0.1 * seed)
        limit(1000, left, right)
        await task
        await asyncio.sleep(10.0)
        assert association(pair.left).mtu <= 1000 - OVERHEAD


async def test_handshake_and_data_over_a_path_of_576_bytes() -> None:
    """D-15: no flight is larger than 1200 bytes of UDP, and routers may cut it to pieces."""
    network, left, right = two_hosts(Link(delay=0.02))
    limit(576, left, right)
    packets = watch(network)
    async with connected(left, right) as pair:
        assert max(len(packet.data) for packet in packets) <= 1200
        assert not any(packet.dont_fragment for packet in packets)
        await transfer(pair, 160_000)
        await asyncio.sleep(10.0)
        await transfer(pair, 160_000)
        assert association(pair.left).mtu <= 576 - OVERHEAD


async def test_a_path_of_576_bytes_that_drops_fragments_needs_a_setting() -> None:
    """D-15: `mtu` below 1200 bounds every datagram."""
    network, left, right = two_hosts(Link(delay=0.02, mtu=576, fragments=False))
    packets = watch(network)
    settings = SettingEngine(mtu=548, random=Random(0))
    async with connected(left, right, settings=settings) as pair:
        await transfer(pair, 160_000, both=True)
    assert max(packet.size for packet in packets) <= 576


async def test_an_ethernet_is_used_whole_and_nothing_else_is_asked_of_it() -> None:
    network, left, right = two_hosts(Link(delay=0.02))
    packets = watch(network)
    async with connected(left, right) as pair:
        await transfer(pair, 320_000)
        assert association(pair.left).mtu == 1432
        assert association(pair.right).mtu == 1160  # it had nothing to send
    assert max(packet.size for packet in packets) == 1432 + OVERHEAD
    assert sum(packet.size == 1432 + OVERHEAD for packet in packets) > 100


async def test_small_talk_probes_nothing() -> None:
    network, left, right = two_hosts(Link(delay=0.02))
    async with connected(left, right) as pair:
        await asyncio.sleep(1.0)
        packets = watch(network)
        for _ in range(50):
            pair.channel.send(bytes(300))
            pair.remote.send(await pair.remote.recv())
            await pair.channel.recv()
        assert max(packet.size for packet in packets) < 500
        assert not any(packet.dont_fragment for packet in packets)


async def test_large_packets_within_one_host() -> None:
    """Two processes on one machine: sixteen times fewer packets."""
    _, left, _ = two_hosts()
    async with connected(left, left) as pair:
        await transfer(pair, 640_000)
        assert association(pair.left).mtu == 16384


async def test_an_interface_that_takes_less_from_now_on_is_noticed_at_once() -> None:
    """F-25: EMSGSIZE feeds discovery, no timer has to expire."""
    _, left, right = two_hosts(Link(delay=0.02, rate=50e6))
    async with connected(left, right) as pair:
        await transfer(pair, 320_000)
        sender = association(pair.left)
        assert sender.mtu == 1432
        left.cards[0].mtu = 1300
        pair.channel.send(bytes(16000))
        await asyncio.sleep(0.03)  # not even a round trip
        assert sender.mtu == 1160
        await pair.remote.recv()
        await transfer(pair, 640_000)
        assert 1300 - OVERHEAD - 20 <= sender.mtu <= 1300 - OVERHEAD
        assert sender.counters.timeouts == 0


async def test_another_path_begins_with_the_base_though_nothing_was_lost() -> None:
    """RFC 8831 §5: before anything has to be repaired."""
    network = Network(Link(delay=0.02))
    left, right = network.host("left", "192.0.2.1"), network.host("right", "192.0.2.2")
    left.add_interface(network.wan, "198.51.100.1")
    async with connected(left, right) as pair:
        ice = pair.left._core.transports.one.ice  # type: ignore[union-attr] # it is connected
        await transfer(pair, 320_000)
        await asyncio.sleep(3.0)
        path = ice.selected_path
        assert path is not None
        assert association(pair.left).mtu == 1432
        next(card for card in left.cards if path.local[0] in card.hosts).disconnect()
        await eventually(lambda: ice.selected_path not in (None, path))
        assert association(pair.left).mtu == 1160
        assert association(pair.left).counters.timeouts == 0
        await transfer(pair, 320_000)
        await eventually(lambda: association(pair.left).mtu == 1432)


async def test_another_path_is_searched_anew_and_what_was_in_flight_arrives() -> None:
    """RFC 8831 §5: Wi-Fi goes away, a tunnel of 1280 bytes is left."""
    network = Network(Link(delay=0.02, rate=20e6))
    left, right = network.host("left", "192.0.2.1"), network.host("right", "192.0.2.2")
    tunnel = left.add_interface(network.wan, "198.51.100.1")
    tunnel.outbound.mtu = 1280
    async with connected(left, right) as pair:
        ice = pair.left._core.transports.one.ice  # type: ignore[union-attr] # it is connected
        await asyncio.sleep(3.0)
        pairs = []
        if ice.selected_path is not None and ice.selected_path.local[0] != "192.0.2.1":
            tunnel.outbound.mtu, left.cards[0].outbound.mtu = None, 1280
        pairs.append(ice.selected_path)
        await transfer(pair, 320_000)
        assert association(pair.left).mtu == 1432
        task = asyncio.create_task(transfer(pair, 4_000_000))
        await asyncio.sleep(0.5)
        used = next(card for card in left.cards if ice.selected_path.local[0] in card.hosts)  # type: ignore[union-attr]
        used.disconnect()
        await task
        assert ice.selected_path not in pairs
        assert 1160 <= association(pair.left).mtu <= 1280 - OVERHEAD
