"""ICE candidates. RFC 8445 §5.1, RFC 8839 §5.1 for the fields."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from webrtc.core import Address


class CandidateType(StrEnum):
    """How a candidate was found."""

    HOST = "host"
    SERVER_REFLEXIVE = "srflx"
    PEER_REFLEXIVE = "prflx"
    RELAYED = "relay"


class TcpType(StrEnum):
    """Who opens the connection of a TCP candidate. RFC 6544 §4.5."""

    ACTIVE = "active"
    PASSIVE = "passive"
    SIMULTANEOUS_OPEN = "so"


class NetworkType(StrEnum):
    """Transport protocol and address family together, as filters want them."""

    UDP4 = "udp4"
    UDP6 = "udp6"
    TCP4 = "tcp4"
    TCP6 = "tcp6"


_NETWORK_TYPES = {
    ("udp", False): NetworkType.UDP4,
    ("udp", True): NetworkType.UDP6,
    ("tcp", False): NetworkType.TCP4,
    ("tcp", True): NetworkType.TCP6,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A transport address that may reach an agent."""

    foundation: str
    component: int
    protocol: Literal["udp", "tcp"]
    priority: int
    address: Address
    """Its host may be a name ending in `.local`. RFC 8828."""
    type: CandidateType
    related_address: Address | None = None
    tcp_type: TcpType | None = None
    extensions: tuple[tuple[str, str], ...] = ()
    """Further name-value pairs of the candidate line in their order: `ufrag`, `generation` …"""
    base: Address | None = field(default=None, compare=False)
    """Where a local candidate is sent from, with the zone; None for a remote one. RFC 8445 §4."""
    server: Address | None = field(default=None, compare=False)
    """The server from which a local one was learnt."""

    @property
    def id(self) -> str:
        """Name that does not change; unique among the candidates of a side."""
        host, port = self.address
        related = "" if self.base is None or self.base == self.address else f"@{self.base[0]}"
        return f"{self.type}:{self.protocol}:{host}:{port}{related}"

    @property
    def network_type(self) -> NetworkType:
        """Its protocol and family; a name counts as IPv4 until it is resolved."""
        return _NETWORK_TYPES[self.protocol, ":" in self.address[0]]

    def extension(self, name: str) -> str | None:
        """Value of the first extension called `name`, or None."""
        return next((value for key, value in self.extensions if key == name), None)

    def redundant_with(self, other: "Candidate") -> bool:
        """Whether one of the two is superfluous: same address, same base. RFC 8445 §5.1.3."""
        return (
            self.address == other.address
            and self.base == other.base
            and self.protocol == other.protocol
            and self.component == other.component
        )
