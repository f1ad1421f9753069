"""Notices what happens inside a transport, for whoever asked to be told.

It looks at the cores after each of their inputs, so that nothing in them costs anything while
nobody watches: pairs and their states, what DTLS says before it is encrypted, the state of SCTP
and of its congestion control.
"""

from typing import Protocol

from webrtc.core import Observer
from webrtc.dtls.describe import describe
from webrtc.dtls.record import APPLICATION_DATA
from webrtc.ice import Agent, Role
from webrtc.sctp import Association, State


class Watched(Protocol):
    """A transport."""

    ice: Agent
    sctp: Association | None


class Watch:
    """Compares with what it saw the last time, and tells the difference."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._pairs: dict[str, tuple[str, bool]] = {}
        self._role: Role | None = None
        self._association: Association | None = None
        self._state = State.CLOSED
        self._seen = (0, 0, 0, 0)

    def dtls(self, direction: str, datagram: bytes) -> None:
        """Tell of the records in a datagram, unless they are data."""
        if datagram[0] != APPLICATION_DATA:
            facts = {"direction": direction, "bytes": len(datagram), "records": describe(datagram)}
            self._observer("dtls", facts)

    def look(self, transport: Watched) -> None:
        """See what has changed."""
        self._look_at_pairs(transport.ice)
        if transport.sctp is not None:
            self._look_at_sctp(transport.sctp)

    def _look_at_pairs(self, agent: Agent) -> None:
        if agent.role is not self._role:
            self._role = agent.role
            self._observer("ice-role", {"role": agent.role.value})
        pairs = {pair.id: pair for pair in agent.pairs}
        for key, pair in pairs.items():
            now = (pair.state.value, pair.nominated)
            if self._pairs.get(key) != now:
                facts = {"pair": key, "local": pair.local.id, "remote": pair.remote.id}
                self._observer("pair", facts | {"state": now[0], "nominated": now[1]})
        for gone in self._pairs.keys() - pairs.keys():
            self._observer("pair", {"pair": gone, "state": "dropped"})
        self._pairs = {key: (pair.state.value, pair.nominated) for key, pair in pairs.items()}

    def _look_at_sctp(self, association: Association) -> None:
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
