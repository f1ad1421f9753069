"""NAT behaviour at packet level, by RFC 4787: row VNET-04."""

from itertools import product

import pytest

from tests.vnet.support import Peer
from webrtc.core import Address
from webrtc.vnet import Behavior, Nat, Nat64, Network, OneToOneNat

ENDPOINT, ADDRESS, PORT = Behavior
BEHAVIORS = list(Behavior)
NATS = list(product(BEHAVIORS, BEHAVIORS))  # mapping, filtering
OUTER = "203.0.113.1"


class Home:
    """Alice behind a NAT; Bob with two ports and Carol in public."""

    def __init__(self, nat: Nat) -> None:
        self.network = Network(seed=4)
        self.nat = nat
        self.lan = self.network.router("home", "192.168.1.0/24", nat=nat)
        self.alice = Peer(self.network.host("alice", "192.168.1.10", router=self.lan), 5000)
        bob = self.network.host("bob", "198.51.100.1")
        self.bob, self.bob2 = Peer(bob, 1000), Peer(bob, 1001)
        self.carol = Peer(self.network.host("carol", "198.51.100.2"), 1000)

    def seen(self, peer: Peer) -> Address:
        """Alice's address as `peer` sees it."""
        self.alice.send(peer.local, b"hello")
        self.network.run(0.1)
        return peer.take()[-1][1]

    def reaches_alice(self, peer: Peer, outer: Address) -> bool:
        peer.send(outer, b"knock")
        self.network.run(0.1)
        return bool(self.alice.take())


@pytest.mark.parametrize("mapping", BEHAVIORS)
def test_mapping_decides_how_many_outer_ports_one_inner_port_has(mapping: Behavior) -> None:
    """VNET-04: RFC 4787 §4.1."""
    home = Home(Nat(OUTER, mapping=mapping))
    seen = [home.seen(peer) for peer in (home.bob, home.bob2, home.carol, home.bob)]
    assert {host for host, _ in seen} == {OUTER}
    assert seen[0] == seen[3]
    assert len(set(seen)) == {ENDPOINT: 1, ADDRESS: 2, PORT: 3}[mapping]
    assert (seen[0] == seen[1]) is (mapping is not PORT)


@pytest.mark.parametrize(("mapping", "filtering"), NATS)
def test_filtering_decides_who_may_answer(mapping: Behavior, filtering: Behavior) -> None:
    """VNET-04: RFC 4787 §5, whatever the mapping."""
    home = Home(Nat(OUTER, mapping=mapping, filtering=filtering))
    outer = home.seen(home.bob)
    reached = [home.reaches_alice(peer, outer) for peer in (home.bob, home.bob2, home.carol)]
    assert (
        reached
        == {
            ENDPOINT: [True, True, True],
            ADDRESS: [True, True, False],
            PORT: [True, False, False],
        }[filtering]
    )


def passes(to: tuple[Behavior, Behavior], sender: tuple[Behavior, Behavior]) -> bool:
    """Whether a first packet gets in, and its answer back, when both know server-seen addresses."""
    mapping, filtering = to
    sender_mapping, sender_filtering = sender
    if filtering is ENDPOINT:
        gets_in = True
    else:
        gets_in = mapping is ENDPOINT and (filtering is ADDRESS or sender_mapping is ENDPOINT)
    return gets_in and (sender_filtering is not PORT or mapping is ENDPOINT)


@pytest.mark.parametrize(("left", "right"), list(product(NATS, NATS)))
def test_hole_punching_matrix(
    left: tuple[Behavior, Behavior], right: tuple[Behavior, Behavior]
) -> None:
    """VNET-04: all 9 by 9 pairs of NATs reach each other exactly when theory says so."""
    network = Network(seed=9)
    server = Peer(network.host("server", "198.51.100.9"), 3478)
    peers: list[Peer] = []
    for number, (mapping, filtering) in enumerate((left, right), start=1):
        nat = Nat(f"203.0.113.{number}", mapping=mapping, filtering=filtering)
        lan = network.router(f"lan{number}", "10.0.0.0/8", nat=nat)
        peers.append(Peer(network.host(f"peer{number}", router=lan), 5000 + number))
        peers[-1].send(server.local, b"who am I")
        network.run(0.1)
    targets = [{seen} for _, seen in reversed(server.take())]
    answered = False
    for _ in range(4):
        for peer, remotes in zip(peers, targets, strict=True):
            for remote in remotes:
                peer.send(remote, b"punch")
        network.run(0.1)
        for peer, remotes in zip(peers, targets, strict=True):
            for data, source in peer.take():
                remotes.add(source)
                answered |= data == b"answer"
                peer.send(source, b"answer")
        network.run(0.1)
    assert answered is (passes(left, right) or passes(right, left))


@pytest.mark.parametrize("hairpin", [True, False])
def test_hairpin(hairpin: bool) -> None:
    """VNET-04: RFC 4787 §6, with the outer source address."""
    home = Home(Nat(OUTER, hairpin=hairpin, filtering=ENDPOINT))
    dave = Peer(home.network.host("dave", router=home.lan), 6000)
    outer = home.seen(home.bob)
    dave.send(outer, b"over the wall")
    home.network.run(0.1)
    expected = [(b"over the wall", (OUTER, 6000))] if hairpin else []
    assert home.alice.take() == expected


