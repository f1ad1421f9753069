"""Network address translators by their behaviour. RFC 4787; NAT64: RFC 6146."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from random import Random
from typing import Protocol

from webrtc.core import Address
from webrtc.vnet.packet import Packet

LIFETIME = 120.0  # RFC 4787 §4.3 REQ-5: not less than two minutes


class Behavior(StrEnum):
    """On how much of the remote address something depends. RFC 4787 §4.1, §5."""

    ENDPOINT_INDEPENDENT = "endpoint-independent"
    ADDRESS_DEPENDENT = "address-dependent"
    ADDRESS_AND_PORT_DEPENDENT = "address-and-port-dependent"


class Translator(Protocol):
    """What a router asks about packets that cross its outer side."""

    hairpin: bool
    """Whether packets from inside to an outer address come back in. RFC 4787 §6."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The outer addresses."""

    def translates(self, host: str) -> bool:
        """Whether packets from inside to `host` are translated; others are routed unchanged."""

    def outbound(self, packet: Packet, now: float, random: Random) -> bool:
        """Rewrite a packet on its way out, or return False to drop it."""

    def inbound(self, packet: Packet, now: float) -> bool:
        """Rewrite a packet on its way in, or return False to drop it."""


@dataclass(slots=True, eq=False)
class Binding:
    """One inner address made visible as one outer address."""

    key: Hashable
    internal: Address
    external: Address
    used: float
    peers: dict[Hashable, float] = field(default_factory=dict)
    """Who may answer, and when it was last sent to."""


@dataclass(slots=True, eq=False)
class Nat:
    """A NAT with one outer address, `host`.

    By their older names: full cone is endpoint-independent in both `mapping` and `filtering`;
    restricted cone filters by address, port-restricted cone by address and port; symmetric both
    maps and filters by address and port.
    """

    host: str
    mapping: Behavior = field(default=Behavior.ENDPOINT_INDEPENDENT, kw_only=True)
    filtering: Behavior = field(default=Behavior.ADDRESS_AND_PORT_DEPENDENT, kw_only=True)
    lifetime: float = field(default=LIFETIME, kw_only=True)
    """Seconds without an outgoing packet after which a binding and its filters are gone."""
    inbound_refresh: bool = field(default=False, kw_only=True)
    """Whether incoming packets prolong the lifetime too. RFC 4787 §4.3 REQ-6."""
    hairpin: bool = field(default=True, kw_only=True)
    port_preservation: bool = field(default=True, kw_only=True)
    """Use the inner port outside too when it is free; otherwise a random one."""
    ports: range = field(default=range(1024, 65536), kw_only=True)
    """Outer ports. When all are taken, new bindings fail and their packets are dropped."""

    _bindings: dict[Hashable, Binding] = field(default_factory=dict, init=False, repr=False)
    _external: dict[int, Binding] = field(default_factory=dict, init=False, repr=False)
    _retired: set[int] = field(default_factory=set, init=False, repr=False)

    def __post_init__(self) -> None:
        self.mapping = Behavior(self.mapping)
        self.filtering = Behavior(self.filtering)

    @property
    def hosts(self) -> tuple[str, ...]:
        return (self.host,)

    @property
    def bindings(self) -> list[Binding]:
        """The table, oldest first; some may have outlived `lifetime`."""
        return list(self._bindings.values())

    def translates(self, host: str) -> bool:
        return (":" in host) is (":" in self.host)

    def outbound(self, packet: Packet, now: float, random: Random) -> bool:
        remote = packet.destination
        key = (packet.source, _scope(self.mapping, remote))
        binding = self._live(self._bindings.get(key), now)
        if binding is None:
            port = self._free_port(packet.source[1], now, random)
            if port is None:
                return False
            binding = Binding(key, packet.source, (self.host, port), now)
            self._bindings[key] = self._external[port] = binding
        binding.used = now
        binding.peers[_scope(self.filtering, remote)] = now
        packet.source = binding.external
        return True

    def inbound(self, packet: Packet, now: float) -> bool:
        binding = self._live(self._external.get(packet.destination[1]), now)
        if binding is None:
            return False
        scope = _scope(self.filtering, packet.source)
        sent = binding.peers.get(scope)
        if sent is None or now - sent > self.lifetime:
            return False
        if self.inbound_refresh:
            binding.used = binding.peers[scope] = now
        packet.destination = binding.internal
        return True

    def expire(self) -> None:
        """Forget every binding, as after `lifetime`; the same outer ports may be used again."""
        self._bindings.clear()
        self._external.clear()

    def rebind(self) -> None:
        """Forget every binding; from the next packet on, every flow has another outer port."""
        self._retired = set(self._external) or self._retired
        self.expire()

    def _live(self, binding: Binding | None, now: float) -> Binding | None:
        if binding is not None and now - binding.used > self.lifetime:
            del self._bindings[binding.key], self._external[binding.external[1]]
            return None
        return binding

    def _free_port(self, wanted: int, now: float, random: Random) -> int | None:
        ports = self.ports
        if self.port_preservation and wanted in ports and self._free(wanted, now):
            return wanted
        start = random.randrange(len(ports))
        for offset in range(len(ports)):
            port = ports[(start + offset) % len(ports)]
            if self._free(port, now):
                return port
        return None

    def _free(self, port: int, now: float) -> bool:
        taken = self._live(self._external.get(port), now)
        return taken is None and port not in self._retired


