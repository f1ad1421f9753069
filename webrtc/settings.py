"""The settings that a browser does not have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from random import Random, SystemRandom
from typing import Any, Literal

from webrtc.dtls import Config as DtlsConfig
from webrtc.dtls.record import MAX_PLAINTEXT
from webrtc.engine import MediaEngine
from webrtc.errors import InvalidAccessError
from webrtc.ice import AgentConfig
from webrtc.interceptor.noop import Interceptor
from webrtc.sctp import Config as SctpConfig

DTLS_OVERHEAD = 37
"""Bytes around an SCTP packet in a record of DTLS 1.2 with AES-GCM. RFC 5288 §3."""


@dataclass(frozen=True)
class SettingEngine:
    """Every setting that a browser does not have. Durations are seconds, sizes bytes."""

    ice: AgentConfig = field(default_factory=AgentConfig)
    """Timeouts, pacing, candidate types, address filter, NAT 1:1, ice-lite, own credentials."""
    dtls: DtlsConfig = field(default_factory=DtlsConfig)
    """Record size, retransmission, cipher suites."""
    media: MediaEngine = field(default_factory=MediaEngine)
    """Codecs and header extensions."""
    dtls_role: Literal["auto", "client", "server"] = "auto"
    """What an answer chooses when the offer leaves the choice; "auto" is the client."""
    sctp: SctpConfig = field(default_factory=SctpConfig)
    """Buffers, congestion control, path MTU, timeouts."""
    snap: bool = True
    """Put SCTP's INIT into descriptions, which saves up to two round trips with a peer that does
    so too. draft-hancke-tsvwg-snap."""
    mtu: int | None = None
    """Largest UDP payload: a ceiling for path MTU discovery, which otherwise goes to 16421. Below
    1200 it bounds everything. Sets `dtls.mtu` and the three `plpmtu` of `sctp`."""
    max_receive_bitrate: int | None = None
    """The most that a peer is to send of each section, in bits per second: `b=TIAS`, and REMB where
    the peer knows nothing better. Without it REMB says 2.5 Mbit/s."""
    send_transport_cc: bool = False
    """Number all that is sent, for the peer to tell what came of it. libwebrtc then sends no REMB,
    which is where wishes for a bitrate come from."""
    interceptors: Sequence[Callable[[Random], Interceptor]] = ()
    """Each makes an interceptor of the application for one transport's audio and video."""
    srtp_replay_window: int = 1024
    """RTP packets of a source that may come late, at least 64; 0 takes packets twice."""
    max_channels: int = 1024
    """Data channels that a peer may open."""
    max_label_bytes: int = 1024 * 1024
    """Labels and protocols of the channels that a peer has open, together."""
    max_unread_closed: int = 1024 * 1024
    """What closed channels leave unread, with 128 bytes for each message: when it is more, the
    messages of all but the channel that was closed last are dropped, the oldest channel's first."""
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
