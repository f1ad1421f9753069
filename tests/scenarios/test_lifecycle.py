"""close() in every situation, and what is left afterwards: nothing."""

import asyncio
import gc
import logging
import weakref
from contextlib import suppress
from functools import partial
from itertools import cycle
from random import Random
from statistics import linear_regression

import pytest

from tests.scenarios.leaks import leakless
from tests.scenarios.soak import resident
from tests.support import connected, eventually, negotiate, over_loopback, trickle, two_hosts
from webrtc import (
    ConnectionFailed,
    InvalidStateError,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
    SettingEngine,
)
from webrtc.aio.net.network import SystemNetwork
from webrtc.vnet import Link

LOOPBACK = SettingEngine(bind_addresses=("127.0.0.1",))


async def hang_up(pc: RTCPeerConnection, random: Random) -> None:
    """Call close() at some time, perhaps with little patience."""
    await asyncio.sleep(random.random() * 0.5)
    with suppress(TimeoutError):
        async with asyncio.timeout(random.choice([0.0, 0.0001, None])):
            await pc.close()


@pytest.mark.parametrize("seed", range(150))
async def test_close_at_any_time_from_several_callers_some_of_them_cancelled(seed: int) -> None:
    """A-04, PC-06: at most a second, idempotent, nothing left."""
    random = Random(seed)
    _, left, right = two_hosts(Link(delay=0.02), seed=seed)
    async with leakless():
        one, other = RTCPeerConnection(network=left), RTCPeerConnection(network=right)
        trickle(one, other)
        if random.random() < 0.3:
            one.on("connectionstatechange", one.close)
        if random.random() < 0.3:
            other.on("datachannel", lambda channel: other.close())
        channel = one.create_data_channel("data")

        async def use() -> None:
            await negotiate(one, other)
            await channel.opened()
            while True:
                await channel.send(bytes(10_000))
                await asyncio.sleep(0.01)

        using = asyncio.create_task(use())
        await asyncio.gather(
            *(hang_up(pc, random) for pc in (one, other) for _ in range(random.randint(1, 3)))
        )
        async with asyncio.timeout(1.0):
            await asyncio.gather(one.close(), one.close(), other.close())
        assert one.connection_state == other.connection_state == "closed"
        assert channel.ready_state == "closed"
        with suppress(ConnectionFailed, InvalidStateError):
            async with asyncio.timeout(1.0):
                await using


async def test_close_before_anything_was_started() -> None:
    """A-04: with and without a channel, twice."""
    _, left, _ = two_hosts()
    async with leakless(collect=True):
        for channels in range(3):
            pc = RTCPeerConnection(network=left)
            for number in range(channels):
                pc.create_data_channel(str(number))
            await pc.close()
            await pc.close()
            with pytest.raises(InvalidStateError):
                await pc.create_offer()


async def test_close_while_the_name_of_a_server_is_looked_up() -> None:
    """A-04, F-29: the look-up is cancelled, and what waits is told."""
    network, left, _ = two_hosts()
    network.name("slow.example", "198.51.100.1", delay=30.0)
    async with leakless():
        pc = RTCPeerConnection(network=left, ice_servers=[RTCIceServer("stun:slow.example")])
        pc.create_data_channel("data")
        await pc.set_local_description()
        waiting = asyncio.create_task(pc.gathered())
        await asyncio.sleep(1.0)
        assert pc.ice_gathering_state == "gathering"
        async with asyncio.timeout(0.1):
            await pc.close()
        with pytest.raises(ConnectionFailed):
            await waiting


def is_closed(pc: RTCPeerConnection) -> bool:
    return pc.signaling_state == "closed"


