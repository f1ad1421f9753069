"""Checks under way: repeating, matching and giving them up. RFC 8445 §7.2.5, §14.3.

A check lives as long as its transaction, whatever is sent after it: RFC 8489 §6.2.1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from webrtc.core import Transmit
from webrtc.ice.candidate import CandidateType
from webrtc.ice.config import AgentConfig
from webrtc.ice.credentials import Credentials
from webrtc.ice.pair import CandidatePair
from webrtc.ice.state import Role

PERSISTENCE = 4
"""How many times more often a candidate is asked that signalling told of and that was heard."""
MIN_LIFE = 10.0
"""Seconds for which an answer is taken at least, however short the waits are set."""
MAX_OPEN = 64
"""Checks of one pair that may still be answered; the oldest is forgotten first."""


class Purpose(Enum):
    """Why a check was sent, and so whether it is repeated."""

    CONNECTIVITY = "connectivity"
    NOMINATION = "nomination"
    CONSENT = "consent"
    RECHECK = "recheck"
    """Of a pair that has failed, while no other works."""

    @property
    def repeats(self) -> bool:
        """Whether such a check is sent again, and its silence means something."""
        return self in _REPEATED


_REPEATED = {Purpose.CONNECTIVITY, Purpose.NOMINATION}


@dataclass(slots=True)
class Check:
    """One request of ours until it is answered or given up."""

    pair: CandidatePair
    purpose: Purpose
    transaction_id: bytes
    request: bytes
    key: Credentials
    """The peer's, which authenticate the response."""
    role: Role
    """What the request claims."""
    use_candidate: bool
    """An answer means that the peer knows our choice."""
    sent: float
    """When it was last sent."""
    rto: float
    """Wait after the last transmission."""
    deadline: float
    ends: float
    """When the transaction is over: until then an answer counts, whatever was sent meanwhile."""
    repeating: bool
    """False for one that is sent once, and once a newer check took its place."""
    transmissions: int = 1
    stranger: bool = False
    """Nobody was heard at the other end when it was made."""


class Checks:
    """The table of open checks. Sends and times; what a response means, the agent decides."""

    def __init__(self, config: AgentConfig, send: Callable[[Transmit], None]) -> None:
        self._config = config
        self._send = send
        self.slot = float("-inf")
        """When the next request may go to where nobody was heard yet."""
        self._reserved = False  # the slot is a place in the budget
        self._unanswered = 0
        self._open: dict[bytes, Check] = {}
        self._by_pair: dict[CandidatePair, list[Check]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def take_turn(self, now: float) -> bool:
        """Whether a request may go to a stranger now; the caller then has to send one."""
        if now < self.slot:
            return False
        budget = self._config.budget
        if budget is not None and not self._reserved:
            self.slot = budget.reserve(now)
            self._reserved = self.slot > now
            return not self._reserved
        self._reserved = False
        return True

    def release(self, now: float) -> None:
        """Give the turn to another: the last request was not sent."""
        self.slot = now

    def wait(self, until: float) -> None:
        """Let no request go to a stranger before `until`."""
        self.slot = max(self.slot, until)

    def start(self, check: Check, now: float) -> None:
        """Send `check`. A repeating one takes the place of the pair's earlier ones."""
        siblings = self._by_pair.setdefault(check.pair, [])
        if check.repeating:
            for sibling in siblings:
                _cease(sibling)
        if len(siblings) >= MAX_OPEN:
            self._forget(siblings[0])
        siblings.append(check)
        self._open[check.transaction_id] = check
        if not check.pair.heard:
            check.stranger = True
            self._unanswered += 1
            self.slot = now + self._pause(check)
        self._transmit(check, now)

    def get(self, transaction_id: bytes) -> Check | None:
        """The check that a response may answer."""
        return self._open.get(transaction_id)

    def finish(self, check: Check) -> None:
        """Take an answered check, and stop repeating the pair's others: the answer is here."""
        self._forget(check)
        for sibling in self._by_pair.get(check.pair, ()):
            if sibling.purpose is not Purpose.NOMINATION or check.use_candidate:
                _cease(sibling)

    def take_back(self, pair: CandidatePair) -> None:
        """Nominate `pair` no more. An answer to what was sent still shows that it lives."""
        for check in self._by_pair.get(pair, ()):
            check.use_candidate = False
            _cease(check)

    def cancel(self, pair: CandidatePair) -> None:
        """Forget all checks of `pair`."""
        for check in list(self._by_pair.get(pair, ())):
            self._forget(check)

    def clear(self) -> None:
        """Forget all checks."""
        self._open.clear()
        self._by_pair.clear()
        self._unanswered = 0

    def handle_timeout(self, now: float) -> list[Check]:
        """Repeat what is due and has its turn. Returns the checks that were given up unanswered."""
        failed = []
        for check in [check for check in self._open.values() if check.deadline <= now]:
            if check.repeating and check.transmissions < self._most(check.pair):
                if check.pair.heard or self.take_turn(now):
                    self._repeat(check, now)
                else:
                    check.deadline = self.slot
            else:
                self._forget(check)
                if check.repeating:
                    failed.append(check)
        return failed

    def poll_timeout(self) -> float | None:
        """When the next check is due to be repeated or given up."""
        if not self._open:
            return None
        return min([check.deadline for check in self._open.values()])

    def _pause(self, check: Check) -> float:
        """Ta after a first check to a stranger."""
        if check.purpose is Purpose.RECHECK:
            return 2 * self._config.check_interval
        if self._unanswered < self._config.fast_checks:
            return min(self._config.fast_check_interval, self._config.check_interval)
        return self._config.check_interval

    def _repeat(self, check: Check, now: float) -> None:
        check.transmissions += 1
        # Backing off spares those who may not be there; a peer that was heard is.
        if not check.pair.heard:
            check.rto = max(min(2 * check.rto, self._config.max_rto), check.rto)
            self.slot = now + self._config.check_interval
        last = check.transmissions == self._most(check.pair)
        check.deadline = now + (16 * self._config.rto if last else check.rto)
        check.ends = max(check.ends, check.deadline)
        check.sent = now
        check.pair.retransmissions_sent += 1
        self._transmit(check, now)

    def _most(self, pair: CandidatePair) -> int:
        """How often a check of `pair` may be sent."""
        # Replayed from a spoofed address, a check of the peer makes a stranger look heard: only a
        # signalled candidate is believed so much. On a bad link all of seven are lost too often.
        trusted = pair.heard and pair.remote.type is not CandidateType.PEER_REFLEXIVE
        return self._config.max_binding_requests * (PERSISTENCE if trusted else 1)

    def _transmit(self, check: Check, now: float) -> None:
        pair = check.pair
        pair.requests_sent += 1
        pair.last_request_sent = now
        if pair.consent is not None:
            pair.consent.check_sent(now)
        self._send(Transmit(check.request, pair.path))

    def _forget(self, check: Check) -> None:
        del self._open[check.transaction_id]
        self._unanswered -= check.stranger
        siblings = self._by_pair[check.pair]
        siblings.remove(check)
        if not siblings:
            del self._by_pair[check.pair]


def _cease(check: Check) -> None:
    """Send no more of it, and wait for its answer as long as for that of any other."""
    check.repeating = False
    check.deadline = check.ends
