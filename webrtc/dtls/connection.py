"""What every DTLS engine offers: the core's interface, its configuration and its events.

RFC 6347 (DTLS 1.2), RFC 8827 §6.5 (how WebRTC uses it). A connection cannot be written down and
taken up elsewhere: two copies of its keys would use the same nonces twice, which gives them away.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from typing import Protocol

from cryptography import x509

from webrtc.dtls.fingerprint import Fingerprint
from webrtc.dtls.fragments import MAX_MESSAGE
from webrtc.dtls.suites import SUITES, CipherSuite
from webrtc.errors import InvalidAccessError, ProtocolError

MTU = 1200
RETRANSMISSION_TIMEOUT = 0.15
HANDSHAKE_TIMEOUT = 30.0


class Role(StrEnum):
    """Who speaks first. RFC 8842 §5."""

    CLIENT = "client"
    """`a=setup:active`"""
    SERVER = "server"
    """`a=setup:passive`"""


class State(StrEnum):
    """W3C RTCDtlsTransportState."""

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSED = "closed"
    FAILED = "failed"


class SrtpProfile(IntEnum):
    """Protection profiles of DTLS-SRTP by their number. RFC 5764 §4.1.2, RFC 7714 §14.2."""

    SRTP_AES128_CM_HMAC_SHA1_80 = 0x0001
    SRTP_AES128_CM_HMAC_SHA1_32 = 0x0002
    SRTP_AEAD_AES_128_GCM = 0x0007
    SRTP_AEAD_AES_256_GCM = 0x0008


SRTP_PROFILES = (
    SrtpProfile.SRTP_AEAD_AES_128_GCM,
    SrtpProfile.SRTP_AEAD_AES_256_GCM,
    SrtpProfile.SRTP_AES128_CM_HMAC_SHA1_80,
    SrtpProfile.SRTP_AES128_CM_HMAC_SHA1_32,
)


class ExtendedMasterSecret(Enum):
    """Whether keys must depend on the whole handshake. RFC 7627."""

    DISABLE = 0
    REQUEST = 1
    """Use it when the peer can."""
    REQUIRE = 2


@dataclass(frozen=True, slots=True)
class Connected:
    """The handshake is done and the peer is who signalling said."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection has ended otherwise than by `close`."""

    reason: ProtocolError | None
    """None after a close_notify of the peer; `code` is the alert that was received or sent."""


Event = Connected | Closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings of a connection. Raises InvalidAccessError for one that cannot work."""

    mtu: int = MTU
    """Largest UDP payload of a handshake datagram. RFC 8831 §5."""
    retransmission_timeout: float = RETRANSMISSION_TIMEOUT
    """Wait before a flight is sent a second time; doubles with each repetition."""
    max_retransmission_timeout: float = 1.0
    """Longest wait. RFC 6347 §4.2.4.1 lets it grow to 60 s, in which ICE would have given up."""
    handshake_timeout: float = HANDSHAKE_TIMEOUT
    """Wait until giving up: from the start, from knowing the remote fingerprints, or from the first
    sign that the peer has heard of us."""
    cipher_suites: tuple[CipherSuite, ...] = SUITES
    """Allowed suites, the preferred first."""
    srtp_profiles: tuple[SrtpProfile, ...] = SRTP_PROFILES
    """Profiles to offer or to accept, the preferred first; () for none. Data needs none, but some
    peers end a connection without one (aiortc 1.16)."""
    extended_master_secret: ExtendedMasterSecret = ExtendedMasterSecret.REQUIRE
    replay_window: int = 64
    """Records that may arrive late; 0 switches replay protection off."""
    max_message: int = MAX_MESSAGE
    """Largest handshake message to take: a longer certificate chain never connects."""
    max_buffered: int = 65_536
    """Bytes of early or incomplete handshake messages to hold."""
    max_held: int = 8
    """Datagrams to hold, the latest, while the remote fingerprints are unknown; and records of
    data, the first, that overtake the end of the handshake."""
    verify_peer_certificate: Callable[[x509.Certificate], None] | None = None
    """A further check, after the fingerprint's, that raises AuthenticationError to refuse."""
    keylog: Callable[[str], None] | None = None
    """Takes each line for an SSLKEYLOGFILE. Who has them can read the traffic."""

    def __post_init__(self) -> None:
        wrong = (
            (not 256 <= self.mtu <= 16_384, f"mtu of {self.mtu}: 256 to 16384 bytes work"),
            (self.retransmission_timeout <= 0, "retransmission_timeout must be above 0"),
            (
                self.max_retransmission_timeout < self.retransmission_timeout,
                "max_retransmission_timeout is below retransmission_timeout",
            ),
            (self.handshake_timeout <= 0, "handshake_timeout must be above 0"),
            (not self.cipher_suites, "cipher_suites is empty"),
            (self.replay_window < 0, "replay_window is negative"),
            (not 0 < self.max_message <= MAX_MESSAGE, f"max_message is above {MAX_MESSAGE}"),
            (self.max_buffered < self.max_message, "max_buffered is below max_message"),
            (self.max_held < 1, "max_held is below 1"),
        )
        for is_wrong, what in wrong:
            if is_wrong:
                raise InvalidAccessError(what)


@dataclass(slots=True)
class Counters:
    """What was dropped or repeated, in records unless said otherwise."""

    malformed: int = 0
    """Datagrams and handshake messages that break the format or a limit."""
    unexpected: int = 0
    """Of a type or epoch that has no place at that moment."""
    early_data: int = 0
    """Application data in the clear, or too much of it before the handshake was done."""
    plaintext_alerts: int = 0
    """Alerts that anybody could have forged: ignored, or heeded only when nothing else comes."""
    replayed: int = 0
    unauthenticated: int = 0
    timeouts: int = 0
    """Flights that were sent again because nothing came."""
    retransmissions: int = 0
    """Flights that were sent again, for whichever reason."""


class Connection(Protocol):
    """One DTLS association over one path: a core of datagrams, and the records inside.

    Nothing proceeds before `start` was called and the remote fingerprints are known.
    """

    @property
    def state(self) -> State: ...
    @property
    def role(self) -> Role: ...
    @property
    def counters(self) -> Counters: ...
    @property
    def peer_certificates(self) -> tuple[x509.Certificate, ...]:
        """The verified certificate first; empty before Connected."""

    @property
    def cipher(self) -> str | None:
        """IANA name of the cipher suite."""

    @property
    def version(self) -> str | None:
        """Name of the protocol version: `DTLS 1.2`."""

    @property
    def srtp_profile(self) -> SrtpProfile | None: ...
    @property
    def max_data(self) -> int:
        """Largest `data` for `send` that keeps its datagram within the MTU."""

    def start(self, now: float, *, expected: bool = True) -> None: ...
    def expect(self, now: float) -> None: ...
    def hasten(self, round_trip: float, now: float) -> None: ...
    def set_remote_fingerprints(self, fingerprints: Sequence[Fingerprint], now: float) -> None: ...
    def close(self, now: float) -> None: ...
    def send(self, data: bytes) -> None: ...
    def export_keying_material(
        self, label: bytes, length: int, context: bytes | None = None
    ) -> bytes: ...
    def handle_read(self, datagram: bytes, now: float) -> None: ...
    def handle_timeout(self, now: float) -> None: ...
    def poll_data(self) -> bytes | None: ...
    def poll_write(self) -> bytes | None: ...
    def poll_event(self) -> Event | None: ...
    def poll_timeout(self) -> float | None: ...
