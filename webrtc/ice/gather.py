"""Gathering of local candidates. RFC 8445 §5.1.1."""

from collections import deque
from collections.abc import Callable, Sequence
from random import Random

from webrtc.core import Address, Path, Transmit, earliest
from webrtc.errors import InvalidAccessError
from webrtc.ice.address import family, normalize, scope, without_zone
from webrtc.ice.candidate import Candidate, CandidateType
from webrtc.ice.config import AgentConfig
from webrtc.ice.external import ExternalAddresses
from webrtc.ice.priority import PREFERENCE_STEP, LocalPreferences, candidate_priority
from webrtc.stun import Client, Message, MessageClass, Method
from webrtc.stun.attributes import MappedAddress, XorMappedAddress
from webrtc.stun.client import ResponseReceived

_EXTERNAL: Address = ("1:1", 0)
"""Stands for the server of a server-reflexive candidate that no server told."""
_NOBODY: Address = ("", 0)


class Gatherer:
    """Turns bound addresses and STUN servers into candidates.

    All servers are asked at once from every host address of their family, each on its own clock.
    It knows nothing of peers; relays are asked elsewhere and their addresses added here.
    """

    def __init__(
        self, config: AgentConfig, random: Random, send: Callable[[Transmit], None]
    ) -> None:
        self.candidates: list[Candidate] = []
        """Every candidate of the generation, peer-reflexive ones too, in order of discovery."""
        self._config = config
        self._random = random
        self._send = send
        self._external = ExternalAddresses(config.nat_1to1_ips)
        self._preferences = LocalPreferences()
        self._foundations: dict[tuple[CandidateType, str, str], str] = {}
        self._hosts: list[Address] = []
        self._servers: list[Address] = []
        self._found: deque[Candidate] = deque()
        self._client = Client(rto=config.rto)
        self._asked: dict[bytes, tuple[Path, float]] = {}
        """Path and time limit of each open request."""
        self._queue: deque[Path] = deque()
        self._next_query = float("-inf")
        self._bindings: dict[Path, float] = {}
        """When to keep alive what a NAT remembers for each server."""

    @property
    def busy(self) -> bool:
        """Whether a server may still answer."""
        return bool(self._asked or self._queue)

    def add(self, hosts: Sequence[Address], servers: Sequence[Address], now: float) -> None:
        """Gather from more hosts or servers; those that are known are passed over."""
        new_hosts = [host for host in hosts if host not in self._hosts and self._accepts(host)]
        new_servers = [server for server in servers if server not in self._servers]
        self._servers += new_servers
        for host in new_hosts:
            self._hosts.append(host)
            self._add_host(host)
        if not self._config.lite and self._wants(CandidateType.SERVER_REFLEXIVE):
            for server in self._servers:
                for host in self._hosts:
                    if host in new_hosts or server in new_servers:
                        self._ask(host, server)
        self._pump(now)

    def add_relayed(self, address: Address, related: Address, preference: int | None) -> None:
        """Add the address that a relay allocated; `related` is what the relay saw."""
        if preference is None:
            preference = self._preference(address[0])
        self._add(CandidateType.RELAYED, address, address, address, preference, related)

    def add_peer_reflexive(self, address: Address, origin: Candidate) -> Candidate | None:
        """Learn from a response that `origin` is seen as `address`. RFC 8445 §7.2.5.3.1."""
        known = sum(one.type is CandidateType.PEER_REFLEXIVE for one in self.candidates)
        if known >= self._config.max_peer_reflexive:
            return None
        base = origin.base or origin.address
        type_ = CandidateType.PEER_REFLEXIVE
        candidate = Candidate(
            self._foundation(type_, base[0], ""),
            origin.component,
            origin.protocol,
            peer_reflexive_priority(origin),
            address,
            type_,
            without_zone(base),
            base=base,
        )
        self.candidates.append(candidate)
        return candidate

    def handle_response(self, message: Message, path: Path, now: float) -> bool:
        """Take a server's response. False when it answers no request of the gatherer.

        Raises ProtocolError for one that is to be dropped.
        """
        asked = self._asked.get(message.transaction_id)
        if asked is None or asked[0] != path:
            return False
        self._client.handle_response(message, path, now)
        self._collect(now)
        return True

    def handle_timeout(self, now: float) -> None:
        """Repeat requests, give servers up, keep bindings alive."""
        self._client.handle_timeout(now)
        self._collect(now)
        for transaction_id, (_, limit) in list(self._asked.items()):
            if limit <= now:
                self._client.stop(transaction_id)
        self._collect(now)
        for path, due in self._bindings.items():
            if due <= now:
                self._bindings[path] = now + self._config.server_keepalive_interval
                indication = Message.indication(Method.BINDING, (), self._random)
                self._send(Transmit(indication.encode(fingerprint=True), path))
        self._pump(now)

    def poll_candidate(self) -> Candidate | None:
        """Next candidate that was found, or None."""
        return self._found.popleft() if self._found else None

    def poll_timeout(self) -> float | None:
        if not (self._asked or self._bindings or self._queue):
            return None  # as on every packet without a STUN server
        return earliest(
            self._client.poll_timeout(),
            min((limit for _, limit in self._asked.values()), default=None),
            min(self._bindings.values(), default=None),
            self._next_query if self._queue else None,
        )

    def settle(self) -> None:
        """A pair is nominated: its checks keep the NAT's memory from here on."""
        self._bindings.clear()

    def clear(self) -> None:
        """Forget all candidates, as a restart wants; their foundations and preferences stay."""
        self.candidates = []
        self._hosts, self._servers = [], []
        self._found.clear()
        self._queue.clear()
        self._bindings.clear()
        self._asked.clear()
        self._client = Client(rto=self._config.rto)

    def _accepts(self, host: Address) -> bool:
        if normalize(host[0]) is None:
            raise InvalidAccessError(f"host {host[0]!r} is not an IP address")
        allowed = self._config.ip_filter
        return allowed is None or allowed(host[0])

    def _wants(self, type_: CandidateType) -> bool:
        return type_ in self._config.candidate_types

    def _add_host(self, host: Address) -> None:
        preference = self._preference(host[0])
        external = self._external.of(host[0])
        written = without_zone(host)
        if external is not None and self._config.nat_1to1_candidate_type is CandidateType.HOST:
            written = (external, host[1])
        self._add(CandidateType.HOST, written, host, _NOBODY, preference)
        if external is not None and written[0] != external:
            mapped = (external, host[1])
            self._add(CandidateType.SERVER_REFLEXIVE, mapped, host, _EXTERNAL, preference)

    def _add_server_reflexive(self, path: Path, mapped: Address) -> None:
        # A second server may see the same base as another address; its priority must differ.
        index = min(self._servers.index(path.remote) + 1, PREFERENCE_STEP - 1)
        preference = max(self._preference(path.local[0]) - index, 0)
        type_ = CandidateType.SERVER_REFLEXIVE
        self._add(type_, mapped, path.local, path.remote, preference)

    def _add(
        self,
        type_: CandidateType,
        address: Address,
        base: Address,
        server: Address,
        preference: int,
        related: Address | None = None,
    ) -> None:
        if related is None and type_ is not CandidateType.HOST:
            related = without_zone(base)
        foundation = self._foundation(type_, base[0], server[0])
        priority = candidate_priority(type_, preference)
        candidate = Candidate(
            foundation,
            1,
            "udp",
            priority,
            address,
            type_,
            related,
            base=base,
            server=server if server[1] else None,
        )
        if not self._wants(type_) or candidate.network_type not in self._config.network_types:
            return
        if any(candidate.redundant_with(other) for other in self.candidates):
            return
        self.candidates.append(candidate)
        self._found.append(candidate)

    def _preference(self, host: str) -> int:
        ranked = self._config.local_preference
        return self._preferences.of(host) if ranked is None else ranked(host)

    def _foundation(self, type_: CandidateType, base: str, server: str) -> str:
        """Equal for candidates of one kind, base and server. RFC 8445 §5.1.1.3."""
        return self._foundations.setdefault((type_, base, server), str(len(self._foundations) + 1))

    def _ask(self, host: Address, server: Address) -> None:
        if family(host[0]) == family(server[0]) and scope(host[0]) is scope(server[0]):
            self._queue.append(Path(host, server))

    def _pump(self, now: float) -> None:
        """Send the requests that are due, a short pause between them."""
        while self._queue and self._next_query <= now:
            path = self._queue.popleft()
            message = Message.request(Method.BINDING, (), self._random)
            self._client.request(message, path, now)
            self._asked[message.transaction_id] = (path, now + self._config.stun_timeout)
            self._next_query = now + self._config.gather_interval
        while (transmit := self._client.poll_write()) is not None:
            self._send(transmit)

    def _collect(self, now: float) -> None:
        """Take what the requests came to."""
        while (event := self._client.poll_event()) is not None:
            if not isinstance(event, ResponseReceived):
                del self._asked[event.transaction_id]
                continue
            message, path = event.message, event.path
            del self._asked[message.transaction_id]
            mapped = message.get(XorMappedAddress) or message.get(MappedAddress)
            if message.message_class is MessageClass.SUCCESS and mapped is not None:
                self._add_server_reflexive(path, mapped.address)
                self._bindings[path] = now + self._config.server_keepalive_interval


def peer_reflexive_priority(origin: Candidate) -> int:
    """Priority of a peer-reflexive candidate with the base of `origin`. RFC 8445 §7.1.1."""
    preference = origin.priority >> 8 & 0xFFFF
    return candidate_priority(CandidateType.PEER_REFLEXIVE, preference, origin.component)
