"""ICE-01, ICE-24: every pair of the nine NATs of RFC 4787, with a STUN server and no relay."""

from itertools import product

import pytest

from tests.ice.harness import Call
from webrtc.ice import State
from webrtc.stun.responder import Responder
from webrtc.vnet import Behavior, Host, Link, Nat, Network

SERVER = ("198.51.100.53", 3478)
ENDPOINT, ADDRESS, PORT = Behavior
Kind = tuple[Behavior, Behavior] | None  # mapping and filtering; None is a public address
NATS: list[Kind] = [*product(Behavior, Behavior)]
PAIRS = [
    (left, right)
    for left, right in product([None, *NATS], repeat=2)
    if (left is None, *map(str, left or ())) <= (right is None, *map(str, right or ()))
]


def name(kind: Kind) -> str:
    return "public" if kind is None else f"{kind[0]}/{kind[1]}"


def passes(kind: Kind, *, host_known: bool, port_known: bool) -> bool:
    """Whether a NAT of `kind` lets a packet in, by what it has seen sent to its source."""
    if kind is None or kind[1] is ENDPOINT:
        return True
    return port_known if kind[1] is PORT else host_known


def opens(first: Kind, second: Kind) -> bool:
    """Whether a path comes about when `first` sends to what a server saw of `second`."""
    one = ENDPOINT if first is None else first[0]
    two = ENDPOINT if second is None else second[0]
    # The request gets in through the binding that the server saw. If that is not the one that
    # `second` sends to `first` from, it has sent to the server only.
    used = two is ENDPOINT
    if not passes(second, host_known=used, port_known=used and one is ENDPOINT):
        return False
    # What comes back has another source unless `second` maps all to one.
    if not passes(first, host_known=True, port_known=two is ENDPOINT):
        return False
    # Then that source is checked in turn: from the same place unless `first` maps by port. If both
    # do, every answer comes from a place that was not asked.
    if one is two is PORT:
        return False
    return two is ENDPOINT or passes(second, host_known=True, port_known=one is not PORT)


def connects(left: Kind, right: Kind) -> bool:
    return opens(left, right) or opens(right, left)


def behind(network: Network, side: int, kind: Kind) -> Host:
    if kind is None:
        return network.host(f"host{side}", f"198.51.100.{side}")
    nat = Nat(f"203.0.113.{side}", mapping=kind[0], filtering=kind[1])
    router = network.router(f"router{side}", f"10.{side}.0.0/24", nat=nat)
    return network.host(f"host{side}", f"10.{side}.0.2", router=router)


def call(left: Kind, right: Kind, seed: int, link: Link) -> Call:
    network = Network(link, seed=seed)
    network.add(SERVER, Responder())
    hosts = behind(network, 1, left), behind(network, 2, right)
    return Call(network, hosts=hosts).start([SERVER])


@pytest.mark.parametrize(("left", "right"), PAIRS, ids=name)
def test_connects_where_theory_says_so_and_fails_in_time_where_not(left: Kind, right: Kind) -> None:
    one = call(left, right, 1, Link(delay=0.02, jitter=0.01))
    if connects(left, right):
        one.network.run_until(one.is_usable, limit=3.0)
    else:
        agents = [peer.agent for peer in one.peers]
        one.network.run_until(lambda: all(a.state is State.FAILED for a in agents), limit=26.0)
        assert not one.left.selections and not one.right.selections


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50))
def test_connects_with_any_seed_and_some_loss(seed: int) -> None:
    for left, right in PAIRS:
        if connects(left, right):
            one = call(left, right, seed, Link(delay=0.02, jitter=0.03, loss=0.05))
            one.network.run_until(one.is_usable, limit=15.0)
