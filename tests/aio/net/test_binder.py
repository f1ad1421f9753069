"""Which sockets are opened, which candidates come of them, and who is contacted: nobody unasked."""

import asyncio
import errno
import os
from collections.abc import Sequence

import pytest

from tests.support import connected, negotiate, trickle, two_hosts
from webrtc import (
    AgentConfig,
    ConnectionFailed,
    InvalidAccessError,
    RTCIceCandidate,
    RTCIceServer,
    RTCPeerConnection,
    SettingEngine,
)
from webrtc.aio.net.network import SystemNetwork
from webrtc.aio.net.seam import Endpoint, InterfaceAddress
from webrtc.core import Address
from webrtc.ice import CandidateType
from webrtc.ice.candidate import NetworkType
from webrtc.stun.responder import Responder
from webrtc.vnet import Host, Link, Nat, Network

SERVER = ("198.51.100.1", 3478)
STUN = RTCIceServer(f"stun:{SERVER[0]}:{SERVER[1]}")
DEAD = RTCIceServer("stun:198.51.100.250:3478")


def many_interfaces() -> tuple[Network, Host]:
    """A host with two networks, both families, and a loopback interface."""
    network = Network(Link(delay=0.01))
    host = network.host("left", "192.0.2.1", "2001:db8::1")
    host.add_interface(network.wan, "10.1.2.3", name="docker0")
    host.add_interface(network.wan, "127.0.0.1", name="lo")
    return network, host


async def candidates(
    network: Host | SystemNetwork,
    settings: SettingEngine | None = None,
    servers: Sequence[RTCIceServer] = (),
) -> list[tuple[str, str, int]]:
    """Type, host and port of each candidate in the offer once all are gathered."""
    async with RTCPeerConnection(network=network, settings=settings, ice_servers=servers) as pc:
        pc.create_data_channel("data")
        await pc.set_local_description()
        await pc.gathered()
        assert pc.local_description is not None
        lines = pc.local_description.sdp.split("\r\n")
        words = [line.split(" ") for line in lines if line.startswith("a=candidate:")]
        assert "a=end-of-candidates" in lines
        assert len(pc._driver._endpoints) <= len({(each[4], each[5]) for each in words}) + 1
        return [(each[7], each[4], int(each[5])) for each in words]


async def hosts(network: Host, **settings: object) -> set[str]:
    """The addresses of the candidates."""
    engine = SettingEngine(**settings)  # type: ignore[arg-type] # passed on
    return {host for _, host, _ in await candidates(network, engine)}


async def test_every_interface_is_used_but_loopback() -> None:
    """ICECFG-14, ICECFG-15, ICECFG-02: and each filter leaves out what it says."""
    _, host = many_interfaces()
    everything = {"192.0.2.1", "2001:db8::1", "10.1.2.3"}
    assert await hosts(host) == everything
    assert await hosts(host, include_loopback=True) == everything | {"127.0.0.1"}
    assert await hosts(host, interface_filter=lambda name: name != "docker0") == {
        "192.0.2.1",
        "2001:db8::1",
    }
    for config, left in (
        (AgentConfig(ip_filter=lambda ip: ip.startswith("10.")), {"10.1.2.3"}),
        (AgentConfig(network_types=frozenset({NetworkType.UDP6})), {"2001:db8::1"}),
        (AgentConfig(network_types=frozenset({NetworkType.UDP4})), {"192.0.2.1", "10.1.2.3"}),
    ):
        assert await hosts(host, ice=config) == left
    assert await hosts(host, bind_addresses=("10.1.2.3", "10.1.2.3")) == {"10.1.2.3"}


async def test_what_is_filtered_out_gets_no_socket() -> None:
    """ICECFG-15: an address that may not be used is not even listened on."""
    _, host = many_interfaces()
    config = AgentConfig(ip_filter=lambda ip: ip == "10.1.2.3")
    settings = SettingEngine(ice=config)
    async with RTCPeerConnection(network=host, settings=settings) as pc:
        pc.create_data_channel("data")
        await pc.set_local_description()
        await pc.gathered()
        assert {host for host, _ in host._sockets} == {"10.1.2.3"}


async def test_loopback_is_used_where_there_is_nothing_else() -> None:
    """F-48."""
    network = Network()
    assert await hosts(network.host("left", "127.0.0.1")) == {"127.0.0.1"}


async def test_ports_are_taken_from_the_range_in_no_fixed_order() -> None:
    """ICE-33, ICECFG-03: a range as one opens it for a container."""
    _, host = many_interfaces()
    settings = SettingEngine(port_range=(5000, 5099))
    found = [await candidates(host, settings) for _ in range(10)]
    ports = {port for each in found for *_, port in each}
    assert ports <= set(range(5000, 5100))
    assert len(ports) > 3


