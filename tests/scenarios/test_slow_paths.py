"""Set-up on paths whose round trip is longer than the timers. docs/set-up.md."""

import asyncio
from random import Random

import pytest

from tests.scenarios.test_round_trips import gathered
from tests.support import two_hosts
from webrtc import RTCDataChannel, RTCPeerConnection, SettingEngine
from webrtc.vnet import Link

JITTER = 0.05
DELAYS = (0.05, 0.1, 0.25, 0.3, 0.5, 0.75, 1.0, 1.25, 1.5)


async def round_trips(delay: float, jitter: float, signalling: float, seed: int) -> float:
    """Round trips from the answer until the channel is open on both sides.

    `delay` is one way, up to `jitter` of it longer; the answer takes `signalling`.
    """
    _, left, right = two_hosts(Link(delay=delay, jitter=jitter * delay), seed=seed)
    loop = asyncio.get_running_loop()
    announced: asyncio.Future[RTCDataChannel] = loop.create_future()
    settings = [SettingEngine(random=Random(seed + side)) for side in range(2)]
    async with (
        RTCPeerConnection(settings=settings[0], network=left) as one,
        RTCPeerConnection(settings=settings[1], network=right) as other,
    ):
        channel = one.create_data_channel("slow")
        other.once("datachannel", announced.set_result)
        await one.set_local_description()
        await gathered(one)
        assert one.local_description is not None
        await other.set_remote_description(one.local_description)
        await other.set_local_description()
        await gathered(other)
        assert other.local_description is not None
        await asyncio.sleep(signalling)
        await one.set_remote_description(other.local_description)
        started = loop.time()
        await channel.opened()
        await (await announced).opened()
        return (loop.time() - started) / (2 * delay * (1 + jitter))


@pytest.mark.parametrize("jitter", [0.0, JITTER])
@pytest.mark.parametrize(
    ("delay", "limit"), [*((delay, 3.0) for delay in DELAYS), (2.5, 4.0)], ids=str
)
async def test_a_long_round_trip_costs_no_round_trips(
    delay: float, limit: float, jitter: float
) -> None:
    """F-02, ICE-25: however the timers of both sides and the answer fall together."""
    for seed, signalling in enumerate((0.0, 0.3 * delay, delay, 2.5 * delay)):
        taken = await round_trips(delay, jitter, signalling, seed)
        assert taken <= limit + 1e-6, (signalling, seed)


@pytest.mark.parametrize("delay", [number / 20 for number in range(1, 61)], ids=str)
@pytest.mark.slow
async def test_no_delay_lets_the_timers_of_both_sides_fail_a_connection(delay: float) -> None:
    """Multiples of the waits among them, with both sides starting in the same moment."""
    for seed in range(5):
        assert await round_trips(delay, 0.0, seed * 0.25, seed) <= 3.0 + 1e-6
