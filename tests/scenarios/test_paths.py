"""What congestion control is for: full pipes, fair shares and short queues, in virtual time.

Links carry packets of Ethernet. Those that lose have a rate, or virtual time would be full of them.
"""

from dataclasses import replace
from statistics import mean

import pytest

from tests.scenarios.paths import AIMS, PACKET, Path, config, shares, throughput
from webrtc.sctp import Config
from webrtc.sctp.tsns import SACK_SIZE, ReceivedTsns
from webrtc.vnet import Link

BURSTS = 0.002
"""Seconds that make several packets come together on a path of 20 Mbit/s."""
CONTROLS = ["bbr"]
"""Settings of `Config.congestion_control` that have to reach the aims."""
each_control = pytest.mark.parametrize("control", CONTROLS)

SHARED = [
    *((10e6, 0.06, queue) for queue in (0.5, 1.0, 2.0, 4.0, 1.0 / 0.06)),
    *((20e6, 0.04, queue) for queue in (0.5, 2.0, 1.0 / 0.04)),
    *((10e6, 0.1, queue) for queue in (1.0, 4.0, 1.0 / 0.1)),
    (2e6, 0.02, 1.0 / 0.02),
]
"""Bit/s, round-trip time and queue in bandwidth-delay products, the longest of a second."""
QUICK = {(10e6, 0.06, 2.0)}
shared = pytest.mark.parametrize(
    ("rate", "rtt", "queue", "seed"),
    [
        pytest.param(*each, seed, marks=[] if each in QUICK and not seed else pytest.mark.slow)
        for each in SHARED
        for seed in range(3)
    ],
)


def bottleneck(rate: float, rtt: float, queue: float) -> Link:
    return Link(delay=rtt / 2, rate=rate, queue=int(queue * rate / 8 * rtt), mtu=PACKET)


@each_control
@pytest.mark.parametrize("interrupts", [0.0, BURSTS])
@pytest.mark.parametrize("name", sorted(AIMS))
def test_a_path_is_filled(control: str, name: str, interrupts: float) -> None:
    """F-01, SCTP-19: with random loss, with a long way, with a narrow place."""
    aim = AIMS[name]
    link = replace(aim.link.copy(), interrupts=interrupts)
    rates = [
        throughput(
            link.copy(),
            seconds=aim.seconds,
            warm_up=aim.warm_up,
            seed=seed,
            settings=config(control),
        )
        for seed in range(aim.seeds)
    ]
    assert mean(rates) >= aim.rate, [round(rate, 2) for rate in rates]


@each_control
@pytest.mark.parametrize("interrupts", [0.0, BURSTS])
@shared
def test_two_flows_share_a_bottleneck(
    control: str, rate: float, rtt: float, queue: float, seed: int, interrupts: float
) -> None:
    """Neither gets less than a third for 30 s."""
    link = bottleneck(rate, rtt, queue)
    link.interrupts = interrupts
    assert min(shares(link, config(control), config(control), seed=seed)) > 1 / 3


@each_control
@pytest.mark.parametrize("both_ways_first", [True, False])
@pytest.mark.parametrize(("delay", "queue"), [(0.005, 65536), (0.02, 40_000), (0.05, 65536)])
def test_a_flow_both_ways_shares_with_one_that_goes_one_way(
    control: str, delay: float, queue: int, *, both_ways_first: bool
) -> None:
    """Acknowledgements of both wait behind what goes back; the share is that of the way there."""
    there = Link(delay=delay, rate=2e6, queue=queue, mtu=PACKET)
    path = Path(there, there.copy())
    flows = []
    for both_ways in (both_ways_first, not both_ways_first):
        flows.append(path.bulk(config(control), both_ways=both_ways))
        path.run(1.0)
    path.run(6.0)
    for flow in flows:
        flow.receiver.received = 0
    path.run(15.0)
    assert 0.4 <= flows[0].rate / (flows[0].rate + flows[1].rate) <= 0.6


@each_control
@pytest.mark.parametrize("first", ["ours", "reno"])
@shared
def test_a_flow_leaves_its_share_to_reno_and_takes_its_own(
    control: str, first: str, rate: float, rtt: float, queue: float, seed: int
) -> None:
    """Whoever comes first."""
    both: list[Config] = [config(control), config("reno")]
    if first == "reno":
        both.reverse()
    assert min(shares(bottleneck(rate, rtt, queue), *both, seed=seed)) > 1 / 3


