"""Hosts as the shell's network: rows VNET-01, VNET-03, VNET-06."""

import asyncio
import errno

import pytest

from tests.vnet.support import Inbox, Peer, trace
from webrtc.aio.net import seam
from webrtc.core import Path, Refused, Transmit
from webrtc.vnet import Host, Link, Nat, Network
from webrtc.vnet.sockets import MAX_DATAGRAM, RECEIVE_BUFFER, Socket


@pytest.fixture
def host() -> Host:
    return Network().host("host", "198.51.100.1", "2001:db8::1")


def test_host_is_the_network_the_shell_asks_for(host: Host) -> None:
    """VNET-01: by structure, which mypy checks, and by what it returns."""
    network: seam.NetworkStack = host
    endpoint: seam.Endpoint = network.bind(("198.51.100.1", 5000))
    receiver: seam.Receiver = Inbox()
    endpoint.start(receiver)
    assert network.interfaces() == [
        seam.InterfaceAddress("eth0", "198.51.100.1"),
        seam.InterfaceAddress("eth0", "2001:db8::1"),
    ]


def code(host: Host, address: tuple[str, int]) -> str:
    with pytest.raises(OSError) as raised:  # noqa: PT011  # the errno is checked by the caller
        host.bind(address)
    return errno.errorcode[raised.value.errno or 0]


def test_bind_refuses_taken_ports_and_foreign_addresses(host: Host) -> None:
    endpoint = host.bind(("198.51.100.1", 5000))
    assert code(host, ("198.51.100.1", 5000)) == "EADDRINUSE"
    assert code(host, ("0.0.0.0", 5000)) == "EADDRINUSE"
    assert code(host, ("198.51.100.9", 5000)) == "EADDRNOTAVAIL"
    host.bind(("2001:db8::1", 5000))
    endpoint.close()
    endpoint.close()
    everywhere = host.bind(("0.0.0.0", 5000))
    assert code(host, ("198.51.100.1", 5000)) == "EADDRINUSE"
    everywhere.close()
    host.bind(("198.51.100.1", 5000))