def _scope(behavior: Behavior, remote: Address) -> Hashable:
    """The part of `remote` that counts."""
    if behavior is Behavior.ENDPOINT_INDEPENDENT:
        return None
    return remote[0] if behavior is Behavior.ADDRESS_DEPENDENT else remote


@dataclass(slots=True, eq=False)
class OneToOneNat:
    """A static NAT: each inner host has an outer address of its own; ports stay; no filter."""

    inner: Mapping[str, str]
    """Outer address → inner address."""
    hairpin: bool = field(default=True, kw_only=True)

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(self.inner)

    def translates(self, host: str) -> bool:
        return any((":" in outer) is (":" in host) for outer in self.inner)

    def outbound(  # a Translator is told more than it needs here
        self,
        packet: Packet,
        now: float,  # noqa: ARG002  # as above
        random: Random,  # noqa: ARG002  # as above
    ) -> bool:
        host, port = packet.source
        for outer, inner in self.inner.items():
            if inner == host:
                packet.source = (outer, port)
                return True
        return False

    def inbound(self, packet: Packet, now: float) -> bool:  # noqa: ARG002  # as above
        host, port = packet.destination
        packet.destination = (self.inner[host], port)
        return True


@dataclass(slots=True, eq=False)
class Nat64(Nat):
    """A NAT that lets hosts with IPv6 only reach IPv4. RFC 6146.

    Inside, the IPv4 host 192.0.2.1 is `64:ff9b::192.0.2.1` (RFC 6052 §2.1).
    """

    @staticmethod
    def address(host: str) -> str:
        """The IPv6 address by which the IPv4 `host` is reached: what a DNS64 answers."""
        prefix = _WELL_KNOWN_PREFIX.network_address.packed[:12]
        return str(IPv6Address(prefix + IPv4Address(host).packed))

    def translates(self, host: str) -> bool:
        return ":" in host and IPv6Address(host) in _WELL_KNOWN_PREFIX

    def outbound(self, packet: Packet, now: float, random: Random) -> bool:
        host, port = packet.destination
        packet.destination = (str(IPv4Address(IPv6Address(host).packed[12:])), port)
        passed = Nat.outbound(self, packet, now, random)  # slots leave super() no class to find
        packet.resize()
        return passed

    def inbound(self, packet: Packet, now: float) -> bool:
        if not Nat.inbound(self, packet, now):
            return False
        host, port = packet.source
        packet.source = (self.address(host), port)
        packet.resize()
        return True


_WELL_KNOWN_PREFIX = IPv6Network("64:ff9b::/96")