async def test_close_inside_ones_own_handlers() -> None:
    """A-04: of every kind, two at a time, awaited and not."""
    for event in ("negotiationneeded", "icecandidate", "connectionstatechange", "datachannel"):
        _, left, right = two_hosts(Link(delay=0.01))
        async with leakless():
            one, other = RTCPeerConnection(network=left), RTCPeerConnection(network=right)
            victim = other if event == "datachannel" else one
            trickle(one, other)

            async def close_now(*_: object, victim: RTCPeerConnection = victim) -> None:
                await victim.close()

            victim.on(event, close_now)
            victim.on(event, lambda *_, victim=victim: asyncio.ensure_future(victim.close()))
            one.create_data_channel("data")
            await asyncio.sleep(0.01)
            with suppress(InvalidStateError):
                await negotiate(one, other)
            await eventually(partial(is_closed, victim), limit=5.0)
            async with asyncio.timeout(1.0):
                await one.close()
                await other.close()


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError, GeneratorExit])
async def test_whatever_a_handler_raises_the_connection_goes_on(error: type[BaseException]) -> None:
    """DC-08, A-01: it is told to the loop, once for each time."""
    _, left, right = two_hosts(Link(delay=0.01))
    shown: list[type[BaseException]] = []
    loop = asyncio.get_running_loop()
    async with (
        RTCPeerConnection(network=left) as one,
        RTCPeerConnection(network=right) as other,
    ):
        trickle(one, other)
        loop.set_exception_handler(lambda _, context: shown.append(type(context["exception"])))
        raised = 0

        def bad(*_: object) -> None:
            nonlocal raised
            raised += 1
            raise error

        for pc in (one, other):
            for event in ("icecandidate", "connectionstatechange", "signalingstatechange"):
                pc.on(event, bad)
        other.on("datachannel", bad)
        channel = one.create_data_channel("data")
        channel.on("message", bad)
        other.on("datachannel", lambda remote: remote.on("message", remote.send))
        await negotiate(one, other)
        await channel.opened()
        for number in range(5):
            await channel.send(str(number))
            await asyncio.sleep(0.1)
        await asyncio.sleep(60.0)
        assert one.connection_state == other.connection_state == "connected"
        assert raised > 10
        assert shown == [error] * raised


async def test_everything_that_waits_is_told_when_the_connection_is_closed() -> None:
    """DC-07, F-18: recv, send, opened, drained, gathered, wait_connected, iteration."""
    _, left, right = two_hosts(Link(delay=0.01))
    async with leakless(), connected(left, right) as pair:
        late = pair.left.create_data_channel("late", negotiated=True, id=7)
        left.cards[0].outbound.blackhole(0.0, 1000.0)
        pair.channel.send(bytes(100_000))

        async def iterate() -> None:
            async for _ in pair.channel:
                pass

        waiting = [
            asyncio.ensure_future(each)
            for each in (pair.channel.recv(), pair.channel.drained(), late.recv())
        ]
        iterating = asyncio.ensure_future(iterate())
        await asyncio.sleep(0.1)
        await pair.left.close()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(each) for each in results] == [ConnectionFailed] * len(results)
        await iterating
        with pytest.raises(ConnectionFailed):
            await pair.left.wait_connected()
        with pytest.raises(ConnectionFailed):
            await late.opened()


async def test_the_peer_learns_of_close_within_a_round_trip() -> None:
    """F-17: close_notify and ABORT, not a time-out."""
    network, left, right = two_hosts(Link(delay=0.05))
    async with connected(left, right) as pair:
        receiving = asyncio.create_task(pair.remote.recv())
        closed: list[float] = []
        pair.remote.on("close", lambda: closed.append(network.now))
        started = network.now
        await pair.left.close()
        with pytest.raises(ConnectionFailed):
            await receiving
        await asyncio.sleep(1.0)
        assert closed
        assert closed[0] - started <= 0.1 + 0.1
        assert pair.right.sctp is not None
        assert pair.right.sctp.transport.state == "closed"


