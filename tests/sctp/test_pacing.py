"""When the next packet may leave."""

import pytest

from tests.sctp.link import Link, Pair
from webrtc.sctp.pacing import CATCH_UP, INTERVAL, Pacer


def burst(pacer: Pacer, now: float, size: int = 1000) -> int:
    """Packets that leave at `now`."""
    count = 0
    pacer.begin(now)
    while not pacer.holds(now) and count < 1000:
        pacer.sent(size)
        count += 1
        pacer.begin(now)
    return count


def test_nothing_is_held_without_a_rate_or_on_a_path_shorter_than_timers() -> None:
    pacer = Pacer()
    assert burst(pacer, 1.0) == 1000
    pacer.set(1e6, INTERVAL)
    assert burst(pacer, 1.0) == 1000
    assert pacer.deadline is None


@pytest.mark.parametrize("lateness", [0.0, 0.001, 0.003, 0.015])
def test_rate_is_kept_with_timers_that_come_late(lateness: float) -> None:
    pacer = Pacer()
    pacer.set(10e6, 0.1)
    burst(pacer, 0.0)
    count, now = 0, 0.0
    while now < 1.0:
        assert pacer.deadline is not None
        now = pacer.deadline + lateness
        count += burst(pacer, now)
    assert count * 1000 == pytest.approx(10e6, rel=0.02)


def test_time_that_passed_unused_allows_a_bounded_burst() -> None:
    """Whether a timer came late or there was nothing to send."""
    pacer = Pacer()
    pacer.set(10e6, 0.1)
    expected = pytest.approx(10e6 * CATCH_UP / 1000, abs=2)
    assert burst(pacer, 1.0) == expected
    assert burst(pacer, 6.0) == expected
    pacer.deadline = None
    assert burst(pacer, 12.0) == expected


def test_a_message_that_is_given_up_leaves_no_deadline_behind() -> None:
    """The pacer held it back; a deadline in the past would be due again and again."""
    pair = Pair(1, Link(delay=0.05, rate=100_000)).connect()
    for _ in range(40):
        pair.a.association.send(0, 53, bytes(5000), pair.now, lifetime=0.2)
    assert not pair.run(limit=20.0)
    deadline = pair.a.association.poll_timeout()
    assert deadline is None or deadline > pair.now
