"""The network as users meet it: rows VNET-05, 07, 08, 11, SANS-15."""

import asyncio
import re
from collections.abc import Callable
from textwrap import dedent

import pytest

from tests.vnet.support import Answer, Peer, Retry, Trace, trace
from tests.work import work
from webrtc import vnet
from webrtc.vnet import GilbertElliott, Link, Nat, Network, Packet, VirtualTimeLoop

CLIENT, SERVER = ("198.51.100.1", 5000), ("198.51.100.2", 3478)
ROUGH = Link(
    delay=0.03,
    jitter=0.02,
    loss=0.05,
    burst=GilbertElliott.average(loss=0.05, length=3),
    duplicate=0.1,
    copies=3,
    reorder=0.2,
    rate=200_000,
)


def with_cores(seed: int) -> Trace:
    network = Network(ROUGH, seed=seed)
    entries = trace(network)
    network.add(SERVER, Answer())
    lan = network.router("lan", "10.0.0.0/8", nat=Nat("203.0.113.1", port_preservation=False))
    for _ in range(5):
        host = network.host("client", router=lan)
        local = (host.cards[0].hosts[0], 5000)
        client = Retry(local, SERVER)
        host.attach(client, local)
        network.run_until(lambda core=client: core.done, limit=60.0)  # type: ignore[misc]  # a default is how a lambda binds early
    return entries


def with_sockets(seed: int) -> Trace:
    async def talk(peer: Peer, remote: tuple[str, int]) -> None:
        for number in range(50):
            peer.send(remote, b"%d" % number, bytes(number * 20))
            await asyncio.sleep(0.01)

    async def main() -> Trace:
        network = Network(ROUGH, seed=seed)
        entries = trace(network)
        one, two = (Peer(network.host(f"h{n}", f"198.51.100.{n}")) for n in (1, 2))
        async with asyncio.TaskGroup() as group:
            group.create_task(talk(one, two.local))
            group.create_task(talk(two, one.local))
        await asyncio.sleep(1.0)
        return entries

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main())


@pytest.mark.parametrize("scenario", [with_cores, with_sockets])
def test_one_seed_gives_one_trace(scenario: Callable[[int], Trace]) -> None:
    """VNET-08: byte for byte and to the last bit of time; another seed gives another trace."""
    first = scenario(1)
    assert scenario(1) == first
    assert scenario(2) != first
    assert {"send", "deliver"} < {action for _, action, *_ in first}


async def test_both_clocks_give_the_same_trace() -> None:
    """VNET-08: the heap decides, whoever moves time."""

    def build() -> tuple[Network, Trace, Retry]:
        network = Network(ROUGH, seed=3)
        client = Retry(CLIENT, SERVER)
        return network, trace(network), client

    attached, on_loop, client = build()
    attached.add(CLIENT, client)
    attached.add(SERVER, Answer())
    await asyncio.sleep(30.0)

    def run() -> Trace:
        network, entries, client = build()
        network.add(CLIENT, client)
        network.add(SERVER, Answer())
        network.run(30.0)
        return entries

    assert on_loop == await asyncio.to_thread(run)


def test_an_hour_of_traffic_leaves_nothing_behind_that_slows_the_next_minute() -> None:
    """SANS-15: a packet each 100 ms for an hour, each way."""

    class Metronome(Retry):
        def handle_timeout(self, now: float) -> None:
            super().handle_timeout(now)
            self._deadline = now + 0.1

        def handle_read(self, data: bytes, path: object, now: float) -> None: ...

    network = Network(Link(delay=0.02))
    client = Metronome(CLIENT, SERVER)
    client._deadline = 0.0
    network.add(CLIENT, client)
    network.add(SERVER, Answer())
    network.run(60.0)
    minute = work(lambda: network.run(60.0))
    assert minute < 1200 * 300
    network.run(3480.0)
    assert client.sent > 7000
    assert network.now == 3600.0
    assert work(lambda: network.run(60.0)) < 1.01 * minute


def test_run_until_names_the_seed_when_time_is_up() -> None:
    network = Network(seed=42)
    with pytest.raises(TimeoutError, match=r"5\.0 s of virtual time \(seed 42\)"):
        network.run_until(lambda: False, limit=5.0)
    assert network.now == 5.0


def test_filter_drops_what_it_is_asked_to_until_it_ends() -> None:
    """VNET-07: every second packet."""
    network = Network()
    one, two = (Peer(network.host(f"h{n}", f"198.51.100.{n}")) for n in (1, 2))
    log = trace(network)
    end = network.filter(lambda packet: packet.id % 2 == 0)
    one.send(two.local, b"1", b"2", b"3", b"4")
    network.run(0.1)
    assert [data for data, _ in two.take()] == [b"1", b"3"]
    assert [number for _, action, _, number, *_ in log if action == "filter"] == [2, 4]
    end()
    one.send(two.local, b"5", b"6")
    network.run(0.1)
    assert [data for data, _ in two.take()] == [b"5", b"6"]


