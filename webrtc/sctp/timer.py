"""T3-rtx, and before it the probe of a tail that may be lost. RFC 9260 §6.3.2, RFC 8985 §7."""

from typing import Final

from webrtc.sctp.rto import PEER_ACK_DELAY, RetransmissionTimeout

MIN_PROBE: Final = 0.01
"""Added to two round trips before a tail is probed: the peer's own scheduling. RFC 8985 §7.2."""


class RetransmissionTimer:
    """When to stop waiting for an acknowledgement."""

    __slots__ = ("_rto", "deadline", "probed", "probing")

    def __init__(self, rto: RetransmissionTimeout) -> None:
        self._rto = rto
        self.deadline: float | None = None
        self.probing = False
        """The deadline is that of a probe, not of T3-rtx."""
        self.probed = False
        """A probe was sent, and nothing was acknowledged since: there is no other."""

    def start(self, now: float, outstanding: int, *, patient: bool) -> None:
        """Wait for the acknowledgement of so many chunks; probe unless `patient`."""
        rto = self._rto
        wait, srtt = rto.rto, rto.srtt
        self.probing = False
        if srtt is not None and not self.probed and not patient:
            probe = 2 * srtt + (PEER_ACK_DELAY if outstanding == 1 else MIN_PROBE)
            if probe < wait:
                self.probing, wait = True, probe
        self.deadline = now + wait

    def restart(self, now: float, *, probed: bool = False) -> None:
        """Wait the whole timeout; `probed` says that a probe was sent."""
        self.probing = False
        if probed:
            self.probed = True
        self.deadline = now + self._rto.rto

    def stop(self) -> None:
        """Nothing is outstanding."""
        self.probing = False
        self.deadline = None
