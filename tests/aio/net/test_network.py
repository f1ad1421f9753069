"""The operating system's network behind the seam."""

import asyncio
import socket
from collections.abc import Iterator
from types import SimpleNamespace

import ifaddr
import pytest

from tests.scenarios.leaks import leakless
from tests.support import PATIENCE, connected
from webrtc import SettingEngine
from webrtc.aio.net.network import LISTING_LIFETIME, SystemNetwork
from webrtc.aio.net.udp import AwaitingUdpEndpoint, UdpEndpoint


class LoopThatCannotWatch(asyncio.SelectorEventLoop):
    """As Windows' proactor loop: it has only the abstract `add_reader`, which raises."""

    add_reader = asyncio.AbstractEventLoop.add_reader


def test_interfaces_are_addresses_with_their_names_and_zones() -> None:
    """ICE-33: of this system."""
    found = SystemNetwork().interfaces()
    assert "127.0.0.1" in [each.host for each in found]
    names = {name for _, name in socket.if_nameindex()}
    for each in found:
        assert each.name in names
        host, _, zone = each.host.partition("%")
        socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
        assert zone == (each.name if host.startswith("fe80:") else "")


@pytest.mark.parametrize("system", ["posix", "nt"])
def test_interfaces_of_other_systems(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    """ICE-33: a zone is a name, and a number on Windows, whose names are no zones."""
    adapter = ifaddr.Adapter(
        "en0",
        "nice name",
        [
            ifaddr.IP("192.0.2.1", 24, "nice name"),
            ifaddr.IP(("2001:db8::1", 0, 0), 64, "nice name"),
            ifaddr.IP(("fe80::1", 0, 7), 64, "nice name"),
        ],
    )
    monkeypatch.setattr("webrtc.aio.net.network.ifaddr.get_adapters", lambda: [adapter])
    monkeypatch.setattr("webrtc.aio.net.network.os", SimpleNamespace(name=system))
    monkeypatch.setattr(SystemNetwork, "_listed", (float("-inf"), ()))
    found = SystemNetwork().interfaces()
    assert {each.name for each in found} == {"en0"}
    zone = "7" if system == "nt" else "en0"
    assert [each.host for each in found] == ["192.0.2.1", "2001:db8::1", f"fe80::1%{zone}"]


def test_the_list_is_asked_for_anew_after_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-14: many connections at once share it; a restart for a new address sees that."""
    now, asked = 1e9, 0
    monkeypatch.setattr("time.monotonic", lambda: now)
    monkeypatch.setattr(SystemNetwork, "_listed", (float("-inf"), ()))

    def get_adapters() -> list[object]:
        nonlocal asked
        asked += 1
        return []

    monkeypatch.setattr("ifaddr.get_adapters", get_adapters)
    for _ in range(100):
        assert SystemNetwork().interfaces() == []
    assert asked == 1
    now += LISTING_LIFETIME + 0.1
    SystemNetwork().interfaces()
    assert asked == 2


@pytest.mark.realtime
async def test_the_kind_of_endpoint_follows_the_loop() -> None:
    endpoint = SystemNetwork().bind(("127.0.0.1", 0))
    assert type(endpoint) is UdpEndpoint
    endpoint.close()


@pytest.fixture
def loop_that_cannot_watch() -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=LoopThatCannotWatch) as runner:
        yield runner


def test_a_loop_that_cannot_watch_sockets_gets_endpoints_that_await(
    loop_that_cannot_watch: asyncio.Runner,
) -> None:
    async def bind() -> None:
        endpoint = SystemNetwork().bind(("127.0.0.1", 0))
        assert type(endpoint) is AwaitingUdpEndpoint
        endpoint.close()

    loop_that_cannot_watch.run(bind())


@pytest.mark.realtime
async def test_connections_work_on_endpoints_that_await_and_leave_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SYS-05, SYS-11: a megabyte over loopback, as on Windows."""
    monkeypatch.setattr(SystemNetwork, "bind", lambda _, address: AwaitingUdpEndpoint(address))
    network = SystemNetwork()
    settings = SettingEngine(bind_addresses=("127.0.0.1",))
    async with leakless(collect=True):
        async with connected(network, network, settings=settings, limit=PATIENCE) as pair:

            async def receive() -> int:
                return sum([len(await pair.remote.recv()) for _ in range(20)])

            receiving = asyncio.create_task(receive())
            for _ in range(20):
                await pair.channel.send(bytes(50_000))
            assert await receiving == 1_000_000
        for _ in range(3):
            await asyncio.sleep(0)


@pytest.mark.realtime
async def test_names_and_literals_are_resolved_and_anything_else_is_an_oserror() -> None:
    """F-29: also what the codec for host names refuses."""
    network = SystemNetwork()
    assert await network.resolve("127.0.0.1") == ["127.0.0.1"]
    assert "127.0.0.1" in await network.resolve("localhost")
    for name in ("x" * 64 + ".example", "a..b", "\ud800"):
        with pytest.raises(OSError, match="host name"):
            await network.resolve(name)
