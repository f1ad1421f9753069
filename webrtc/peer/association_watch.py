"""Notices what happens inside an SCTP association, for whoever asked to be told.

It looks after each of the association's inputs: its state, and that of congestion control.
"""

from webrtc.core import Observer
from webrtc.sctp import Association, State


class AssociationWatch:
    """Compares with what it saw the last time, and tells the difference."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._association: Association | None = None
        self._state = State.CLOSED
        self._seen = (0, 0, 0, 0)

    def look(self, association: Association) -> None:
        """See what has changed."""
        counters = association.counters
        if association is not self._association:
            self._association, self._state = association, State.CLOSED
            self._seen = (0, 0, 0, association.cwnd)
        if association.state is not self._state:
            self._state = association.state
            name = self._state.name.lower().replace("_", "-")
            self._observer("sctp-association", {"state": name})
        before = self._seen
        now = (counters.loss_events, counters.timeouts, counters.spurious_loss_events)
        self._seen = (*now, association.cwnd)
        kinds = ("loss", "timeout", "spurious")
        happened = [kind for kind, old, new in zip(kinds, before, now, strict=False) if new > old]
        if not happened and association.cwnd < before[3]:
            happened = ["window-reduced"]
        for kind in happened:
            self._observer("congestion", {"kind": kind} | _path_of(association))


def _path_of(association: Association) -> dict[str, float | None]:
    return {
        "cwnd": association.cwnd,
        "flight": association.bytes_in_flight,
        "srtt": association.srtt,
        "rto": association.rto,
        "retransmitted": association.counters.chunks_retransmitted,
    }
