"""RTCPeerConnection on asyncio: what it is made of, how it is waited for, loops and threads.

webrtc-pc §4.4.
"""

import asyncio
import logging
import threading

import pytest
import uvloop

from tests.aio.connections import EVENTS, STATES, hosts, states
from tests.support import (
    PATIENCE,
    connected,
    eventually,
    negotiate,
    over_loopback,
    trickle,
    two_hosts,
)
from webrtc import (
    ConnectionFailed,
    RTCConfiguration,
    RTCIceCandidate,
    RTCIceServer,
    RTCPeerConnection,
)
from webrtc.stun import Responder
from webrtc.vnet import Link, Nat, Network


async def test_a_new_connection() -> None:
    """PC-07 to PC-11."""
    async with RTCPeerConnection() as pc:
        assert states(pc) == ("stable", "new", "new", "new")
        for side in ("local", "remote"):
            for kind in ("", "current_", "pending_"):
                assert getattr(pc, f"{kind}{side}_description") is None
        assert pc.can_trickle_ice_candidates is None
        assert pc.sctp is None
        assert {getattr(pc, f"on{name}") for name in EVENTS} == {None}


async def test_configuration_as_an_object_or_as_keywords() -> None:
    """CFG-09."""
    servers = [RTCIceServer("stun:192.0.2.9")]
    async with (
        RTCPeerConnection(RTCConfiguration(ice_servers=servers)) as one,
        RTCPeerConnection(ice_servers=servers) as other,
    ):
        assert one.get_configuration() == other.get_configuration()
        other.set_configuration(ice_transport_policy="relay")
        assert other.get_configuration() == RTCConfiguration(ice_transport_policy="relay")
        other.set_configuration()
        assert other.get_configuration() == RTCConfiguration()
        for call in (RTCPeerConnection, one.set_configuration):
            with pytest.raises(TypeError, match="not both"):
                call(RTCConfiguration(), ice_servers=servers)


async def test_an_unknown_option_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        RTCPeerConnection(ice_server=[])  # type: ignore[call-arg] # what is tested


async def test_waiting_for_a_connection() -> None:
    """It returns, or raises what was tried; it can be cancelled and called again."""
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        with pytest.raises(ConnectionFailed):
            await one.wait_connected(0.5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(one.wait_connected(), 0.5)
        trickle(one, other)
        one.create_data_channel("")
        waiting = [asyncio.ensure_future(one.wait_connected(10.0)) for _ in range(3)]
        await asyncio.sleep(0)
        await negotiate(one, other)
        await asyncio.gather(*waiting)
        await one.wait_connected(0.0)


async def test_a_connection_that_failed_is_not_waited_for() -> None:
    network, left, right = two_hosts()
    async with connected(left, right) as pair:
        network.filter(lambda packet: True)
        await eventually(lambda: pair.left.connection_state == "failed", limit=120.0)
        with pytest.raises(ConnectionFailed):
            await pair.left.wait_connected()


async def test_states_and_events_of_a_whole_connection() -> None:
    """PC-20 to PC-24: webrtc-pc §4.3, each state once and in order."""
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        trickle(one, other)
        seen: dict[str, list[str]] = {name: [] for name in STATES}
        for name in STATES:
            event = name.replace("_", "") + "change"
            one.on(event, lambda name=name: seen[name].append(str(getattr(one, name))))
        channel = one.create_data_channel("")
        await negotiate(one, other)
        await channel.opened()
        await asyncio.sleep(1.0)
        assert seen == {
            "signaling_state": ["have-local-offer", "stable"],
            "ice_gathering_state": ["gathering", "complete"],
            "ice_connection_state": ["checking", "connected", "completed"],
            "connection_state": ["connecting", "connected"],
        }


async def test_names_tell_connections_apart() -> None:
    async with RTCPeerConnection() as one, RTCPeerConnection() as other:
        assert repr(one) != repr(other)
        assert "new" in repr(one)


async def test_lines_of_sctp_have_the_name_of_the_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    left, right = hosts()
    with caplog.at_level(logging.DEBUG, "webrtc.sctp"):
        async with connected(left, right) as pair:
            association = pair.left._core.data.sctp
            assert association is not None
            association.handle_read(b"garbage", 0.0)
            name = repr(pair.left).split()[1]
    assert any(each.getMessage().startswith(f"{name} ") for each in caplog.records)


def test_a_connection_needs_a_running_loop() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        RTCPeerConnection()


async def talk() -> None:
    """A whole life on real sockets."""
    async with over_loopback() as pair:
        await pair.channel.send("over the loopback")
        assert await pair.remote.recv() == "over the loopback"
        for _ in range(20):
            await pair.remote.send(bytes(50_000))
        for _ in range(20):
            assert await pair.channel.recv() == bytes(50_000)


def test_on_uvloop() -> None:
    """SYS-12: the same on another loop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.wait_for(talk(), PATIENCE))


def test_in_threads_that_are_not_the_main_one() -> None:
    """SYS-12: several loops at a time, nothing shared between them."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(asyncio.wait_for(talk(), PATIENCE))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE)
    assert failures == []


async def test_a_candidate_pool_has_its_candidates_before_the_offer() -> None:
    """webrtc-pc §4.2.1: host and server-reflexive ones; no event tells of them before."""
    network = Network(Link(delay=0.05), seed=1)
    home = network.router("home", "192.168.1.0/24", nat=Nat("203.0.113.1"))
    network.add(("198.51.100.1", 3478), Responder())
    host = network.host("one", router=home)
    servers = [RTCIceServer("stun:198.51.100.1")]
    async with RTCPeerConnection(
        network=host, ice_servers=servers, ice_candidate_pool_size=1
    ) as pc:
        told: list[RTCIceCandidate | None] = []
        pc.on("icecandidate", told.append)
        await asyncio.sleep(1)
        assert told == []
        assert pc.ice_gathering_state == "new"
        pc.create_data_channel("")
        await pc.set_local_description()
        assert pc.local_description is not None
        assert pc.local_description.sdp.count("a=candidate") == 2
        await pc.gathered()
        assert [each and each.type for each in told] == ["host", "srflx", None, None]
        assert pc.ice_gathering_state == "complete"
