"""Settings of an association. Every bound that a peer can press against is a field here."""

from dataclasses import dataclass
from typing import Literal

from webrtc.errors import InvalidAccessError

CongestionControlName = Literal["bbr", "cubic", "reno"]

DEFAULT_PORT = 5000
"""What every WebRTC implementation offers in `a=sctp-port`. RFC 8841 §5.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """How one association behaves. Durations are seconds, sizes are bytes."""

    local_port: int = DEFAULT_PORT
    remote_port: int = DEFAULT_PORT
    path_mtu_discovery: bool = True
    """Find the packet size that the path carries; without it all packets keep to `base_plpmtu`."""
    min_plpmtu: int = 508
    """SCTP packet that any path carries: 576 bytes of IP less 65 of IPv4, UDP and DTLS 1.2."""
    base_plpmtu: int = 1160
    """SCTP packet to begin with: 1200 bytes of UDP less 37 of a DTLS 1.2 record. RFC 8831 §5."""
    max_plpmtu: int = 16384
    """Largest SCTP packet that is tried: what fits into a DTLS record. RFC 8899 §5.1.2."""

    outbound_streams: int = 65535
    inbound_streams: int = 65535
    """What RFC 8831 §6.2 asks for. Streams cost nothing until they are used."""

    interleaving: bool = True
    """Cut messages of several streams into alternating chunks when the peer can, too: I-DATA."""

    receive_window: int = 16 * 1024 * 1024
    """Bound of everything received and not yet consumed, with 128 bytes for each message. What the
    peer may send already, having been told of room for its bytes alone, is taken beyond it."""
    initial_receive_window: int = 4 * 1024 * 1024
    """What the peer is told at first, within that bound; more when the path is long and fast and
    the application keeps up."""
    max_message_size: int = 262144
    """Longest message taken from the peer; a longer one aborts the association."""
    max_outbound_message_size: int = 262144
    """The peer's `a=max-message-size`; 0 is no limit. RFC 8841 §6.1."""
    max_send_buffer: int = 16 * 1024 * 1024
    """Bound of what `send` takes and the peer has not acknowledged."""
    max_tsn_ahead: int = 40000
    """How far beyond the cumulative TSN a chunk is still kept."""

    rto_initial: float = 0.5
    rto_min: float = 0.3
    rto_max: float = 10.0
    """RFC 9260 §16 has 1, 1 and 60 s: made for wired signalling, too slow to notice that a path of
    milliseconds lost the tail of a message. 10 s bounds the silence after an outage."""
    max_retransmissions: int | None = 20
    """Timeouts in a row before the association fails; None leaves liveness to ICE consent."""
    max_init_retransmissions: int = 32
    handshake_rto_max: float = 1.0
    """Highest interval of INIT and COOKIE ECHO: ICE consent already limits whom they can flood."""
    max_shutdown_retransmissions: int = 10
    congestion_control: CongestionControlName = "bbr"
    """`bbr` by a model of the path, `cubic` (RFC 9438), `reno` (RFC 9260 §7.2)."""
    max_burst: int = 64
    """Packets that may leave at once after the path was idle."""
    initial_window: int = 10
    """Initial congestion window in packets, as RFC 6928 has it for TCP."""

    zero_checksum: bool = True
    """Tell the peer that DTLS finds errors, and send it packets without CRC32c when it says the
    same. RFC 9653."""

    heartbeat_interval: float = 30.0
    """Silence on the path before it is probed; 0 never probes."""
    cookie_lifetime: float = 60.0

    @property
    def announced_window(self) -> int:
        """The receive window of our INIT."""
        return min(self.initial_receive_window, self.receive_window)

    def __post_init__(self) -> None:
        plpmtu = self.min_plpmtu, self.base_plpmtu, self.max_plpmtu
        if not 256 <= plpmtu[0] <= plpmtu[1] <= plpmtu[2] <= 65532:
            raise InvalidAccessError(
                f"min, base and max_plpmtu {plpmtu} do not ascend between 256 and 65532"
            )
        if self.receive_window < max(self.max_message_size * 5 // 4, 1500):
            raise InvalidAccessError(
                f"receive_window {self.receive_window} has no room for the fragments of a message"
                f" of {self.max_message_size} bytes and a quarter more"
            )
        if self.receive_window > 0xFFFF_FFFF:
            raise InvalidAccessError(f"receive_window {self.receive_window} is not 32 bits")
        for streams in (self.outbound_streams, self.inbound_streams):
            if not 1 <= streams <= 65535:
                raise InvalidAccessError(f"{streams} streams are not 1..65535")
