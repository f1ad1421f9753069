"""What the algorithms with a window share, and Reno."""

from webrtc.sctp.congestion import UNPACED, CongestionControl, Reno
from webrtc.sctp.delivery import Delivery

MTU = 1000


def acked(size: int, flight: int, *, srtt: float = 0.1, recovering: bool = False) -> Delivery:
    delivery = Delivery()
    delivery.acked, delivery.flight, delivery.srtt = size, flight, srtt
    delivery.recovering = recovering
    return delivery


def test_slow_start_grows_by_what_is_newly_acknowledged() -> None:
    """C-15, SCTP-19: acknowledging in pieces gains nothing."""
    whole, pieces = Reno(MTU, 10), Reno(MTU, 10)
    whole.on_ack(acked(8000, 10000), 0.0)
    for _ in range(8):
        pieces.on_ack(acked(1000, 10000 + pieces.cwnd), 0.0)
    assert whole.cwnd == pieces.cwnd == 18000


def test_window_that_is_not_used_does_not_grow() -> None:
    """SCTP-19: RFC 9260 §7.2.1."""
    control = Reno(MTU, 10)
    control.on_ack(acked(1000, 9000), 0.0)
    assert control.cwnd == 10000


def test_nothing_grows_while_losses_are_repaired() -> None:
    """SCTP-19: RFC 9260 §7.2.4."""
    control = Reno(MTU, 10)
    control.on_ack(acked(8000, 10000, recovering=True), 0.0)
    assert control.cwnd == 10000


def test_congestion_avoidance_adds_a_packet_a_round_trip() -> None:
    """SCTP-19: RFC 9260 §7.2.2."""
    control: CongestionControl = Reno(MTU, 10)
    control.on_loss(1000, 10000, 0.0, begins=True)
    assert control.cwnd == 5000
    control.cwnd = 10000
    for _ in range(9):
        control.on_ack(acked(1000, 10000), 0.0)
    assert control.cwnd == 10000
    control.on_ack(acked(1000, 10000), 0.0)
    assert control.cwnd == 11000


def test_loss_and_timeout() -> None:
    """SCTP-19: RFC 9260 §7.2.3; one reduction for all losses of a round."""
    control = Reno(MTU, 10)
    control.cwnd = 3000
    control.on_loss(1000, 3000, 0.0, begins=True)
    control.on_loss(1000, 3000, 0.0, begins=False)
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


def test_the_window_is_paced_over_a_little_less_than_a_round_trip() -> None:
    """RFC 9002 §7.7: twice as fast while the window doubles."""
    control = Reno(MTU, 10)
    assert control.pacing_rate == UNPACED
    control.on_ack(acked(1000, 0, srtt=0.1), 0.0)
    assert control.pacing_rate == 2.0 * 10000 / 0.1
    control.ssthresh = 5000
    control.on_ack(acked(1000, 0, srtt=0.1), 0.0)
    assert control.pacing_rate == 1.25 * 10000 / 0.1
