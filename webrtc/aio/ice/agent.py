"""ICE alone on asyncio: a path to a peer for datagrams of your own. RFC 8445."""

import itertools
import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Self, Unpack

from webrtc.aio import environment
from webrtc.aio.ice.connection import IceConnection, IceCore
from webrtc.aio.loop.emitter import Emitter
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.loop.waiters import Waiters
from webrtc.aio.net.binder import Binder
from webrtc.aio.net.budget import with_budget
from webrtc.aio.net.driver import Driver
from webrtc.aio.net.network import SystemNetwork
from webrtc.aio.net.seam import NetworkStack
from webrtc.aio.options import IceOptions
from webrtc.errors import ConnectionFailed, InvalidAccessError, InvalidStateError
from webrtc.ice import (
    Agent,
    AgentConfig,
    Candidate,
    CandidateFound,
    CandidatePair,
    Event,
    GatheringState,
    GatheringStateChanged,
    Role,
    SelectedPairChanged,
    State,
    StateChanged,
)
from webrtc.peer import RTCIceServer, SettingEngine

_REMEMBERED_STATES = 64  # for each `states()` whose reader is late

_log = logging.getLogger("webrtc.ice")
_numbers = itertools.count(1)


class IceAgent(Emitter):
    """Finds a path to one peer and keeps it alive. Create it on a running loop.

    `stun_servers` are URLs such as `stun:192.0.2.1`; no other host than these and the peer is
    contacted. `max_queued` datagrams wait for `IceConnection.recv`. `options` are members of
    `SettingEngine`. `network` replaces the operating system's, for simulations.

    Events: `candidate` (a local one, None after the last), `statechange`,
    `selectedcandidatepairchange`.

    Raises InvalidSyntaxError, NotSupportedError or InvalidAccessError for servers, addresses and
    ports that cannot work.
    """

    def __init__(
        self,
        config: AgentConfig | None = None,
        *,
        stun_servers: Sequence[str] = (),
        network: NetworkStack | None = None,
        max_queued: int = 256,
        **options: Unpack[IceOptions],
    ) -> None:
        if max_queued < 1:
            raise InvalidAccessError(f"max_queued is {max_queued}, below 1")
        tasks = Tasks()
        super().__init__(tasks)
        settings = with_budget(SettingEngine(ice=config or AgentConfig(), **options))
        self._servers = RTCIceServer(stun_servers).addresses if stun_servers else []
        self._name = f"ice={next(_numbers):x}"
        self._max_queued = max_queued
        self._agent = Agent(settings.ice, settings.random)
        self._core = IceCore(self._agent)
        self._driver = Driver(self._core, self._collect)
        environment.configure_logging()
        network = environment.captured(network or SystemNetwork(), self._name)
        self._binder = Binder(self._core, self._driver, network, settings)
        self._waiters = Waiters()
        self._watchers: list[deque[State]] = []
        self._state = State.NEW
        self._closed = False
        self._generation = -1
        self._begin_generation()
        self._connect_queue()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<IceAgent {self._name} {self._state}>"

    @property
    def state(self) -> State:
        """How far the search for a path is."""
        return self._state

    @property
    def role(self) -> Role:
        """Who nominates; may change when both ends took the same role."""
        return self._agent.role

    @property
    def local_ufrag(self) -> str:
        """Username fragment to tell the peer."""
        return self._agent.local_ufrag

    @property
    def local_pwd(self) -> str:
        """Password to tell the peer."""
        return self._agent.local_pwd

    @property
    def local_candidates(self) -> list[Candidate]:
        """Candidates to tell the peer, as found so far."""
        return self._agent.local_candidates

    @property
    def remote_candidates(self) -> list[Candidate]:
        """Candidates of the peer, peer-reflexive ones too."""
        return self._agent.remote_candidates

    @property
    def pairs(self) -> list[CandidatePair]:
        """All pairs by descending priority, with round trip times, loss and counters."""
        return self._agent.pairs

    @property
    def selected_pair(self) -> CandidatePair | None:
        """The pair that carries data, or None."""
        return self._agent.selected_pair

    @property
    def untrusted(self) -> int:
        """Datagrams that came over a path that no check has proven, and were dropped."""
        return self._core.untrusted

    @property
    def remote_lite(self) -> bool:
        """Whether the peer only answers checks; set it before `dial` or `accept`."""
        return self._agent.remote_lite

    @remote_lite.setter
    def remote_lite(self, value: bool) -> None:
        self._agent.remote_lite = value

    async def gather(self) -> list[Candidate]:
        """Find the local candidates and return all; each is also told by `candidate`, at once.

        Gathering begins once for each generation and goes on when this call is cancelled.
        Raises InvalidStateError when closed, ConnectionFailed when closed meanwhile.
        """
        self._check_open("gather")
        self._begin_gathering()
        while self._agent.gathering_state is not GatheringState.COMPLETE:
            await self._wait()
        return self.local_candidates

    def add_remote_candidate(self, candidate: Candidate | None) -> None:
        """Take a candidate of the peer at any time; None says that there are no more.

        One that cannot be used is ignored, a name among them: nobody is asked what a peer means.
        Raises InvalidStateError when closed.
        """
        self._check_open("add_remote_candidate")
        now = self._loop.time()
        if candidate is None:
            self._agent.end_of_candidates(now)
        else:
            self._agent.add_remote_candidate(candidate, now)
        self._driver.flush_soon()

    async def dial(self, ufrag: str, pwd: str) -> IceConnection:
        """Connect as the controlling agent to the peer with these credentials; it has to `accept`.

        Begins to gather if nobody has. Cancelled, it can be called again with the same credentials.
        Raises InvalidStateError when closed or other credentials are known (call `restart` first),
        InvalidAccessError for malformed ones, ConnectionFailed when no path is found.
        """
        return await self._connect(Role.CONTROLLING, ufrag, pwd)

    async def accept(self, ufrag: str, pwd: str) -> IceConnection:
        """Connect as the controlled agent; otherwise as `dial`."""
        return await self._connect(Role.CONTROLLED, ufrag, pwd)

    async def states(self) -> AsyncIterator[State]:
        """The state there is and each that follows, in their order, `CLOSED` at last."""
        states = deque([self._state], maxlen=_REMEMBERED_STATES)
        self._watchers.append(states)
        try:
            while True:
                while states:
                    state = states.popleft()
                    yield state
                    if state is State.CLOSED:
                        return
                await self._waiters.wait()
        finally:
            self._watchers = [each for each in self._watchers if each is not states]

    def restart(self, ufrag: str | None = None, pwd: str | None = None) -> None:
        """Begin with new credentials and candidates, and gather; then `dial` or `accept` again.

        A connection that has not ended goes on, over its old path until there is a new one.
        Raises InvalidStateError when closed, InvalidAccessError for malformed credentials.
        """
        self._check_open("restart")
        self._agent.restart(self._loop.time(), ufrag, pwd)
        self._begin_generation()
        self._begin_gathering()
        self._driver.flush_soon()

    async def close(self) -> None:
        """End at once and wait until nothing is left; no event follows. Harmless when closed."""
        if not self._closed:
            self._closed = True
            self._agent.close(self._loop.time())
            self._driver.close()
            self._connection.end("the agent was closed")
            self._set_state(State.CLOSED)
            self._waiters.wake()
        await self._tasks.close()

    # From the core to the application

    def _collect(self, *, reading: bool) -> bool:  # noqa: ARG002 - handlers never run at once
        """Take what the agent says. Handlers run in the loop's next turn."""
        while (event := self._agent.poll_event()) is not None:
            if isinstance(event, SelectedPairChanged):
                self._connection.pair = event.pair
            self._loop.call_soon(self._handle, event, self._generation)
        return False

    def _handle(self, event: Event, generation: int) -> None:
        if self._closed:
            return
        match event:
            case CandidateFound(candidate):
                if generation == self._generation:
                    self.emit("candidate", candidate)
            case GatheringStateChanged(GatheringState.COMPLETE):
                if generation == self._generation:
                    self.emit("candidate", None)
            case StateChanged(state):
                self._set_state(state)
                self.emit("statechange")
            case SelectedPairChanged():
                self.emit("selectedcandidatepairchange")
        self._waiters.wake()

    def _set_state(self, state: State) -> None:
        self._state = state
        _log.info("%s %s", self._name, state)
        for states in self._watchers:
            states.append(state)
        if state is State.FAILED:
            self._connection.end(self._failure())
            self._connect_queue()

    def _connect_queue(self) -> None:
        """What arrives from here on belongs to a new connection."""
        self._connection = IceConnection(self._core, self._driver, self._max_queued)
        self._core.connection = self._connection

    # Generations

    def _begin_generation(self) -> None:
        self._generation += 1
        self._gathering = False
        self._core.gathering = False

    def _begin_gathering(self) -> None:
        if not self._gathering:
            self._gathering = True
            self._tasks.start(self._gather())

    async def _gather(self) -> None:
        self._core.gathering = True  # what an earlier generation has looked up comes too late
        bound, names = self._binder.bind(self._servers)
        self._binder.tell(bound)
        await self._binder.look_up(names)

    async def _connect(self, role: Role, ufrag: str, pwd: str) -> IceConnection:
        self._check_open("dial" if role is Role.CONTROLLING else "accept")
        agent = self._agent
        agent.set_role(role)
        agent.set_remote_credentials(ufrag, pwd, self._loop.time())
        self._begin_gathering()
        self._driver.flush_soon()
        while (pair := agent.selected_pair) is None or pair.generation != self._generation:
            if agent.state is State.FAILED:
                raise ConnectionFailed(self._failure())
            await self._wait()
        return self._connection

    def _failure(self) -> str:
        ours, theirs = len(self.local_candidates), len(self.remote_candidates)
        return f"no path: {len(self.pairs)} pairs of {ours} local and {theirs} remote candidates"

    def _check_open(self, call: str) -> None:
        if self._closed:
            raise InvalidStateError(f"{call}() on a closed ICE agent")

    async def _wait(self) -> None:
        """Wait for any event. Raises ConnectionFailed when closed."""
        await self._waiters.wait()
        if self._closed:
            raise ConnectionFailed("the agent was closed")
