"""The end of an RTCPeerConnection: nothing works, fires or is left. webrtc-pc §4.4.2."""

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from tests.aio.connections import hosts, offer_of_another, record, states
from tests.support import (
    connected,
    negotiate,
    trickle,
    two_hosts,
)
from webrtc import (
    ConnectionFailed,
    InvalidStateError,
    RTCConfiguration,
    RTCPeerConnection,
)


async def test_closing() -> None:
    """PC-06: every state is closed, no event fires, and the descriptions stay."""
    left, right = hosts()
    async with connected(left, right) as pair:
        await asyncio.sleep(1.0)
        fired = record(pair.left)
        before = pair.left.local_description
        await pair.left.close()
        await pair.left.close()
        assert states(pair.left) == ("closed", "complete", "closed", "closed")
        assert pair.channel.ready_state == "closed"
        assert pair.left.local_description == before
        await asyncio.sleep(10.0)
        assert fired == []


async def test_memory_of_a_closed_connection_is_free_at_once() -> None:
    """F-34: no cycle is left for the garbage collector, even of handlers that know their object."""
    left, _ = hosts()
    pc = RTCPeerConnection(network=left)
    channel = pc.create_data_channel("")
    pc.on("connectionstatechange", pc.restart_ice)
    channel.on("open", channel.close)
    await pc.set_local_description()
    await pc.gathered()
    gone: list[Callable[[], object]] = [weakref.ref(pc), weakref.ref(channel)]
    gc.disable()
    try:
        await pc.close()
        del pc, channel
        await asyncio.sleep(0)
        assert [each() for each in gone] == [None, None]
    finally:
        gc.enable()


async def test_no_command_works_on_a_closed_connection() -> None:
    """PC-06."""
    offer = await offer_of_another()
    pc = RTCPeerConnection()
    await pc.close()
    calls: list[Callable[[], Awaitable[object]]] = [
        pc.create_offer,
        pc.create_answer,
        pc.set_local_description,
        lambda: pc.set_remote_description(offer),
        pc.add_ice_candidate,
    ]
    for call in calls:
        with pytest.raises(InvalidStateError, match="closed peer connection"):
            await call()
    with pytest.raises(InvalidStateError):
        pc.create_data_channel("")
    with pytest.raises(InvalidStateError):
        pc.set_configuration()
    pc.restart_ice()
    assert pc.get_configuration() == RTCConfiguration()
    for wait in (pc.gathered, pc.wait_connected):
        with pytest.raises(ConnectionFailed):
            await wait()


@pytest.mark.parametrize("name", ["connectionstatechange", "datachannel", "signalingstatechange"])
@pytest.mark.parametrize("how", ["task", "handler"])
async def test_closing_inside_a_handler(name: str, how: str) -> None:
    """PC-06: events that wait are dropped."""
    left, right = hosts()
    async with RTCPeerConnection(network=left) as one, RTCPeerConnection(network=right) as other:
        trickle(one, other)
        closed = asyncio.Event()

        async def close(*_: object) -> None:
            await other.close()
            closed.set()

        def start(*args: object) -> None:
            tasks.append(asyncio.ensure_future(close(*args)))

        tasks: list[asyncio.Future[None]] = []
        other.on(name, close if how == "handler" else start)
        one.create_data_channel("")
        with suppress(InvalidStateError):
            await negotiate(one, other)
        await asyncio.wait_for(closed.wait(), 10.0)
        assert states(other)[0] == "closed"


async def test_closing_at_once_from_several_places() -> None:
    left, right = hosts()
    async with connected(left, right) as pair:
        await asyncio.gather(*(pair.left.close() for _ in range(5)))
        assert pair.left.connection_state == "closed"


async def test_closing_before_anything_and_while_gathering() -> None:
    """PC-06: no task, timer or endpoint is left."""
    network, left, _ = two_hosts()
    network.name("stun.example", "198.51.100.1", delay=100.0)
    before = asyncio.all_tasks()
    async with RTCPeerConnection(network=left):
        pass
    async with RTCPeerConnection(network=left, ice_servers=[{"urls": "stun:stun.example"}]) as pc:
        pc.create_data_channel("")
        await pc.set_local_description()
        await asyncio.sleep(1.0)
    assert asyncio.all_tasks() == before
    left.bind(("192.0.2.1", 49152)).close()