def test_tagged_packets_can_be_followed_through_a_nat() -> None:
    """VNET-05: the tag and the id stay when addresses change."""
    network = Network()
    lan = network.router("lan", "10.0.0.0/8", nat=Nat("203.0.113.1", port_preservation=False))
    inner = Peer(network.host("inner", router=lan), 5000)
    outer = Peer(network.host("outer", "198.51.100.1"), 3478)
    steps: list[tuple[str, int, str, str]] = []

    def tag(packet: Packet) -> bool:
        packet.tag = packet.data.decode()
        return False

    network.filter(tag)
    stop = network.watch(
        lambda _, action, packet, place: steps.append(
            (action, packet.id, packet.source[0], packet.tag)
        )
    )
    inner.send(outer.local, b"probe")
    network.run(0.1)
    stop()
    inner.send(outer.local, b"unseen")
    network.run(0.1)
    assert steps == [("send", 1, "10.0.0.2", ""), ("deliver", 1, "203.0.113.1", "probe")]


def test_losses_are_reported_with_their_cause_and_place() -> None:
    network = Network(Link(loss=1.0))
    one = Peer(network.host("one", "198.51.100.1"))
    log = trace(network)
    one.send(SERVER, b"gone")
    one.socket._host.cards[0].outbound = Link(mtu=100, fragments=False)
    one.send(SERVER, bytes(100))
    assert [entry[1:3] for entry in log[1::2]] == [("loss", "one/eth0 up"), ("mtu", "one/eth0 up")]


def test_injected_packets_come_from_anywhere() -> None:
    """A spoofed source, from the Internet and inside a LAN."""
    network = Network()
    lan = network.router("lan", "10.0.0.0/8", nat=Nat("203.0.113.1"))
    inner = Peer(network.host("inner", router=lan), 5000)
    public = Peer(network.host("public", "198.51.100.1"), 3478)
    network.inject(b"spoofed", ("198.51.100.77", 9), public.local)
    network.inject(b"unreachable", ("198.51.100.1", 3478), inner.local)
    network.inject(b"from inside", ("198.51.100.1", 3478), inner.local, router=lan)
    end = network.filter(lambda packet: True)
    network.inject(b"filtered", ("198.51.100.77", 9), public.local)
    end()
    network.run(0.1)
    assert public.take() == [(b"spoofed", ("198.51.100.77", 9))]
    assert inner.take() == [(b"from inside", ("198.51.100.1", 3478))]


def test_default_link_is_copied_and_can_be_replaced_per_host() -> None:
    default = Link(delay=0.1)
    network = Network(default)
    one = network.host("one", "198.51.100.1")
    two = network.host("two", "198.51.100.2", outbound=Link(delay=0.5))
    one.cards[0].outbound.delay = 0.3
    times: list[float] = []
    network.watch(lambda now, action, *_: times.append(now) if action == "deliver" else None)
    peers = Peer(one), Peer(two)
    peers[0].send(peers[1].local, b"there")
    peers[1].send(peers[0].local, b"back")
    network.run(1.0)
    assert (times, default.delay) == ([0.3, 0.5], 0.1)


async def test_examples_of_the_documentation_run() -> None:
    """VNET-11: the package's docstring is executed."""
    examples = re.findall(r"(?m)(?:^    .+\n)+", vnet.__doc__ or "")
    names = dict(vars(vnet))
    exec(dedent(examples[0]), names)
    assert await names["alice"].resolve("stun.example") == ("198.51.100.1",)
    alice, bob, server = (Peer(names[name], 5000) for name in ("alice", "bob", "server"))
    names["alice"].cards[0].outbound.loss = names["bob"].cards[0].outbound.loss = 0.0
    alice.send(server.local, b"hello")
    bob.send(server.local, b"hello")
    await asyncio.sleep(1.0)
    assert [host for _, (host, _) in sorted(server.take())] == ["203.0.113.1", "203.0.113.2"]

    def run_second() -> None:
        local, remote = ("198.51.100.2", 5000), ("198.51.100.1", 3478)
        names.update(network=Network(), client_core=Retry(local, remote), server_core=Answer())
        exec(dedent(examples[1]), names)

    await asyncio.to_thread(run_second)
    assert names["client_core"].done
    assert len(examples) == 2
