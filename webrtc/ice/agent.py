"""The ICE agent: one component of one transport. RFC 8445, RFC 8838, RFC 7675."""

import logging
from collections import deque
from collections.abc import Iterable, Sequence
from random import Random
from typing import Final

from webrtc.core import Address, Path, Transmit, earliest
from webrtc.errors import AuthenticationError, InvalidStateError, ProtocolError
from webrtc.ice.address import Subnets
from webrtc.ice.candidate import Candidate, CandidateType
from webrtc.ice.config import AgentConfig
from webrtc.ice.connectivity import Connectivity
from webrtc.ice.credentials import Credentials
from webrtc.ice.events import (
    CandidateFound,
    Event,
    GatheringStateChanged,
    SelectedPairChanged,
    StateChanged,
)
from webrtc.ice.gather import Gatherer
from webrtc.ice.generation import Generation
from webrtc.ice.nomination import Nomination
from webrtc.ice.pair import CandidatePair
from webrtc.ice.roles import Roles
from webrtc.ice.selection import Selection
from webrtc.ice.state import GatheringState, Role, State
from webrtc.ice.status import Status
from webrtc.stun import Message, MessageClass, Method

STALL: Final = 1.0
"""A timer that is later than this means that the caller stood still, not the peer."""
GRACE: Final = 0.1
"""Time for a caller that stood still to hand over what has arrived meanwhile."""

_OVER = frozenset({State.FAILED, State.CLOSED})
_log = logging.getLogger("webrtc.ice")


