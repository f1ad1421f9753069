"""A flood beside an echo, over loopback: how many packets a second it takes to be felt.

For each kind of packet: round-trip times of an echo (median and 99th percentile, ms) before and
while a stranger's process sends as fast as told, and what arrived. `python -m benchmarks.flood
[seconds] [packets a second]`, from the root of the repository.
"""

import asyncio
import re
import socket
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from random import Random
from statistics import median, quantiles
from time import monotonic, sleep

from tests.attack import packets
from tests.support import Pair, over_loopback

KINDS = ("junk", "bad check", "client hello", "empty")
TICK = 0.005
PAUSE = 0.002
"""Between two round trips."""


def datagrams(kind: str, ufrag: str) -> Sequence[bytes]:
    random = Random(1)
    match kind:
        case "junk":
            return packets.junk(random, 200)
        case "bad check":
            return [packets.check(f"{ufrag}:abcd", "w" * 24, random) for _ in range(200)]
        case "client hello":
            return [packets.client_hello()]
        case _:
            return [b""]


def attack(kind: str, ufrag: str, ports: Sequence[int], rate: float, seconds: float) -> int:
    """Send from another address for so long; how many."""
    pool = datagrams(kind, ufrag)
    sent, started = 0, monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.2", 0))
        while (elapsed := monotonic() - started) < seconds:
            while sent < rate * elapsed:
                for port in ports:
                    stranger.sendto(pool[sent % len(pool)], ("127.0.0.1", port))
                    sent += 1
            sleep(TICK)
    return sent


async def echo(pair: Pair, seconds: float) -> list[float]:
    """Round-trip times of 100 bytes, seconds."""
    times: list[float] = []
    end = monotonic() + seconds
    while monotonic() < end:
        started = monotonic()
        pair.channel.send(bytes(100))
        await pair.channel.recv()
        times.append(monotonic() - started)
        await asyncio.sleep(PAUSE)
    return times


def show(name: str, times: list[float]) -> None:
    p99 = quantiles(times, n=100)[-1]
    print(f"{name:28} median {median(times) * 1e3:7.2f} ms  p99 {p99 * 1e3:7.2f} ms", flush=True)


async def run(seconds: float, rate: float) -> None:
    async with over_loopback() as pair:
        pair.remote.on("message", pair.remote.send)
        found = [each.sdp for pc in (pair.left, pair.right) if (each := pc.local_description)]
        ports = [re.findall(r"a=candidate:\S+ 1 udp \d+ \S+ (\d+)", sdp)[0] for sdp in found]
        ufrag = re.findall(r"a=ice-ufrag:(\S+)", found[0])[0]
        await echo(pair, 0.5)
        for kind in KINDS:
            show(f"before: {kind}", await echo(pair, seconds))
            stranger = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.flood", "attack", kind),
                *(ufrag, str(rate), str(seconds + 0.5), *ports),
                stdout=PIPE,
            )
            await asyncio.sleep(0.5)
            times = await echo(pair, seconds)
            sent, _ = await stranger.communicate()
            show(f"beside: {kind}", times)
            print(f"{'':28} {int(sent) / (seconds + 0.5):.0f} packets/s sent, 0 messages lost")


def main() -> None:
    if sys.argv[1:2] == ["attack"]:
        kind, ufrag, packets_a_second, duration, *ports = sys.argv[2:]
        numbers = [int(port) for port in ports]
        print(attack(kind, ufrag, numbers, float(packets_a_second), float(duration)))
        return
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    rate = float(sys.argv[2]) if len(sys.argv) > 2 else 5000.0
    asyncio.run(run(seconds, rate))


if __name__ == "__main__":
    main()
