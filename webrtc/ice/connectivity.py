"""Connectivity checks of an agent, both directions. RFC 8445 §7."""

from collections import deque
from collections.abc import Callable
from enum import Enum
from random import Random
from typing import Final, NamedTuple

from webrtc.core import Address, Path, Transmit, earliest
from webrtc.errors import AuthenticationError, ProtocolError
from webrtc.ice import binding
from webrtc.ice.address import without_zone
from webrtc.ice.binding import CheckRequest
from webrtc.ice.candidate import Candidate
from webrtc.ice.check import MIN_LIFE, Check, Checks, Purpose
from webrtc.ice.config import AgentConfig
from webrtc.ice.consent import Consent
from webrtc.ice.gather import Gatherer, peer_reflexive_priority
from webrtc.ice.generation import EarlyCheck, Generation
from webrtc.ice.pair import CandidatePair, PairState
from webrtc.ice.roles import Roles
from webrtc.ice.state import Role
from webrtc.stun import Code, Message, MessageClass
from webrtc.stun.attributes import ErrorCode, XorMappedAddress

CROSSING: Final = 0.02
"""How long a check that has just been sent may take to be answered before a triggered one follows.

Both agents begin at once most often: the checks cross, and each is heard while its own is answered.
"""
_NEVER: Final = float("inf")


class Finding(Enum):
    """What became known of a pair."""

    VALID = "a check of ours succeeded on it for the first time"
    MOVED = "a NAT shows it to the peer under a new address"
    NOMINATED = "the controlling agent nominated it, and it is valid"
    TAKEN_BACK = "the controlling agent nominates it no more"
    FAILED = "its check failed"


class Outcome(NamedTuple):
    """One finding about one pair."""

    finding: Finding
    pair: CandidatePair


