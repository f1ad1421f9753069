"""What a link does to packets, measured: rows VNET-02 and VNET-09."""

from itertools import groupby, pairwise
from random import Random
from statistics import mean

import pytest

from webrtc.vnet import GilbertElliott, Link

COUNT = 20_000


def send(
    link: Link, count: int = COUNT, gap: float = 0.001, size: int = 1000
) -> list[float | None]:
    """Arrival of each packet, None for a lost one."""
    random = Random(5)
    arrivals = (link.accept(size, number * gap, random) for number in range(count))
    return [arrival[0] if arrival else None for arrival in arrivals]


def delays(link: Link, count: int = COUNT, gap: float = 0.001) -> list[float]:
    arrivals = send(link, count, gap)
    return [at - number * gap for number, at in enumerate(arrivals) if at is not None]


def test_default_is_a_perfect_wire() -> None:
    assert set(delays(Link())) == {0.0}


def test_delay_is_exact() -> None:
    assert delays(Link(delay=0.25)) == pytest.approx([0.25] * COUNT)


def test_jitter_is_uniform_and_keeps_the_order() -> None:
    """VNET-02: with packets far apart the whole range shows, with dense ones order wins."""
    spread = delays(Link(delay=0.1, jitter=0.04), gap=1.0)
    assert min(spread) >= 0.1
    assert max(spread) <= 0.14 + 1e-6
    assert mean(spread) == pytest.approx(0.12, abs=0.001)
    dense = [at for at in send(Link(delay=0.1, jitter=0.04)) if at is not None]
    assert dense == sorted(dense)


def test_what_arrives_between_two_interrupts_comes_out_together() -> None:
    plain = send(Link(delay=0.1, jitter=0.04))
    moments = [at for at in send(Link(delay=0.1, jitter=0.04, interrupts=0.01)) if at is not None]
    for at, moment in zip(plain, moments, strict=True):
        assert at is not None
        assert 0 <= moment - at < 0.01 + 1e-9
    assert len(set(moments)) < len(set(plain)) / 2
    assert moments == sorted(moments)


@pytest.mark.parametrize("loss", [0.01, 0.1, 0.3])
def test_loss_is_independent(loss: float) -> None:
    lost = [at is None for at in send(Link(loss=loss))]
    assert mean(lost) == pytest.approx(loss, rel=0.1)
    after_loss = [second for first, second in pairwise(lost) if first]
    assert mean(after_loss) == pytest.approx(loss, rel=0.35)


def test_burst_loss_has_the_given_mean_rate_and_length() -> None:
    """VNET-02: Gilbert-Elliott."""
    lost = [at is None for at in send(Link(burst=GilbertElliott.average(loss=0.1, length=8)))]
    lengths = [len(list(run)) for is_lost, run in groupby(lost) if is_lost]
    assert mean(lost) == pytest.approx(0.1, rel=0.15)
    assert mean(lengths) == pytest.approx(8, rel=0.15)


def test_burst_loss_in_both_states() -> None:
    model = GilbertElliott(to_bad=0.05, to_good=0.15, good_loss=0.02, bad_loss=0.5)
    link = Link(burst=model)
    expected = 0.75 * 0.02 + 0.25 * 0.5
    assert mean(at is None for at in send(link)) == pytest.approx(expected, rel=0.1)
    assert link.dropped["burst"] == pytest.approx(expected * COUNT, rel=0.1)


def test_duplication_rate_and_copies() -> None:
    link, random = Link(duplicate=0.5, copies=5), Random(2)
    counts = [len(link.accept(100, 0.0, random)) for _ in range(COUNT)]
    assert mean(count > 1 for count in counts) == pytest.approx(0.5, rel=0.05)
    assert {counts.count(size) > 1500 for size in (2, 3, 4, 5, 6)} == {True}
    assert max(counts) == 6


def test_reordering_holds_back_a_fraction() -> None:
    arrivals = delays(Link(delay=0.02, reorder=0.3, reorder_delay=0.1))
    held_back = [delay for delay in arrivals if delay > 0.02 + 1e-6]
    assert len(held_back) / COUNT == pytest.approx(0.3, rel=0.05)
    assert mean(held_back) == pytest.approx(0.07, rel=0.05)
    assert max(held_back) <= 0.12 + 1e-6


def test_rate_spaces_packets_and_the_queue_drops_its_tail() -> None:
    """VNET-09: 1 Mbit/s takes 125 packets of 1000 bytes a second; 1000 arrive."""
    link = Link(rate=1e6, queue=20_000, delay=0.01)
    arrivals = send(link, 5000)
    passed = [at for at in arrivals if at is not None]
    gaps = [second - first for first, second in pairwise(passed)]
    assert gaps == pytest.approx([0.008] * len(gaps))
    assert len(passed) == pytest.approx(125 * 5 + 20, abs=1)
    waits = [at - 0.01 - number * 0.001 for number, at in enumerate(arrivals) if at is not None]
    assert max(waits) == pytest.approx(0.16, abs=0.001)
    assert link.dropped["queue"] == 5000 - len(passed)


