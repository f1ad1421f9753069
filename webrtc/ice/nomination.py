"""Which valid pair to use, and when. RFC 8445 §8."""

from typing import Final

from webrtc.core import earliest
from webrtc.ice.check import Purpose
from webrtc.ice.config import AgentConfig
from webrtc.ice.connectivity import Connectivity, Finding, Outcome
from webrtc.ice.pair import CandidatePair
from webrtc.ice.selection import Selection

OVERDUE: Final = 0.02
"""How long a controlling agent may think about an answered check before it is checked again."""
_RELAYED = 3
_NEVER = float("inf")


class Nomination:
    """Draws the conclusions from what the checks find: nominates, follows, replaces.

    As controlling agent it takes a pair between hosts at once, since waiting cannot better it, and
    another one after a short wait from the moment anything worked, or when nothing is left to try.
    What must not wait for that goes over the best pair that has worked: RFC 8445 §12.1.
    """

    def __init__(
        self, config: AgentConfig, connectivity: Connectivity, selection: Selection
    ) -> None:
        self._connectivity = connectivity
        self._selection = selection
        self._backups = config.backup_pairs
        self._pause = config.probe_interval
        self._follow_after = -_NEVER
        self._insistence = config.consent_interval
        self._strayed_at = -_NEVER  # from the controlling agent's choice, which seemed dead
        self._max_wait = config.accepting_max_wait
        self._waits = (
            config.host_min_wait,
            config.prflx_min_wait,
            config.srflx_min_wait,
            config.relay_min_wait,
        )

    def advance(self, now: float, *, complete: bool, grace: float) -> None:
        """Do what is due.

        `complete` says that neither side has candidates to come; consent does not expire before
        `grace`.
        """
        while (outcome := self._connectivity.poll_outcome()) is not None:
            self._conclude(outcome, now)
        self._supervise(now, grace)
        roles, generation = self._connectivity.roles, self._connectivity.generation
        if roles.both_lite:
            self._agree(now)
        valid = generation.checklist.valid
        if not valid:
            generation.has_enough = False
            return
        if roles.controlling and not roles.lite:
            self._nominate(valid, now, complete=complete)
        else:
            self._return()
            self._remind(valid[0], now)
        if not (generation.settled or roles.lite):  # a lite agent cannot know
            self._rely_on(valid[0])
        generation.has_enough = generation.settled and len(valid) > self._backups

    def poll_timeout(self, now: float, grace: float) -> float | None:
        waiting: float | None = None
        roles, generation = self._connectivity.roles, self._connectivity.generation
        if not roles.lite and self._current() is None and (valid := generation.checklist.valid):
            if roles.controlling:
                first = generation.first_valid or 0.0
                waiting = min([self._ready(pair, first) for pair in valid])
            else:
                waiting = self._reminder(valid[0])
        return earliest(waiting, self._selection.poll_timeout(now, grace))

    def _conclude(self, outcome: Outcome, now: float) -> None:
        pair, selection = outcome.pair, self._selection
        match outcome.finding:
            case Finding.VALID:
                selection.allow(pair)
                if pair is not selection.pair and not self._provisional:
                    selection.doubt(now)
            case Finding.MOVED if pair is selection.pair:
                self._elect(pair, now)
            case Finding.NOMINATED:
                self._follow(pair, now)
            case Finding.TAKEN_BACK if pair is self._current():
                valid = self._connectivity.generation.checklist.valid
                other = next((one for one in valid if one.last_request_nominated), None)
                if other is not None:
                    self._follow(other, now)
            case Finding.FAILED if pair.consent is not None:
                selection.withdraw(pair)
            case _:
                pass

    def _follow(self, pair: CandidatePair, now: float) -> None:
        """Take the controlling agent's choice.

        Aggressive nomination marks every check, and the pair of highest priority counts. A lower
        one is believed when the peer does not insist on the selected pair; not more than twice a
        second, whatever the peer does.
        """
        current = self._current()
        if current is None:
            self._select(pair)
        elif not pair.last_request_nominated and pair.nominated_at < current.nominated_at:
            pass  # another one was nominated since, before this one was valid
        elif pair.priority > current.priority:
            self._select(pair)
        elif pair is not current:
            if now < self._follow_after or self._insisted(current, now):
                self._selection.doubt(now)
            else:
                self._follow_after = now + self._pause
                self._select(pair)

    def _insisted(self, current: CandidatePair, now: float) -> bool:
        """Whether the controlling agent stands by the selected pair.

        It does not when that was our own idea, is not marked any more, or is silent. Marks may
        come late, and then be the last: without data they are believed for a while only.
        """
        if not (current.nominated and current.last_request_nominated):
            return False
        if self._selection.pair_silent(now):
            return False
        used = max(current.nominated_at, current.last_packet_received or -_NEVER)
        return now < used + self._insistence

    def _return(self) -> None:
        """Go back to what the controlling agent chose last, if that lives after all.

        It may have noticed nothing, and may not nominate twice.
        """
        current = self._current()
        if current is None or current.nominated:
            return
        valid = self._connectivity.generation.checklist.valid
        asked = [pair for pair in valid if pair.nominated_at > -_NEVER]
        choice = max(asked, key=lambda pair: pair.nominated_at, default=None)
        if choice is not None and choice.last_heard > self._strayed_at:
            choice.nominated = True
            self._select(choice)

    def _remind(self, best: CandidatePair, now: float) -> None:
        """Check the best pair once more when the peer has checked it, and nominates nothing.

        Pion and webrtc-rs nominate a pair that works when they are checked, else only every 200 ms.
        Our first check may have come before they had our description, and ask for no further one.
        """
        due = self._reminder(best)
        if due is not None and due <= now:
            self._connectivity.check(best, Purpose.CONSENT, now)

    def _reminder(self, best: CandidatePair) -> float | None:
        """When the controlled agent checks `best` again for want of a nomination, or None."""
        heard, sent = best.last_request_received, best.last_request_sent
        if self._connectivity.generation.settled or heard is None or sent is None or sent >= heard:
            return None
        # The longer round trip may be none: a peer without our description may hold a check back.
        distance = 1.5 * (best.current_round_trip_time or 0.0)
        return heard + min(max(OVERDUE, distance), 2 * OVERDUE)

    def _supervise(self, now: float, grace: float) -> None:
        connectivity, selection = self._connectivity, self._selection
        if not selection.allowed:
            return
        if now >= grace:
            for pair in selection.expired(now):
                connectivity.checks.cancel(pair)
                selection.withdraw(pair)
        for pair in selection.due(now):
            connectivity.check(pair, Purpose.CONSENT, now)
        if selection.pair is not None or connectivity.generation.settled:
            replacement = selection.replacement(now)
            if replacement is not None:
                self._elect(replacement, now)

    def _nominate(self, valid: list[CandidatePair], now: float, *, complete: bool) -> None:
        generation = self._connectivity.generation
        if generation.first_valid is None:
            return
        current = self._current()
        if current is not None:
            wanted = next((pair for pair in valid if _improves(pair, current)), current)
            if wanted is not self._connectivity.nominee:  # also when we were controlled before
                self._elect(wanted, now)
            return
        final = complete and not generation.checklist.can_improve(valid[0])
        due = (p for p in valid if final or self._ready(p, generation.first_valid) <= now)
        chosen = next(due, None)
        if chosen is not None:
            self._elect(chosen, now)

    def _rely_on(self, best: CandidatePair) -> None:
        """Send over the best pair that works while none is nominated."""
        if self._selection.pair is None or self._provisional:
            self._selection.pair = best

    def _agree(self, now: float) -> None:
        """Between two lite agents priority alone decides. RFC 8445 §8.2."""
        for pair in self._connectivity.generation.checklist:
            if pair.consent is None:
                self._connectivity.validate(pair, now)
                self._selection.allow(pair)
            if pair.consent is not None:
                pair.consent.expires = _NEVER
        top = next(iter(self._connectivity.generation.checklist), None)
        if top is not None:
            self._select(top)

    def _ready(self, pair: CandidatePair, first_valid: float) -> float:
        """When `pair` may be nominated."""
        return first_valid + min(self._waits[pair.kind], self._max_wait)

    def _elect(self, pair: CandidatePair, now: float) -> None:
        """Use `pair`, and tell the peer if that is ours to say."""
        self._select(pair)
        roles = self._connectivity.roles
        if roles.controlling and not roles.lite:
            self._connectivity.nominate(pair, now)
        else:
            self._strayed_at = now

    def _select(self, pair: CandidatePair) -> None:
        before = self._selection.pair
        if before is not None and before is not pair:
            before.nominated = False
        self._selection.pair = pair
        generation = self._connectivity.generation
        if pair.generation == generation.number:
            generation.settled = True
            self._connectivity.drop_previous()
            self._selection.retire({generation.number})

    @property
    def _provisional(self) -> bool:
        """Whether the pair in use is of this generation, and none was nominated yet."""
        pair, generation = self._selection.pair, self._connectivity.generation
        return pair is not None and pair.generation == generation.number and not generation.settled

    def _current(self) -> CandidatePair | None:
        """The pair of this generation that was selected for good."""
        pair, generation = self._selection.pair, self._connectivity.generation
        if pair is None or pair.generation != generation.number or not generation.settled:
            return None
        return pair


def _improves(candidate: CandidatePair, selected: CandidatePair) -> bool:
    """Whether to leave a relayed path for a direct one that was found later."""
    return (
        selected.kind == _RELAYED
        and candidate.kind < _RELAYED
        and candidate.priority > selected.priority
    )
