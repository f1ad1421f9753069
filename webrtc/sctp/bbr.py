"""Congestion control by a model of the path, in the manner of BBR. draft-ietf-ccwg-bbr.

The model is the largest rate at which data recently arrived and the shortest round-trip time. Their
product is what the path carries without a queue; about so much is kept in flight. A loss alone is
no sign of congestion, since radio links lose at random. Where others share the path the model alone
would be unfair, so in two situations a window that grows and shrinks like Reno's has its say:

* Losses while round trips are longer than they could be mean that a queue is full. They bound what
  is in flight, and the bound grows a packet a round trip, as Reno beside us does.
* When a queue stays although we drained our share of it, somebody else keeps it. Then the bound
  alone rules, or that queue would push us out. It becomes what the others have in flight, which
  the draining tells: equal parts of a queue are equal shares of the path.
"""

from collections import deque
from enum import Enum, auto

from webrtc.sctp.congestion import PACING_GAIN, UNPACED
from webrtc.sctp.delivery import Delivery

STARTUP_GAIN = 2.77
"""4 ln 2: the rate doubles each round trip. draft-ietf-ccwg-bbr §2.5."""
DRAIN_GAIN = 0.35
CYCLE = (1.25, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
"""Pacing gains, each for a round trip: look for more, empty the queue of that, rest."""
MAX_DRAIN = 4
"""Round trips that emptying the queue may take where nobody else seems to fill it."""
MAX_QUEUE = 0.07
"""As much again may be in flight as the path carries, but no more than is sent in that time: where
others keep the path full it waits in a queue."""
SPARE_PACKETS = 4
"""Beyond that. The same for all flows, it draws their shares together."""
EXTRA_ROUNDS = 5
"""Rounds in which a burst of acknowledgements is remembered at least; at most twice as many."""
FREE_GAIN = 4.0
"""A bound so much larger than what the path carries means nothing any more."""
MIN_PACKETS = 4

FULL_GROWTH, FULL_ROUNDS = 1.25, 3
"""The path is full when in so many rounds the rate did not grow by that."""
PROBE_GROWTH = 1.1
"""Growth of the rate for which a search for more goes on."""
RATE_ROUNDS = 10
"""Rounds over which the largest rate counts."""
MIN_RTT_LIFETIME = 5.0
"""Seconds without a round trip near the shortest after which the queue is drained to look."""
NEAR, NEAR_TIME = 1.05, 0.001
"""Longer by that factor and seconds, a round trip is as good as the shortest: timers of event loops
are no finer."""
PROBE_RTT_DURATION = 0.2
PROBE_RTT_GAIN = 0.5
PROBE_RTT_PACKETS = 2
"""A peer acknowledges every other packet at once; more would be a queue on a slow path."""
FORGETTING = 0.25
"""How far the shortest round trip follows a longer one that was found: it may be others' queue."""
SETTLED = 0.9
"""What is left of a round trip, in a round, when the queue is still being drained."""

LOSS_THRESHOLD = 0.005
"""Share of a round whose loss counts when there is a queue."""
QUEUE_FACTOR, QUEUE_FLOOR = 1.25, 0.004
"""Round trips longer than the shortest by that factor and seconds mean a queue."""
BETA = 0.7
CALM_ROUNDS = 64
"""Rounds for which the bound grows as slowly as Reno's window."""
UNFAIR = 1.5
"""How much more than we others have in flight when they push us back."""
PATIENCE = 4
"""Rounds after which a queue that stays is thought to be kept by others."""
MAKE_UP = 1.25
"""What is allowed beyond what others have, for the time in which we do not use it to look."""
LEAP_DELAY = 2.5
"""Seconds by which `MIN_RTT_LIFETIME` is longer beside others, or shorter when we do not have their
share yet: the more is ours, the better theirs is seen."""
LEAP, LEAP_RATE = 4, 2
"""Largest factors by which we follow what others are seen to have in flight: of what we had there,
and of what the largest rate that we ever got would need."""
COME_DOWN = 0.7
"""Somebody drains the queue when round trips are shorter than the longest by that factor."""
CROWD_FACTOR = 2.0
"""What is left of a drained queue, in shortest round trips, that others must have made."""
CROWDED_PROBES = 12
"""After so many the path itself is taken to have become longer."""
UNBOUNDED = 1 << 40


class Phase(Enum):
    """draft-ietf-ccwg-bbr §3.4."""

    STARTUP = auto()
    DRAIN = auto()
    PROBE_BW = auto()
    PROBE_RTT = auto()


class Bbr:
    """Keeps what the path carries in flight, and a little more."""

    def __init__(self, packet_size: int, initial_packets: int, seed: int = 0) -> None:
        """Flows with different seeds do not look for more at the same time."""
        self.cwnd = initial_packets * packet_size
        self.pacing_rate = UNPACED
        self.phase = Phase.STARTUP
        self.min_rtt = 0.0
        """Shortest round trip in seconds, without any queue as far as can be told."""
        self.bound = UNBOUNDED
        """Bytes in flight that losses allow."""
        self.competing = False
        """Somebody else keeps a queue on the path."""
        self.packet_size = packet_size
        self._initial = self.cwnd
        self._first_gain = 2 + seed % (len(CYCLE) - 2)
        self._rates: deque[tuple[int, float]] = deque()  # round and rate, both falling
        self._min_rtt_at = 0.0
        self._round = 0
        self._round_start = 0  # `delivered` then
        self._round_rtt = 0.0
        self._round_flight = 0
        self._queue_rtt = 0.0  # shortest round trip of the last round
        self._lost = 0
        self._burst_start = 0.0
        self._burst = 0  # bytes acknowledged since then
        self._extra = 0.0  # most of them that came early, in this period of rounds
        self._old_extra = 0.0  # and in the one before
        self._calm_rounds = 0
        self._full_rate = 0.0
        self._full_rounds = 0
        self._gain = 0
        self._gain_at = 0.0
        self._probe_rate = 0.0
        self._flight = 0  # largest of the last round
        self._known_rtt = 0.0  # shortest when the queue was last drained
        self._longest_rtt = 0.0  # since the queue was last drained
        self._before = 0, 0.0  # flight and round trip before it is drained
        self._probe_end: float | None = None
        self._probe_round = self._probe_rounds = 0
        self._probe_rtt = self._settling_rtt = 0.0
        self._measured = False  # a round trip that began when our part of the queue was gone
        self._crowded_probes = 0

    @property
    def rate(self) -> float:
        """Bytes per second that the path can deliver."""
        return self._rates[0][1] if self._rates else 0.0

    @property
    def queueing(self) -> bool:
        """Whether all of the last round found a queue."""
        return self._exceeds(self._queue_rtt, QUEUE_FACTOR)

    def _exceeds(self, rtt: float, factor: float) -> bool:
        return rtt > factor * self.min_rtt + QUEUE_FLOOR

    @property
    def _least(self) -> int:
        return MIN_PACKETS * self.packet_size

    def product(self, gain: float = 1.0) -> int:
        """`gain` times the bytes that fill the path."""
        return int(gain * self.rate * self.min_rtt)

    def on_ack(self, delivery: Delivery, now: float, /) -> None:
        self._round_flight = max(self._round_flight, delivery.flight)
        if delivery.rtt:
            self._take_rtt(delivery.rtt, now)
        if not self.min_rtt:
            return
        if delivery.prior >= self._round_start:
            self._end_round(delivery)
        rate = self.rate
        if delivery.rate and (not delivery.app_limited or delivery.rate >= rate):
            self._take_rate(delivery.rate)
        self._take_burst(delivery.acked, now)
        self._advance(delivery, now)
        if self._rates:
            self._set(delivery)

    def on_loss(self, lost: int, _flight: int, _now: float, /, *, begins: bool) -> None:  # noqa: ARG002 - what begins matters to windows
        self._lost += lost

    def on_spurious_loss(self) -> None:
        self._lost = 0

    def on_timeout(self, _flight: int, _now: float, /) -> None:
        self.cwnd = self.packet_size

    def on_idle(self, _periods: int, /) -> None:
        """The model stays; pacing by it keeps what follows from being a burst."""

    def _take_rtt(self, rtt: float, now: float) -> None:
        if not self._round_rtt or rtt < self._round_rtt:
            self._round_rtt = rtt
        if not self.min_rtt or rtt < self.min_rtt:
            self.min_rtt = rtt
        if rtt <= self.min_rtt * NEAR + NEAR_TIME:
            self._min_rtt_at = now
        if self.phase is Phase.PROBE_RTT and (not self._probe_rtt or rtt < self._probe_rtt):
            self._probe_rtt = rtt

    def _take_rate(self, rate: float) -> None:
        rates = self._rates
        while rates and rates[-1][1] <= rate:
            rates.pop()
        rates.append((self._round, rate))

    def _take_burst(self, acked: int, now: float) -> None:
        """Measure how much is acknowledged at once. draft-ietf-ccwg-bbr §5.5.9."""
        expected = self.rate * (now - self._burst_start)
        if self._burst <= expected:
            self._burst_start, self._burst, expected = now, 0, 0.0
        self._burst += acked
        extra = self._burst - expected
        if extra > self._extra:
            self._extra = min(extra, self.cwnd)

    def _end_round(self, delivery: Delivery) -> None:
        self._round += 1
        if not self._round % EXTRA_ROUNDS:
            self._extra, self._old_extra = 0.0, self._extra
            self._burst = 0
        arrived = delivery.delivered - self._round_start
        self._round_start = delivery.delivered
        rates = self._rates
        while len(rates) > 1 and rates[0][0] < self._round - RATE_ROUNDS:
            rates.popleft()
        queueing = self.queueing  # in the round in which what is lost was sent
        self._queue_rtt, self._round_rtt = self._round_rtt, 0.0
        self._longest_rtt = max(self._longest_rtt, self._queue_rtt)
        lost, self._lost = self._lost, 0
        self._flight = flight = self._round_flight
        self._round_flight = 0
        if self.phase is Phase.STARTUP and not delivery.app_limited:
            self._look_for_growth(flight)
        full = lost > LOSS_THRESHOLD * (arrived + lost) and (queueing or self.queueing)
        growing = self.phase is Phase.STARTUP and not self._full_rounds
        if full and self.phase is not Phase.PROBE_RTT and not growing:
            self._shrink(flight)
        elif self.bound < UNBOUNDED:
            self._grow()

    def _shrink(self, flight: int) -> None:
        self._calm_rounds = 0
        flight = max(min(flight, self.bound), self.product())
        self.bound = max(int(BETA * flight), self._least)
        if self.phase is Phase.STARTUP:
            self._full_rounds = FULL_ROUNDS

    def _grow(self) -> None:
        self._calm_rounds += 1
        packets = 1
        if not self.competing:
            packets <<= min(max(self._calm_rounds - CALM_ROUNDS, 0) // len(CYCLE), 12)
        self.bound += packets * self.packet_size
        if not self.competing and self.bound > self.product(FREE_GAIN):
            self.bound = UNBOUNDED

    def _look_for_growth(self, flight: int) -> None:
        if flight + self.packet_size < self._initial:
            return  # after losses at the start; so little says nothing about the path
        if self.rate >= self._full_rate * FULL_GROWTH:
            self._full_rate = self.rate
            self._full_rounds = 0
        else:
            self._full_rounds += 2 if self.queueing else 1

    def _advance(self, delivery: Delivery, now: float) -> None:
        flight = delivery.flight - delivery.acked
        if self.phase is Phase.STARTUP and self._full_rounds >= FULL_ROUNDS:
            self.phase = Phase.DRAIN
        if self.phase is Phase.DRAIN and flight <= self.product():
            self._enter_probe_bw(now)
        if self.phase is Phase.PROBE_BW:
            self._cycle(delivery, flight, now)
        if self.phase is Phase.PROBE_RTT:
            self._probe(delivery, flight, now)
        elif not delivery.app_limited and self._wants_to_drain(now - self._min_rtt_at):
            self.phase = Phase.PROBE_RTT
            self._before = self._flight, self._queue_rtt
            self._probe_rtt = 0.0
            self._probe_end = None

    def _wants_to_drain(self, age: float) -> bool:
        """Whether the shortest round trip is old, or others drain the queue, for us to join them.

        Half as old when others seem to push us back.
        """
        if self.phase is Phase.PROBE_BW and self.min_rtt < SETTLED * self._known_rtt:
            return True
        if self.competing:
            soon = self._queue_rtt < COME_DOWN * self._longest_rtt
        else:
            soon = self.bound < UNBOUNDED and self._exceeds(self._queue_rtt, CROWD_FACTOR)
        return age > (MIN_RTT_LIFETIME / 2 if soon else MIN_RTT_LIFETIME)

    def _enter_probe_bw(self, now: float) -> None:
        self.phase = Phase.PROBE_BW
        self._known_rtt = self.min_rtt
        self._gain, self._gain_at = self._first_gain, now

    def _cycle(self, delivery: Delivery, flight: int, now: float) -> None:
        gain = CYCLE[self._gain]
        over = now - self._gain_at > self.min_rtt
        if gain > 1.0:
            over = over and self._has_probed(delivery, now)
        elif gain < 1.0:
            over = flight <= self.product() or (over and self._has_drained(now))
        if over:
            self._gain, self._gain_at = (self._gain + 1) % len(CYCLE), now
            self._probe_rate = self.rate

    def _has_probed(self, delivery: Delivery, now: float) -> bool:
        """Whether more than the model allows was in flight, and no more arrived for it."""
        if delivery.flight < min(self.product(CYCLE[self._gain]), self.bound) and not self._lost:
            return False
        if self.queueing or self.rate < self._probe_rate * PROBE_GROWTH:
            return True
        self._probe_rate, self._gain_at = self.rate, now
        return False

    def _has_drained(self, now: float) -> bool:
        """Whether enough was done for an empty queue. Beside others it would not become empty."""
        alone = not self.competing and self.bound == UNBOUNDED
        return not alone or now - self._gain_at > MAX_DRAIN * self.min_rtt

    def _probe(self, delivery: Delivery, flight: int, now: float) -> None:
        """Wait until our part of the queue is gone and has been for a while. §5.3.4."""
        if self._probe_end is None:
            if flight > self._probe_window():
                return
            self._probe_end, self._probe_rounds = now + PROBE_RTT_DURATION, 0
            self._measured = False
        elif delivery.prior < self._probe_round:
            return
        else:
            if delivery.rtt:
                self._measured = True
            if now < self._probe_end:
                return
            if self._has_settled():
                self._end_probe(flight, now)
                return
        self._probe_rounds += 1
        self._probe_round = delivery.delivered
        self._settling_rtt = self._probe_rtt

    def _has_settled(self) -> bool:
        """Whether round trips become no shorter, and flows like ours had time to join us."""
        return self._probe_rtt >= SETTLED * self._settling_rtt and (
            self.competing
            or self._probe_rounds >= PATIENCE
            or not self._exceeds(self._probe_rtt, QUEUE_FACTOR)
        )

    def _end_probe(self, flight: int, now: float) -> None:
        self._min_rtt_at = now
        self._longest_rtt = 0.0
        if self._measured:  # else all that has arrived since was sent twice
            self._judge(self._probe_rtt, flight)
        if self._full_rounds < FULL_ROUNDS:
            self.phase = Phase.STARTUP
        else:
            self._enter_probe_bw(now)

    def _judge(self, rtt: float, flight: int) -> None:
        """Who keeps the queue, after a round trip without our part of it."""
        others = self._of_others(rtt, flight)
        if self.competing:
            factor = QUEUE_FACTOR
        else:
            factor = NEAR if others > UNFAIR * self._before[0] else CROWD_FACTOR
        crowded = self._exceeds(rtt, factor)
        self._crowded_probes = self._crowded_probes + 1 if crowded else 0
        self.competing = 0 < self._crowded_probes <= CROWDED_PROBES
        if self.competing:
            self._match(others, rtt)
        elif crowded:
            self._crowded_probes = 0
            self.min_rtt = rtt
        else:
            self.min_rtt += FORGETTING * (rtt - self.min_rtt)

    def _match(self, others: float, rtt: float) -> None:
        """Allow ourselves what others have in flight, or a step towards that."""
        before = min(self._before[0], self.bound)  # losses may have bound it meanwhile
        self._full_rate = max(self._full_rate, self.rate)
        if others < before:  # they may not have taken yet what we left them
            others = (others + before) / 2
        others *= MAKE_UP
        most = max(min(LEAP * before, LEAP_RATE * self._full_rate * rtt), before)
        self._min_rtt_at += LEAP_DELAY if others < most else -LEAP_DELAY
        self.bound = max(int(min(others, most)), self._least)

    def _of_others(self, rtt: float, flight: int) -> float:
        """Bytes that others have in flight.

        How far round trips fell for what we took out tells the rate at which the queue drains, and
        so how much is left in it and on the path.
        """
        before, longest = self._before
        fell = longest - rtt
        if fell <= 0.0:  # they took what we left, or were more all the time
            return min(before, self.bound)
        return (before - flight) * rtt / fell - flight

    def _probe_window(self) -> int:
        return max(self.product(PROBE_RTT_GAIN), PROBE_RTT_PACKETS * self.packet_size)

    def _set(self, delivery: Delivery) -> None:
        rate, phase = self.rate, self.phase
        if phase is Phase.STARTUP:
            gain = STARTUP_GAIN
            rate = max(
                rate, self.cwnd / self.min_rtt
            )  # as long as little was sent, little is known
        else:
            gain = DRAIN_GAIN if phase is Phase.DRAIN else CYCLE[self._gain]
        if phase is Phase.PROBE_RTT:
            self.pacing_rate = rate
            self.cwnd = min(self.cwnd, self._probe_window())
        elif self.competing:
            self.cwnd = self.bound
            self.pacing_rate = PACING_GAIN * max(rate, self.bound / (delivery.srtt or 1.0))
        else:
            self.pacing_rate = gain * rate
            target = self.product() + self._slack() + SPARE_PACKETS * self.packet_size
            if phase is Phase.STARTUP:  # the first samples of the rate are too small
                target = max(target, self.cwnd, self._initial)
            window = min(self.cwnd + delivery.acked, target)
            self.cwnd = max(min(window, self.bound), self._least)

    def _slack(self) -> int:
        """Bytes beyond what the path carries, for acknowledgements late, lost or in bursts."""
        longest = self.min_rtt if self.phase is Phase.STARTUP else min(self.min_rtt, MAX_QUEUE)
        return int(max(self.rate * longest, self._extra, self._old_extra))
