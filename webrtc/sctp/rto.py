"""Round-trip time and retransmission timeout. RFC 9260 §6.3.1."""

from typing import Final

PEER_ACK_DELAY: Final = 0.22
"""Floor of the variance term: a peer may hold back an acknowledgement for 200 ms. RFC 9260 §6.2."""

UNMEASURED: Final = 2.0
"""Longest timeout while nothing was ever acknowledged: the path is lossy rather than congested, and
ICE, not patience, ends the connection."""


class RetransmissionTimeout:
    """Smoothed round-trip time of the path and the timeout that follows from it."""

    def __init__(self, initial: float, minimum: float, maximum: float) -> None:
        self._initial = initial
        self._minimum = minimum
        self._maximum = maximum
        self._variance = 0.0
        self.srtt: float | None = None
        self.min_rtt = 0.0
        self.rto = initial

    def measure(self, rtt: float) -> None:
        """Take one sample of a chunk that was sent once."""
        if self.srtt is None:
            self.srtt = rtt
            self.min_rtt = rtt
            self._variance = rtt / 2
        else:
            error = rtt - self.srtt
            self._variance += ((error if error > 0 else -error) - self._variance) / 4
            self.srtt += error / 8
            if rtt < self.min_rtt:
                self.min_rtt = rtt
        self._settle(self.srtt)

    def back_off(self) -> None:
        """Double after an expiry. RFC 9260 §6.3.3."""
        longest = self._maximum if self.srtt is not None else min(UNMEASURED, self._maximum)
        self.rto = max(self.rto, min(self.rto * 2, longest))

    def restore(self) -> None:
        """Forget the doubling: the path answers again.

        Without a sample there is nothing to go back to: a path slower than the initial timeout
        would have all sent twice, and so never give one. RFC 6298 §5.
        """
        if self.srtt is not None:
            self._settle(self.srtt)

    def _settle(self, srtt: float) -> None:
        spread = 4 * self._variance
        timeout = srtt + (spread if spread > PEER_ACK_DELAY else PEER_ACK_DELAY)
        if timeout < self._minimum:
            timeout = self._minimum
        self.rto = timeout if timeout < self._maximum else self._maximum
