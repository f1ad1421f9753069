"""The pairs of one generation and the order of their checks. RFC 8445 §6.1.2, §6.1.4."""

from bisect import insort
from collections import Counter, deque
from collections.abc import Iterator

from webrtc.core import Address, Path
from webrtc.ice.address import family, scope, with_zone_of
from webrtc.ice.candidate import Candidate
from webrtc.ice.pair import CandidatePair, PairState
from webrtc.ice.state import Role

_UNCHECKED = {PairState.FROZEN, PairState.WAITING}
_UNFINISHED = {PairState.FROZEN, PairState.WAITING, PairState.IN_PROGRESS}


def path_between(local: Candidate, remote: Candidate) -> Path:
    """The way of a datagram from the base of `local` to `remote`."""
    base = local.base or local.address
    return Path(base, with_zone_of(base, remote.address), local.protocol)


def can_pair(local: Candidate, remote: Candidate) -> bool:
    """Whether a datagram from `local` could get to `remote` at all. RFC 8445 §6.1.2.2."""
    if local.component != remote.component or local.protocol != remote.protocol:
        return False
    here, there = (local.base or local.address)[0], remote.address[0]
    if family(here) != family(there):
        return False
    return scope(here) is scope(there)


class Checklist:
    """Pairs by descending priority, one for each path, at most `max_pairs`.

    It knows which pair is to be checked next; when, and what came of it, others decide.
    """

    def __init__(self, max_pairs: int) -> None:
        self.pairs: list[CandidatePair] = []
        """By descending priority."""
        self.dropped = 0
        """Pairs that found no room."""
        self._max_pairs = max_pairs
        self._by_path: dict[Path, CandidatePair] = {}
        self.triggered: deque[CandidatePair] = deque()
        self._checked: Counter[Address] = Counter()
        """How many pairs of each local and remote address had an ordinary check."""

    def __iter__(self) -> Iterator[CandidatePair]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def valid(self) -> list[CandidatePair]:
        """Pairs that may carry data, by descending priority."""
        return [pair for pair in self.pairs if pair.consent is not None]

    @property
    def unfinished(self) -> bool:
        """Whether a check is still to be made or answered."""
        return any(pair.state in _UNFINISHED for pair in self.pairs)

    def can_improve(self, valid: CandidatePair) -> bool:
        """Whether a pair of higher priority than `valid` is still to be checked or answered."""
        return any(
            pair.state in _UNFINISHED and pair.priority > valid.priority for pair in self.pairs
        )

    def get(self, path: Path) -> CandidatePair | None:
        """The pair of `path`."""
        return self._by_path.get(path)

    def uses(self, remote: Candidate) -> bool:
        """Whether a pair with this remote candidate may carry data."""
        return any(pair.remote is remote and pair.consent is not None for pair in self.pairs)

    def add(self, pair: CandidatePair) -> bool:
        """Insert `pair`. False when its path has one already, or there is no room for it."""
        if pair.path in self._by_path:
            return False
        self._make_room(pair)
        if len(self.pairs) >= self._max_pairs:
            self.dropped += 1
            return False
        pair.state = self._first_state(pair)
        self._by_path[pair.path] = pair
        insort(self.pairs, pair, key=_descending)
        return True

    def remove(self, pair: CandidatePair) -> None:
        """Take `pair` out."""
        self.pairs.remove(pair)
        del self._by_path[pair.path]
        if pair in self.triggered:
            self.triggered.remove(pair)

    def set_role(self, role: Role) -> None:
        """Compute every priority anew."""
        for pair in self.pairs:
            pair.set_role(role)
        self.sort()

    def sort(self) -> None:
        """Restore the order after priorities changed."""
        self.pairs.sort(key=_descending)

    def trigger(self, pair: CandidatePair, *, in_progress: bool = False) -> None:
        """Let `pair` be checked before all ordinary checks. RFC 8445 §7.3.1.4.

        With `in_progress` the check that is under way goes on.
        """
        if not in_progress:
            pair.state = PairState.WAITING
        if pair not in self.triggered:
            self.triggered.append(pair)

    def next_triggered(self) -> CandidatePair:
        """Take the oldest triggered check."""
        return self.triggered.popleft()

    @property
    def has_ordinary(self) -> bool:
        """Whether an ordinary check is waiting."""
        triggered = self.triggered
        for pair in self.pairs:  # noqa: SIM110 - asked after every packet: no generator for it
            if pair.state in _UNCHECKED and pair not in triggered:
                return True
        return False

    def next_ordinary(self) -> CandidatePair | None:
        """Take the pair to check next.

        Those of one subnet come first, then those with candidates that were checked least, so that
        one address that works is found among many that are dead; then waiting ones before frozen
        ones, each by priority.

        RFC 8445 §6.1.4.2 would leave a pair frozen while one of its foundation is checked. Many
        peers give all candidates one foundation: each would wait until the one before has failed.
        """
        triggered = self.triggered
        ordinary = [p for p in self.pairs if p.state in _UNCHECKED and p not in triggered]
        pair = min(ordinary, key=self._rank, default=None)
        if pair is not None:
            self._checked[pair.path.local] += 1
            self._checked[pair.path.remote] += 1
        return pair

    def next_failed(self) -> CandidatePair | None:
        """The failed pair that was not checked for longest; None as long as any pair is valid."""
        found, since = None, 0.0
        for pair in self.pairs:
            if pair.consent is not None:
                return None
            if pair.state is PairState.FAILED:
                sent = pair.last_request_sent or 0.0
                if found is None or sent < since:
                    found, since = pair, sent
        return found

    def unfreeze(self, succeeded: CandidatePair) -> None:
        """Let the pairs go that are like one that succeeded. RFC 8445 §7.2.5.3.3."""
        foundation = _foundation(succeeded)
        for pair in self.pairs:
            if pair.state is PairState.FROZEN and _foundation(pair) == foundation:
                pair.state = PairState.WAITING

    def stop(self) -> None:
        """Forget checks that were not made; what is valid stays so."""
        self.triggered.clear()
        for pair in list(self.pairs):
            if pair.consent is None:
                self.remove(pair)

    def _rank(self, pair: CandidatePair) -> tuple[bool, int, int, bool, int]:
        """The pair of the lowest one is checked next."""
        local, remote = self._checked[pair.path.local], self._checked[pair.path.remote]
        frozen = pair.state is PairState.FROZEN
        return not pair.near, min(local, remote), local + remote, frozen, -pair.priority

    def _first_state(self, pair: CandidatePair) -> PairState:
        """Waiting, unless a check that tells much about this one is yet to end. RFC 8838 §12."""
        foundation = _foundation(pair)
        states = {other.state for other in self.pairs if _foundation(other) == foundation}
        if PairState.SUCCEEDED in states:
            return PairState.WAITING
        return PairState.FROZEN if states & _UNFINISHED else PairState.WAITING

    def _make_room(self, pair: CandidatePair) -> None:
        """Drop one pair when the list is full. RFC 8838 §11.

        A failed one, else the one that has waited longest for an answer, else one below `pair`.
        """
        if len(self.pairs) < self._max_pairs:
            return
        victim = next((one for one in reversed(self.pairs) if one.state is PairState.FAILED), None)
        if victim is None:
            asked = (one for one in self.pairs if one.state is PairState.IN_PROGRESS)
            silent = (one for one in asked if not one.heard)
            victim = min(silent, key=_last_asked, default=None)
        if victim is None:
            lower = (one for one in reversed(self.pairs) if one.priority < pair.priority)
            victim = next((one for one in lower if one.consent is None), None)
        if victim is not None:
            self.remove(victim)
            self.dropped += 1


def _last_asked(pair: CandidatePair) -> float:
    return pair.last_request_sent or 0.0


def _descending(pair: CandidatePair) -> int:
    return -pair.priority


def _foundation(pair: CandidatePair) -> tuple[str, str]:
    return pair.local.foundation, pair.remote.foundation
