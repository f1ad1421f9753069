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
        self._connectivity = connectivity
        self._selection = selection

    def state(self, now: float, *, complete: bool, grace: float) -> State:
        """The state at `now`; FAILED is final until a restart.

        `complete` says that neither side has candidates to come; nothing is missed before `grace`.
        """
        generation, pair = self._connectivity.generation, self._selection.pair
        if self._exhausted(now, grace):
            return State.FAILED
        if pair is None:
            fresh = generation.waits_since is None and not generation.number
            return State.NEW if fresh else State.CHECKING
        if self._silent(now, grace):
            return State.DISCONNECTED if generation.settled else State.CHECKING
        if not (generation.settled and complete and pair.nominated):
            return State.CONNECTED
        searching = generation.checklist.unfinished and not generation.has_enough
        return State.CONNECTED if searching else State.COMPLETED

    def poll_timeout(self, now: float, grace: float) -> float | None:
        """When the state may change by time alone, apart from silence."""
        limit = self._gives_up_at()
        if limit is not None:
            return max(limit, grace)
        return grace if grace > now else None

    def begin(self, now: float) -> None:
        """Start the clock once there is something to check, or the certainty that there is not."""
        generation = self._connectivity.generation
        if generation.waits_since is None and generation.remote is not None:
            lite = self._config.lite and len(generation.remote_candidates)
            if len(generation.checklist) or lite or generation.ended:
                generation.waits_since = now

    def _silent(self, now: float, grace: float) -> bool:
        # Two lite agents cannot tell silence from having nothing to say.
        if now < grace or self._connectivity.roles.both_lite:
            return False
        return self._selection.silent(now)

    def _exhausted(self, now: float, grace: float) -> bool:
        """Whether no pair is valid and none is going to be. RFC 8863 §3."""
        if self._connectivity.generation.settled:
            return self._selection.pair is None
        limit = self._gives_up_at()
        return limit is not None and now >= limit and now >= grace

    def _gives_up_at(self) -> float | None:
        """When the search for a first pair fails, or None where there is nothing to search.

        A pair that works is no success yet: the peer may answer checks as soon as it has gathered,
        without having heard of us. Then it neither checks nor sends anything itself.
        """
        generation, pair = self._connectivity.generation, self._selection.pair
        since = generation.waits_since
        if since is None or generation.settled:
            return None
        if pair is not None:
            outlived = pair.generation != generation.number  # it serves until there is another
            if outlived or generation.contacted or pair.packets_received:
                return None
        return since + self._config.failed_timeout