async def test_a_range_that_is_used_up_ends_gathering_and_is_diagnosed() -> None:
    """ICECFG-03, F-15: no candidates, and wait_connected says what to look at."""
    _, left, right = two_hosts()
    settings = SettingEngine(port_range=(5000, 5001))
    async with (
        RTCPeerConnection(network=left, settings=settings) as first,
        RTCPeerConnection(network=left, settings=settings) as second,
        RTCPeerConnection(network=left, settings=settings) as third,
        RTCPeerConnection(network=right) as other,
    ):
        for pc in (first, second, third):
            pc.create_data_channel("data")
            await pc.set_local_description()
            await pc.gathered()
        assert {first._driver._endpoints.popitem()[0][1]} | {
            second._driver._endpoints.popitem()[0][1]
        } == {5000, 5001}
        await negotiate(third, other)
        with pytest.raises(ConnectionFailed, match=r"no candidates; check .* port range"):
            await third.wait_connected(60.0)


async def test_without_any_interface_the_connection_says_what_is_missing() -> None:
    """F-48: gathering ends, and the peer's candidates are of no use."""
    _, left, right = two_hosts()
    async with (
        RTCPeerConnection(network=Awkward(left, "none")) as bare,
        RTCPeerConnection(network=right) as other,
    ):
        bare.create_data_channel("data")
        await bare.set_local_description()
        await bare.gathered()
        await negotiate(bare, other)
        with pytest.raises(ConnectionFailed, match="no candidates"):
            await bare.wait_connected(60.0)


@pytest.mark.parametrize(
    "settings",
    [
        SettingEngine(bind_addresses=("localhost",)),
        SettingEngine(bind_addresses=("192.0.2.1", "")),
        SettingEngine(port_range=(0, 10)),
        SettingEngine(port_range=(10, 9)),
        SettingEngine(port_range=(1, 65536)),
    ],
)
async def test_addresses_and_ports_that_cannot_be_are_refused_at_once(
    settings: SettingEngine,
) -> None:
    _, left, _ = two_hosts()
    with pytest.raises(InvalidAccessError):
        RTCPeerConnection(network=left, settings=settings)


async def test_a_static_nat_shows_the_outer_address() -> None:
    """ICECFG-16: as the host's own, or besides it."""
    _, left, _ = two_hosts()
    settings = SettingEngine(ice=AgentConfig(nat_1to1_ips=("203.0.113.5/192.0.2.1",)))
    assert [each[:2] for each in await candidates(left, settings)] == [("host", "203.0.113.5")]
    config = AgentConfig(
        nat_1to1_ips=("203.0.113.5",), nat_1to1_candidate_type=CandidateType.SERVER_REFLEXIVE
    )
    assert [each[:2] for each in await candidates(left, SettingEngine(ice=config))] == [
        ("host", "192.0.2.1"),
        ("srflx", "203.0.113.5"),
    ]


TROUBLES = {
    "EMFILE": "10.1.2.3",
    "EADDRNOTAVAIL": "10.1.2.3",  # as when the interface has vanished since it was listed
    "ENODEV": "10.1.2.3",
    "EAFNOSUPPORT": "2001:db8::1",  # as from a kernel without IPv6
}
"""Errors of binding, and the address that has them."""


class Awkward:
    """A host whose interfaces are told and bound with `trouble`."""

    def __init__(self, host: Host, trouble: str) -> None:
        self._host = host
        self._trouble = trouble
        self.binds: list[Address] = []

    def interfaces(self) -> Sequence[InterfaceAddress]:
        if self._trouble == "list":
            raise PermissionError(errno.EACCES, "no netlink")
        found = [] if self._trouble == "none" else list(self._host.interfaces())
        return found * 2 if self._trouble == "duplicates" else found

    def bind(self, address: Address) -> Endpoint:
        self.binds.append(address)
        host = TROUBLES.get(self._trouble)
        if address[0] == host:
            number = getattr(errno, self._trouble)
            raise OSError(number, os.strerror(number))
        return self._host.bind(address)

    async def resolve(self, host: str) -> Sequence[str]:
        return await self._host.resolve(host)