def test_port_zero_takes_free_ports_until_there_are_none(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webrtc.vnet.sockets.EPHEMERAL_PORTS", range(50000, 50003))
    host.bind(("198.51.100.1", 50001))
    bound = [host.bind(("198.51.100.1", 0)) for _ in range(2)]
    assert [endpoint.local[1] for endpoint in bound] == [50000, 50002]
    assert code(host, ("198.51.100.1", 0)) == "EADDRINUSE"
    bound[0].close()
    assert host.bind(("198.51.100.1", 0)).local[1] == 50000


async def test_datagrams_of_one_instant_are_one_burst() -> None:
    """VNET-01: those of one path together, as a real socket is read, then one flush."""
    network = Network(Link(delay=0.01))
    one, two, three = (Peer(network.host(f"h{n}", f"198.51.100.{n}")) for n in (1, 2, 3))
    one.send(three.local, b"a", b"b", b"c")
    two.send(three.local, b"d")
    await asyncio.sleep(0.005)
    one.send(three.local, b"e")
    await asyncio.sleep(0.1)
    assert three.inbox.bursts == [4, 1]
    assert three.inbox.together == [3]
    assert [data for data, _ in three.take()] == [b"a", b"b", b"c", b"d", b"e"]


async def test_path_is_one_object_per_remote_address() -> None:
    network = Network()
    one, two = (network.host(f"h{n}", f"198.51.100.{n}") for n in (1, 2))
    paths: list[Path] = []

    class Paths(Inbox):
        def receive(self, data: bytes, path: Path) -> None:
            paths.append(path)

    endpoint = one.bind(("198.51.100.1", 5000))
    endpoint.start(Paths())
    peer = Peer(two)
    peer.send(endpoint.local, b"1", b"2")
    await asyncio.sleep(0.1)
    assert paths == [Path(endpoint.local, peer.local)] * 2
    assert paths[0] is paths[1]


async def test_what_arrives_before_start_is_kept_within_the_receive_buffer() -> None:
    network = Network()
    sender = Peer(network.host("sender", "198.51.100.1"))
    late = network.host("late", "198.51.100.2").bind(("198.51.100.2", 5000))
    sender.send(late.local, *[b"x" * 10_000] * 30)
    await asyncio.sleep(0.1)
    inbox = Inbox()
    late.start(inbox)
    await asyncio.sleep(0.1)
    kept = RECEIVE_BUFFER // 10_028
    assert (len(inbox.received), late.dropped, inbox.bursts) == (kept, 30 - kept, [kept])


async def test_wildcard_socket_serves_every_interface_and_picks_the_source() -> None:
    network = Network()
    left = network.router("left", "10.1.0.0/16", nat=Nat("203.0.113.1"))
    right = network.router("right", "10.2.0.0/16", nat=Nat("203.0.113.2"))
    host = network.host("host", router=left)
    host.add_interface(right)
    anywhere = Peer(host, 5000, "0.0.0.0")
    near = Peer(network.host("near", router=right))
    far = Peer(network.host("far", "198.51.100.1"))
    anywhere.send(near.local, b"near")
    anywhere.send(far.local, b"far")
    near.send(("10.2.0.2", 5000), b"answer")
    await asyncio.sleep(0.1)
    assert near.take() == [(b"near", ("10.2.0.2", 5000))]
    assert far.take() == [(b"far", ("203.0.113.1", 5000))]
    assert anywhere.take() == [(b"answer", near.local)]
    for card in host.cards:
        card.disconnect()
    anywhere.send(far.local, b"no interface")
    assert anywhere.socket.dropped == 1


async def test_sockets_of_one_host_talk_without_the_wire(host: Host) -> None:
    host.cards[0].outbound.loss = 1.0
    one, two = Peer(host), Peer(host)
    one.send(two.local, b"inside")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert two.take() == [(b"inside", one.local)]
    host.cards[0].disconnect()
    one.send(two.local, b"no address")
    assert one.socket.dropped == 1


def test_own_address_that_vanishes_under_way_gets_nothing() -> None:
    network = Network()
    host = network.host("host", "198.51.100.1")
    other = host.add_interface(network.wan, "198.51.100.2")
    one, two = Peer(host), Peer(host, 0, "198.51.100.2")
    log = trace(network)
    one.send(two.local, b"inside")
    other.disconnect()
    network.run(0.1)
    assert (two.take(), log[-1][1:3]) == ([], ("route", "host/lo"))


def test_what_cannot_be_sent_is_dropped_and_counted(host: Host) -> None:
    endpoint = host.bind(("198.51.100.1", 5000))
    for remote in [("2001:db8::2", 5), ("a.example", 5)]:
        endpoint.send([Transmit(b"", Path(endpoint.local, remote))])
    path = Path(endpoint.local, ("198.51.100.2", 5))
    long, longest = (Transmit(bytes(size), path) for size in (MAX_DATAGRAM + 1, MAX_DATAGRAM))
    assert endpoint.send([long, longest]) == Refused([long])
    assert endpoint.send([longest]) is None
    assert endpoint.dropped == 3


@pytest.mark.parametrize(("address", "header"), [("198.51.100.1", 28), ("2001:db8::1", 48)])
def test_interface_refuses_what_it_may_not_fragment(address: str, header: int) -> None:
    """F-25: EMSGSIZE, and the smallest is told; within a host there is no limit."""
    network = Network()
    host = network.host("host", "198.51.100.1", "2001:db8::1")
    other = address[:-1] + "2"
    peer = Peer(network.host("peer", other), 9)
    endpoint = host.bind((address, 5000))
    path, itself = Path(endpoint.local, peer.local), Path(endpoint.local, endpoint.local)
    fits, over, far = (bytes(1500 - header + more) for more in (0, 1, 500))
    sent = [Transmit(data, path, 0, True) for data in (far, fits, over, far)]
    refused = endpoint.send(sent)
    assert refused is not None
    assert refused.too_large is sent[2]
    assert refused.transmits == [sent[0], *sent[2:]]
    assert endpoint.send([Transmit(far, path), Transmit(far, itself, 0, True)]) is None
    network.run(0.1)
    assert [len(data) for data, _ in peer.take()] == [len(fits), len(far)]
    assert endpoint.dropped == 3
    host.cards[0].mtu = 1280
    assert endpoint.send([sent[1]]) == Refused([sent[1]], sent[1])


def test_nothing_tells_the_sender_that_nobody_listens() -> None:
    """UDP without ICMP; the trace knows."""
    network = Network()
    sender = Peer(network.host("sender", "198.51.100.1"))
    network.host("deaf", "198.51.100.2")
    log = trace(network)
    sender.send(("198.51.100.2", 9), b"anybody?")
    network.run(0.1)
    assert [action for _, action, *_ in log] == ["send", "deliver", "port"]
    assert (sender.take(), sender.socket.dropped) == ([], 0)


def test_closed_socket_gets_nothing_even_what_was_under_way() -> None:
    network = Network(Link(delay=0.1))
    one, two = (Peer(network.host(f"h{n}", f"198.51.100.{n}")) for n in (1, 2))
    one.send(two.local, b"late")
    network.run(0.05)
    two.socket.close()
    network.run(0.1)
    assert two.take() == []


def test_other_spellings_of_an_ipv6_address_reach_it() -> None:
    network = Network()
    one, two = (Peer(network.host(f"h{n}", f"2001:db8::{n}"), 5000) for n in (1, 2))
    one.send(("2001:0DB8:0::2", 5000), b"same")
    network.run(0.1)
    assert two.take() == [(b"same", ("2001:db8::1", 5000))]


async def test_ecn_travels_with_the_packet() -> None:
    """SANS-10."""
    network = Network()
    one, two = (Peer(network.host(f"h{n}", f"198.51.100.{n}")) for n in (1, 2))
    marks: list[int] = []
    network.watch(lambda _, action, packet, __: marks.append(packet.ecn))
    one.socket.send([Transmit(b"marked", Path(one.local, two.local), 1)])
    await asyncio.sleep(0.1)
    assert marks == [1, 1]


async def test_names_resolve_after_their_delay_or_fail() -> None:
    """VNET-06: fault F-29."""
    network = Network()
    host = network.host("host", "198.51.100.1")
    network.name("Stun.Example", "192.0.2.1", "2001:DB8::1")
    network.name("slow.example", "192.0.2.2", delay=30.0)
    loop = asyncio.get_running_loop()
    assert await host.resolve("stun.example") == ("192.0.2.1", "2001:db8::1")
    assert await host.resolve("192.0.2.7") == ("192.0.2.7",)
    assert loop.time() == 0.0
    assert await host.resolve("slow.example") == ("192.0.2.2",)
    assert loop.time() == 30.0
    with pytest.raises(OSError, match=r"nowhere\.example"):
        await host.resolve("nowhere.example")


def test_memory_for_remote_addresses_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webrtc.vnet.sockets.MAX_PATHS", 10)
    network = Network()
    peer = Peer(network.host("host", "198.51.100.1"))
    for port in range(1, 51):
        network.inject(b"", ("192.0.2.1", port), peer.local)
        peer.send(("192.0.2.1", port), b"")
    network.run(0.1)
    endpoint: Socket = peer.socket
    assert len(peer.take()) == 50
    assert len(endpoint._paths) <= 10
    assert len(endpoint._remotes) <= 10
