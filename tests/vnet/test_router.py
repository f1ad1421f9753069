"""Topologies: rows VNET-03 and VNET-06."""

import pytest

from tests.vnet.support import Peer, trace
from webrtc.vnet import Link, Nat, Network


def test_hosts_of_one_lan_talk_without_the_nat() -> None:
    """VNET-06: private addresses of one subnet."""
    network = Network()
    lan = network.router("lan", "192.168.1.0/24", nat=Nat("203.0.113.1"))
    one, two = (Peer(network.host(name, router=lan)) for name in ("one", "two"))
    assert (one.local[0], two.local[0]) == ("192.168.1.2", "192.168.1.3")
    one.send(two.local, b"near")
    network.run(0.1)
    assert two.take() == [(b"near", one.local)]


def test_private_addresses_cannot_be_reached_from_outside() -> None:
    network = Network()
    lan = network.router("lan", "192.168.1.0/24", nat=Nat("203.0.113.1"))
    inner = Peer(network.host("inner", router=lan))
    outer = Peer(network.host("outer", "198.51.100.1"))
    other = network.router("other", "10.0.0.0/8", nat=Nat("203.0.113.2"))
    stranger = Peer(network.host("stranger", router=other))
    log = trace(network)
    outer.send(inner.local, b"direct")
    stranger.send(inner.local, b"sideways")
    outer.send(("203.0.113.1", 7), b"unknown port")
    network.run(0.1)
    assert inner.take() == []
    assert {number: (action, place) for _, action, place, number, *_ in log} == {
        1: ("route", "wan"),
        2: ("route", "wan"),
        3: ("nat", "lan"),
    }


def test_two_lans_with_the_same_subnet_do_not_mix() -> None:
    network = Network()
    peers = []
    for number in (1, 2):
        nat = Nat(f"203.0.113.{number}")
        lan = network.router(f"lan{number}", "192.168.1.0/24", nat=nat)
        peers.append(Peer(network.host(f"host{number}", "192.168.1.2", router=lan), 5000))
    for _ in range(2):
        peers[0].send(("203.0.113.2", 5000), b"one")
        peers[1].send(("203.0.113.1", 5000), b"two")
        network.run(0.1)
    assert (b"one", ("203.0.113.1", 5000)) in peers[1].take()
    assert (b"two", ("203.0.113.2", 5000)) in peers[0].take()


def test_nested_nat_translates_twice_and_hairpins_at_the_right_level() -> None:
    """VNET-06: a home behind a carrier-grade NAT."""
    network = Network()
    carrier = network.router("carrier", "100.64.0.0/10", nat=Nat("203.0.113.1"))
    homes = [
        network.router(
            f"home{number}", "192.168.0.0/16", parent=carrier, nat=Nat(f"100.64.0.{number}")
        )
        for number in (11, 12)
    ]
    one, two = (
        Peer(network.host(f"host{port}", router=home), port)
        for port, home in zip((5001, 5002), homes, strict=True)
    )
    server = Peer(network.host("server", "198.51.100.1"), 3478)
    one.send(server.local, b"hello")
    two.send(server.local, b"hello")
    network.run(0.1)
    assert [seen for _, seen in server.take()] == [("203.0.113.1", 5001), ("203.0.113.1", 5002)]
    server.send(("203.0.113.1", 5001), b"answer")
    network.run(0.1)
    assert one.take() == [(b"answer", server.local)]
    for _ in range(2):
        one.send(("203.0.113.1", 5002), b"neighbour")
        two.send(("203.0.113.1", 5001), b"neighbour")
        network.run(0.1)
    assert (b"neighbour", ("203.0.113.1", 5001)) in two.take()
    assert (b"neighbour", ("203.0.113.1", 5002)) in one.take()


def test_dual_stack_lan_translates_ipv4_and_routes_ipv6() -> None:
    """VNET-03: one interface, two families."""
    network = Network()
    lan = network.router("lan", "192.168.1.0/24", "2001:db8:1::/64", nat=Nat("203.0.113.1"))
    host = network.host("host", router=lan)
    assert host.cards[0].hosts == ("192.168.1.2", "2001:db8:1::2")
    four, six = (Peer(host, 5000, address) for address in host.cards[0].hosts)
    server = network.host("server", "198.51.100.1", "2001:db8:2::1")
    server4, server6 = (Peer(server, 3478, address) for address in server.cards[0].hosts)
    four.send(server4.local, b"four")
    six.send(server6.local, b"six")
    network.run(0.1)
    assert server4.take() == [(b"four", ("203.0.113.1", 5000))]
    assert server6.take() == [(b"six", six.local)]
    server6.send(six.local, b"unasked")
    network.run(0.1)
    assert six.take() == [(b"unasked", server6.local)]


