"""The model of the path, fed by hand; whole transfers are in tests/scenarios/test_paths.py."""

import pytest

from webrtc.sctp.bbr import (
    BETA,
    CROWDED_PROBES,
    CYCLE,
    MAKE_UP,
    MAX_DRAIN,
    MAX_QUEUE,
    SPARE_PACKETS,
    UNBOUNDED,
    Bbr,
    Phase,
)
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
        self.repairs = False
        """All that arrives was sent twice, so no round trip can be measured."""
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
        delivery.flight, delivery.srtt = flight + rest, rtt
        delivery.rtt = 0.0 if self.repairs else rtt
        delivery.count(flight, self.now)
        delivery.rate = flight / rtt
        control.on_ack(delivery, self.now)

    def trickle(self, seconds: float, packets: int) -> None:
        """What fills the path arrives evenly, and is acknowledged that many packets at a time."""
        delivery, control = self.delivery, self.control
        end, size = self.now + seconds, packets * MTU
        delivery.flight, delivery.rtt, delivery.srtt = int(self.rate * self.rtt), self.rtt, self.rtt
        delivery.rate = self.rate
        while self.now < end:
            self.now += size / self.rate
            delivery.prior = delivery.delivered - delivery.flight
            delivery.count(size, self.now)
            control.on_ack(delivery, self.now)

    def beside(self, others: int, flight: int) -> None:
        """A round trip with a queue in which others always have `others` bytes."""
        rtt, rate = self.rtt, self.rate
        total = flight + others
        self.rtt, self.rate = max(rtt, total / rate), rate * flight / max(total, rate * rtt)
        self.round(flight)
        self.rtt, self.rate = rtt, rate

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


def test_beside_others_it_takes_as_much_of_the_queue_as_they_have() -> None:
    """SCTP-19: how far the queue falls when we drain our part tells how much of it is theirs."""
    path = Path().settle()
    control, others = path.control, 200 * MTU
    while not control.competing:
        assert path.now < 20.0
        path.beside(others, min(control.cwnd, 60 * MTU))
    assert control.bound == pytest.approx(MAKE_UP * others, rel=0.1)


def test_a_queue_that_others_leave_is_not_competed_for() -> None:
    path = Path().settle()
    control = path.control
    while not control.competing:
        path.beside(200 * MTU, min(control.cwnd, 60 * MTU))
    end = path.now + 10.0
    while path.now < end:
        path.round()
    assert not path.control.competing
    assert path.control.min_rtt == pytest.approx(RTT, rel=0.1)


def beside_others() -> Path:
    """It has its share of a queue, and begins to drain that."""
    path = Path().settle()
    control = path.control
    while not control.competing:
        path.beside(200 * MTU, min(control.cwnd, 60 * MTU))
    while control.phase is not Phase.PROBE_RTT:
        path.beside(200 * MTU, control.cwnd)
    return path


def test_nothing_is_said_about_others_when_no_round_trip_was_measured() -> None:
    """What arrives while the queue is drained was sent before, or again: that queue was full."""
    path = beside_others()
    control, bound, rounds = path.control, path.control.bound, 0
    path.repairs = True
    while control.phase is Phase.PROBE_RTT:
        path.round(control.cwnd)
        rounds += 1
    assert control.competing
    assert bound <= control.bound <= bound + rounds * MTU


def test_what_losses_took_while_others_fill_the_queue_is_not_given_back() -> None:
    """The queue stays as long as it was, which says that others have as much as we do."""
    path = beside_others()
    control, rounds = path.control, 0
    path.rtt = control._before[1]
    control.bound = bound = int(BETA * control.bound)
    while control.phase is Phase.PROBE_RTT:
        path.round(control.cwnd)
        rounds += 1
    assert control.bound <= MAKE_UP * (bound + rounds * MTU)


def test_the_shortest_round_trip_is_forgotten_slowly() -> None:
    """A longer one may be what others keep in the queue."""
    path = Path().settle()
    path.rtt = 1.2 * RTT
    while path.control.min_rtt == RTT:
        assert path.now < 20.0
        path.round(min(path.control.cwnd, int(path.rate * RTT)))
    assert RTT < path.control.min_rtt < 1.1 * RTT


def test_on_a_long_path_no_more_waits_in_a_queue_than_on_others() -> None:
    path = Path().settle()
    path.control.min_rtt = path.rtt = 0.4
    path.trickle(5.0, 2)
    control = path.control
    spare = (SPARE_PACKETS + 2) * MTU
    assert control.cwnd == pytest.approx(control.product() + MAX_QUEUE * control.rate, abs=spare)


def test_acknowledgements_in_bursts_do_not_stop_the_flow() -> None:
    """draft-ietf-ccwg-bbr §5.5.9: a burst leaves as much in flight as will come at once."""
    path = Path().settle()
    path.control.min_rtt = path.rtt = 0.01
    path.trickle(2.0, 2)
    assert path.control.cwnd <= path.control.product(2.0) + (SPARE_PACKETS + 2) * MTU
    path.trickle(2.0, 50)
    assert path.control.cwnd >= path.control.product() + 50 * MTU
    path.trickle(2.0, 2)
    assert path.control.cwnd <= path.control.product(2.0) + (SPARE_PACKETS + 2) * MTU


def test_a_loss_does_not_end_the_search_at_the_start_while_the_rate_grows() -> None:
    """It is others' queue that is full then."""
    path = Path()
    path.rounds(2)
    path.rtt = 2 * RTT
    path.round(100 * MTU)
    path.control.on_loss(2 * MTU, 100 * MTU, path.now, begins=True)
    path.round(160 * MTU)
    assert path.control.phase is Phase.STARTUP
    assert path.control.bound == UNBOUNDED


def test_the_search_at_the_start_goes_on_until_the_initial_window_was_in_flight() -> None:
    """What little gets through somebody else's full queue says nothing about the path."""
    path = Path()
    path.control.on_timeout(10 * MTU, path.now)
    for _ in range(8):
        path.control.on_loss(MTU, 4 * MTU, path.now, begins=True)
        path.round(4 * MTU)
    assert path.control.phase is Phase.STARTUP
    assert path.control.cwnd >= 10 * MTU


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