@each_control
@pytest.mark.parametrize(
    ("rate", "flows"),
    [(1e6, 1), (1e6, 2), (10e6, 1), (10e6, 2)],
)
@pytest.mark.parametrize(
    "seeds", [range(1), pytest.param(range(1, 4), marks=pytest.mark.slow)], ids=["one", "more"]
)
def test_a_deep_queue_is_not_kept_full(control: str, rate: float, flows: int, seeds: range) -> None:
    """F-08: a second of buffer; 19 of 20 packets wait less than 200 ms, and the path is used."""
    for seed in seeds:
        path = Path(bottleneck(rate, 0.04, 1.0 / 0.04), seed=seed)
        bulk = []
        for _ in range(flows):
            bulk.append(path.bulk(config(control)))
            path.run(0.5)
        path.run(5.0)
        path.waits.clear()
        for flow in bulk:
            flow.receiver.received = 0
        path.run(20.0)
        assert path.p95_wait() < 0.2
        assert sum(flow.rate for flow in bulk) / 20.0 >= 0.85 * rate / 1e6


@each_control
def test_acknowledgements_that_come_unevenly_leave_no_queue_standing(control: str) -> None:
    """F-08: by the chances of 2 ms the rate seems to be larger than it is."""
    there = Link(delay=0.02, jitter=0.002, rate=10e6, queue=256_000, mtu=PACKET)
    path = Path(there, Link(delay=0.02, jitter=0.002, mtu=PACKET), seed=1)
    flow = path.bulk(config(control))
    path.run(3.0)
    path.waits.clear()
    flow.receiver.received = 0
    path.run(5.0)
    assert mean(path.waits) < 0.02
    assert flow.rate / 5.0 >= 0.95 * 10


@each_control
@pytest.mark.parametrize(
    ("rate", "delay"),
    [
        (2e6, 0.03),
        (2e6, 0.05),
        pytest.param(10e6, 0.03, marks=pytest.mark.slow),
        pytest.param(10e6, 0.05, marks=pytest.mark.slow),
    ],
)
def test_reordering_costs_little(control: str, rate: float, delay: float) -> None:
    """F-05: 30 % delayed by up to 100 ms: at least 70 % of the throughput, 5 % sent for nothing."""
    settings = config(control)
    plain = throughput(Link(delay=delay, rate=rate, mtu=PACKET), settings=settings)
    path = Path(Link(delay=delay, rate=rate, mtu=PACKET, reorder=0.3, reorder_delay=0.1))
    flow = path.bulk(settings)
    path.run(20.0)
    reached = flow.rate / 20.0 / plain
    assert reached >= 0.7, f"{reached:.2f} of the throughput, {flow.spurious:.3f} for nothing"
    assert flow.spurious < 0.05, f"{flow.spurious:.3f} for nothing, {reached:.2f} of the throughput"


def test_what_a_peer_cannot_report_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """SCTP-19: dcSCTP reports 20 gap blocks at most, however many it has."""
    encode = ReceivedTsns.encode

    def limited(tsns: ReceivedTsns, window: int, room: int) -> bytes:
        return encode(tsns, window, min(room, SACK_SIZE + 4 * 20))

    monkeypatch.setattr(ReceivedTsns, "encode", limited)
    path = Path(Link(delay=0.05, loss=0.05, rate=20e6, queue=1 << 20, mtu=1400), seed=1)
    flow = path.bulk()
    path.run(6.0)
    repairs = flow.sender.association.counters.chunks_retransmitted
    assert repairs > 300
    assert flow.receiver.association.counters.chunks_duplicated < 0.05 * repairs


@each_control
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_path_that_becomes_narrow_is_not_flooded(control: str, share: float) -> None:
    """F-09 for data: 10 Mbit/s, then a part of it, then all again, filled all the time."""
    link = Link(delay=0.02, rate=10e6, queue=64_000, mtu=PACKET)
    path = Path(link, seed=1)
    flow = path.bulk(config(control))
    path.run(3.0)
    link.rate = 10e6 * share
    path.run(5.0)
    flow.receiver.received = 0
    path.run(8.0)
    assert flow.rate / 8.0 >= 0.8 * 10 * share
    link.rate = 10e6
    path.run(8.0)
    flow.receiver.received = 0
    path.run(5.0)
    assert flow.rate / 5.0 >= 0.8 * 10


@each_control
def test_a_clean_path_is_used_from_the_first_packet(control: str) -> None:
    """Half of it within 20 round trips, those of the start included."""
    link = Link(delay=0.05, rate=200e6, queue=4 << 20, mtu=PACKET)
    assert throughput(link, seconds=2.0, settings=config(control)) >= 100.0
