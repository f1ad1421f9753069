"""CUBIC congestion control. RFC 9438."""

from webrtc.sctp.congestion import WindowControl
from webrtc.sctp.delivery import Delivery

C = 0.4
"""Packets per second cubed. RFC 9438 §5.1."""
BETA = 0.7
ALPHA = 3 * (1 - BETA) / (1 + BETA)
"""Growth that with BETA gives what Reno gets on average. RFC 9438 §4.3."""


class Cubic(WindowControl):
    """Window growth as a cubic function of the time since the last loss."""

    reduction = BETA

    def __init__(self, packet_size: int, initial_packets: int) -> None:
        super().__init__(packet_size, initial_packets)
        self._window_max = 0.0  # in packets, as all below
        self._window = 0.0
        self._estimate = 0.0
        self._epoch: float | None = None
        self._origin = 0.0
        self._time_to_origin = 0.0

    def avoid(self, delivery: Delivery, now: float, /) -> None:
        """RFC 9438 §4.2 to §4.5."""
        if self._epoch is None:
            self._begin_epoch(now)
            epoch = now
        else:
            epoch = self._epoch
        acked = delivery.acked / self.packet_size
        elapsed = now + delivery.srtt - epoch - self._time_to_origin
        target = self._origin + C * elapsed**3
        target = min(max(target, self._window), 1.5 * self._window)
        alpha = ALPHA if self._estimate < self._window_max else 1.0
        self._estimate += alpha * acked / self._window
        self._window += (target - self._window) * acked / self._window
        self._window = max(self._window, self._estimate)
        self.cwnd = int(self._window * self.packet_size)

    def on_spurious_loss(self) -> None:
        super().on_spurious_loss()
        self._epoch = None

    def _begin_epoch(self, now: float) -> None:
        self._epoch = now
        self._window = self._estimate = self.cwnd / self.packet_size
        self._origin = max(self._window_max, self._window)
        self._time_to_origin = ((self._origin - self._window) / C) ** (1 / 3)

    def _reduce(self, now: float) -> None:
        super()._reduce(now)
        window = self.cwnd / self.packet_size
        # Fast convergence: leave room when the loss came earlier than the one before. §4.7
        early = window < self._window_max
        self._window_max = window * (1 + BETA) / 2 if early else window
        self._epoch = None
