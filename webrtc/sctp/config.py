"""Settings of an association. Every bound that a peer can press against is a field here."""

from dataclasses import dataclass

from webrtc.errors import InvalidAccessError

DEFAULT_PORT = 5000
"""What every WebRTC implementation offers in `a=sctp-port`. RFC 8841 §5.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """How one association behaves. Durations are seconds, sizes are bytes."""

    name: str = ""
    """Tag of log lines."""
    local_port: int = DEFAULT_PORT
    remote_port: int = DEFAULT_PORT
    max_packet_size: int = 1160
    """Largest SCTP packet: 1200 bytes of UDP less 37 of a DTLS 1.2 record, in whole words."""

    outbound_streams: int = 65535
    inbound_streams: int = 65535
    """What RFC 8831 §6.2 asks for. Streams cost nothing until they are used."""

    receive_window: int = 4 * 1024 * 1024
    """Bound of everything received and not yet consumed, and what the peer is told."""
    max_message_size: int = 262144
    """Longest message taken from the peer; a longer one aborts the association."""
    max_outbound_message_size: int = 262144
    """The peer's `a=max-message-size`; 0 is no limit. RFC 8841 §6.1."""
    max_send_buffer: int = 16 * 1024 * 1024
    """Bound of what `send` takes and the peer has not acknowledged."""
    max_tsn_ahead: int = 40000
    """How far beyond the cumulative TSN a chunk is still kept."""
    max_pending_resets: int = 1000
    """Streams that may wait for their outgoing reset when the peer asks for it."""

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
    max_burst: int = 64
    """Packets that may leave at once after the path was idle."""
    initial_window: int = 10
    """Initial congestion window in packets, as RFC 6928 has it for TCP."""

    heartbeat_interval: float = 30.0
    """Silence on the path before it is probed; 0 never probes."""
    cookie_lifetime: float = 60.0

    def __post_init__(self) -> None:
        if not 512 <= self.max_packet_size <= 65532:
            raise InvalidAccessError(f"max_packet_size {self.max_packet_size} is not 512..65532")
        if self.receive_window < max(self.max_message_size * 5 // 4, 1500):
            raise InvalidAccessError(
                f"receive_window {self.receive_window} has no room for the fragments of a message"
                f" of {self.max_message_size} bytes and a quarter more"
            )
        for streams in (self.outbound_streams, self.inbound_streams):
            if not 1 <= streams <= 65535:
                raise InvalidAccessError(f"{streams} streams are not 1..65535")
