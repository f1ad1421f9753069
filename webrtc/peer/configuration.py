"""RTCConfiguration as in webrtc-pc §4.2, and the settings that a browser does not have."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from random import Random, SystemRandom
from typing import Any, Literal, Self

from webrtc.dtls import Certificate
from webrtc.dtls import Config as DtlsConfig
from webrtc.dtls.record import MAX_PLAINTEXT
from webrtc.errors import (
    InvalidAccessError,
    InvalidModificationError,
    InvalidSyntaxError,
    NotSupportedError,
)
from webrtc.ice import AgentConfig
from webrtc.sctp import Config as SctpConfig
from webrtc.stun.uri import parse_uri
from webrtc.util.webidl import one_of, text

DTLS_OVERHEAD = 37
"""Bytes around an SCTP packet in a record of DTLS 1.2 with AES-GCM. RFC 5288 §3."""

RTCIceTransportPolicy = Literal["all", "relay"]
RTCBundlePolicy = Literal["balanced", "max-compat", "max-bundle"]
RTCRtcpMuxPolicy = Literal["require"]


@dataclass(frozen=True)
class RTCIceServer:
    """A STUN server: `RTCIceServer("stun:192.0.2.1")`. webrtc-pc §4.2.4."""

    urls: str | Sequence[str]
    username: str | None = None
    credential: str | None = None

    def __post_init__(self) -> None:
        for url in [self.urls] if isinstance(self.urls, str) else self.urls:
            text("URL of an ICE server", url)
        for name in ("username", "credential"):
            if getattr(self, name) is not None:
                text(name, getattr(self, name))

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Take the browser's `{urls, username, credential}`. Raises TypeError for anything else."""
        if not isinstance(value, Mapping) or "urls" not in value:
            raise TypeError('an ICE server is an object with "urls"')
        return cls(value["urls"], value.get("username"), value.get("credential"))

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of every URL.

        Raises InvalidSyntaxError for what is no STUN or TURN URL, InvalidAccessError for
        TURN without credentials and NotSupportedError for a scheme that is not spoken.
        """
        urls = [self.urls] if isinstance(self.urls, str) else list(self.urls)
        if not urls:
            raise InvalidSyntaxError("an ICE server without a URL")
        return [self._address(url) for url in urls]

    def _address(self, url: str) -> tuple[str, int]:
        uri = parse_uri(url)
        if uri.scheme in {"turn", "turns"} and None in (self.username, self.credential):
            raise InvalidAccessError(f"{url!r:.200} needs a username and a credential")
        if uri.scheme != "stun":
            raise NotSupportedError(f"{url!r:.200}: only the scheme stun is spoken")
        return uri.host, uri.port


@dataclass(frozen=True)
class RTCConfiguration:
    """What a browser's RTCPeerConnection is configured with."""

    ice_servers: Sequence[RTCIceServer | Mapping[str, Any]] = ()
    """Nothing is contacted that is not listed here."""
    ice_transport_policy: RTCIceTransportPolicy = "all"
    bundle_policy: RTCBundlePolicy = "balanced"
    rtcp_mux_policy: RTCRtcpMuxPolicy = "require"
    certificates: Sequence[Certificate] = ()
    """At most one is used; by default each connection makes a fresh one."""

    def validate(self, previous: "RTCConfiguration | None" = None) -> None:
        """Check every member, against `previous` where it must not change.

        Raises TypeError for a value outside an enumeration, InvalidModificationError for a
        member that cannot be changed, and what `RTCIceServer.addresses` raises.
        """
        one_of("ice_transport_policy", self.ice_transport_policy, ("all", "relay"))
        one_of("bundle_policy", self.bundle_policy, ("balanced", "max-compat", "max-bundle"))
        one_of("rtcp_mux_policy", self.rtcp_mux_policy, ("require",))
        if previous is not None:
            for name in ("bundle_policy", "rtcp_mux_policy", "certificates"):
                if list(getattr(previous, name)) != list(getattr(self, name)):
                    raise InvalidModificationError(f"{name} cannot be changed")
        _ = self.stun_servers

    @property
    def stun_servers(self) -> tuple[tuple[str, int], ...]:
        """Host and port of every server, each once."""
        servers = (
            server if isinstance(server, RTCIceServer) else RTCIceServer.from_json(server)
            for server in self.ice_servers
        )
        found = [address for server in servers for address in server.addresses]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class SettingEngine:
    """Every setting that a browser does not have. Durations are seconds, sizes bytes."""

    ice: AgentConfig = field(default_factory=AgentConfig)
    """Timeouts, pacing, candidate types, address filter, NAT 1:1, ice-lite, own credentials."""
    dtls: DtlsConfig = field(default_factory=DtlsConfig)
    dtls_role: Literal["auto", "client", "server"] = "auto"
    """What an answer chooses when the offer leaves the choice; "auto" is the client."""
    sctp: SctpConfig = field(default_factory=SctpConfig)
    snap: bool = True
    """Put SCTP's INIT into descriptions, which saves up to two round trips with a peer that does
    so too. draft-hancke-tsvwg-snap."""
    mtu: int | None = None
    """Largest UDP payload: a ceiling for path MTU discovery, which otherwise goes to 16421. Below
    1200 it bounds everything. Sets `dtls.mtu` and the three `plpmtu` of `sctp`."""
    max_channels: int = 1024
    """Data channels that a peer may open."""
    include_loopback: bool = False
    """Gather 127.0.0.1 and ::1 too. They are used anyway where there is no other address."""
    bind_addresses: tuple[str, ...] = ()
    """Local IP addresses to use, instead of those of all interfaces."""
    port_range: tuple[int, int] | None = None
    """First and last UDP port to bind."""
    interface_filter: Callable[[str], bool] | None = None
    """Called with an interface's name; false leaves it out."""
    event_log: str | PathLike[str] | Callable[[dict[str, Any]], object] | None = None
    """File to append events to as JSON lines, or function to call with each; `webrtc.aio` does."""
    give_up_after: float | None = None
    """Seconds in `failed` after which the connection is closed; None waits for an ICE restart."""
    candidates_at_once: bool = False
    """Put host candidates into the description while `set_local_description` runs, for peers and
    programs that do not trickle. The events follow all the same."""
    random: Random = field(default_factory=SystemRandom)
    """Source of identifiers and credentials. Replace it in simulations only."""

    def __post_init__(self) -> None:
        if self.mtu is not None:
            packet, given = (self.mtu - DTLS_OVERHEAD) & ~3, self.sctp
            sctp = replace(
                given,
                min_plpmtu=min(packet, given.min_plpmtu),
                base_plpmtu=min(packet, given.base_plpmtu),
                max_plpmtu=min(packet, MAX_PLAINTEXT),
            )
            object.__setattr__(self, "dtls", replace(self.dtls, mtu=min(self.mtu, self.dtls.mtu)))
            object.__setattr__(self, "sctp", sctp)
        if self.sctp.max_plpmtu > MAX_PLAINTEXT:
            raise InvalidAccessError(
                f"sctp.max_plpmtu {self.sctp.max_plpmtu} does not fit into a DTLS record"
            )
