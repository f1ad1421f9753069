"""A connection that lives long, in small; `make soak` has the day."""

import tracemalloc

import pytest

from tests.scenarios.soak import Report, real, soak


def live(hours: float) -> Report:
    """Soak with every allocation counted."""
    tracemalloc.start()
    try:
        return soak(hours, memory=lambda: tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()


def check(report: Report) -> None:
    assert report.received == report.sent == report.hours * 3600 * 2
    assert report.bursts == report.hours * 60
    assert report.restarts == int(report.hours)
    assert abs(report.growth) < 256 * 1024


@pytest.mark.slow
def test_a_few_minutes_of_a_connection_whose_numbers_wrap() -> None:
    """F-35, C-24 in small: nothing is lost, memory stays."""
    check(live(0.05))


@pytest.mark.slow
def test_an_hour_of_a_connection() -> None:
    """F-35 in small, with an ICE restart."""
    check(live(1.0))


@pytest.mark.realtime
@pytest.mark.slow
async def test_some_seconds_of_a_connection_on_real_sockets() -> None:
    """F-36 in small."""
    count, _ = await real(0.1)
    assert count > 0
