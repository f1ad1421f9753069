"""Video over lossy links: what arrives in time, and what that costs."""

import pytest

from tests.streams.support import Pair
from webrtc.vnet import GilbertElliott, Link

ROUND_TRIP = 0.06
FRAMES = 600
seeds = pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.slow] if seed > 1 else []) for seed in range(20)]
)


@seeds
def test_five_percent_loss(seed: int) -> None:
    pair = Pair(Link(delay=ROUND_TRIP / 2, loss=0.05), seed=seed)
    pair.play(FRAMES)
    pair.network.run(1.0)
    in_time = ROUND_TRIP / 2 + 3 * ROUND_TRIP + 0.02
    assert sum(delay <= in_time for delay in pair.delays().values()) >= 0.99 * FRAMES
    sent = pair.left.rtp.reports.sent[pair.sender.encodings[0].ssrc]
    resent, _ = pair.left.rtp.rtx.resent(pair.sender.encodings[0].ssrc)
    received = pair.right.rtp.reports.received[pair.sender.encodings[0].ssrc]
    assert 0 < resent <= 1.3 * (sent.packets - received.packets)


@seeds
def test_bursts_of_loss(seed: int) -> None:
    link = Link(delay=ROUND_TRIP / 2, burst=GilbertElliott.average(0.1, 5))
    pair = Pair(link, seed=seed)
    pair.talk_back()
    pair.play(FRAMES)
    pair.network.run(1.0)
    in_time = ROUND_TRIP / 2 + 5 * ROUND_TRIP + 0.02
    assert sum(delay <= in_time for delay in pair.delays().values()) >= 0.95 * FRAMES
