"""Congestion control behind a small interface, and the algorithm of RFC 9260 §7.2."""

from typing import Protocol


class CongestionControl(Protocol):
    """Decides how many bytes may be in flight. Sizes are bytes of chunks."""

    cwnd: int
    ssthresh: int

    def on_ack(self, acked: int, flight: int, now: float, /) -> None:
        """`acked` bytes arrived of `flight` that were out, with no loss being repaired."""

    def on_loss(self, flight: int, now: float, /) -> None:
        """Chunks were lost: once for all losses of one round trip."""

    def on_spurious_loss(self) -> None:
        """Everything reported to the last `on_loss` or `on_timeout` had arrived after all."""

    def on_timeout(self, flight: int, now: float, /) -> None:
        """The retransmission timer expired."""

    def on_idle(self, periods: int, /) -> None:
        """Nothing was sent for that many retransmission timeouts."""


class Reno:
    """Slow start, congestion avoidance and fast recovery.

    Slow start grows by all bytes acknowledged, without the limit of one packet a SACK that RFC 9260
    §7.2.1 recommends: we and others acknowledge bursts once, and `max_burst` bounds the answer.
    Bytes beyond a hole count too, as in RFC 9002 §7.3, or a path that reorders would never grow.
    """

    def __init__(self, packet_size: int, initial_packets: int) -> None:
        self._packet_size = packet_size
        self._initial = initial_packets * packet_size
        self._partial = 0
        self.cwnd = self._initial
        self.ssthresh = 1 << 31
        self._before = self.cwnd, self.ssthresh

    def on_ack(self, acked: int, flight: int, _now: float, /) -> None:
        if flight + self._packet_size <= self.cwnd:
            return  # the window was not what limited the sender
        if self.cwnd <= self.ssthresh:
            self.cwnd += acked
            return
        self._partial += acked
        if self._partial >= self.cwnd:
            self._partial -= self.cwnd
            self.cwnd += self._packet_size

    def on_loss(self, _flight: int, _now: float, /) -> None:
        self._before = self.cwnd, self.ssthresh
        self.ssthresh = max(self.cwnd // 2, 4 * self._packet_size)
        self.cwnd = self.ssthresh
        self._partial = 0

    def on_spurious_loss(self) -> None:
        cwnd, self.ssthresh = self._before
        self.cwnd = max(self.cwnd, cwnd)

    def on_timeout(self, _flight: int, _now: float, /) -> None:
        self._before = self.cwnd, self.ssthresh
        self.ssthresh = max(self.cwnd // 2, 4 * self._packet_size)
        self.cwnd = self._packet_size
        self._partial = 0

    def on_idle(self, periods: int, /) -> None:
        self.cwnd = max(self.cwnd >> min(periods, 32), min(self.cwnd, self._initial))
