"""Cancel anything, anywhere: afterwards `close()` finishes at once and nothing is left."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from random import Random

import pytest

from tests.scenarios.injector import Injection, Moment
from tests.scenarios.leaks import leakless
from tests.support import Pair, connected, negotiate, trickle, two_hosts
from webrtc import RTCDataChannel, RTCIceServer, RTCPeerConnection
from webrtc.stun.responder import Responder
from webrtc.vnet import Link, VirtualTimeLoop

SERVER = ("198.51.100.1", 3478)
MOMENTS: list[Moment] = ["waiting", "waking"]


async def life(one: RTCPeerConnection, other: RTCPeerConnection) -> None:
    """A whole life: connect, talk, restart ICE, talk, close."""
    trickle(one, other)
    announced: asyncio.Future[RTCDataChannel] = asyncio.get_running_loop().create_future()
    other.once("datachannel", announced.set_result)
    channel = one.create_data_channel("data")
    await negotiate(one, other)
    await one.gathered()
    await one.wait_connected(10.0)
    await channel.opened()
    remote = await announced
    for message in (b"x" * 100_000, "text"):
        await channel.send(message)
        assert await remote.recv() == message
    await remote.send("back")
    async for message in channel:
        assert message == "back"
        break
    await channel.drained()
    one.restart_ice()
    await negotiate(one, other)
    await asyncio.sleep(0.5)
    await channel.send("after the restart")
    assert await remote.recv() == "after the restart"
    channel.close()
    await asyncio.sleep(0.2)
    await one.close()
    await other.close()


async def lives(at: int, moment: Moment, seed: int = 1) -> int:
    """Live, and die at wait number `at`; how many waits there were."""
    random = Random(seed)
    link = Link(delay=0.01) if seed == 1 else Link(delay=random.random() * 0.1, jitter=0.02)
    network, left, right = two_hosts(link, seed=seed)
    network.add(SERVER, Responder())
    network.name("stun.example", SERVER[0], delay=0.05)
    servers = [RTCIceServer("stun:stun.example")]
    async with leakless():
        one = RTCPeerConnection(network=left, ice_servers=servers)
        other = RTCPeerConnection(network=right, ice_servers=servers)
        injection = Injection(life(one, other), at, moment)
        cancelled = False
        try:
            await injection
        except asyncio.CancelledError:
            cancelled = True
        task = asyncio.current_task()
        assert task is not None
        while task.cancelling():
            task.uncancel()
        assert cancelled is (0 < at <= injection.waits)
        assert injection.waits == at or not cancelled
        async with asyncio.timeout(1.0):
            await one.close()
            await other.close()
        assert one.connection_state == other.connection_state == "closed"
    return injection.waits


@pytest.mark.parametrize("moment", MOMENTS)
def test_cancelled_at_every_wait_of_a_whole_life(moment: Moment) -> None:
    """F-31, F-32, SYS-11: the cancellation arrives, and nothing is left one second later."""
    at, waits = 0, 1
    while at <= waits:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            waits = runner.run(lives(at, moment)) if at == 0 else waits
            if at:
                runner.run(lives(at, moment))
        at += 1
    assert waits >= 15


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_cancelled_at_every_wait_of_many_lives(part: int) -> None:
    """F-31: about two thousand times in all, over other paths."""
    runs = 0
    for seed in range(2 + 10 * part, 12 + 10 * part):
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            waits = runner.run(lives(0, "waiting", seed))
        for at in range(1, waits + 1):
            for moment in MOMENTS:
                with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
                    runner.run(lives(at, moment, seed))
                runs += 1
    assert runs >= 390


async def fill(pair: Pair) -> None:
    """Send more than the buffer holds."""
    while True:
        await pair.channel.send(bytes(65536))


Call = Callable[[Pair], Awaitable[object]]

CALLS: dict[str, Call] = {
    "recv": lambda pair: pair.channel.recv(),
    "async for": lambda pair: anext(aiter(pair.channel)),
    "drained": lambda pair: pair.channel.drained(),
    "send": fill,
}


@pytest.mark.parametrize("name", sorted(CALLS))
async def test_after_a_cancelled_call_the_channel_works_as_before(name: str) -> None:
    """F-31: no message is lost, doubled or stuck."""
    _, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair:
        left.cards[0].outbound.blackhole(0.0, 1000.0)
        pair.channel.send(bytes(100_000))
        call = asyncio.ensure_future(CALLS[name](pair))
        await asyncio.sleep(0.5)
        assert not call.done()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        left.cards[0].outbound.outages.clear()
        pair.channel.send("last")
        while await pair.remote.recv() != "last":
            pass
        pair.remote.send("answer")
        assert await pair.channel.recv() == "answer"


async def test_a_receiver_cancelled_as_its_message_comes_leaves_it_to_the_next() -> None:
    """F-31: the wake-up is handed on."""
    _, left, right = two_hosts(Link(delay=0.01))
    async with connected(left, right) as pair:
        first = asyncio.ensure_future(pair.remote.recv())
        second = asyncio.ensure_future(pair.remote.recv())
        await asyncio.sleep(0)
        # Cancelled in the same turn of the loop in which the message has woken it.
        wake = pair.remote._conduit.take

        def take(message: bytes | str, size: int) -> bool:
            needs = wake(message, size)
            first.cancel()
            return needs

        pair.remote._conduit.take = take  # type: ignore[method-assign] # cancels at the moment to be tested
        pair.channel.send("for one of them")
        with pytest.raises(asyncio.CancelledError):
            await first
        async with asyncio.timeout(1.0):
            assert await second == "for one of them"


async def beside_a_failure(call: Coroutine[object, object, None]) -> None:
    """Run `call` in a group in which something else fails."""
    async with asyncio.TaskGroup() as group:
        group.create_task(call)
        await asyncio.sleep(0.1)
        raise ValueError


@pytest.mark.parametrize("name", ["gathered", "wait_connected", "opened"])
async def test_time_limits_around_calls_that_wait(name: str) -> None:
    """F-32: asyncio.timeout and a TaskGroup work, and the connection can go on."""
    network, left, right = two_hosts(Link(delay=0.01))
    network.name("stun.example", SERVER[0], delay=3.0)
    async with (
        leakless(),
        RTCPeerConnection(network=left, ice_servers=[RTCIceServer("stun:stun.example")]) as one,
        RTCPeerConnection(network=right) as other,
    ):
        channel = one.create_data_channel("data")
        await one.set_local_description()
        calls = {
            "gathered": one.gathered,
            "wait_connected": one.wait_connected,
            "opened": channel.opened,
        }
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await calls[name]()
        with pytest.raises(ExceptionGroup, match="TaskGroup"):
            await beside_a_failure(calls[name]())
        trickle(one, other)
        await negotiate(one, other)
        async with asyncio.timeout(10.0):
            await calls[name]()
