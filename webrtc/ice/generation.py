"""One generation of an agent: what begins anew with a restart. RFC 8445 §9."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webrtc.core import Path
from webrtc.errors import InvalidStateError
from webrtc.ice.address import Subnet, Subnets, contains, without_zone
from webrtc.ice.binding import CheckRequest
from webrtc.ice.candidate import Candidate, CandidateType
from webrtc.ice.checklist import Checklist, can_pair, path_between
from webrtc.ice.config import AgentConfig
from webrtc.ice.credentials import Credentials
from webrtc.ice.pair import CandidatePair
from webrtc.ice.remote import RemoteCandidates
from webrtc.ice.state import Role


@dataclass(frozen=True, slots=True)
class EarlyCheck:
    """An authentic check that came before the peer's credentials. RFC 8445 §7.3.1.4."""

    request: CheckRequest
    path: Path


class Generation:
    """Credentials, remote candidates and checklist of one generation. Sends nothing."""

    def __init__(
        self, config: AgentConfig, local: Credentials, number: int, subnets: Subnets
    ) -> None:
        self.number = number
        """How many restarts were before it."""
        self.local = local
        self.remote: Credentials | None = None
        self.checklist = Checklist(config.max_pairs)
        self.remote_candidates = RemoteCandidates(config, self.checklist.uses)
        self.ended = False
        """The peer has no more candidates to tell."""
        self.waits_since: float | None = None
        """When there was a first pair to check, or the last reason since to go on trying."""
        self.contacted = False
        """A check of the peer was heard: it knows our description."""
        self.first_valid: float | None = None
        """When a pair became valid for the first time."""
        self.settled = False
        """One of its pairs was selected."""
        self.has_enough = False
        """No further pair is wanted: one is in use, and enough stand by."""
        self._early: dict[tuple[Path, str], EarlyCheck] = {}
        self._subnets = subnets
        self._max_early = config.max_early_checks

    def successor(self, config: AgentConfig) -> "Generation":
        """The next one, towards another peer: with the same credentials of ours."""
        return Generation(config, self.local, self.number + 1, self._subnets)

    @property
    def remote_ufrag(self) -> str | None:
        return None if self.remote is None else self.remote.ufrag

    def set_remote(self, credentials: Credentials) -> list[EarlyCheck]:
        """Learn the peer's credentials. Returns the early checks that turn out to be the peer's.

        Raises InvalidStateError if other ones are known: they change with a restart only.
        """
        if self.remote == credentials:
            return []
        if self.remote is not None:
            raise InvalidStateError("the remote credentials changed without a restart")
        self.remote = credentials
        self.remote_candidates.retain(credentials.ufrag)
        early = [one for one in self._early.values() if one.request.peer_ufrag == credentials.ufrag]
        self._early.clear()
        return early

    def take(self, candidates: Iterable[Candidate], now: float) -> list[Candidate]:
        """Add candidates of the peer; returns those that are kept."""
        added = (self.remote_candidates.add(one, self.remote_ufrag) for one in candidates)
        kept = [one for one in added if one is not None]
        if kept:
            self.renew(now)
        return kept

    def renew(self, now: float) -> None:
        """Take a new candidate, a description or a new check as a reason to go on trying."""
        if self.waits_since is not None:
            self.waits_since = now

    def remember(self, early: EarlyCheck) -> None:
        """Keep a check until the peer's credentials are known; the oldest one gives way."""
        self._early[early.path, early.request.peer_ufrag] = early
        if len(self._early) > self._max_early:
            del self._early[next(iter(self._early))]

    def checked_early(self, path: Path) -> bool:
        """Whether a check that is remembered came over `path`."""
        return any(one.path == path for one in self._early.values())

    def form_pairs(
        self, locals_: Sequence[Candidate], remotes: Iterable[Candidate], role: Role
    ) -> None:
        """Pair local with remote candidates, where that has not been done."""
        own = {one.address for one in locals_}
        own |= {without_zone(one.base) for one in locals_ if one.base is not None}
        usable = [one for one in locals_ if one.type is not CandidateType.PEER_REFLEXIVE]
        usable.sort(key=lambda one: -one.priority)  # of those with one base the best is paired
        subnets = [self._subnets.of((one.base or one.address)[0]) for one in usable]
        for remote in remotes:
            if remote.address in own:
                continue
            if self._subnets.is_broadcast(remote.address[0]):
                self.remote_candidates.drop(remote, "broadcast address")
                continue
            for local, subnet in zip(usable, subnets, strict=True):
                if can_pair(local, remote):
                    self._pair(local, remote, subnet, role)

    def pair_at(
        self, path: Path, local: Candidate, priority: int, role: Role
    ) -> CandidatePair | None:
        """The pair that a check over `path` belongs to, made if need be; None without room."""
        pair = self.checklist.get(path)
        if pair is not None:
            return pair
        if self._subnets.is_broadcast(path.remote[0]):
            return None
        remote = self.remote_candidates.get(path.remote)
        remote = remote or self.remote_candidates.discover(path.remote, priority)
        if remote is None:
            return None
        pair = CandidatePair(local, remote, path, role, self.number)
        return pair if self.checklist.add(pair) else None

    def _pair(self, local: Candidate, remote: Candidate, subnet: Subnet | None, role: Role) -> None:
        path = path_between(local, remote)
        known = self.checklist.get(path)
        if known is None:
            pair = CandidatePair(local, remote, path, role, self.number)
            pair.near = contains(subnet, path.remote[0])
            self.checklist.add(pair)
        elif known.remote.type is CandidateType.PEER_REFLEXIVE and known.remote is not remote:
            known.remote = remote  # signalling told what a check had already shown
            known.set_role(role)
            self.checklist.sort()
