"""A datagram on its way through the virtual network."""

from webrtc.core import Address

IPV4_OVERHEAD = 28
"""Bytes of the IPv4 and UDP headers. RFC 791 §3.1, RFC 768."""

IPV6_OVERHEAD = 48
"""Bytes of the IPv6 and UDP headers. RFC 8200 §3, RFC 768."""


class Packet:
    """One UDP datagram. NATs rewrite its addresses on the way; `id` and `tag` stay."""

    __slots__ = ("data", "destination", "dont_fragment", "ecn", "id", "size", "source", "tag")

    def __init__(
        self,
        data: bytes,
        source: Address,
        destination: Address,
        ecn: int = 0,
        number: int = 0,
        *,
        dont_fragment: bool = False,
    ) -> None:
        self.data = data
        self.source = source
        self.destination = destination
        self.ecn = ecn
        """The two ECN bits of the IP header. RFC 3168 §5."""
        self.dont_fragment = dont_fragment
        """Links with a smaller MTU drop it; others are fragmented by whoever has to."""
        self.id = number
        """Counts up in the order of sending. Copies made by a link share it."""
        self.tag = ""
        """Free for filters and hooks; shown in traces and captures."""
        self.size = len(data) + (IPV6_OVERHEAD if ":" in source[0] else IPV4_OVERHEAD)
        """Bytes of the whole IP packet: what a link's `rate`, `queue` and `mtu` count."""

    def resize(self) -> None:
        """Adapt `size` after the source changed between IPv4 and IPv6."""
        self.size = len(self.data) + (IPV6_OVERHEAD if ":" in self.source[0] else IPV4_OVERHEAD)

    def copy(self) -> "Packet":
        """An equal packet that can take another way."""
        other = Packet(
            self.data,
            self.source,
            self.destination,
            self.ecn,
            self.id,
            dont_fragment=self.dont_fragment,
        )
        other.tag = self.tag
        return other

    def __repr__(self) -> str:
        source, destination = _text(self.source), _text(self.destination)
        tag = f" {self.tag}" if self.tag else ""
        return f"#{self.id} {source} > {destination} {len(self.data)} bytes{tag}"


def _text(address: Address) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
