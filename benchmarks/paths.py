"""SCTP over bad paths in virtual time: what it delivers beside floors and aims; no real clock.

Prints one path per line: Mbit/s of messages (or what the line says), the floor that tests hold, the
aim, and whether it is reached. `python benchmarks/paths.py [seeds] [congestion control]`
"""

import sys
from collections.abc import Iterator
from statistics import mean

from tests.scenarios.paths import (
    AIMS,
    FAST,
    LATENCIES,
    LOSSY,
    NARROW,
    Path,
    config,
    latency,
    lossy,
    shares,
    throughput,
)
from webrtc.sctp import Config
from webrtc.vnet import Link

Line = tuple[str, float, float | None, float | None]
"""Name, number, floor, aim; a larger number is better."""


def losing(settings: Config, seeds: int) -> Iterator[Line]:
    for rtt, loss, floor, aim in LOSSY:
        rates = [
            throughput(lossy(rtt, loss), seconds=6.0, seed=seed, settings=settings)
            for seed in range(seeds)
        ]
        yield f"{rtt * 1000:.0f} ms, {loss:.0%}", mean(rates), floor, aim


def narrow(settings: Config, _seeds: int) -> Iterator[Line]:
    for rate, floor, aim in NARROW:
        link = Link(delay=0.03, rate=rate)
        found = throughput(link, seconds=10.0, warm_up=5.0, settings=settings)
        yield f"60 ms, 0%, {rate / 1e6:.0f} Mbit/s", found, floor, aim


def wide(settings: Config, _seeds: int) -> Iterator[Line]:
    for rtt in (0.02, 0.06, 0.1, 0.3):
        link = Link(delay=rtt / 2, rate=FAST, queue=4 << 20)
        most = min(settings.receive_window * 8 / rtt, FAST) / 1e6
        found = throughput(link, seconds=10 * rtt, warm_up=20 * rtt, settings=settings)
        yield f"{rtt * 1000:.0f} ms, 0%, window / rtt {most:.0f}", found, 0.9 * most, 0.9 * most


def aims(settings: Config, seeds: int) -> Iterator[Line]:
    for name, aim in AIMS.items():
        count = seeds if aim.link.loss else 1
        rates = [
            throughput(
                aim.link.copy(),
                seconds=aim.seconds,
                warm_up=aim.warm_up,
                seed=seed,
                settings=settings,
            )
            for seed in range(count)
        ]
        yield f"warm: {name}", mean(rates), None, aim.rate


def fairness(settings: Config, _seeds: int) -> Iterator[Line]:
    for name, other in (("itself", settings), ("Reno", config("reno"))):
        for queue in (32_000, 64_000, 256_000):
            link = Link(delay=0.02, rate=10e6, queue=queue)
            share = min(shares(link, settings, other))
            yield f"smaller share beside {name}, queue {queue // 1000} KB", share, None, 1 / 3


def reordering(settings: Config, _seeds: int) -> Iterator[Line]:
    for delay, rate in ((0.03, 2e6), (0.05, 10e6)):
        plain = throughput(Link(delay=delay, rate=rate), settings=settings)
        path = Path(Link(delay=delay, rate=rate, reorder=0.3, reorder_delay=0.1))
        flow = path.bulk(settings)
        path.run(20.0)
        name = f"{delay * 2000:.0f} ms, {rate / 1e6:.0f} Mbit/s"
        yield f"reordered / in order: {name}", flow.rate / 20.0 / plain, None, 0.7
        yield f"sent for a reason: {name}", 1.0 - flow.spurious, None, 0.95


def queueing(settings: Config) -> float:
    """The 95th percentile of the queueing delay, ms, at a second of buffer."""
    path = Path(Link(delay=0.02, rate=10e6, queue=1_250_000), seed=1)
    path.bulk(settings)
    path.run(5.0)
    path.waits.clear()
    path.run(20.0)
    return path.p95_wait() * 1000


def show(name: str, value: float, floor: float | None, aim: float | None) -> None:
    held = "" if floor is None else f"floor {floor:7.3f}"
    wanted = ""
    if aim is not None:
        wanted = f"aim {aim:8.3f}  {'reached' if value >= aim else 'missed'}"
    print(f"{name:45} {value:9.3f}  {held:14} {wanted}", flush=True)


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    settings = config(sys.argv[2] if len(sys.argv) > 2 else None)
    for measure in (losing, narrow, wide, aims, fairness, reordering):
        for line in measure(settings, seeds):
            show(*line)
    p95 = queueing(settings)
    outcome = "reached" if p95 < 200 else "missed"
    print(f"{'p95 of a queue of 1 s, ms':45} {p95:9.1f}  {'':14} aim  < 200.0  {outcome}")
    for loss, limit in LATENCIES:
        times = [latency(loss, seed=seed, settings=settings) for seed in range(seeds)]
        ms = mean(times) * 1000
        outcome = "reached" if ms <= limit * 1000 else "missed"
        name = f"latency of 64 B, 100 ms, {loss:.0%}, ms"
        print(f"{name:45} {ms:9.1f}  {'':14} aim <= {limit * 1000:5.1f}  {outcome}", flush=True)


if __name__ == "__main__":
    main()
