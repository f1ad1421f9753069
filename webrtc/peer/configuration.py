"""RTCConfiguration as in webrtc-pc §4.2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from webrtc.dtls import Certificate
from webrtc.errors import (
    InvalidAccessError,
    InvalidModificationError,
    InvalidSyntaxError,
    NotSupportedError,
)
from webrtc.stun.uri import ServerUri, parse_uri
from webrtc.util.webidl import fill_in, octet, one_of, sequence, text

_MAX_USERNAME = 508  # RFC 8489 §14.3
_FIXED = ("bundle_policy", "rtcp_mux_policy", "rtp_header_encryption_policy", "certificates")

RTCIceTransportPolicy = Literal["all", "relay"]
RTCBundlePolicy = Literal["balanced", "max-compat", "max-bundle"]
RTCRtcpMuxPolicy = Literal["require"]
RTCRtpHeaderEncryptionPolicy = Literal["disable", "negotiate", "require"]


@dataclass(frozen=True)
class RTCIceServer:
    """A STUN server: `RTCIceServer("stun:192.0.2.1")`. webrtc-pc §4.2.4."""

    urls: str | Sequence[str]
    """One URL or several: `stun:host`, `stun:host:port`."""
    username: str | None = None
    """For TURN."""
    credential: str | None = None
    """The password for TURN."""

    def __post_init__(self) -> None:
        if not isinstance(self.urls, str):
            sequence("urls", self.urls, str)
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
    def uris(self) -> list[ServerUri]:
        """Every URL taken apart.

        Raises InvalidSyntaxError for what is no STUN or TURN URL, InvalidAccessError for TURN
        without credentials, or with a username that no request can carry.
        """
        urls = [self.urls] if isinstance(self.urls, str) else self.urls
        if not urls:
            raise InvalidSyntaxError("an ICE server without a URL")
        uris = [parse_uri(url) for url in urls]
        relay = next((uri for uri in uris if uri.relay), None)
        if relay is not None:
            if self.username is None or self.credential is None:
                raise InvalidAccessError(f"{relay} needs a username and a credential")
            if len(self.username.encode()) > _MAX_USERNAME:
                raise InvalidAccessError(f"username of more than {_MAX_USERNAME} bytes for {relay}")
        return uris

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of every URL. Raises NotSupportedError for a scheme that is not spoken."""
        for uri in self.uris:
            if uri.scheme != "stun":
                raise NotSupportedError(f"{uri}: only the scheme stun is spoken")
        return [(uri.host, uri.port) for uri in self.uris]


@dataclass(frozen=True)
class RTCConfiguration:
    """What a browser's RTCPeerConnection is configured with."""

    ice_servers: Sequence[RTCIceServer | Mapping[str, Any]] = ()
    """Nothing is contacted that is not listed here."""
    ice_transport_policy: RTCIceTransportPolicy = "all"
    """`relay` uses relayed candidates only and hides every address."""
    bundle_policy: RTCBundlePolicy = "balanced"
    """Taken and kept; everything is bundled anyway."""
    rtcp_mux_policy: RTCRtcpMuxPolicy = "require"
    """The only one that there is."""
    rtp_header_encryption_policy: RTCRtpHeaderEncryptionPolicy = "negotiate"
    """Whether CSRCs and header extensions of RTP are encrypted: where the peer can, in any case
    (sections of peers that cannot are rejected), or never. RFC 9335, webrtc-extensions §4."""
    certificates: Sequence[Certificate] = ()
    """At most one is used; by default each connection makes a fresh one."""
    ice_candidate_pool_size: int = 0
    """Above 0, addresses are bound and servers asked before there is a description: for the one
    transport that there can be. 255 at most."""

    def __post_init__(self) -> None:
        fill_in(self)

    def validate(
        self, previous: "RTCConfiguration | None" = None, *, described: bool = False
    ) -> None:
        """Check every member, against `previous` where it must not change.

        `described` says that a local description is set, after which the pool has its size.
        Raises TypeError for a value of another type or outside an enumeration,
        InvalidModificationError for a member that cannot be changed, and what `RTCIceServer.uris`
        and `addresses` raise.
        """
        sequence("ice_servers", self.ice_servers, RTCIceServer, Mapping)
        sequence("certificates", self.certificates, Certificate)
        one_of("ice_transport_policy", self.ice_transport_policy, ("all", "relay"))
        one_of("bundle_policy", self.bundle_policy, ("balanced", "max-compat", "max-bundle"))
        one_of("rtcp_mux_policy", self.rtcp_mux_policy, ("require",))
        policies = get_args(RTCRtpHeaderEncryptionPolicy)
        one_of("rtp_header_encryption_policy", self.rtp_header_encryption_policy, policies)
        octet("ice_candidate_pool_size", self.ice_candidate_pool_size)
        if previous is not None:
            for name in _FIXED:
                if list(getattr(previous, name)) != list(getattr(self, name)):
                    raise InvalidModificationError(f"{name} cannot be changed")
            if described and previous.ice_candidate_pool_size != self.ice_candidate_pool_size:
                raise InvalidModificationError(
                    "ice_candidate_pool_size cannot be changed once a local description is set"
                )
        _ = self.stun_servers

    @property
    def stun_servers(self) -> tuple[tuple[str, int], ...]:
        """Host and port of every server, each once."""
        servers = [
            server if isinstance(server, RTCIceServer) else RTCIceServer.from_json(server)
            for server in self.ice_servers
        ]
        for server in servers:
            _ = server.uris  # a mistake in any is told before what is merely not supported
        found = [address for server in servers for address in server.addresses]
        return tuple(dict.fromkeys(found))
