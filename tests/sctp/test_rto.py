"""Retransmission timeout."""

import pytest

from webrtc.sctp.rto import RetransmissionTimeout


def test_first_and_later_samples_follow_rfc_9260_section_6_3_1() -> None:
    rto = RetransmissionTimeout(0.5, 0.3, 10.0)
    assert (rto.rto, rto.srtt) == (0.5, None)
    rto.measure(1.0)
    assert rto.srtt == 1.0
    assert rto.rto == 1.0 + 4 * 0.5
    rto.measure(2.0)
    assert rto.srtt == pytest.approx(1.125)
    assert rto.rto == pytest.approx(1.125 + 4 * (0.75 * 0.5 + 0.25 * 1.0))
    assert rto.min_rtt == 1.0


def test_a_quiet_fast_path_still_leaves_time_for_a_delayed_sack() -> None:
    rto = RetransmissionTimeout(0.5, 0.3, 10.0)
    for _ in range(100):
        rto.measure(0.001)
    assert rto.rto == 0.3
    for _ in range(100):
        rto.measure(0.1)
    assert rto.rto == pytest.approx(0.1 + 0.22, abs=0.01)


def test_back_off_doubles_to_the_maximum_and_is_forgotten() -> None:
    rto = RetransmissionTimeout(0.5, 0.3, 10.0)
    rto.measure(0.28)
    seen = []
    for _ in range(7):
        rto.back_off()
        seen.append(rto.rto)
    assert seen == pytest.approx([1.68, 3.36, 6.72, 10.0, 10.0, 10.0, 10.0])
    rto.restore()
    assert rto.rto == pytest.approx(0.84)


def test_a_timeout_that_was_never_measured_is_not_shortened_again() -> None:
    """RFC 6298 §5: or a path slower than that would have all sent twice and never give a sample."""
    rto = RetransmissionTimeout(0.5, 0.3, 10.0)
    rto.back_off()
    rto.restore()
    assert rto.rto == 1.0


@pytest.mark.parametrize(("initial", "maximum"), [(0.5, 10.0), (0.5, 1.0), (3.0, 10.0)])
def test_back_off_stays_short_while_nothing_was_acknowledged(
    initial: float, maximum: float
) -> None:
    """F-02: what is lost then are the first messages of a connection, on a path with loss."""
    rto = RetransmissionTimeout(initial, 0.3, maximum)
    for _ in range(6):
        rto.back_off()
    assert rto.rto == min(max(initial, 2.0), maximum)
