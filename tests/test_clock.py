"""Times of day from a monotonic clock."""

import pytest

from webrtc.clock import Clock, unix_of_ntp


def test_the_epoch_of_ntp_is_1900() -> None:
    assert Clock(0.0).ntp(0.0) == 2_208_988_800 << 32


def test_the_clock_runs_with_the_monotonic_one() -> None:
    clock = Clock(1_700_000_000.25)
    assert clock.unix(10.5) == 1_700_000_010.75
    assert unix_of_ntp(clock.ntp(10.5)) == pytest.approx(1_700_000_010.75, abs=1e-6)


def test_the_middle_bits_count_in_65536ths() -> None:
    clock = Clock(1_700_000_000.0)
    assert clock.ntp_middle(1.5) - clock.ntp_middle(0.0) == 3 * 32768


def test_times_after_2036_are_of_the_next_era() -> None:
    clock = Clock(2_100_000_000.0)
    assert unix_of_ntp(clock.ntp(0.0)) == pytest.approx(2_100_000_000.0, abs=1e-6)
