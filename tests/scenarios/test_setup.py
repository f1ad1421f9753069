"""Connecting through loss, in virtual time."""

from statistics import quantiles

import pytest

from tests.peer.hands import Hands
from webrtc.vnet import Link


def setup_time(seed: int) -> float:
    """Seconds from the exchanged descriptions to an open channel at both ends, 30 % lost."""
    hands = Hands(link=Link(delay=0.025, loss=0.3), seed=seed)
    hands.connect()
    return hands.network.now


@pytest.mark.parametrize(
    "seeds",
    [range(60), pytest.param(range(1000, 2000), marks=pytest.mark.slow)],
    ids=["60", "1000"],
)
def test_a_third_of_all_packets_may_be_lost_while_connecting(seeds: range) -> None:
    """F-02: ICE, DTLS, SCTP and DCEP; half in 2 s, 99 % in 15 s, all in 30 s."""
    times = [setup_time(seed) for seed in seeds]
    cuts = quantiles(times, n=100)
    found = f"median {cuts[49]:.2f}, p99 {cuts[98]:.2f}, worst {max(times):.2f}"
    assert cuts[49] < 2.0, found
    assert sorted(times)[int(len(times) * 0.99) - 1] < 15.0, found
    assert max(times) < 30.0, found