def test_binding_lives_as_long_as_packets_go_out() -> None:
    """VNET-04: RFC 4787 §4.3; outgoing packets prolong, incoming ones do not."""
    home = Home(Nat(OUTER, lifetime=30.0, port_preservation=False))
    outer = home.seen(home.bob)
    home.network.run(25.0)
    assert home.seen(home.bob) == outer
    home.network.run(25.0)
    assert home.reaches_alice(home.bob, outer)
    home.network.run(6.0)
    assert not home.reaches_alice(home.bob, outer)
    assert home.nat.bindings == []
    assert home.seen(home.bob) != outer


def test_incoming_packets_prolong_when_asked_to() -> None:
    home = Home(Nat(OUTER, lifetime=30.0, inbound_refresh=True))
    outer = home.seen(home.bob)
    for _ in range(4):
        home.network.run(25.0)
        assert home.reaches_alice(home.bob, outer)


def test_filter_of_one_peer_expires_before_the_binding() -> None:
    home = Home(Nat(OUTER, lifetime=30.0))
    outer = home.seen(home.bob)
    home.network.run(20.0)
    assert home.seen(home.carol) == outer
    home.network.run(15.0)
    assert not home.reaches_alice(home.bob, outer)
    assert home.reaches_alice(home.carol, outer)


def test_rebinding_changes_the_outer_port_silently() -> None:
    """VNET-04: fault F-11; expiry alone gives a port-preserving NAT its old port back."""
    home = Home(Nat(OUTER))
    before = home.seen(home.bob)
    assert before == (OUTER, 5000)
    home.nat.expire()
    assert not home.reaches_alice(home.bob, before)
    assert home.seen(home.bob) == before
    home.nat.rebind()
    home.nat.rebind()
    after = home.seen(home.bob)
    assert after != before
    assert home.reaches_alice(home.bob, after)
    assert not home.reaches_alice(home.bob, before)


def test_preserved_ports_collide_and_then_differ() -> None:
    home = Home(Nat(OUTER))
    dave = Peer(home.network.host("dave", router=home.lan), 5000)
    assert home.seen(home.bob) == (OUTER, 5000)
    dave.send(home.bob.local, b"me too")
    home.network.run(0.1)
    [(_, seen)] = home.bob.take()
    assert seen[1] != 5000
    assert home.reaches_alice(home.bob, (OUTER, 5000))
    assert not home.reaches_alice(home.bob, seen)
    assert dave.take() == [(b"knock", home.bob.local)]


def test_ports_run_out_and_come_back() -> None:
    """The pool of outer ports bounds the table."""
    home = Home(Nat(OUTER, mapping=PORT, ports=range(7000, 7002), lifetime=10.0))
    assert {home.seen(home.bob)[1], home.seen(home.bob2)[1]} == {7000, 7001}
    home.alice.send(home.carol.local, b"no port left")
    home.network.run(0.1)
    assert home.carol.take() == []
    home.network.run(11.0)
    assert home.seen(home.carol)[1] in (7000, 7001)
    assert len(home.nat.bindings) <= 2


def test_one_to_one_nat_translates_hosts_and_keeps_ports() -> None:
    """VNET-04: 1:1, open from outside without a packet from inside."""
    network = Network()
    nat = OneToOneNat({"203.0.113.5": "10.0.0.5", "203.0.113.6": "10.0.0.6"})
    lan = network.router("cloud", "10.0.0.0/24", nat=nat)
    one = Peer(network.host("one", "10.0.0.5", router=lan), 5000)
    two = Peer(network.host("two", "10.0.0.6", router=lan), 5000)
    hidden = Peer(network.host("hidden", "10.0.0.7", router=lan), 5000)
    public = Peer(network.host("public", "198.51.100.1"), 1000)
    public.send(("203.0.113.5", 5000), b"in")
    one.send(public.local, b"out")
    one.send(("203.0.113.6", 5000), b"hairpin")
    hidden.send(public.local, b"no outer address")
    network.run(0.1)
    assert one.take() == [(b"in", public.local)]
    assert public.take() == [(b"out", ("203.0.113.5", 5000))]
    assert two.take() == [(b"hairpin", ("203.0.113.5", 5000))]


def test_nat64_joins_an_ipv6_host_to_ipv4() -> None:
    """VNET-04: fault F-13; native IPv6 passes unchanged beside it."""
    network = Network()
    lan = network.router("mobile", "2001:db8:1::/64", nat=Nat64(OUTER))
    phone = Peer(network.host("phone", "2001:db8:1::5", router=lan), 5000)
    old = Peer(network.host("old", "198.51.100.1"), 1000)
    new = Peer(network.host("new", "2001:db8:2::1"), 1000)
    old.send((OUTER, 5000), b"unasked")
    network.run(0.1)
    assert phone.take() == []
    synthesized = Nat64.address("198.51.100.1"), 1000
    assert synthesized[0] == "64:ff9b::c633:6401"
    phone.send(synthesized, b"old world")
    phone.send(new.local, b"new world")
    network.run(0.1)
    assert old.take() == [(b"old world", (OUTER, 5000))]
    assert new.take() == [(b"new world", phone.local)]
    old.send((OUTER, 5000), b"answer")
    network.run(0.1)
    assert phone.take() == [(b"answer", synthesized)]


def test_behaviors_may_be_given_by_name_and_wrong_ones_are_refused() -> None:
    assert Nat(OUTER, mapping=Behavior("address-dependent")).mapping is ADDRESS
    with pytest.raises(ValueError, match="conical"):
        Nat(OUTER, filtering="conical")  # type: ignore[arg-type]  # the mistake under test
