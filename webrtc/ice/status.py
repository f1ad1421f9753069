"""The connection state: derived from what is, never set by hand. W3C webrtc §5.6.4."""

from webrtc.ice.config import AgentConfig
from webrtc.ice.connectivity import Connectivity
from webrtc.ice.selection import Selection
from webrtc.ice.state import State


class Status:
    """Reads the state off the checklist and the selected pair."""

    def __init__(
        self, config: AgentConfig, connectivity: Connectivity, selection: Selection
    ) -> None:
        self._config = config
        self._patience = config.patience
        self._connectivity = connectivity
        self._selection = selection

    def state(self, now: float, *, complete: bool, grace: float) -> State:
        """The state at `now`; FAILED is final until a restart.

        `complete` says that neither side has candidates to come; nothing is missed before `grace`.
        """
        generation, pair = self._connectivity.generation, self._selection.pair
        if pair is None:
            if self._exhausted(now, complete=complete, grace=grace):
                return State.FAILED
            fresh = generation.began is None and not generation.number
            return State.NEW if fresh else State.CHECKING
        if self._silent(now, grace):
            return State.DISCONNECTED if generation.settled else State.CHECKING
        if not (generation.settled and complete and pair.nominated):
            return State.CONNECTED
        searching = generation.checklist.unfinished and not generation.has_enough
        return State.CONNECTED if searching else State.COMPLETED

    def poll_timeout(self, now: float, grace: float) -> float | None:
        """When the state may change by time alone, apart from silence."""
        generation = self._connectivity.generation
        if self._selection.pair is None and generation.began is not None:
            limits = (generation.began + self._patience, self._failed_at(generation.began))
            return max(min((limit for limit in limits if limit > now), default=now), grace)
        return grace if grace > now else None

    def begin(self, now: float) -> None:
        """Start the clock once there is something to check, or the certainty that there is not."""
        generation = self._connectivity.generation
        if generation.began is None and generation.remote is not None:
            lite = self._config.lite and len(generation.remote_candidates)
            if len(generation.checklist) or lite or generation.ended:
                generation.began = now

    def _silent(self, now: float, grace: float) -> bool:
        # Two lite agents cannot tell silence from having nothing to say.
        if now < grace or self._connectivity.roles.both_lite:
            return False
        return self._selection.silent(now)

    def _exhausted(self, now: float, *, complete: bool, grace: float) -> bool:
        """Whether no pair is valid and none is going to be. RFC 8863 §3."""
        generation = self._connectivity.generation
        if generation.settled:
            return True
        if generation.began is None or now < grace:
            return False
        if now >= self._failed_at(generation.began):
            return True
        checklist = generation.checklist
        tried = bool(len(checklist)) and not checklist.unfinished and not checklist.valid
        return tried and complete and now >= generation.began + self._patience

    def _failed_at(self, began: float) -> float:
        return began + self._config.failed_timeout
