"""The pair in use, those that stand by, and the change from one to the other."""

from webrtc.core import Path
from webrtc.ice.config import AgentConfig
from webrtc.ice.pair import CandidatePair, PairState

_NEVER = float("inf")


class Selection:
    """Keeps the valid pairs alive and notices when the one in use dies. Sends nothing."""

    def __init__(self, config: AgentConfig) -> None:
        self.pair: CandidatePair | None = None
        """Where data is sent."""
        self.allowed: dict[Path, CandidatePair] = {}
        """The paths from which data may be taken: valid ones with consent."""
        self._config = config
        self._silence = config.disconnected_timeout
        if config.lite:
            # A lite agent cannot ask: it waits for more than one consent check of the peer.
            self._silence = max(self._silence, 2 * config.consent_interval)

    @property
    def heard(self) -> float:
        """When anything last came over any valid pair."""
        return max([pair.last_heard for pair in self.allowed.values()], default=-_NEVER)

    def allow(self, pair: CandidatePair) -> None:
        """A check succeeded on `pair`."""
        self.allowed[pair.path] = pair

    def withdraw(self, pair: CandidatePair) -> None:
        """`pair` is dead."""
        pair.consent = None
        pair.nominated = False
        pair.state = PairState.FAILED
        if self.allowed.get(pair.path) is pair:
            del self.allowed[pair.path]
        if self.pair is pair:
            self.pair = None

    def retire(self, alive: set[int]) -> None:
        """Check no pair of other generations than `alive`: they serve until they expire."""
        for pair in self.allowed.values():
            if pair.consent is not None and pair.generation not in alive:
                pair.consent.muted = True

    def clear(self) -> None:
        """Withdraw everything."""
        for pair in list(self.allowed.values()):
            self.withdraw(pair)
        self.pair = None

    def doubt(self, now: float) -> None:
        """Something hints that the selected pair is dead: let it prove the contrary."""
        if self.pair is not None and self.pair.consent is not None:
            self.pair.consent.probe(now)

    def silent(self, now: float) -> bool:
        """Whether so little is heard that the state is `disconnected`."""
        return now >= self.heard + self._silence

    def pair_silent(self, now: float) -> bool:
        """Whether the selected pair may well be dead: no reason to insist on it."""
        return self.pair is None or now >= self.pair.last_heard + self._config.switch_timeout

    def expired(self, now: float) -> list[CandidatePair]:
        """Valid pairs whose consent is over."""
        return [pair for pair in self.allowed.values() if _consent_end(pair) <= now]

    def due(self, now: float) -> list[CandidatePair]:
        """The pairs to check at `now`."""
        self._judge(now)
        return [pair for pair in self._kept() if self._next_check(pair) <= now]

    def replacement(self, now: float) -> CandidatePair | None:
        """A living pair in place of a selected one that is dead, or None."""
        selected = self.pair
        if selected is None or selected.consent is None:
            since = -_NEVER
        elif selected.consent.muted:
            if now < selected.last_heard + self._silence:
                return None
            since = selected.last_heard
        elif selected.consent.verdict_at(selected.current_round_trip_time) <= now:
            since = selected.consent.probed_since or 0.0
        else:
            return None
        living = [
            pair for pair in self._others() if pair.consent and pair.consent.answered >= since
        ]
        return max(living, key=lambda pair: pair.priority, default=None)

    def poll_timeout(self, now: float, grace: float) -> float | None:
        """When something is to be done; what can no longer happen by time alone is left out."""
        if not self.allowed:
            return None
        later = [self.heard + self._silence]
        if self.pair is not None and self.pair.consent is not None:
            later.append(self.pair.consent.verdict_at(self.pair.current_round_trip_time))
            later.append(self.pair.last_heard + self._silence)
        times = [time for time in later if time > now]
        times += map(self._next_check, self._kept())
        times.append(max(min(map(_consent_end, self.allowed.values())), grace))
        soonest = min(times)
        return None if soonest == _NEVER else soonest

    def _judge(self, now: float) -> None:
        """Doubt what is silent, believe what is heard."""
        for pair in self.allowed.values():
            if pair.consent is not None:
                pair.consent.listen(pair.last_heard)
        selected = self.pair
        if selected is None or selected.consent is None:
            return
        if now >= selected.last_heard + selected.consent.patience:
            selected.consent.probe(now)
        since = selected.consent.probed_since
        if since is not None and now >= since + self._config.probe_interval:
            for pair in self._kept():
                if pair.consent is not None and pair.consent.answered < since:
                    pair.consent.probe(now)

    def _kept(self) -> list[CandidatePair]:
        """The selected pair and the best of the others; the rest is left to expire."""
        others = self._others()
        if len(others) > 1:
            others.sort(key=lambda pair: -pair.priority)
        best = others[: self._config.backup_pairs]
        return best if self.pair is None else [self.pair, *best]

    def _others(self) -> list[CandidatePair]:
        if len(self.allowed) == (self.pair is not None):
            return []
        newest = max(pair.generation for pair in self.allowed.values())
        return [
            pair
            for pair in self.allowed.values()
            if pair is not self.pair and pair.generation == newest
        ]

    def _next_check(self, pair: CandidatePair) -> float:
        consent = pair.consent
        if consent is None:
            return _NEVER
        if pair is self.pair:
            return consent.next_check(pair.last_heard)
        if consent.verdict_at(pair.current_round_trip_time) <= consent.sent:
            return _NEVER  # probed in vain: it may expire
        return consent.next_check(None)


def _consent_end(pair: CandidatePair) -> float:
    return _NEVER if pair.consent is None else pair.consent.expires
