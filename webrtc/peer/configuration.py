"""RTCConfiguration as in webrtc-pc §4.2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from webrtc.dtls import Certificate
from webrtc.errors import (
    InvalidAccessError,
    InvalidModificationError,
    InvalidSyntaxError,
    NotSupportedError,
)
from webrtc.stun.uri import parse_uri
from webrtc.util.webidl import one_of, text

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
