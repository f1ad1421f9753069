"""How fast data gets through bad paths, in virtual time: floors. Aims: `benchmarks/paths.py`."""

import hashlib
from random import Random
from statistics import mean

import pytest

from tests.scenarios.paths import (
    FAST,
    LATENCIES,
    LOSSY,
    NARROW,
    Path,
    latency,
    lossy,
    throughput,
)
from webrtc.sctp import Config, State
from webrtc.vnet import Link


@pytest.mark.parametrize(("rtt", "loss", "floor", "_aim"), LOSSY)
@pytest.mark.parametrize(
    "seeds", [range(1), pytest.param(range(1, 5), marks=pytest.mark.slow)], ids=["one", "more"]
)
def test_throughput_under_loss(
    rtt: float, loss: float, floor: float, _aim: float, seeds: range
) -> None:
    """F-01, SCTP-19: random loss both ways, mean of some seeds of 6 s from the start."""
    rates = [throughput(lossy(rtt, loss), seconds=6.0, seed=seed) for seed in seeds]
    assert mean(rates) >= floor, [round(rate, 2) for rate in rates]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 4))
@pytest.mark.parametrize("loss", [0.0, 0.01, 0.05, 0.1, 0.2, 0.3])
def test_five_mebibytes_arrive_at_any_loss(loss: float, seed: int) -> None:
    """F-01: nothing lost, doubled or out of order; no abort up to 20 %, an end within 10 min."""
    path = Path(Link(delay=0.02, loss=loss), seed=seed)
    flow = path.flow()
    sent = [n.to_bytes(4, "big") + Random(n).randbytes(16380) for n in range(5 << 6)]
    received: list[bytes] = []
    flow.receiver.on_message = received.append
    for message in sent:
        flow.sender.association.send(0, 53, message, path.now)
    limit = path.now + 600.0
    while len(received) < len(sent) and path.now < limit:
        path.run(1.0)
    digests = [hashlib.sha256(b"".join(each)).digest() for each in (sent, received)]
    assert digests[0] == digests[1]
    assert flow.sender.association.state is State.ESTABLISHED


@pytest.mark.parametrize(("rate", "floor", "_aim"), NARROW)
def test_throughput_of_a_narrow_link(rate: float, floor: float, _aim: float) -> None:
    """F-01, SCTP-19: 60 ms, no loss but what the queue of 64 KiB cannot hold."""
    assert throughput(Link(delay=0.03, rate=rate), seconds=5.0, warm_up=2.0) >= floor


@pytest.mark.slow
@pytest.mark.parametrize("rtt", [0.06, 0.3])
def test_throughput_of_a_path_without_limit_is_the_window(rtt: float) -> None:
    """F-01, SCTP-19: 0.9 of receive window by round-trip time."""
    config = Config(receive_window=2 << 20)
    link = Link(delay=rtt / 2, rate=FAST, queue=4 << 20)
    rate = throughput(link, seconds=10 * rtt, warm_up=20 * rtt, settings=config)
    assert rate >= 0.9 * (2 << 20) * 8 / rtt / 1e6


@pytest.mark.parametrize(("loss", "limit"), LATENCIES)
@pytest.mark.parametrize(
    "seeds", [range(2), pytest.param(range(2, 30), marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_mean_latency_of_small_messages(loss: float, limit: float, seeds: range) -> None:
    """64 ordered bytes each 16 ms, 50 ms one way: not above what libdatachannel has with SCTP."""
    times = [latency(loss, seed=seed) for seed in seeds]
    assert mean(times) <= limit, [round(time, 4) for time in times]


@pytest.mark.parametrize("extra", [0.0, 0.05])
def test_duplicates_cost_nothing(extra: float) -> None:
    """F-06: half of all packets come out up to five times more; each message once, all of them."""
    link = Link(delay=0.02, duplicate=0.5, copies=5, jitter=extra)
    path = Path(link, seed=1)
    flow = path.flow()
    numbers: list[int] = []
    flow.receiver.on_message = lambda message: numbers.append(int.from_bytes(message[:4], "big"))
    for number in range(500):
        flow.sender.association.send(0, 53, number.to_bytes(4, "big") * 500, path.now)
        path.run(0.01)
    path.run(5.0)
    assert numbers == list(range(500))
    assert flow.receiver.association.counters.chunks_duplicated > 500
    assert flow.sender.association.counters.chunks_retransmitted < 0.05 * 1000