@pytest.mark.parametrize("year", [1970, 2001, 2038, 2106])
async def test_the_wall_clock_may_say_anything_and_jump(
    year: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F-20: it dates the certificate and nothing else."""
    _, left, right = two_hosts(Link(delay=0.01))
    moments = cycle([(year - 1970) * 31_556_952.0 + 1.0, 4.0e9, 1.0e9])
    monkeypatch.setattr("time.time", lambda: next(moments))
    async with connected(left, right) as pair:
        for number in range(20):
            pair.channel.send(str(number))
            assert await pair.remote.recv() == str(number)
            await asyncio.sleep(5.0)
        assert pair.left.connection_state == "connected"


@pytest.mark.realtime
async def test_real_sockets_and_threads_are_gone_after_close() -> None:
    """SYS-11, F-33 in small: connect, talk, close, five times."""
    async with over_loopback():
        pass  # whatever the first use of the libraries leaves open
    async with leakless(collect=True):
        for _ in range(5):
            async with over_loopback() as pair:
                await pair.channel.send(bytes(100_000))
                await pair.remote.recv()


async def connection(number: int) -> list[weakref.ref[object]]:
    """One connection, used and closed; or one that fails, each time in another way."""
    link = Link(delay=0.01)
    _, left, right = two_hosts(link, seed=number)
    one, other = RTCPeerConnection(network=left), RTCPeerConnection(network=right)
    trickle(one, other)
    channel = one.create_data_channel("data")
    objects: list[weakref.ref[object]] = [weakref.ref(each) for each in (one, other, channel)]
    objects += [weakref.ref(each) for each in (one._core, one._driver, other._core)]
    match number % 5:
        case 0:
            await negotiate(one, other)
            await channel.opened()
            await channel.send("x")
        case 1:
            await one.set_local_description()
            with suppress(Exception):
                await one.set_remote_description(RTCSessionDescription("answer", "v=1"))
        case 2:
            left.cards[0].disconnect()
            await negotiate(one, other)
            with suppress(ConnectionFailed):
                await one.wait_connected(40.0)
        case 3:
            negotiating = asyncio.ensure_future(negotiate(one, other))
            await asyncio.sleep(0)
            negotiating.cancel()
            await asyncio.wait([negotiating])
        case _:
            await one.set_local_description()
            assert one.local_description is not None
            text = one.local_description.sdp.replace("sha-", "md")
            with suppress(Exception):
                await other.set_remote_description(RTCSessionDescription("offer", text))
                await other.set_local_description()
    await one.close()
    await other.close()
    return objects


@pytest.mark.interpreted
async def test_cycles_of_connecting_and_failing_leave_no_object() -> None:
    """F-33, F-34, A-04: fifty connections, four of five of which never come up."""
    async with leakless(collect=True):
        objects = [each for number in range(50) for each in await connection(number)]
        await asyncio.sleep(1.0)
        gc.collect()
        assert not [each() for each in objects if each() is not None]


@pytest.mark.slow
async def test_a_thousand_failures_leave_no_object(caplog: pytest.LogCaptureFixture) -> None:
    """F-34: bad answers, no path, cancelled, wrong fingerprints; and a fifth that works."""
    caplog.set_level(logging.ERROR, "webrtc")  # pytest keeps each warning of a failure
    gc.collect()
    async with leakless(collect=True):
        for number in range(100):
            await connection(number)
        gc.collect()
        before = len(gc.get_objects())
        for number in range(1000):
            await connection(number)
        await asyncio.sleep(1.0)
        gc.collect()
        assert abs(len(gc.get_objects()) - before) < 300


@pytest.mark.slow
@pytest.mark.realtime
async def test_a_thousand_cycles_on_real_sockets_keep_nothing() -> None:
    """F-33: after a hundred to warm up; objects, tasks, descriptors, less than 1 KiB a cycle."""
    network = SystemNetwork()

    async def once() -> None:
        async with connected(network, network, settings=LOOPBACK) as pair:
            await pair.channel.send(bytes(1000))
            await pair.remote.recv()

    for _ in range(100):
        await once()
    gc.collect()
    samples: list[tuple[float, float]] = []
    async with leakless(collect=True):
        before = len(gc.get_objects())
        for number in range(1000):
            await once()
            if number % 20 == 0:
                gc.collect()
                samples.append((number, resident()))
        gc.collect()
        assert abs(len(gc.get_objects()) - before) < 300
    assert linear_regression(*zip(*samples, strict=True)).slope < 1024
