"""The model of the path, fed by hand; whole transfers are in tests/scenarios/test_paths.py."""

import pytest

from webrtc.sctp.bbr import BETA, CROWDED_PROBES, CYCLE, MAX_DRAIN, UNBOUNDED, Bbr, Phase
from webrtc.sctp.delivery import Delivery

MTU = 1000
RTT = 0.1


class Path:
    """Acknowledges a round trip at a time what the control has in flight."""

    def __init__(self, rate: float = 1e6) -> None:
        self.control = Bbr(MTU, 10)
        self.rate = rate
        self.rtt = RTT
        self.now = 0.0
        self.delivery = Delivery()

    def round(self, flight: int | None = None, rest: int = 0) -> None:
        """One round trip: what is in flight arrives at no more than the rate of the path.

        `rest` was sent meanwhile.
        """
        delivery, control = self.delivery, self.control
        flight = control.cwnd if flight is None else flight
        rtt = max(self.rtt, flight / self.rate)
        self.now += rtt
        delivery.prior = delivery.delivered
        delivery.flight, delivery.rtt, delivery.srtt = flight + rest, rtt, rtt
        delivery.count(flight, self.now)
        delivery.rate = flight / rtt
        control.on_ack(delivery, self.now)

    def rounds(self, count: int) -> "Path":
        for _ in range(count):
            self.round()
        return self

    def until(self, *, competing: bool, limit: float) -> None:
        """Go on with what fills the path."""
        while self.control.competing is not competing:
            assert self.now < limit
            self.round(int(self.rate * RTT))

    def settle(self) -> "Path":
        """Until the path is known."""
        for _ in range(40):
            self.round(min(self.control.cwnd, int(self.rate * RTT)))
        assert self.control.phase is Phase.PROBE_BW
        return self


def test_starts_by_doubling_until_the_rate_grows_no_more() -> None:
    """SCTP-19: draft-ietf-ccwg-bbr §4.3.1."""
    path = Path()
    path.rounds(3)
    assert path.control.phase is Phase.STARTUP
    assert path.control.cwnd >= 60000
    path.rounds(8)
    assert path.control.phase is not Phase.STARTUP


def test_model_is_the_rate_and_the_shortest_round_trip() -> None:
    path = Path().settle()
    control = path.control
    assert control.min_rtt == RTT
    assert 0.95e6 <= control.rate <= 1.05e6
    assert control.product() <= control.cwnd <= 2.3 * control.product()
    assert 0.75 * control.rate <= control.pacing_rate <= 1.25 * control.rate


def test_loss_without_a_queue_is_no_congestion() -> None:
    """F-01: a radio link loses at random."""
    path = Path().settle()
    for _ in range(20):
        path.control.on_loss(5 * MTU, path.control.cwnd, path.now, begins=True)
        path.round(int(path.rate * RTT))
    assert path.control.bound == UNBOUNDED
    assert path.control.rate >= 0.95e6


def test_loss_with_a_queue_bounds_what_is_in_flight_and_the_bound_grows_a_packet_a_round() -> None:
    path = Path().settle()
    flight = int(1.8 * path.rate * RTT)
    path.round(flight)
    path.control.on_loss(5 * MTU, flight, path.now, begins=True)
    path.round(flight)
    bound = path.control.bound
    assert bound == int(BETA * flight)
    assert path.control.cwnd <= bound
    path.round(int(path.rate * RTT))
    path.round(int(path.rate * RTT))
    assert path.control.bound == bound + 2 * MTU


def drain(path: Path, flight: int) -> int:
    """Rounds that the next attempt to empty the queue takes while so much stays in flight."""
    control, product = path.control, int(path.rate * RTT)

    def draining() -> bool:
        return control.pacing_rate == pytest.approx(min(CYCLE) * control.rate)

    while not draining():
        path.round(product, rest=int(1.3 * product))
    count = 0
    while draining():
        path.round(product, rest=flight)
        count += 1
    return count


def test_the_queue_of_a_search_for_more_is_emptied_however_long_that_takes() -> None:
    """Within limits: a path that has become longer looks the same."""
    product = int(Path().rate * RTT)
    assert drain(Path().settle(), product - MTU) == 1
    assert drain(Path().settle(), int(1.2 * product)) in {MAX_DRAIN, MAX_DRAIN + 1}


def test_a_queue_that_others_may_keep_is_left_to_them_after_a_round_trip() -> None:
    path = Path().settle()
    path.control.bound = 3 * int(path.rate * RTT)
    assert drain(path, int(1.2 * path.rate * RTT)) in {1, 2}


def test_the_queue_is_drained_when_no_short_round_trip_was_seen_for_long() -> None:
    path = Path().settle()
    path.rtt = 1.2 * RTT
    windows = []
    while path.now < 15.0:
        path.round(min(path.control.cwnd, int(path.rate * RTT)))
        if path.control.phase is Phase.PROBE_RTT:
            windows.append(path.control.cwnd)
    assert windows
    assert min(windows) <= 0.6 * path.rate * RTT


def test_a_queue_that_stays_when_ours_is_gone_belongs_to_others_or_to_a_longer_path() -> None:
    path = Path().settle()
    path.rtt = 4 * RTT
    path.until(competing=True, limit=30.0)
    assert path.control.min_rtt == RTT
    bound = path.control.bound
    path.round(int(path.rate * RTT))
    assert bound < path.control.bound == path.control.cwnd
    path.until(competing=False, limit=10.0 * (CROWDED_PROBES + 2))
    assert path.control.min_rtt == 4 * RTT


def test_after_a_timeout_one_packet_is_in_flight_and_the_model_is_kept() -> None:
    """SCTP-19: RFC 9260 §7.2.3."""
    path = Path().settle()
    window = path.control.cwnd
    path.control.on_timeout(window, path.now)
    assert path.control.cwnd == MTU
    for _ in range(8):
        path.round(min(path.control.cwnd, int(path.rate * RTT)))
    assert path.control.cwnd > 0.5 * window


def test_what_an_idle_application_sends_does_not_lower_the_rate() -> None:
    path = Path().settle()
    path.delivery.app_limited = True
    for _ in range(8):
        path.round(3 * MTU)
    assert path.control.rate >= 0.95e6
