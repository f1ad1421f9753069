"""When candidates of an RTCPeerConnection are bound, described and told. webrtc-pc §4.4.1.4."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.support import two_hosts
from webrtc import RTCIceServer, RTCPeerConnection, SettingEngine
from webrtc.aio.net.seam import Endpoint, InterfaceAddress, NetworkStack
from webrtc.core import Address

AT_ONCE = SettingEngine(candidates_at_once=True)


class Counting:
    """A network that tells what was bound."""

    def __init__(self, inner: NetworkStack) -> None:
        self.bound: list[Address] = []
        self._inner = inner

    def interfaces(self) -> Sequence[InterfaceAddress]:
        return self._inner.interfaces()

    def bind(self, address: Address) -> Endpoint:
        endpoint = self._inner.bind(address)
        self.bound.append(endpoint.local)
        return endpoint

    async def resolve(self, host: str) -> Sequence[str]:
        return await self._inner.resolve(host)


def described(pc: RTCPeerConnection) -> int:
    """How many candidates the local description has."""
    found = pc.local_description
    return found.sdp.count("a=candidate:") if found is not None else 0


def told(pc: RTCPeerConnection) -> list[tuple[str, int]]:
    """Every `icecandidate` event, with the candidates that the description has then."""
    events: list[tuple[str, int]] = []
    pc.on(
        "icecandidate",
        lambda found: events.append((found.candidate[:9] if found else "None", described(pc))),
    )
    return events


async def test_host_candidates_are_bound_at_once_and_surface_in_the_next_turn() -> None:
    _, left, _ = two_hosts()
    network = Counting(left)
    async with RTCPeerConnection(network=network) as pc:
        pc.create_data_channel("")
        events = told(pc)
        await pc.set_local_description()
        assert (len(network.bound), described(pc), events) == (1, 0, [])
        await asyncio.sleep(0)
        assert described(pc) == 1
        assert events == [("candidate", 1), ("", 1), ("None", 1)]


async def test_candidates_at_once_are_in_the_description_and_told_once() -> None:
    _, left, _ = two_hosts()
    async with RTCPeerConnection(network=left, settings=AT_ONCE) as pc:
        pc.create_data_channel("")
        events = told(pc)
        await pc.set_local_description()
        assert (described(pc), events) == (1, [])
        await asyncio.sleep(1.0)
        assert events == [("candidate", 1), ("", 1), ("None", 1)]


async def test_candidates_at_once_do_not_wait_for_a_stun_server() -> None:
    network, left, _ = two_hosts()
    network.name("stun.example", "198.51.100.1", delay=3.0)
    servers = [RTCIceServer("stun:stun.example")]
    async with RTCPeerConnection(network=left, settings=AT_ONCE, ice_servers=servers) as pc:
        pc.create_data_channel("")
        await pc.set_local_description()
        assert described(pc) == 1
        assert pc.local_description is not None
        assert "a=end-of-candidates" not in pc.local_description.sdp


async def test_candidates_at_once_hide_under_relay() -> None:
    _, left, _ = two_hosts()
    async with RTCPeerConnection(
        network=left, settings=AT_ONCE, ice_transport_policy="relay"
    ) as pc:
        pc.create_data_channel("")
        events = told(pc)
        await pc.set_local_description()
        await asyncio.sleep(1.0)
        assert described(pc) == 0
        assert [name for name, _ in events if name == "candidate"] == []


@pytest.mark.parametrize("settings", [None, AT_ONCE], ids=["default", "at once"])
async def test_closing_before_the_next_turn_tells_nothing(settings: SettingEngine | None) -> None:
    _, left, _ = two_hosts()
    pc = RTCPeerConnection(network=left, settings=settings)
    pc.create_data_channel("")
    events = told(pc)
    await pc.set_local_description()
    await pc.close()
    await asyncio.sleep(1.0)
    assert events == []
    left.bind(("192.0.2.1", 49152)).close()


async def test_programs_that_never_trickle_connect_in_one_network() -> None:
    """Offer and answer alone, sent as soon as they were set."""
    _, left, right = two_hosts()
    async with (
        RTCPeerConnection(network=left, settings=AT_ONCE) as one,
        RTCPeerConnection(network=right, settings=AT_ONCE) as other,
    ):
        channel = one.create_data_channel("")
        await one.set_local_description()
        assert one.local_description is not None
        await other.set_remote_description(one.local_description)
        await other.set_local_description()
        assert other.local_description is not None
        await one.set_remote_description(other.local_description)
        async with asyncio.timeout(5.0):
            await channel.opened()
