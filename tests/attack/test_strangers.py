"""What anybody on the Internet can send to a socket: dropped, counted, and nobody notices."""

import asyncio
import socket
import sys
from random import Random

import pytest

from tests.attack import packets
from tests.attack.echo import echoing
from tests.support import Pair, connected, negotiate, over_loopback, trickle, two_hosts
from webrtc import RTCPeerConnection
from webrtc.core import Address
from webrtc.peer.demux import Kind
from webrtc.vnet import Link, Network

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is there by default")
STRANGER = ("198.51.100.66", 4444)


def address_of(pc: RTCPeerConnection) -> Address:
    """Where a connection listens."""
    transport = pc._core.transports.one
    assert transport is not None
    return transport.ice.local_candidates[0].address


def dropped(pc: RTCPeerConnection, kind: Kind) -> int:
    transport = pc._core.transports.one
    assert transport is not None
    return transport.dropped[kind]


def attack_both(network: Network, pair: Pair, data: bytes, source: Address = STRANGER) -> None:
    """Send `data` to both ends, from a stranger and in the name of the other end."""
    left, right = address_of(pair.left), address_of(pair.right)
    for victim, peer in ((left, right), (right, left)):
        network.inject(data, source, victim)
        network.inject(data, peer, victim)


async def test_empty_datagrams_are_dropped_in_every_state() -> None:
    """M-01: from anyone, and in the name of the peer."""
    network, left, right = two_hosts(Link(delay=0.02))
    states: set[str] = set()
    async with (
        RTCPeerConnection(network=left) as one,
        RTCPeerConnection(network=right) as other,
    ):
        trickle(one, other)
        channel = one.create_data_channel("data")
        await one.set_local_description()
        await one.gathered()
        states.add(one.connection_state)
        network.inject(b"", STRANGER, address_of(one))
        negotiating = asyncio.create_task(negotiate(one, other))
        for _ in range(100):
            await asyncio.sleep(0.005)
            for pc in (one, other):
                if pc.ice_gathering_state == "complete":
                    states |= {pc.connection_state, pc.ice_connection_state}
                    for source in (STRANGER, address_of(other), address_of(one)):
                        network.inject(b"", source, address_of(pc))
        await negotiating
        await channel.opened()
        assert {"new", "checking", "connecting", "connected"} <= states
        assert dropped(one, Kind.UNKNOWN) > 200
        assert dropped(other, Kind.UNKNOWN) > 200


@on_linux
@pytest.mark.realtime
async def test_empty_datagrams_on_real_sockets_are_dropped() -> None:
    """M-01: a read of 0 bytes is no end of file."""
    async with over_loopback() as pair:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.2", 0))
            async with echoing(pair, interval=0.001):
                for _ in range(100):
                    stranger.sendto(b"", address_of(pair.left))
                    stranger.sendto(b"", address_of(pair.right))
                    await asyncio.sleep(0.001)
        assert dropped(pair.left, Kind.UNKNOWN) == dropped(pair.right, Kind.UNKNOWN) == 100


@on_linux
@pytest.mark.realtime
async def test_a_flood_of_junk_on_real_sockets_leaves_an_echo_running() -> None:
    """M-02, M-06 in small: every first byte, all sizes."""
    random = Random(2)
    async with over_loopback() as pair:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.2", 0))
            async with echoing(pair, interval=0.001):
                for data in packets.junk(random, 3000):
                    stranger.sendto(data, address_of(pair.left))
                    stranger.sendto(data, address_of(pair.right))
                    if random.random() < 0.1:
                        await asyncio.sleep(0.001)


async def test_a_flood_of_junk_leaves_an_echo_running() -> None:
    """M-02: also when it comes in the name of the peer."""
    network, left, right = two_hosts(Link(delay=0.01))
    random = Random(1)
    async with connected(left, right) as pair, echoing(pair):
        for data in packets.junk(random, 3000):
            attack_both(network, pair, data)
            if random.random() < 0.1:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("name", sorted(packets.ALL))
async def test_packets_of_a_stranger_reach_no_layer(name: str) -> None:
    """M-04, D-01, D-02, R-06: from an address that ICE has not validated, while connected."""
    network, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair, echoing(pair):
        sent: list[bytes] = []
        network.watch(
            lambda now, action, packet, place: (
                sent.append(packet.data)
                if action == "send" and packet.destination == STRANGER
                else None
            )
        )
        before = [pc._core.transports.one.dtls.counters for pc in (pair.left, pair.right)]  # type: ignore[union-attr] # connected
        shown = [repr(each) for each in before]
        for _ in range(200):
            network.inject(packets.ALL[name], STRANGER, address_of(pair.left))
            network.inject(packets.ALL[name], STRANGER, address_of(pair.right))
            await asyncio.sleep(0.01)
        assert [repr(each) for each in before] == shown
        assert sent == []
        transport = pair.left._core.transports.one
        assert transport is not None
        assert len(transport._held) == 0


async def test_what_overtakes_the_checks_is_held_within_bounds() -> None:
    """M-04: at most 8 datagrams and 12 KiB, and only from addresses that are being checked."""
    network, left, right = two_hosts(Link(delay=0.05))
    async with (
        RTCPeerConnection(network=left) as one,
        RTCPeerConnection(network=right) as other,
    ):
        trickle(one, other)
        channel = one.create_data_channel("data")
        await negotiate(one, other)
        await asyncio.sleep(0.01)
        for size in (13, 1200, 5000):
            for _ in range(50):
                network.inject(packets.record(23, bytes(size)), address_of(other), address_of(one))
        await asyncio.sleep(0.01)
        transport = one._core.transports.one
        assert transport is not None
        assert 0 < len(transport._held) <= 8
        assert sum(len(data) for data, _ in transport._held) <= 12 * 1024
        assert transport.dropped[Kind.DTLS] >= 100
        await channel.opened()
        assert transport._held == []


async def test_the_first_byte_alone_decides_which_protocol_it_is() -> None:
    """M-05: application data that looks like STUN or DTLS inside a data channel stays data."""
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        for data in (*packets.ALL.values(), b"", b"\0"):
            pair.channel.send(data)
            assert await pair.remote.recv() == data
        for pc in (pair.left, pair.right):
            transport = pc._core.transports.one
            assert transport is not None
            assert not any(transport.dropped.values())


async def test_the_path_before_a_restart_carries_data_until_the_new_one_and_checks_are_strict() -> (
    None
):
    """M-07: checks with the credentials of a generation that is over are not answered."""
    network, left, right = two_hosts(Link(delay=0.01))
    checks: list[tuple[Address, Address, bytes]] = []
    network.watch(
        lambda now, action, packet, place: (
            checks.append((packet.source, packet.destination, packet.data))
            if action == "send" and packet.data[:2] == b"\0\1"
            else None
        )
    )
    async with connected(left, right) as pair:
        old = list(checks)
        async with echoing(pair):
            pair.left.restart_ice()
            await negotiate(pair.left, pair.right)
            await asyncio.sleep(2.0)
            answers: list[bytes] = []
            network.watch(
                lambda now, action, packet, place: (
                    answers.append(packet.data[8:20])
                    if action == "send" and packet.data[:2] == b"\1\1"
                    else None
                )
            )
            for source, destination, data in old:
                network.inject(data, source, destination)
            await asyncio.sleep(1.0)
            assert not {data[8:20] for _, _, data in old} & set(answers)
