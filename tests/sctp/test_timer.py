"""T3-rtx and the probe before it."""

import pytest

from webrtc.sctp.rto import PEER_ACK_DELAY, RetransmissionTimeout
from webrtc.sctp.timer import MIN_PROBE, RetransmissionTimer


def timer(rtt: float | None = 0.1) -> RetransmissionTimer:
    rto = RetransmissionTimeout(1.0, 1.0, 60.0)
    if rtt is not None:
        for _ in range(100):
            rto.measure(rtt)
    return RetransmissionTimer(rto)


@pytest.mark.parametrize(("outstanding", "delay"), [(1, PEER_ACK_DELAY), (2, MIN_PROBE)])
def test_a_tail_is_probed_before_the_timeout(outstanding: int, delay: float) -> None:
    """RFC 8985 §7.2: a lone chunk waits for the peer's delayed acknowledgement, too."""
    one = timer()
    one.start(5.0, outstanding, patient=False)
    assert one.probing
    assert one.deadline == pytest.approx(5.2 + delay)


@pytest.mark.parametrize(("rtt", "patient"), [(None, False), (0.1, True), (0.6, False)])
def test_without_a_measure_with_patience_or_on_a_long_path_there_is_no_probe(
    rtt: float | None, *, patient: bool
) -> None:
    one = timer(rtt)
    one.start(5.0, 2, patient=patient)
    assert not one.probing
    assert one.deadline is not None and one.deadline >= 6.0


def test_after_a_probe_the_whole_timeout_passes() -> None:
    one = timer()
    one.start(5.0, 2, patient=False)
    one.restart(6.0, probed=True)
    assert (one.deadline, one.probing) == (7.0, False)
    one.start(6.5, 2, patient=False)
    assert (one.deadline, one.probing) == (7.5, False)
    one.probed = False
    one.start(6.5, 2, patient=False)
    assert one.probing


def test_it_can_be_stopped() -> None:
    one = timer()
    one.start(5.0, 1, patient=False)
    one.stop()
    assert (one.deadline, one.probing) == (None, False)
