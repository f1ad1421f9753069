"""What stays behind: connect, exchange a message and close, over and over, on loopback.

Prints per connection the growth of resident memory (bytes, slope of a straight line through all
samples after the warm-up), of Python objects, of file descriptors; and the median time until the
channel was open. `python -m benchmarks.leak [cycles] [loops]`; `fail` as third argument closes each
connection while it is still connecting.
"""

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import linear_regression, median
from time import perf_counter

from webrtc import (
    ConnectionFailed,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
    SettingEngine,
)

WARM_UP = 100
SAMPLE = 10  # cycles between two samples
SETTINGS = SettingEngine(bind_addresses=("127.0.0.1",))
PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    """Bytes of memory in use, garbage left out."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def local(pc: RTCPeerConnection) -> RTCSessionDescription:
    assert pc.local_description is not None
    return pc.local_description


@asynccontextmanager
async def connecting() -> AsyncIterator[RTCDataChannel]:
    """Two connections that have exchanged their descriptions, and a channel of the first."""
    async with (
        RTCPeerConnection(settings=SETTINGS) as one,
        RTCPeerConnection(settings=SETTINGS) as other,
    ):
        one.on("icecandidate", other.add_ice_candidate)
        other.on("icecandidate", one.add_ice_candidate)
        channel = one.create_data_channel("leak")
        await one.set_local_description()
        await other.set_remote_description(local(one))
        await other.set_local_description()
        await one.set_remote_description(local(other))
        yield channel


async def cycle(*, fail: bool) -> float:
    started = perf_counter()
    async with connecting() as channel:
        if fail:
            with suppress(ConnectionFailed, TimeoutError):
                async with asyncio.timeout(0.003):
                    await channel.opened()
            return 0.0
        await channel.opened()
        elapsed = perf_counter() - started
        await channel.send(bytes(10_000))
        await channel.drained()
    return elapsed


async def run(cycles: int, *, fail: bool) -> None:
    for _ in range(WARM_UP):
        await cycle(fail=fail)
    gc.collect()
    objects, files = len(gc.get_objects()), len(os.listdir("/proc/self/fd"))
    samples: list[tuple[int, int]] = []
    times: list[float] = []
    for number in range(cycles):
        times.append(await cycle(fail=fail))
        if number % SAMPLE == 0:
            samples.append((number, resident()))
    gc.collect()
    slope, _ = linear_regression(*zip(*samples, strict=True))
    print("closed while connecting" if fail else "closed after a message")
    print(f"resident memory {slope:8.1f} bytes per connection, {resident() >> 20} MiB in all")
    print(f"objects         {(len(gc.get_objects()) - objects) / cycles:8.3f} per connection")
    print(f"descriptors     {len(os.listdir('/proc/self/fd')) - files:8d}")
    print(f"tasks           {len(asyncio.all_tasks()) - 1:8d}")
    if not fail:
        print(f"time to open    {median(times) * 1000:8.1f} ms median")


def main() -> None:
    cycles = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    loops = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for _ in range(loops):
        asyncio.run(run(cycles, fail="fail" in sys.argv))


if __name__ == "__main__":
    main()