@pytest.mark.parametrize("trouble", [*TROUBLES, "list", "duplicates"])
async def test_trouble_with_one_address_leaves_the_others(
    trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    """F-15, F-25, F-48: one warning, one attempt, no candidate twice."""
    _, host = many_interfaces()
    awkward = Awkward(host, trouble)
    settings = SettingEngine(port_range=(5000, 5999))
    async with RTCPeerConnection(network=awkward, settings=settings) as pc:
        pc.create_data_channel("data")
        await pc.set_local_description()
        await pc.gathered()
        transport = pc._core.transports.one
        assert transport is not None
        found = [each.address[0] for each in transport.ice.local_candidates]
    expected = {"192.0.2.1", "2001:db8::1", "10.1.2.3"}
    expected.discard(TROUBLES.get(trouble, ""))
    assert sorted(found) == sorted(set() if trouble == "list" else expected)
    assert len(awkward.binds) <= 3
    assert len(caplog.records) == (trouble != "duplicates")


async def first_times(names: Sequence[str], delays: dict[str, float | None]) -> dict[str, float]:
    """When the first candidate of each type came, and the end, with servers by name."""
    network = Network(Link(delay=0.01))
    network.add(SERVER, Responder())
    for name, delay in delays.items():
        network.name(name, *([] if delay is None else [SERVER[0]]), delay=delay or 0.0)
    home = network.router("home", "192.168.1.0/24", nat=Nat("203.0.113.1"))
    left = network.host("left", router=home)
    times: dict[str, float] = {}
    servers = [RTCIceServer(f"stun:{name}") for name in names]
    async with RTCPeerConnection(network=left, ice_servers=servers) as pc:
        loop = asyncio.get_running_loop()

        started = loop.time()

        def found(candidate: RTCIceCandidate | None) -> None:
            words = candidate.candidate.split(" typ ") if candidate is not None else ["", "end"]
            if words[1:]:  # an empty one ends a generation
                times.setdefault(words[1].split(" ")[0], loop.time() - started)

        pc.on("icecandidate", found)
        pc.create_data_channel("data")
        await pc.set_local_description()
        await pc.gathered()
        await asyncio.sleep(0)
    return times


async def test_names_that_fail_or_take_long_delay_nothing_else() -> None:
    """F-29: host candidates at once; no server waits for another; the end within 5 s."""
    quick = await first_times(["a.example"], {"a.example": 0.05})
    assert quick["host"] == 0.0
    assert quick["srflx"] < 0.2
    assert quick["end"] < 0.2
    slow = await first_times(
        ["slow.example", "a.example", "none.example", "x" * 64 + ".example"],
        {"slow.example": 30.0, "a.example": 0.05, "none.example": None},
    )
    assert slow["host"] == 0.0
    assert slow["srflx"] == quick["srflx"]
    assert 4.9 <= slow["end"] <= 5.1
    failed = await first_times(["none.example"], {"none.example": None})
    assert "srflx" not in failed
    assert failed["end"] < 0.1


async def up_after(servers: Sequence[RTCIceServer]) -> float:
    """Seconds until connected through two NATs."""
    network = Network(Link(delay=0.02))
    network.add(SERVER, Responder())
    ends = []
    for number, name in enumerate(("home", "office")):
        nat = Nat(f"203.0.113.{number + 1}")
        router = network.router(name, f"10.{number}.0.0/16", nat=nat)
        ends.append(network.host(f"{name} host", router=router))
    async with (
        RTCPeerConnection(network=ends[0], ice_servers=servers) as one,
        RTCPeerConnection(network=ends[1], ice_servers=servers) as other,
    ):
        trickle(one, other)
        channel = one.create_data_channel("data")
        started = network.now
        await negotiate(one, other)
        await channel.opened()
        return network.now - started


async def test_dead_servers_beside_a_living_one_delay_no_connection() -> None:
    """F-29: in front of it and behind it."""
    alone = await up_after([STUN])
    assert await up_after([DEAD, STUN, RTCIceServer("stun:198.51.100.251")]) <= alone + 0.05


async def test_an_ice_restart_during_a_look_up_ends_gathering_once() -> None:
    """F-14, F-29: what belongs to the generation before is not told to the next."""
    network, left, right = two_hosts(Link(delay=0.01))
    network.add(SERVER, Responder())
    network.name("slow.example", SERVER[0], delay=3.0)
    servers = [RTCIceServer("stun:slow.example")]
    async with connected(left, right) as pair:
        pair.left.set_configuration(pair.left.get_configuration().__class__(ice_servers=servers))
        ends: list[float] = []
        pair.left.on(
            "icecandidate", lambda each: ends.append(network.now) if each is None else None
        )
        started = network.now
        for _ in range(2):
            pair.left.restart_ice()
            await negotiate(pair.left, pair.right)
            await asyncio.sleep(1.0)
        await asyncio.sleep(10.0)
        assert [round(end - started, 1) for end in ends] == [4.0]
        assert pair.left.connection_state == "connected"


async def test_nobody_is_contacted_before_a_candidate_or_server_is_known() -> None:
    """No packet leaves, however long one waits; with a server configured, it alone gets some."""
    network, left, right = two_hosts(Link(delay=0.01))
    network.add(SERVER, Responder())
    contacted: set[Address] = set()
    network.watch(
        lambda now, action, packet, place: (
            contacted.add(packet.destination)
            if action == "send" and packet.source[0] != SERVER[0]
            else None
        )
    )
    async with RTCPeerConnection(network=left) as pc:
        pc.create_data_channel("data")
        await pc.set_local_description()
        await asyncio.sleep(600.0)
        assert pc.ice_gathering_state == "complete"
    assert contacted == set()
    async with (
        RTCPeerConnection(network=left, ice_servers=[STUN]) as pc,
        RTCPeerConnection(network=right) as other,
    ):
        pc.create_data_channel("data")
        await pc.set_local_description()
        await asyncio.sleep(60.0)
        assert contacted == {SERVER}
        assert pc.local_description is not None
        await other.set_remote_description(pc.local_description)
        assert contacted == {SERVER}


async def test_a_trickled_connection_over_a_path_without_delay_is_up_at_once() -> None:
    """The number of a real path is the benchmark's; here only that nothing waits for a timer."""
    _, left, right = two_hosts(Link(delay=0.0))
    async with connected(left, right):
        assert asyncio.get_running_loop().time() == 0.0
