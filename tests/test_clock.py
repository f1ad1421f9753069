from webrtc.clock import NTP_EPOCH, Clock


def test_unix_and_ntp_time_advance_with_the_monotonic_clock() -> None:
    clock = Clock(unix_at_zero=1_000.0)
    assert clock.unix(2.5) == 1_002.5
    assert clock.ntp(0.5) == (1_000 + NTP_EPOCH) << 32 | 1 << 31


def test_ntp_time_wraps_in_2036_instead_of_overflowing() -> None:
    assert Clock(2**32 - NTP_EPOCH).ntp(1.0) == 1 << 32
