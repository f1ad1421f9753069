"""CUBIC against the formulas of RFC 9438."""

import pytest

from tests.sctp.test_congestion import acked
from webrtc.sctp.cubic import ALPHA, BETA, C, Cubic

MTU = 1000
RTT = 0.1


def after_loss(packets: int) -> Cubic:
    control = Cubic(MTU, 10)
    control.cwnd = packets * MTU
    control.on_loss(MTU, control.cwnd, 0.0, begins=True)
    return control


def grow(control: Cubic, rounds: int, start: float = 0.0) -> float:
    """Acknowledge whole windows, a packet at a time; returns the time after."""
    now = start
    for _ in range(rounds):
        packets = control.cwnd // MTU
        for n in range(packets):
            control.on_ack(acked(MTU, control.cwnd, srtt=RTT), now + RTT * n / packets)
        now += RTT
    return now


def test_a_loss_leaves_seven_tenths() -> None:
    """RFC 9438 §4.6."""
    assert after_loss(1000).cwnd == 700 * MTU


def test_the_window_returns_to_where_it_was_after_k_seconds_and_then_goes_beyond() -> None:
    """RFC 9438 §4.2: K is the cube root of what was lost over C."""
    control = after_loss(1000)
    seconds = (1000 * (1 - BETA) / C) ** (1 / 3)
    now = grow(control, round((seconds - RTT) / RTT))
    assert control.cwnd / MTU == pytest.approx(1000, rel=0.01)
    plateau = control.cwnd
    grow(control, 30, now)
    assert control.cwnd > plateau * 1.005


def test_a_small_window_grows_as_reno_would() -> None:
    """RFC 9438 §4.3: where the cubic is slower than Reno, Reno's growth counts."""
    control = after_loss(20)
    grow(control, 8)
    assert control.cwnd / MTU >= 14 + 0.8 * ALPHA * 8


def test_an_early_second_loss_leaves_room_for_others() -> None:
    """RFC 9438 §4.7, fast convergence: the plateau moves below the window that lost."""
    control = after_loss(1000)
    control.on_loss(MTU, control.cwnd, 0.1, begins=True)
    grow(control, 100, 0.2)
    late = after_loss(700)
    grow(late, 100, 0.2)
    assert control.cwnd < late.cwnd


def test_a_reduction_for_nothing_is_undone() -> None:
    """F-05."""
    control = after_loss(1000)
    control.on_spurious_loss()
    assert control.cwnd == 1000 * MTU
