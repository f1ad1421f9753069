"""URIs of STUN and TURN servers. RFC 7064, RFC 7065."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Literal, cast

from webrtc.errors import InvalidSyntaxError
from webrtc.stun.registry import DEFAULT_PORT, DEFAULT_TLS_PORT

Scheme = Literal["stun", "stuns", "turn", "turns"]

_URI = re.compile(
    r"(?P<scheme>stuns?|turns?):"
    r"(?:\[(?P<v6>[^\]]*)\]|(?P<host>[A-Za-z0-9._~!$&'()*+,;=%-]+))"
    r"(?::(?P<port>[0-9]*))?"
    r"(?:\?transport=(?P<transport>[A-Za-z0-9._~-]+))?",
    re.IGNORECASE | re.ASCII,
)
_NUMERIC = re.compile(r"[0-9.]+")
_MAX_LENGTH = 1024


@dataclass(frozen=True, slots=True)
class ServerUri:
    """Where a server is and how to talk to it."""

    scheme: Scheme
    host: str
    """Name or IP address; an IPv6 address without brackets."""
    port: int
    transport: Literal["udp", "tcp"]
    """`tcp` with a secure scheme is TLS, `udp` with a secure scheme is DTLS."""

    @property
    def secure(self) -> bool:
        """Whether the transport is TLS or DTLS."""
        return self.scheme in {"stuns", "turns"}

    @property
    def relay(self) -> bool:
        """Whether it is a TURN server."""
        return self.scheme in {"turn", "turns"}

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        query = f"?transport={self.transport}" if self.relay else ""
        return f"{self.scheme}:{host}:{self.port}{query}"


def parse_uri(text: str) -> ServerUri:
    """Parse `stun:host`, `turns:host:port?transport=tcp` and the like.

    Raises InvalidSyntaxError, also for a transport other than udp and tcp: browsers know no other.
    """
    match = _URI.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    if match is None:
        hint = "; a STUN or TURN URI has no //" if "//" in text else ""
        raise InvalidSyntaxError(f"not a STUN or TURN URI: {text[:80]!r}{hint}")
    scheme = cast("Scheme", match["scheme"].lower())
    secure = scheme.endswith("s")
    return ServerUri(
        scheme,
        _host(match["host"], text) if match["host"] else _ipv6(match["v6"], text),
        _port(match["port"], secure=secure),
        _transport(scheme, match["transport"], secure=secure),
    )


def _host(host: str, text: str) -> str:
    """A name, or an IPv4 address where it can be nothing else."""
    if _NUMERIC.fullmatch(host):
        try:
            return str(IPv4Address(host))
        except AddressValueError:
            raise InvalidSyntaxError(f"no IPv4 address in {text[:80]!r}") from None
    return host


def _ipv6(host: str, text: str) -> str:
    try:
        return str(IPv6Address(host))
    except AddressValueError:
        raise InvalidSyntaxError(f"no IPv6 address in {text[:80]!r}") from None


def _port(digits: str | None, *, secure: bool) -> int:
    if not digits:
        return DEFAULT_TLS_PORT if secure else DEFAULT_PORT
    port = int(digits) if len(digits) <= 5 else 0
    if not 0 < port < 65536:
        raise InvalidSyntaxError(f"port {digits[:80]}")
    return port


def _transport(scheme: Scheme, given: str | None, *, secure: bool) -> Literal["udp", "tcp"]:
    if given is None:
        return "tcp" if secure else "udp"
    if scheme.startswith("stun"):
        raise InvalidSyntaxError(f"a {scheme} URI has no transport")
    match given.lower():
        case "udp":
            return "udp"
        case "tcp":
            return "tcp"
    raise InvalidSyntaxError(f"transport {given[:80]!r} is neither udp nor tcp")
