"""Settings of an agent. Times are in seconds."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache

from webrtc.errors import InvalidAccessError
from webrtc.ice.budget import Budget
from webrtc.ice.candidate import CandidateType, NetworkType
from webrtc.ice.state import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConfig:
    """Every setting with its default. Raises InvalidAccessError for values that cannot work."""

    role: Role = Role.CONTROLLED
    """Role to begin with; `Agent.set_role` changes it until checks begin."""
    lite: bool = False
    """Answer checks and send none: for servers on public addresses. RFC 8445 §2.5."""
    ufrag: str | None = None
    """Username fragment of the first generation; None draws one."""
    pwd: str | None = None
    """Password of the first generation; None draws one."""

    candidate_types: frozenset[CandidateType] = frozenset(CandidateType)
    """Kinds of local candidates to have. Only `RELAYED` in it keeps local addresses private."""
    network_types: frozenset[NetworkType] = frozenset({NetworkType.UDP4, NetworkType.UDP6})
    """Protocols and families to use, on both sides."""
    low_ports: bool = False
    """Check signalled candidates whose port is below 1024 and neither 80 nor 443. A peer could let
    us send to the name or time server of a stranger."""
    ip_filter: Callable[[str], bool] | None = None
    """Says of each host address whether it may be used."""
    local_preference: Callable[[str], int] | None = None
    """Ranks local addresses, 0 to 65535; None ranks by family and scope."""
    nat_1to1_ips: tuple[str, ...] = ()
    """Addresses that a static NAT gives to local ones: `external`, or `external/local` for one."""
    nat_1to1_candidate_type: CandidateType = CandidateType.HOST
    """`HOST` puts the external address in place of the local one, `SERVER_REFLEXIVE` adds it."""

    stun_timeout: float = 5.0
    """How long a STUN server may take before gathering ends without it."""
    gather_interval: float = 0.005
    """Pause between the first requests to STUN servers."""
    server_keepalive_interval: float = 15.0
    """How often a server-reflexive address is kept alive while no pair is selected."""

    check_interval: float = 0.05
    """Ta: pause between ordinary checks. The first one is not delayed. RFC 8445 §14.2."""
    fast_check_interval: float = 0.01
    """Ta between the first checks of pairs, while fewer than `fast_checks` are unanswered."""
    fast_checks: int = 100
    """How many unanswered checks make Ta `check_interval`."""
    recheck_interval: float = 2.0
    """Pause between checks of a pair that has failed, as long as no pair works: the peer may not
    have got our description yet. All such checks together are `2 * check_interval` apart."""
    budget: Budget | None = None
    """Limits the checks of all agents that share it to addresses from which nobody was heard;
    None has no limit. On asyncio 1000 a second is shared by the connections of a loop."""
    triggered_check_interval: float = 0.005
    """Pause between checks that answer a peer's authenticated one, and so hit no stranger."""
    rto: float = 0.5
    """Least wait before a request is repeated; it doubles each time. RFC 8445 §14.3."""
    max_rto: float = 2.0
    """Where the doubling ends, so that seven requests are spent in 10 s instead of 32 s."""
    max_binding_requests: int = 7
    """How often one check is sent before it fails, RFC 8489 §6.2.1 calls it Rc; four times as often
    where signalling told of the candidate and it was heard."""

    host_min_wait: float = 0.0
    """How long the controlling agent looks for a better pair after it found one between hosts."""
    prflx_min_wait: float = 0.1
    """The same for a pair with a peer-reflexive candidate, which may turn out to be any kind."""
    srflx_min_wait: float = 0.1
    """The same for a pair with a server-reflexive candidate."""
    relay_min_wait: float = 0.5
    """The same for a pair through a relay."""
    accepting_max_wait: float = 2.0
    """Longest wait of all kinds."""

    disconnected_timeout: float = 5.0
    """Silence after which the state is `disconnected`; a lite agent, which cannot ask, waits 10 s
    at least."""
    failed_timeout: float = 25.0
    """How long to try until `failed`: counted from the first pair, or from the last new candidate,
    description or check of the peer. RFC 8863."""
    keepalive_interval: float | None = 2.0
    """Silence of the selected pair after which a check asks for a sign of life; None leaves it at
    consent checks. An active connection sends nothing for it. Each silence is 0.8 to 1.0 of it."""
    consent_interval: float = 5.0
    """Mean pause between consent checks; each pause is 0.8 to 1.2 of it. RFC 7675 §5.1."""
    consent_timeout: float = 30.0
    """How long a pair may be used after its last valid response. RFC 7675 §5.1."""
    probe_interval: float = 0.5
    """Pause between checks of a pair that seems dead."""
    switch_timeout: float = 1.5
    """How long the selected pair may leave probes unanswered before a living one replaces it."""

    max_pairs: int = 500
    """Pairs of the checklist; beyond it those that have failed or were not answered are dropped
    first, then those of lowest priority. RFC 8445 §6.1.2.5."""
    max_remote_candidates: int = 64
    """Remote candidates, signalled and peer-reflexive together."""
    max_peer_reflexive: int = 16
    """Local addresses to learn from responses."""
    max_early_checks: int = 32
    """Checks to remember until the remote credentials are known."""
    backup_pairs: int = 2
    """Valid pairs to find and keep besides the selected one."""

    @property
    def transaction_time(self) -> float:
        """How long a check lives that nobody answers. RFC 8489 §6.2.1."""
        return _transaction_time(self.rto, self.max_rto, self.max_binding_requests)

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, (int, float)) and value < 0:
                raise InvalidAccessError(f"{field.name} is {value}, below 0")
        for name in (
            "check_interval",
            "recheck_interval",
            "rto",
            "max_binding_requests",
            "max_pairs",
            "probe_interval",
        ):
            if not getattr(self, name):
                raise InvalidAccessError(f"{name} is 0")
        if self.nat_1to1_candidate_type not in _EXTERNAL_TYPES:
            raise InvalidAccessError(f"nat_1to1_candidate_type is {self.nat_1to1_candidate_type}")


@lru_cache(maxsize=16)
def _transaction_time(rto: float, max_rto: float, requests: int) -> float:
    total, wait = 16 * rto, rto
    for _ in range(requests - 1):
        total += wait
        wait = max(wait, min(2 * wait, max_rto))
    return total


_EXTERNAL_TYPES = {CandidateType.HOST, CandidateType.SERVER_REFLEXIVE}