class Agent:
    """Finds a path to the peer, keeps it alive, and says which paths may be trusted.

    After every call drain `poll_write` and `poll_event` and ask `poll_timeout`. Data does not pass
    through the agent: ask `allows` before you take a datagram, send over `selected_path`, and
    report both with `handle_data` and `handle_sent`.
    """

    __slots__ = (
        "_allowed",
        "_config",
        "_connectivity",
        "_deadline",
        "_events",
        "_expecting",
        "_gatherer",
        "_grace",
        "_nomination",
        "_now",
        "_random",
        "_roles",
        "_selection",
        "_settled",
        "_status",
        "_subnets",
        "bytes_received",
        "bytes_sent",
        "discarded",
        "gathering_state",
        "packets_received",
        "packets_sent",
        "selected_pair",
        "selected_pair_changes",
        "selected_path",
        "state",
        "writes",
    )

    def __init__(self, config: AgentConfig, random: Random) -> None:
        self._config = config
        self._random = random
        self.writes: deque[Transmit] = deque()
        """What `poll_write` gives."""
        self._events: deque[Event] = deque()
        self._subnets = Subnets()
        self._roles = Roles(config.role, random, lite=config.lite)
        self._gatherer = Gatherer(config, random, self.writes.append)
        self._connectivity = Connectivity(
            config,
            random,
            self._roles,
            self._gatherer,
            self._begin_generation(config.ufrag, config.pwd, 0),
            self.writes.append,
        )
        self._selection = Selection(config)
        self._nomination = Nomination(config, self._connectivity, self._selection)
        self._status = Status(config, self._connectivity, self._selection)
        self._allowed = self._selection.allowed
        self._expecting = False  # more hosts, servers or relayed candidates were announced
        self._deadline: float | None = None
        self._settled = False  # since the deadline was last computed
        self._grace = self._now = float("-inf")
        self.state = State.NEW
        self.gathering_state = GatheringState.NEW
        self.selected_pair: CandidatePair | None = None
        """The pair that carries data, or None."""
        self.selected_pair_changes = 0
        """How often it was another one than before; none counts as another."""
        self.selected_path: Path | None = None
        """Where to send, or None while there is no way that the peer consents to."""
        self.bytes_sent = self.packets_sent = 0
        self.bytes_received = self.packets_received = 0
        self.discarded = 0
        """STUN messages that were dropped because something was wrong with them."""

    @property
    def local_credentials(self) -> Credentials:
        """Ours, of this generation."""
        return self._generation.local

    @property
    def local_ufrag(self) -> str:
        return self._generation.local.ufrag

    @property
    def local_pwd(self) -> str:
        return self._generation.local.pwd

    @property
    def remote_credentials(self) -> Credentials | None:
        """The peer's credentials of this generation, once they are known."""
        return self._generation.remote

    @property
    def local_candidates(self) -> list[Candidate]:
        """Candidates to tell the peer: peer-reflexive ones, which it knows, are in `pairs` only."""
        learnt = CandidateType.PEER_REFLEXIVE
        return [one for one in self._gatherer.candidates if one.type is not learnt]

    @property
    def remote_candidates(self) -> list[Candidate]:
        """The peer's candidates of this generation."""
        return list(self._generation.remote_candidates)

    @property
    def ignored_candidates(self) -> dict[str, int]:
        """How many remote candidates were not taken, by reason."""
        return dict(self._generation.remote_candidates.ignored)

    @property
    def pairs(self) -> list[CandidatePair]:
        """The checklist by descending priority."""
        return list(self._generation.checklist)

    @property
    def generation(self) -> int:
        """How many restarts there were."""
        return self._generation.number

    @property
    def contacted(self) -> bool:
        """Whether a check of the peer was heard in this generation: it has our description."""
        return self._generation.contacted

    @property
    def role(self) -> Role:
        return self._roles.role

    @property
    def remote_lite(self) -> bool:
        """Whether the peer answers only; set it from `a=ice-lite` before the checks begin."""
        return self._roles.remote_lite

    @remote_lite.setter
    def remote_lite(self, value: bool) -> None:
        self._roles.remote_lite = value
        self.set_role(self.role)

    def set_role(self, role: Role) -> None:
        """Take a role. Of a full and a lite agent the full one is controlling. RFC 8445 §6.1.1."""
        if self._roles.lite != self._roles.remote_lite:
            role = Role.CONTROLLED if self._roles.lite else Role.CONTROLLING
        if role is not self._roles.role:
            self._connectivity.set_role(role)

    def gather(
        self,
        hosts: Sequence[Address],
        stun_servers: Sequence[Address],
        now: float,
        *,
        more: bool = False,
        subnets: Iterable[str] = (),
    ) -> None:
        """Find candidates for bound addresses; may be called again with further ones.

        With `more` gathering stays open for a later call, while names are resolved or relays are
        asked. Neighbours in `subnets`, such as `192.0.2.0/24`, are checked first. Raises
        InvalidStateError when closed, InvalidAccessError for a host that is no IP address.
        """
        self._enter(now)
        self._subnets.add(subnets)
        self._expecting = more
        self._set_gathering(GatheringState.GATHERING)
        self._gatherer.add(hosts, stun_servers, now)
        self._settle(now)

    def add_relayed_candidate(
        self, address: Address, related: Address, now: float, *, local_preference: int | None = None
    ) -> None:
        """Add an address that a TURN server allocated; `related` is our address as it saw it.

        Datagrams of this candidate have `address` as the local end of their path.
        """
        self._enter(now)
        self._gatherer.add_relayed(address, related, local_preference)
        self._settle(now)

    def set_remote_credentials(self, ufrag: str, pwd: str, now: float) -> None:
        """Learn the peer's credentials; checks begin with the first pair.

        Raises InvalidStateError if other ones are known: call `restart` first.
        """
        self.set_remote(Credentials(ufrag, pwd), (), now)

    def set_remote(
        self,
        credentials: Credentials,
        candidates: Iterable[Candidate],
        now: float,
        *,
        ended: bool = False,
    ) -> None:
        """Learn at once what a description tells: credentials, candidates, and `ended` if all.

        Raises as `set_remote_credentials`.
        """
        self._enter(now)
        early = self._generation.set_remote(credentials)
        self._connectivity.replay(early, now)
        self._generation.renew(now)
        self._take(candidates, now)
        self._generation.ended |= ended
        self._settle(now)

    def add_remote_candidate(self, candidate: Candidate, now: float) -> None:
        """Take a candidate with an address; one without use is told in `ignored_candidates`."""
        self.add_remote_candidates((candidate,), now)

    def add_remote_candidates(self, candidates: Iterable[Candidate], now: float) -> None:
        """As `add_remote_candidate`, for several: those of highest priority are checked first."""
        self._enter(now)
        self._take(candidates, now)
        self._settle(now)

    def end_of_candidates(self, now: float) -> None:
        """The peer has told all its candidates. RFC 8838 §14."""
        self._begin(now)
        self._generation.ended = True
        self._settle(now)

    def restart(self, now: float, ufrag: str | None = None, pwd: str | None = None) -> None:
        """Begin a generation with new credentials and no candidates: gather again.

        The selected pair stays in use, and the checks of its generation are answered, until a new
        pair is selected. Raises InvalidStateError when closed.
        """
        self._enter(now)
        generation = self._begin_generation(ufrag, pwd, self._generation.number + 1)
        self._connectivity.restart(generation)
        self._selection.retire(self._connectivity.generations())
        self._gatherer.clear()
        self._subnets.clear()
        self.gathering_state = GatheringState.NEW
        self._expecting = False
        if self.state in {State.FAILED, State.DISCONNECTED}:
            self._set_state(State.CHECKING)
        self._settle(now)

    def replace_peer(self, now: float) -> None:
        """Begin anew towards another peer, with what we have told. Every pair is gone at once."""
        self._enter(now)
        self._connectivity.replace_peer()
        self._selection.clear()
        self.writes.clear()
        if self.state is not State.NEW:
            self._set_state(State.CHECKING)
        self._settle(now)

    def close(self, now: float) -> None:
        """Stop at once; harmless when repeated. Nothing is sent afterwards."""
        self._begin(now)
        self._set_state(State.CLOSED)
        self.writes.clear()
        self._settle(now)

    def allows(self, path: Path) -> bool:
        """Whether a datagram from `path` may be processed: the path is valid and has consent."""
        return path is self.selected_path or path in self._allowed

    def expects(self, path: Path) -> bool:
        """Whether a pair has `path`, or an authentic check came over it too early for one."""
        generation = self._generation
        return generation.checklist.get(path) is not None or generation.checked_early(path)

    def handle_data(self, path: Path, size: int, now: float, packets: int = 1) -> None:
        """Count `size` bytes in `packets` datagrams that came over an allowed path."""
        pair = self.selected_pair if path is self.selected_path else self._allowed.get(path)
        if pair is not None:
            pair.bytes_received += size
            pair.packets_received += packets
            pair.last_packet_received = pair.last_heard = self._now = now
            self.bytes_received += size
            self.packets_received += packets

    def handle_sent(self, size: int, packets: int = 1) -> None:
        """Count `size` bytes in `packets` datagrams that were sent over the selected path."""
        pair = self.selected_pair
        if pair is not None:
            pair.bytes_sent += size
            pair.packets_sent += packets
            pair.last_packet_sent = self._now
            self.bytes_sent += size
            self.packets_sent += packets

    def handle_discarded(self, path: Path, size: int) -> None:
        """Take back an `handle_sent`: the system refused the datagram. Checks are none of this."""
        pair = self.selected_pair if path is self.selected_path else self._allowed.get(path)
        if pair is not None:
            pair.bytes_sent -= size
            pair.packets_sent -= 1
            pair.bytes_discarded_on_send += size
            pair.packets_discarded_on_send += 1
            self.bytes_sent -= size
            self.packets_sent -= 1

    def handle_unreachable(self, path: Path, now: float) -> None:
        """Hear that the system knows no way to the other end of `path`: a check was not sent."""
        if self.state not in _OVER:
            self._begin(now)
            self._connectivity.handle_unreachable(path, now)
            self._settle(now)

    def handle_read(self, data: bytes, path: Path, now: float) -> None:
        """Take a STUN message. What is wrong with it is counted and logged, never raised."""
        self.handle_reads((data,), path, now)

    def handle_reads(self, messages: Sequence[bytes], path: Path, now: float) -> None:
        """As `handle_read` for each; what follows from them is done once they are all known."""
        if self.state is State.CLOSED:
            return
        self._begin(now)
        changed = False
        for data in messages:
            try:
                self._dispatch(Message.decode(data), path, now)
                changed = True
            except ProtocolError as error:
                self.discarded += 1
                _log.debug("%s: STUN message dropped: %s", self.local_ufrag, error)
                # One that is not authentic has changed nothing, and may be one of very many.
                changed = changed or not isinstance(error, AuthenticationError)
        if changed:
            self._settle(now)

    def handle_timeout(self, now: float) -> None:
        deadline = self.poll_timeout()
        if deadline is None or now < deadline:
            return
        self._begin(now)
        self._gatherer.handle_timeout(now)
        if self.state is not State.FAILED:
            self._connectivity.handle_timeout(now)
        self._settle(now)

    def poll_write(self) -> Transmit | None:
        return self.writes.popleft() if self.writes else None

    def poll_event(self) -> Event | None:
        return self._events.popleft() if self._events else None

    def poll_timeout(self) -> float | None:
        if self._settled:  # several commands in a row need one answer
            self._settled = False
            self._deadline = self._next_deadline(self._now)
        return self._deadline

    @property
    def _generation(self) -> Generation:
        return self._connectivity.generation

    def _dispatch(self, message: Message, path: Path, now: float) -> None:
        if message.method is not Method.BINDING:
            raise ProtocolError(f"method {message.method.name} is not for ICE")
        if self._gatherer.handle_response(message, path, now):
            return
        if self.state is State.FAILED:
            raise ProtocolError("the agent has failed")
        match message.message_class:
            case MessageClass.REQUEST:
                self._connectivity.handle_request(message, path, now)
            case MessageClass.SUCCESS | MessageClass.ERROR:
                self._connectivity.handle_response(message, path, now)
            case MessageClass.INDICATION:
                pass  # a keepalive: it has done its work on the way

    def _enter(self, now: float) -> None:
        """Begin a command, which a closed agent does not take."""
        if self.state is State.CLOSED:
            raise InvalidStateError("the agent is closed")
        self._begin(now)

    def _begin(self, now: float) -> None:
        """Notice that the caller stood still, so that nobody else is blamed for it."""
        self._now = now
        deadline = None if self._settled else self._deadline
        if deadline is not None and now > deadline + STALL:
            self._grace = now + GRACE

    def _settle(self, now: float) -> None:
        """Draw every conclusion from what has just changed."""
        if self.state is not State.CLOSED:
            self._collect_candidates(now)
        if self.state not in _OVER:
            generation = self._connectivity.generation
            complete = generation.ended and self.gathering_state is GatheringState.COMPLETE
            self._status.begin(now)
            self._nomination.advance(now, complete=complete, grace=self._grace)
            if generation.settled:
                self._gatherer.settle()
            self._connectivity.run(now)
            self._publish_selection()
            self._set_state(self._status.state(now, complete=complete, grace=self._grace))
        self._settled = True

    def _begin_generation(self, ufrag: str | None, pwd: str | None, number: int) -> Generation:
        credentials = Credentials.generate(self._random, ufrag, pwd)
        return Generation(self._config, credentials, number, self._subnets)

    def _take(self, candidates: Iterable[Candidate], now: float) -> None:
        kept = self._generation.take(candidates, now)
        if kept:
            self._form_pairs(self._gatherer.candidates, kept)

    def _collect_candidates(self, now: float) -> None:
        while (candidate := self._gatherer.poll_candidate()) is not None:
            self._generation.renew(now)
            self._events.append(CandidateFound(candidate))
            self._form_pairs([candidate], self._generation.remote_candidates)
        gathering = self.gathering_state is GatheringState.GATHERING
        if gathering and not (self._expecting or self._gatherer.busy):
            self._set_gathering(GatheringState.COMPLETE)

    def _form_pairs(self, locals_: Sequence[Candidate], remotes: Iterable[Candidate]) -> None:
        # A lite agent has no use for pairs that nobody checks.
        if not self._roles.lite or self._roles.both_lite:
            self._generation.form_pairs(locals_, remotes, self.role)

    def _publish_selection(self) -> None:
        if (pair := self._selection.pair) is self.selected_pair:
            return
        self.selected_pair = pair
        self.selected_pair_changes += 1
        self.selected_path = None if pair is None else pair.path
        if pair is not None:
            self._events.append(SelectedPairChanged(pair))
            _log.debug("%s: selected %r", self.local_ufrag, pair)

    def _next_deadline(self, now: float) -> float | None:
        if self.state is State.CLOSED:
            return None
        if self.state is State.FAILED:
            return self._gatherer.poll_timeout()
        return earliest(
            self._gatherer.poll_timeout(),
            self._connectivity.poll_timeout(),
            self._nomination.poll_timeout(now, self._grace),
            self._status.poll_timeout(now, self._grace),
        )

    def _set_gathering(self, state: GatheringState) -> None:
        if state is not self.gathering_state:
            self.gathering_state = state
            self._events.append(GatheringStateChanged(state))

    def _set_state(self, state: State) -> None:
        if state is State.COMPLETED and self.state not in {State.CONNECTED, State.COMPLETED}:
            self._set_state(State.CONNECTED)  # who waits for that word gets to hear it
        if state is not self.state:
            _log.debug("%s: %s → %s", self.local_ufrag, self.state, state)
            self.state = state
            self._events.append(StateChanged(state))
            if state in _OVER:
                self._connectivity.checks.clear()
                self._selection.clear()
                self.selected_pair_changes += self.selected_pair is not None
                self.selected_pair = self.selected_path = None