def test_an_idle_link_takes_a_packet_larger_than_its_queue() -> None:
    link, random = Link(rate=8000.0, queue=100), Random(0)
    assert link.accept(1000, 0.0, random) == (1.0,)
    assert link.accept(1000, 0.5, random) == ()
    assert link.accept(1000, 1.0, random) == (2.0,)


def test_token_bucket_passes_a_burst_then_the_rate() -> None:
    """VNET-09: ten packets of credit after a pause."""
    link, random = Link(rate=80_000.0, bucket=10_000), Random(0)
    burst = [link.accept(1000, 10.0, random)[0] for _ in range(13)]
    assert burst == pytest.approx([10.0] * 10 + [10.1, 10.2, 10.3])


def test_rate_may_change_under_way() -> None:
    """VNET-09: what waited at the old rate does not count as more bytes at the new one."""
    link, random = Link(rate=80_000.0, queue=5_000), Random(0)
    assert [link.accept(1000, 0.0, random) for _ in range(5)][-1] == (0.5,)
    assert link.accept(1000, 0.0, random) == ()
    link.rate = 8_000_000.0
    assert link.accept(1000, 0.1, random) == pytest.approx((0.501,))


def test_delay_may_drop_without_reordering() -> None:
    link, random = Link(delay=0.5), Random(0)
    assert link.accept(100, 0.0, random) == (0.5,)
    link.delay = 0.02
    assert link.accept(100, 0.1, random) == (0.5,)
    assert link.accept(100, 0.6, random) == (0.62,)


def test_mtu_swallows_what_is_larger() -> None:
    link, random = Link(mtu=1280), Random(0)
    assert link.accept(1280, 0.0, random) == (0.0,)
    assert link.accept(1281, 0.0, random) == ()
    assert link.dropped == {"mtu": 1}


def test_what_may_be_fragmented_passes_a_smaller_mtu() -> None:
    """Each fragment takes a header more, and its own risk; a firewall may drop all of them."""
    link, random = Link(mtu=576, rate=8000.0), Random(0)
    assert link.accept(1228, 0.0, random, dont_fragment=False) == (1.228 + 2 * 0.020,)
    firewall = Link(mtu=576, fragments=False)
    assert firewall.accept(1228, 0.0, random, dont_fragment=False) == ()
    assert firewall.accept(576, 0.0, random, dont_fragment=False) == (0.0,)
    lossy = Link(mtu=576, loss=0.1)
    arrived = sum(len(lossy.accept(1228, 0.0, random, dont_fragment=False)) for _ in range(20000))
    assert arrived / 20000 == pytest.approx(0.9**3, abs=0.02)
    assert lossy.dropped == {"loss": 20000 - arrived}


@pytest.mark.parametrize(
    ("size", "pieces"), [(577, 2), (1124, 2), (1125, 3), (20 + 552 * 5, 5), (20 + 552 * 5 + 1, 6)]
)
def test_fragments_carry_multiples_of_eight(size: int, pieces: int) -> None:
    """RFC 791 §3.2: 552 bytes each where the MTU is 572 or 576."""
    for mtu in (572, 576):
        link = Link(mtu=mtu, rate=8.0)
        (arrival,) = link.accept(size, 0.0, Random(0), dont_fragment=False)
        assert arrival == size + (pieces - 1) * 20


def test_blackhole_lets_nothing_in_for_its_window() -> None:
    link = Link(outages=[(1.0, 2.0)])
    link.blackhole(3.0, 0.5)
    lost = [number / 1000 for number, at in enumerate(send(link, 5000)) if at is None]
    assert lost == [number / 1000 for number in [*range(1000, 2000), *range(3000, 3500)]]
    assert (link.dropped, link.entered) == ({"outage": 1500}, 5000)


def test_copy_shares_settings_but_no_state() -> None:
    link = Link(rate=8000.0, burst=GilbertElliott(1.0, 0.0), outages=[(5.0, 6.0)])
    other = link.copy()
    link.accept(1000, 0.0, Random(0))
    link.blackhole(0.0, 1.0)
    assert other.burst is not None
    assert (other.burst.bad, other.outages, other.entered) == (False, [(5.0, 6.0)], 0)
    other.burst = None
    assert other.accept(1000, 0.0, Random(0)) == (1.0,)


@pytest.mark.parametrize(
    "wrong", [{"loss": 1.5}, {"duplicate": -0.1}, {"reorder": 2.0}, {"rate": 0.0}], ids=str
)
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Link(**wrong)  # type: ignore[arg-type]  # mypy sees every field's type at once