class Connectivity:
    """Sends checks and answers those of the peer. Says what was found; chooses nothing.

    It serves the current generation and, until that has a pair, the one before.
    """

    def __init__(
        self,
        config: AgentConfig,
        random: Random,
        roles: Roles,
        gatherer: Gatherer,
        generation: Generation,
        send: Callable[[Transmit], None],
    ) -> None:
        self.roles = roles
        self.generation = generation
        self.previous: Generation | None = None
        """The generation before, while its pair is still in use."""
        self.checks = Checks(config, send)
        self.nominee: CandidatePair | None = None
        """The pair that we nominate as controlling agent: its checks say so, and no others."""
        self._config = config
        self._random = random
        self._gatherer = gatherer
        self._send = send
        self._outcomes: deque[Outcome] = deque()
        self._triggered_at = float("-inf")

    def poll_outcome(self) -> Outcome | None:
        """Next finding, or None."""
        return self._outcomes.popleft() if self._outcomes else None

    def restart(self, generation: Generation) -> None:
        """Begin `generation`; the last one that came to a pair goes on with it."""
        if self.generation.settled or self.previous is None:
            self.previous = self.generation
            self.previous.checklist.stop()
        self.generation = generation
        self.checks.clear()

    def replace_peer(self) -> None:
        """Begin a generation towards another peer, with our credentials as they are."""
        self.restart(self.generation.successor(self._config))
        self.drop_previous()

    def drop_previous(self) -> None:
        """End the generation before: its credentials are worth nothing any more."""
        if self.previous is not None:
            for pair in self.previous.checklist:
                self.checks.cancel(pair)
            self.previous = None

    def generations(self) -> set[int]:
        """Generations whose pairs may still be checked."""
        generations = (self.generation, self.previous)
        return {generation.number for generation in generations if generation is not None}

    def set_role(self, role: Role) -> None:
        """Take `role` because signalling says so."""
        self.roles.role = role
        self.generation.checklist.set_role(role)

    def nominate(self, pair: CandidatePair, now: float) -> None:
        """Tell the peer to use `pair` and no other: two nominees would let it go back and forth."""
        former, self.nominee = self.nominee, pair
        if former is not None and former is not pair:
            former.taken_back = True
            self.checks.take_back(former)
        pair.taken_back = False
        self.check(pair, Purpose.NOMINATION, now)

    def check(self, pair: CandidatePair, purpose: Purpose, now: float) -> None:
        """Send a check on `pair`; harmless when its generation is over."""
        generation = self._generation_of(pair)
        if generation is None or generation.remote is None:
            return
        # The nomination is repeated with every later check, as Chrome does: some lite agents stop
        # answering otherwise, and a full one that went astray during an outage comes back.
        use_candidate = self.roles.controlling and pair is self.nominee
        transaction_id, request = binding.build_request(
            generation.local,
            generation.remote,
            peer_reflexive_priority(pair.local),
            self.roles.attribute(),
            self._random,
            use_candidate=use_candidate,
        )
        if purpose is Purpose.CONNECTIVITY:
            pair.state = PairState.IN_PROGRESS
        pair.consent_requests_sent += purpose is Purpose.CONSENT
        # RFC 8445 §14.3 would make the first wait longer with many pairs. Here repetitions have
        # to wait until every pair had its first check, which comes to the same.
        rto = self._config.rto
        ends = now + max(self._config.transaction_time, MIN_LIFE)
        check = Check(
            pair=pair,
            purpose=purpose,
            transaction_id=transaction_id,
            request=request,
            key=generation.remote,
            role=self.roles.role,
            use_candidate=use_candidate,
            sent=now,
            rto=rto,
            deadline=now + rto if purpose.repeats else ends,
            ends=ends,
            repeating=purpose.repeats,
        )
        self.checks.start(check, now)

    def handle_request(self, message: Message, path: Path, now: float) -> None:
        """Answer a check of the peer. Raises ProtocolError for one that is to be dropped."""
        ours, theirs = binding.local_ufrag(message)
        generation = self._generation_named(ours)
        if generation is None or theirs != (generation.remote_ufrag or theirs):
            raise AuthenticationError("USERNAME of another generation")
        request = binding.open_request(message, theirs, generation.local)
        local = self.local_at(path.local)
        if local is None:
            raise ProtocolError("check to an address that is no candidate")
        unknown = message.unknown_attributes()
        if unknown:
            self._answer(
                binding.unknown_attribute(message, unknown, generation.local), path, generation
            )
        elif generation is not self.generation:
            success = binding.success(message, path.remote, generation.local)
            self._answer(success, path, generation)
        elif self._role_agreed(request, path):
            self._send(Transmit(binding.success(message, path.remote, generation.local), path))
            self._accept(request, path, local, now)

    def handle_response(self, message: Message, path: Path, now: float) -> None:
        """Take the answer to a check. Raises ProtocolError for one that is to be dropped."""
        check = self.checks.get(message.transaction_id)
        if check is None:
            raise ProtocolError("response to no check of ours")
        binding.authenticate(message, check.key)
        pair = check.pair
        if path != pair.path:
            if pair.consent is None:
                self.checks.finish(check)
                self._fail(pair)
            raise ProtocolError("response that took another way than the check")
        pair.path = path  # the caller's object, so that `is` often spares it a look-up
        if message.message_class is MessageClass.ERROR:
            error = message.get(ErrorCode)
            self.checks.finish(check)
            self._refused(check, 0 if error is None else error.code)
            return
        mapped = message.get(XorMappedAddress)
        if mapped is None or message.unknown_attributes():
            raise ProtocolError("success response that cannot be understood")
        self.checks.finish(check)
        generation = self._generation_of(pair)
        if generation is not None and generation.checklist.get(pair.path) is pair:
            self._succeeded(check, mapped.address, now)

    def handle_unreachable(self, path: Path, now: float) -> None:
        """Give up a pair whose check the system refused to send: it knows no way there."""
        pair = self.generation.checklist.get(path)
        if pair is None or pair.consent is not None:
            return
        self.checks.cancel(pair)
        if not pair.heard:
            self.checks.release(now)
        self._fail(pair)

    def replay(self, early: list[EarlyCheck], now: float) -> None:
        """Act on checks that were answered before the peer's credentials were known."""
        for one in early:
            local = self.local_at(one.path.local)
            if local is not None:
                self._accept(one.request, one.path, local, now)

    def run(self, now: float) -> None:
        """Send the triggered and the ordinary check that are due. RFC 8445 §6.1.4.2."""
        if self.roles.lite or self.generation.remote is None:
            return
        checklist = self.generation.checklist
        while (at := self._triggered_due()) is not None and at <= now:
            pair = checklist.next_triggered()
            if pair.consent is None:
                self._triggered_at = now
                self.check(pair, Purpose.CONNECTIVITY, now)
                # The ordinary one waits its turn: most often this one makes it needless.
                self.checks.wait(now + self._config.check_interval)
                break
        self._run_ordinary(now)

    def handle_timeout(self, now: float) -> None:
        """Repeat checks and give up those that stay unanswered, but let new ones go first."""
        self.run(now)
        for check in self.checks.handle_timeout(now):
            self._fail(check.pair)

    def poll_timeout(self) -> float | None:
        due = self.checks.poll_timeout()
        if self.roles.lite or self.generation.remote is None:
            return due
        return earliest(due, self._triggered_due(), self._ordinary_due())

    def validate(self, pair: CandidatePair, now: float) -> None:
        """Count `pair` as valid from now on."""
        generation = self._generation_of(pair)
        pair.consent = Consent(self._config, self._random, now)
        pair.consent.muted = self.roles.lite
        pair.state = PairState.SUCCEEDED
        if generation is not None:
            if generation.first_valid is None:
                generation.first_valid = now
            generation.checklist.unfreeze(pair)
        self._outcomes.append(Outcome(Finding.VALID, pair))

    def local_at(self, base: Address) -> Candidate | None:
        """The best local candidate that is sent from `base`."""
        found = (one for one in self._gatherer.candidates if one.base == base)
        return max(found, key=lambda one: one.priority, default=None)

    def _triggered_due(self) -> float | None:
        triggered = self.generation.checklist.triggered
        if not triggered:
            return None
        pair = triggered[0]
        due = self._triggered_at + self._config.triggered_check_interval
        if pair.state is PairState.IN_PROGRESS and pair.last_request_sent is not None:
            return max(due, pair.last_request_sent + CROSSING)
        return due

    def _ordinary_due(self) -> float | None:
        if self.generation.has_enough:
            return None
        checklist, slot = self.generation.checklist, self.checks.slot
        if checklist.has_ordinary:
            return slot
        failed = self._next_failed()
        if failed is None:
            return None
        return max(slot, self._recheck_at(failed))

    def _run_ordinary(self, now: float) -> None:
        if now < self.checks.slot:
            return
        due = self._ordinary_due()
        if due is None or due > now or not self.checks.take_turn(now):
            return
        pair = self.generation.checklist.next_ordinary()
        if pair is not None:
            self.check(pair, Purpose.CONNECTIVITY, now)
        elif (failed := self._next_failed()) is not None:
            self.check(failed, Purpose.RECHECK, now)

    def _next_failed(self) -> CandidatePair | None:
        """The failed pair whose last check is longest ago, while nothing works."""
        if self.generation.settled:
            return None
        return self.generation.checklist.next_failed()

    def _recheck_at(self, failed: CandidatePair) -> float:
        return (failed.last_request_sent or 0.0) + self._config.recheck_interval

    def _generation_of(self, pair: CandidatePair) -> Generation | None:
        for generation in (self.generation, self.previous):
            if generation is not None and generation.number == pair.generation:
                return generation
        return None

    def _generation_named(self, ufrag: str) -> Generation | None:
        for generation in (self.generation, self.previous):
            if generation is not None and generation.local.ufrag == ufrag:
                return generation
        return None

    def _answer(self, response: bytes, path: Path, generation: Generation) -> None:
        """Answer a check that makes nothing known."""
        self._send(Transmit(response, path))
        pair = generation.checklist.get(path)
        if pair is not None:
            pair.requests_received += 1
            pair.responses_sent += 1

    def _role_agreed(self, request: CheckRequest, path: Path) -> bool:
        """Settle a role conflict. False when the peer was told to yield."""
        claim = request.claim
        if claim is None or not self.roles.conflicts(claim):
            return True
        if self.roles.yields_to(claim):
            self.roles.switch()
            self.generation.checklist.set_role(self.roles.role)
            return True
        conflict = binding.role_conflict(request.message, self.generation.local)
        self._answer(conflict, path, self.generation)
        return False

    def _accept(self, request: CheckRequest, path: Path, local: Candidate, now: float) -> None:
        """Learn from an authentic check of this generation. RFC 8445 §7.3.1.3 to §7.3.1.5."""
        generation = self.generation
        if generation.remote is None:
            generation.remember(EarlyCheck(request, path))
            return
        pair = generation.pair_at(path, local, request.priority, self.roles.role)
        if pair is None:
            return
        if not generation.contacted:  # later ones are no news: two may hear each other in vain
            generation.contacted = True
            generation.renew(now)
        pair.requests_received += 1
        pair.responses_sent += 1
        pair.last_request_received = pair.last_heard = now
        if self.roles.lite:
            self._accept_lite(pair, now)
        elif pair.consent is None and not self._just_checked(pair, now):
            self._trigger(pair, now)
        elif pair.taken_back and self.roles.controlling:
            self._contradict(pair, now)
        self._hear_choice(pair, now, nominated=request.use_candidate and not self.roles.controlling)

    def _hear_choice(self, pair: CandidatePair, now: float, *, nominated: bool) -> None:
        """Note whether the controlling agent wants `pair`; what is not valid has to wait."""
        taken_back = pair.last_request_nominated and not nominated
        pair.last_request_nominated = nominated
        if nominated:
            pair.nominated_at = now
        if pair.consent is None:
            return
        if nominated:
            self._nominated(pair)
        elif taken_back:
            self._outcomes.append(Outcome(Finding.TAKEN_BACK, pair))

    def _contradict(self, pair: CandidatePair, now: float) -> None:
        """Check a former nominee that the peer checks: our nomination may have come to it late."""
        sent = pair.last_request_sent
        if sent is None or now >= sent + self._config.probe_interval:
            self.check(pair, Purpose.CONSENT, now)

    def _accept_lite(self, pair: CandidatePair, now: float) -> None:
        if pair.consent is None:
            self.validate(pair, now)
        else:
            pair.consent.renew(now)

    def _trigger(self, pair: CandidatePair, now: float) -> None:
        """Check `pair` next; if it was checked just now, unless that is answered meanwhile."""
        sent = pair.last_request_sent
        crosses = pair.state is PairState.IN_PROGRESS and sent is not None and now < sent + CROSSING
        self.generation.checklist.trigger(pair, in_progress=crosses)
        if crosses:
            self.checks.wait(now + self._config.check_interval)  # as after a triggered one

    def _just_checked(self, pair: CandidatePair, now: float) -> bool:
        """Whether triggered checks have become a ping-pong that no answer ends."""
        sent = pair.last_request_sent
        often = pair.requests_received >= self._config.max_binding_requests
        return often and sent is not None and now - sent < self._config.rto

    def _succeeded(self, check: Check, mapped: Address, now: float) -> None:
        """RFC 8445 §7.2.5.3."""
        pair = check.pair
        pair.responses_received += 1
        pair.last_response_received = pair.last_heard = now
        if check.transmissions == 1:
            pair.measured(now - check.sent)
        moved = self._map(pair, mapped)
        if check.use_candidate and check.role is self.roles.role:
            pair.nominated = True
        if pair.consent is not None:
            pair.consent.renew(now)
            if moved:
                self._outcomes.append(Outcome(Finding.MOVED, pair))
            return
        self.validate(pair, now)
        if pair.nominated_at > -_NEVER and not self.roles.controlling:
            self._nominated(pair)

    def _nominated(self, pair: CandidatePair) -> None:
        pair.nominated = True
        self._outcomes.append(Outcome(Finding.NOMINATED, pair))

    def _map(self, pair: CandidatePair, mapped: Address) -> bool:
        """Let the pair have the local candidate that the peer sees; True when it is another."""
        base = pair.path.local
        if mapped == pair.local.address:
            return False
        known = (one for one in self._gatherer.candidates if one.base == base)
        local = next((one for one in known if one.address == mapped), None)
        if local is None and mapped != without_zone(base):
            local = self._gatherer.add_peer_reflexive(mapped, pair.local)
        if local is None:
            return False
        pair.local = local
        return True

    def _refused(self, check: Check, code: int) -> None:
        """Take an authentic error response. RFC 8445 §7.2.5.1."""
        pair = check.pair
        pair.responses_received += 1
        if code == Code.ROLE_CONFLICT and self.roles.refused(check.role):
            self.generation.checklist.set_role(self.roles.role)
            if pair.consent is None and self.generation.checklist.get(pair.path) is pair:
                self.generation.checklist.trigger(pair)
        elif pair.consent is None:
            self._fail(pair)

    def _fail(self, pair: CandidatePair) -> None:
        pair.state = PairState.FAILED
        pair.nominated = False
        self._outcomes.append(Outcome(Finding.FAILED, pair))
