"""Congestion control behind a small interface, and the algorithm of RFC 9260 §7.2."""

from abc import ABC, abstractmethod
from typing import Protocol

from webrtc.sctp.delivery import Delivery

UNPACED = float("inf")
PACING_GAIN = 1.25
"""Pacing of a window: a little faster than it turns over, so that pacing never limits it."""
STARTUP_PACING_GAIN = 2.0
"""While the window doubles each round trip, so must the rate. RFC 9002 §7.7."""


class CongestionControl(Protocol):
    """Decides how many bytes may be in flight, and how fast they leave. Sizes are of chunks."""

    cwnd: int
    """Congestion window in bytes."""
    pacing_rate: float
    """Bytes per second, `UNPACED` for all that the window allows at once."""
    packet_size: int
    """Bytes of a full packet; the path may turn out to carry more or less."""

    def on_ack(self, delivery: Delivery, now: float, /) -> None:
        """Something of what the window allowed has arrived."""

    def on_loss(self, lost: int, flight: int, now: float, /, *, begins: bool) -> None:
        """`lost` bytes of `flight` are lost; `begins` says that it is the first time in a round."""

    def on_spurious_loss(self) -> None:
        """Everything reported since the last loss that began a round had arrived after all."""

    def on_timeout(self, flight: int, now: float, /) -> None:
        """The retransmission timer expired."""

    def on_idle(self, periods: int, /) -> None:
        """Nothing was sent for that many retransmission timeouts."""


class WindowControl(ABC):
    """What the algorithms share that grow a window until something is lost.

    Slow start grows by all bytes acknowledged, without the limit of one packet a SACK that RFC 9260
    §7.2.1 recommends: we and others acknowledge bursts once, and pacing and `max_burst` bound the
    answer. Bytes beyond a hole count too, as in RFC 9002 §7.3, or a path that reorders would never
    grow.
    """

    reduction = 0.5
    """What a loss leaves of the window."""

    def __init__(self, packet_size: int, initial_packets: int) -> None:
        self.packet_size = packet_size
        self.cwnd = initial_packets * packet_size
        self.pacing_rate = UNPACED
        self.ssthresh = 1 << 31
        self._initial = self.cwnd
        self._before = self.cwnd, self.ssthresh

    def on_ack(self, delivery: Delivery, now: float, /) -> None:
        if delivery.recovering:
            return
        if delivery.flight + self.packet_size > self.cwnd:  # it was what limited the sender
            if self.cwnd <= self.ssthresh:
                self.cwnd += delivery.acked
            else:
                self.avoid(delivery, now)
        if delivery.srtt:
            gain = STARTUP_PACING_GAIN if self.cwnd <= self.ssthresh else PACING_GAIN
            self.pacing_rate = gain * self.cwnd / delivery.srtt

    @abstractmethod
    def avoid(self, delivery: Delivery, now: float, /) -> None:
        """Grow in congestion avoidance."""

    def on_loss(self, _lost: int, _flight: int, now: float, /, *, begins: bool) -> None:
        if begins:
            self._reduce(now)
            self.cwnd = self.ssthresh

    def on_spurious_loss(self) -> None:
        cwnd, self.ssthresh = self._before
        self.cwnd = max(self.cwnd, cwnd)

    def on_timeout(self, _flight: int, now: float, /) -> None:
        self._reduce(now)
        self.cwnd = self.packet_size

    def on_idle(self, periods: int, /) -> None:
        self.cwnd = max(self.cwnd >> min(periods, 32), min(self.cwnd, self._initial))

    def _reduce(self, _now: float) -> None:
        self._before = self.cwnd, self.ssthresh
        self.ssthresh = max(int(self.cwnd * self.reduction), 4 * self.packet_size)


class Reno(WindowControl):
    """Slow start, congestion avoidance and fast recovery."""

    def __init__(self, packet_size: int, initial_packets: int) -> None:
        super().__init__(packet_size, initial_packets)
        self._partial = 0

    def avoid(self, delivery: Delivery, _now: float, /) -> None:
        self._partial += delivery.acked
        if self._partial >= self.cwnd:
            self._partial -= self.cwnd
            self.cwnd += self.packet_size

    def _reduce(self, now: float) -> None:
        super()._reduce(now)
        self._partial = 0
