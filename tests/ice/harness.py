"""Two agents on a virtual network, with the signalling between them."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from random import Random

from webrtc.core import Address, Path, Transmit
from webrtc.ice import (
    Agent,
    AgentConfig,
    CandidateFound,
    Event,
    GatheringState,
    GatheringStateChanged,
    Role,
    SelectedPairChanged,
    State,
    StateChanged,
)
from webrtc.ice.credentials import Credentials
from webrtc.stun import Message, MessageClass, Method, is_stun
from webrtc.stun.attributes import (
    Attribute,
    IceControlled,
    IceControlling,
    Priority,
    UseCandidate,
    Username,
    XorMappedAddress,
)
from webrtc.vnet import Host, Link, Network

CONNECTED = {State.CONNECTED, State.COMPLETED}
LEFT, RIGHT = "198.51.100.1", "198.51.100.2"


class Peer:
    """A transport with nothing but ICE and data: STUN goes to the agent, data only if allowed.

    It tells its candidates to `other` as they come, while `trickle` is set.
    """

    def __init__(self, network: Network, host: Host, agent: Agent) -> None:
        self.network = network
        self.host = host
        self.agent = agent
        self.other: Peer | None = None
        self.trickle = True
        self.bound: list[Address] = []
        self.events: list[Event] = []
        self.states: list[tuple[float, State]] = []
        self.received: list[tuple[float, bytes]] = []
        self.refused = 0
        self._data: deque[Transmit] = deque()
        self._driver = host.attach(self, on_event=self.on_event)

    def bind(self, port: int = 5000) -> None:
        """Bind every address that is not bound yet."""
        new = [(host, port) for card in self.host.cards for host in card.hosts if card.connected]
        new = [address for address in new if address not in self.bound]
        self.bound += new
        for address in new:
            self._driver.add(self.host.bind(address))

    def subnets(self) -> list[str]:
        """The networks of its interfaces."""
        known = [each for each in self.host.interfaces() if each.prefix is not None]
        return [f"{each.host.partition('%')[0]}/{each.prefix}" for each in known]

    def handle_unreachable(self, transmit: Transmit, now: float) -> None:
        if is_stun(transmit.data):
            self.agent.handle_unreachable(transmit.path, now)

    def send(self, data: bytes) -> None:
        """Send over the selected path, if there is one."""
        path = self.agent.selected_path
        if path is not None:
            self.agent.handle_sent(len(data))
            self._data.append(Transmit(data, path))

    def handle_read(self, data: bytes, path: Path, now: float) -> None:
        if is_stun(data):
            self.agent.handle_read(data, path, now)
        elif self.agent.allows(path):
            self.agent.handle_data(path, len(data), now)
            self.received.append((now, data))
        else:
            self.refused += 1

    def handle_timeout(self, now: float) -> None:
        self.agent.handle_timeout(now)

    def poll_write(self) -> Transmit | None:
        return self._data.popleft() if self._data else self.agent.poll_write()

    def poll_event(self) -> Event | None:
        return self.agent.poll_event()

    def poll_timeout(self) -> float | None:
        return self.agent.poll_timeout()

    def on_event(self, event: object) -> None:
        now = self.network.now
        match event:
            case StateChanged(state):
                self.states.append((now, state))
                self.events.append(event)
            case CandidateFound(candidate):
                self.events.append(event)
                if self.other is not None and self.trickle:
                    self.other.agent.add_remote_candidate(candidate, now)
            case GatheringStateChanged(state):
                self.events.append(event)
                if state is GatheringState.COMPLETE and self.other is not None and self.trickle:
                    self.other.agent.end_of_candidates(now)
            case SelectedPairChanged():
                self.events.append(event)
            case _:
                raise AssertionError(event)

    @property
    def selections(self) -> list[Path]:
        return [event.pair.path for event in self.events if isinstance(event, SelectedPairChanged)]

    def when(self, state: State, after: float = 0.0) -> float:
        """When `state` was entered first, not before `after`."""
        return next(at for at, entered in self.states if entered is state and at >= after)


class Call:
    """Two peers; `left` is configured to control unless a configuration says otherwise."""

    def __init__(
        self,
        network: Network | None = None,
        *,
        hosts: tuple[Host, Host] | None = None,
        left: AgentConfig | None = None,
        right: AgentConfig | None = None,
    ) -> None:
        self.network = network = network or Network(Link(delay=0.01))
        hosts = hosts or (network.host("left", LEFT), network.host("right", RIGHT))
        configs = left or AgentConfig(role=Role.CONTROLLING), right or AgentConfig()
        random = Random(network.seed)
        self.left, self.right = (
            Peer(network, host, Agent(config, Random(random.getrandbits(64))))
            for host, config in zip(hosts, configs, strict=True)
        )
        self.left.other, self.right.other = self.right, self.left

    @property
    def peers(self) -> tuple[Peer, Peer]:
        return self.left, self.right

    @property
    def now(self) -> float:
        return self.network.now

    def signal(self) -> None:
        """Exchange credentials, and what else a description says of ICE."""
        for peer, other in (self.peers, self.peers[::-1]):
            peer.agent.remote_lite = other.agent._config.lite
            ufrag, pwd = other.agent.local_ufrag, other.agent.local_pwd
            peer.agent.set_remote_credentials(ufrag, pwd, self.now)

    def gather(self, servers: Sequence[Address] = ()) -> None:
        for peer in self.peers:
            peer.bind()
            peer.agent.gather(peer.bound, servers, self.now, subnets=peer.subnets())

    def start(self, servers: Sequence[Address] = ()) -> "Call":
        self.signal()
        self.gather(servers)
        return self

    def connect(self, limit: float = 30.0, servers: Sequence[Address] = ()) -> "Call":
        self.start(servers)
        self.network.run_until(self.is_usable, limit)
        return self

    def is_usable(self) -> bool:
        """Whether each may send, over a path that the other takes data from."""
        return all(peer.agent.state in CONNECTED and takes(peer) for peer in self.peers)

    def exchange(
        self,
        seconds: float,
        senders: Iterable[Peer] | None = None,
        every: float = 0.05,
        until: Callable[[], bool] = lambda: False,
    ) -> None:
        """Let data flow for `seconds`, or until something is true."""
        senders = self.peers if senders is None else list(senders)
        end = self.now + seconds
        while self.now < end - 1e-9 and not until():
            for peer in senders:
                peer.send(b"\x80data")
            self.network.run(every)


def takes(peer: Peer) -> bool:
    path = peer.agent.selected_path
    return path is not None and peer.agent.allows(path)


class Lone:
    """One controlled agent at HOST, and the test in the place of its peer at PEER.

    The peer speaks through `check` and `answer`; what the agent sends is in `requests` and
    `responses` after `drain`.
    """

    HOST, PEER = ("192.0.2.1", 5000), ("192.0.2.2", 6000)
    PATH = Path(HOST, PEER)

    def __init__(self, config: AgentConfig | None = None, *, signalled: bool = True) -> None:
        self.random = Random(7)
        self.remote = Credentials.generate(self.random)
        self.agent = Agent(config or AgentConfig(), Random(1))
        self.requests: list[tuple[Message, Path]] = []
        self.responses: list[tuple[Message, Path]] = []
        self.events: list[Event] = []
        self.agent.gather([self.HOST], [], 0.0)
        if signalled:
            self.signal()

    def state(self) -> State:
        return self.agent.state

    def role(self) -> Role:
        return self.agent.role

    def signal(self, now: float = 0.0) -> None:
        self.agent.set_remote_credentials(self.remote.ufrag, self.remote.pwd, now)
        self.drain()

    def drain(self) -> None:
        while (transmit := self.agent.poll_write()) is not None:
            message = Message.decode(transmit.data)
            asks = message.message_class is MessageClass.REQUEST
            (self.requests if asks else self.responses).append((message, transmit.path))
        while (event := self.agent.poll_event()) is not None:
            self.events.append(event)

    def request(
        self,
        *more: Attribute,
        use_candidate: bool = False,
        claim: IceControlled | None = None,
        username: str | None = None,
    ) -> Message:
        """A check of the peer, not encoded yet."""
        if username is None:
            username = f"{self.agent.local_ufrag}:{self.remote.ufrag}"
        attributes: list[Attribute] = [Username(username), Priority(1845494271)]
        attributes.append(claim or IceControlling(1))
        attributes += [UseCandidate()] * use_candidate
        return Message.request(Method.BINDING, [*attributes, *more], self.random)

    def check(
        self,
        now: float,
        path: Path = PATH,
        *,
        message: Message | None = None,
        use_candidate: bool = False,
    ) -> Message:
        """Let the agent receive a check."""
        message = message or self.request(use_candidate=use_candidate)
        data = message.encode(key=self.agent.local_pwd.encode(), fingerprint=True)
        self.read(data, path, now)
        return message

    def answer(self, now: float, mapped: Address = HOST, index: int = -1) -> None:
        """Answer a request of the agent, the last one by default."""
        request, path = self.requests[index]
        response = request.success([XorMappedAddress(mapped)])
        self.read(response.encode(key=self.remote.pwd.encode(), fingerprint=True), path, now)

    def read(self, data: bytes, path: Path, now: float) -> None:
        self.agent.handle_read(data, path, now)
        self.drain()

    def tick(self, until: float) -> None:
        """Let time pass, timer by timer."""
        while (deadline := self.agent.poll_timeout()) is not None and deadline <= until:
            self.agent.handle_timeout(deadline)
        self.drain()

    def connect(self, now: float = 0.0) -> None:
        """Get a nominated pair."""
        self.check(now, use_candidate=True)
        self.answer(now)