def test_host_with_two_interfaces_and_one_that_vanishes_and_comes_back() -> None:
    """VNET-03: fault F-14."""
    network = Network(Link(delay=0.01))
    wifi = network.router("wifi", "192.168.1.0/24", nat=Nat("203.0.113.1"))
    mobile = network.router("mobile", "10.0.0.0/8", nat=Nat("203.0.113.2"))
    phone = network.host("phone", router=wifi)
    lte = phone.add_interface(mobile, name="lte")
    assert [tuple(entry) for entry in phone.interfaces()] == [
        ("eth0", "192.168.1.2", 24),
        ("lte", "10.0.0.2", 8),
    ]
    over_wifi, over_lte = Peer(phone, 5000), Peer(phone, 5000, "10.0.0.2")
    server = Peer(network.host("server", "198.51.100.1"), 3478)
    over_wifi.send(server.local, b"a")
    over_lte.send(server.local, b"b")
    network.run(0.1)
    assert [seen for _, seen in server.take()] == [("203.0.113.1", 5000), ("203.0.113.2", 5000)]

    server.send(("203.0.113.2", 5000), b"too late")
    lte.disconnect()
    lte.disconnect()
    over_lte.send(server.local, b"c")
    network.run(0.1)
    assert [entry.host for entry in phone.interfaces()] == ["192.168.1.2"]
    assert (server.take(), over_lte.take(), over_lte.socket.dropped) == ([], [], 1)
    with pytest.raises(OSError, match="assign"):
        phone.bind(("10.0.0.2", 0))

    lte.connect()
    over_lte.send(server.local, b"d")
    network.run(0.1)
    assert server.take() == [(b"d", ("203.0.113.2", 5000))]


def test_packets_under_way_to_a_vanished_interface_are_lost() -> None:
    network = Network(Link(delay=1.0))
    one, two = network.host("one", "198.51.100.1"), network.host("two", "198.51.100.2")
    two.cards[0].inbound = Link(delay=1.0)
    sender, receiver = Peer(one), Peer(two)
    log = trace(network)
    sender.send(receiver.local, b"lost")
    network.run(1.5)
    two.cards[0].disconnect()
    network.run(1.0)
    assert (receiver.take(), log[-1][1:3]) == ([], ("route", "two/eth0"))


def test_link_local_addresses_have_zones_and_stay_on_their_network() -> None:
    """VNET-03: fault F-13."""
    network = Network()
    lan = network.router("lan", "2001:db8:1::/64")
    one = network.host("one", "fe80::1", router=lan)
    two = network.host("two", "fe80::2", router=lan)
    network.host("far", "fe80::3")
    assert one.interfaces()[0].host == "fe80::1%eth0"
    left, right = Peer(one, 5000, "fe80::1%eth0"), Peer(two, 6000, "fe80::2%eth0")
    assert left.local == ("fe80::1%eth0", 5000)
    left.send(("fe80::2%eth0", 6000), b"near")
    log = trace(network)
    left.send(("fe80::3%eth0", 6000), b"far")
    network.run(0.1)
    assert right.take() == [(b"near", ("fe80::1%eth0", 5000))]
    assert log[-1][1:3] == ("route", "lan")


def test_routed_subnet_without_nat_and_its_links() -> None:
    """VNET-02: delays of every link on the way add up; both directions are set apart."""
    network = Network(Link(delay=0.01))
    office = network.router(
        "office", "2001:db8:1::/48", outbound=Link(delay=0.1), inbound=Link(delay=0.2)
    )
    inner = Peer(network.host("inner", router=office, inbound=Link(delay=1.0)))
    outer = Peer(network.host("outer", "2001:db8:2::1"))
    times: list[float] = []
    network.watch(lambda now, action, *_: times.append(now) if action == "deliver" else None)
    inner.send(outer.local, b"out")
    outer.send(inner.local, b"in")
    network.run(2.0)
    assert times == pytest.approx([0.11, 1.21])
    office.outbound = office.inbound = inner_link = Link(loss=1.0)
    inner.send(outer.local, b"out")
    outer.send(inner.local, b"in")
    network.run(2.0)
    assert (office.outbound, office.inbound) == (inner_link, inner_link)
    assert inner_link.dropped == {"loss": 2}


def test_filter_of_one_router() -> None:
    """VNET-07: UDP blocked at one site, the rest untouched."""
    network = Network()
    lan = network.router("lan", "192.168.1.0/24", nat=Nat("203.0.113.1"))
    one, two = (Peer(network.host(name, router=lan)) for name in ("one", "two"))
    outer = Peer(network.host("outer", "198.51.100.1"), 3478)
    end = lan.filter(lambda packet: outer.local in (packet.source, packet.destination))
    one.send(outer.local, b"out")
    one.send(two.local, b"near")
    network.run(0.1)
    assert (outer.take(), two.take()) == ([], [(b"near", one.local)])
    end()
    one.send(outer.local, b"out")
    network.run(0.1)
    [(_, seen)] = outer.take()
    lan.filter(lambda packet: packet.destination == one.local)
    outer.send(seen, b"answer")
    network.run(0.1)
    assert one.take() == []


def test_taken_and_missing_addresses_are_refused() -> None:
    network = Network()
    network.host("one", "198.51.100.1")
    with pytest.raises(ValueError, match=r"198\.51\.100\.1 is taken by one/eth0"):
        network.host("two", "198.51.100.1")
    with pytest.raises(ValueError, match="no address"):
        network.host("three")


def test_memory_for_destinations_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webrtc.vnet.router.MAX_ROUTES", 10)
    network = Network()
    one, two = (Peer(network.host(f"host{n}", f"198.51.100.{n}")) for n in (1, 2))
    for number in range(50):
        one.send((f"192.0.2.{number}", 9), b"nobody")
    one.send(two.local, b"still works")
    network.run(0.1)
    assert len(network.wan._routes) <= 10
    assert len(two.take()) == 1
