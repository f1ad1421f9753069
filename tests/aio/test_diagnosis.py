"""A failure says what was tried and what to do next."""

import asyncio
from dataclasses import replace

import pytest

from tests.support import connected, negotiate, trickle, two_hosts
from webrtc import (
    ConnectionFailed,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
    SettingEngine,
)
from webrtc.aio.diagnosis import describe_failure
from webrtc.dtls import Config
from webrtc.dtls.suites import SUITES
from webrtc.ice import AgentConfig, CandidateType
from webrtc.peer import PeerConnection
from webrtc.stun.responder import Responder
from webrtc.vnet import Behavior, Link, Nat, Network


async def failure(pc: RTCPeerConnection, limit: float = 5.0) -> str:
    with pytest.raises(ConnectionFailed) as caught:
        await pc.wait_connected(limit)
    return str(caught.value)


async def test_nothing_was_negotiated() -> None:
    async with RTCPeerConnection() as pc:
        assert "no offer or answer was set on this side" in await failure(pc)
        pc.create_data_channel("")
        await pc.set_local_description()
        said = await failure(pc)
        assert "no description of the peer was set" in said
        assert said.startswith("not connected after 10.0 s")


async def test_the_peer_told_no_candidates() -> None:
    _, left, right = two_hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        one.create_data_channel("")
        await negotiate(one, other)
        assert "pass each of its icecandidate events to add_ice_candidate()" in await failure(one)


async def test_this_side_has_no_candidates() -> None:
    _, left, right = two_hosts()
    none = SettingEngine(ice=AgentConfig(candidate_types=frozenset({CandidateType.RELAYED})))
    async with (
        RTCPeerConnection(network=left, settings=none) as one,
        RTCPeerConnection(network=right) as other,
    ):
        trickle(one, other)
        one.create_data_channel("")
        await negotiate(one, other)
        assert "this side has no candidates; check the interfaces" in await failure(one)


async def test_nobody_answered() -> None:
    network, left, right = two_hosts()
    network.filter(lambda packet: True)
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        trickle(one, other)
        one.create_data_channel("")
        await negotiate(one, other)
        said = await failure(one)
        assert "no candidate pair worked: 1 host pair got no reply; add a STUN server" in said


async def test_candidates_with_low_ports_are_named_with_what_takes_them() -> None:
    """I-16"""
    network, left, right = two_hosts()
    network.filter(lambda packet: True)
    low = SettingEngine(port_range=(53, 53))
    async with (
        RTCPeerConnection(network=left) as one,
        RTCPeerConnection(network=right, settings=low) as other,
    ):
        trickle(one, other)
        one.create_data_channel("")
        await negotiate(one, other)
        await asyncio.sleep(1.0)
        said = await failure(one)
        assert "1 candidate of the peer was ignored, port below 1024" in said
        assert "AgentConfig(low_ports=True)" in said


async def test_a_peer_that_was_never_heard_may_need_more_time() -> None:
    """The setting that ends the wait is named when it has ended it."""
    network, left, right = two_hosts()
    network.filter(lambda packet: True)
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        trickle(one, other)
        one.create_data_channel("")
        await negotiate(one, other)
        assert "failed_timeout" not in await failure(one)
        said = await failure(one, 40.0)
        assert "later than after 25 s, raise SettingEngine(ice=AgentConfig(failed_timeout" in said


async def test_networks_that_do_not_meet() -> None:
    network = Network()
    home = network.router("home", "192.168.1.0/24", nat=Nat("203.0.113.1"))
    office = network.router("office", "10.0.0.0/8", nat=Nat("203.0.113.2"))
    hosts = network.host("one", router=home), network.host("other", router=office)
    async with (
        RTCPeerConnection(network=hosts[0]) as one,
        RTCPeerConnection(network=hosts[1]) as other,
    ):
        trickle(one, other)
        one.create_data_channel("")
        await negotiate(one, other)
        assert "add a STUN server to ice_servers" in await failure(one)


async def test_a_symmetric_nat_is_known_and_what_would_help() -> None:
    """Two servers see one socket under two ports."""
    network = Network()
    symmetric = Nat("203.0.113.1", mapping=Behavior.ADDRESS_AND_PORT_DEPENDENT)
    strict = Nat("203.0.113.2", mapping=Behavior.ADDRESS_AND_PORT_DEPENDENT)
    home = network.router("home", "192.168.1.0/24", nat=symmetric)
    office = network.router("office", "10.0.0.0/8", nat=strict)
    servers = []
    for number in (1, 2):
        address = f"198.51.100.{number}", 3478
        network.add(address, Responder())
        servers.append(RTCIceServer(f"stun:{address[0]}"))
    async with (
        RTCPeerConnection(network=network.host("one", router=home), ice_servers=servers) as one,
        RTCPeerConnection(network=network.host("other", router=office)) as other,
    ):
        trickle(one, other)
        one.create_data_channel("")
        await negotiate(one, other)
        said = await failure(one, 20.0)
        assert "the NAT on this side is symmetric" in said
        assert "nat_1to1_ips" in said
        assert "the NAT on the peer's side is symmetric" in await failure(other, 20.0)


async def test_a_path_without_dtls() -> None:
    network, left, right = two_hosts(Link(delay=0.01))
    network.filter(lambda packet: 20 <= packet.data[0] <= 63)
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        trickle(one, other)
        one.create_data_channel("")
        await negotiate(one, other)
        said = await failure(one)
        assert "a candidate pair works but the DTLS handshake did not finish" in said


async def test_a_handshake_that_fails_tells_why() -> None:
    network, left, right = two_hosts(Link(delay=0.01))
    network.filter(lambda packet: 20 <= packet.data[0] <= 63)
    settings = SettingEngine(dtls=Config(handshake_timeout=3.0))
    async with (
        RTCPeerConnection(network=left, settings=settings) as one,
        RTCPeerConnection(network=right) as other,
    ):
        trickle(one, other)
        one.create_data_channel("")
        await negotiate(one, other)
        assert "the DTLS handshake failed: " in await failure(one, 30.0)


async def test_an_openssl_without_the_cipher_suites_is_told_to_both_ends() -> None:
    """F-48: at once, not after the time that a handshake may take."""
    _, left, right = two_hosts()
    missing = replace(SUITES[0], openssl_name="MISSING-HERE")
    settings = SettingEngine(dtls=Config(cipher_suites=(missing,)))
    async with (
        RTCPeerConnection(network=left, settings=settings) as one,
        RTCPeerConnection(network=right) as other,
    ):
        trickle(one, other)
        one.create_data_channel("")
        await negotiate(one, other)
        assert "cannot be used here: OpenSSL: no cipher match" in await failure(one)
        assert "the fatal DTLS alert internal_error" in await failure(other)


async def test_a_connection_that_is_closed_says_so() -> None:
    _, left, right = two_hosts()
    async with connected(left, right) as pair:
        await pair.left.wait_connected(1.0)
        await pair.left.close()
        assert await failure(pair.left) == "the peer connection was closed"


def test_a_core_can_be_asked_without_a_shell() -> None:
    core = PeerConnection()
    core.create_data_channel("", 0.0)
    core.set_local_description(RTCSessionDescription("offer"), 0.0)
    assert describe_failure(core, None, 1.25).startswith("not connected after 1.2 s")
