"""Reno."""

from webrtc.sctp.congestion import CongestionControl, Reno

MTU = 1000


def test_slow_start_grows_by_what_is_newly_acknowledged() -> None:
    """C-15, SCTP-19: acknowledging in pieces gains nothing."""
    whole, pieces = Reno(MTU, 10), Reno(MTU, 10)
    whole.on_ack(8000, 10000, 0.0)
    for _ in range(8):
        pieces.on_ack(1000, 10000 + pieces.cwnd, 0.0)
    assert whole.cwnd == pieces.cwnd == 18000


def test_window_that_is_not_used_does_not_grow() -> None:
    """SCTP-19: RFC 9260 §7.2.1."""
    control = Reno(MTU, 10)
    control.on_ack(1000, 9000, 0.0)
    assert control.cwnd == 10000


def test_congestion_avoidance_adds_a_packet_a_round_trip() -> None:
    """SCTP-19: RFC 9260 §7.2.2."""
    control: CongestionControl = Reno(MTU, 10)
    control.on_loss(10000, 0.0)
    assert control.cwnd == control.ssthresh == 5000
    control.cwnd = 10000
    for _ in range(9):
        control.on_ack(1000, 10000, 0.0)
    assert control.cwnd == 10000
    control.on_ack(1000, 10000, 0.0)
    assert control.cwnd == 11000


def test_loss_and_timeout() -> None:
    """SCTP-19: RFC 9260 §7.2.3."""
    control = Reno(MTU, 10)
    control.cwnd = 3000
    control.on_loss(3000, 0.0)
    assert (control.cwnd, control.ssthresh) == (4000, 4000)
    control.cwnd = 100000
    control.on_timeout(100000, 0.0)
    assert (control.cwnd, control.ssthresh) == (1000, 50000)


def test_a_reduction_for_nothing_is_undone() -> None:
    """F-05: RFC 4015."""
    control = Reno(MTU, 10)
    control.cwnd = 100000
    control.on_timeout(100000, 0.0)
    control.on_spurious_loss()
    assert (control.cwnd, control.ssthresh) == (100000, 1 << 31)


def test_idle_decays_to_the_initial_window_and_not_below() -> None:
    """SCTP-19: RFC 9260 §7.2.1."""
    control = Reno(MTU, 10)
    control.cwnd = 100000
    control.on_idle(1)
    assert control.cwnd == 50000
    control.on_idle(100000)
    assert control.cwnd == 10000
    control.cwnd = 2000
    control.on_idle(5)
    assert control.cwnd == 2000
