"""HEARTBEAT: is the path alive when nothing else tells. RFC 9260 §8.3."""

from random import Random

from webrtc.errors import DecodeError
from webrtc.sctp.chunks import ChunkType
from webrtc.sctp.packet import encode_chunk
from webrtc.sctp.parameters import Parameter, ParameterType, decode_parameters, find
from webrtc.sctp.state import RateLimit

MAX_ECHOES = 10
"""HEARTBEATs of the peer answered in one second."""
_NONCE = 16


class Heartbeat:
    """Probes a silent path and answers the peer's probes. Counts probes without an answer."""

    def __init__(self, random: Random, interval: float, room: int) -> None:
        self._random = random
        self._interval = interval
        self._room = room
        self._nonce = b""
        self._sent_at = 0.0
        self._echoes = RateLimit(MAX_ECHOES)
        self.errors = 0
        self.deadline: float | None = None

    def start(self, now: float) -> None:
        """Begin to watch the path."""
        if self._interval:
            self.deadline = now + self._interval

    def handle_timeout(self, now: float, rto: float, *, idle: bool) -> bytes | None:
        """The HEARTBEAT to send, if it is time. Data under way probes the path by itself."""
        if self.deadline is None or now < self.deadline:
            return None
        if not idle and not self._nonce:
            self.deadline = now + self._interval
            return None
        if self._nonce:
            self.errors += 1
        self._nonce = self._random.randbytes(_NONCE)
        self._sent_at = now
        self.deadline = now + min(rto * 2 ** min(self.errors, 16), self._interval)
        info = Parameter(ParameterType.HEARTBEAT_INFO, self._nonce)
        return encode_chunk(ChunkType.HEARTBEAT, 0, info.encode())

    def handle_ack(self, value: bytes, now: float) -> float:
        """Round-trip time. Raises DecodeError when the answer is not to our last HEARTBEAT."""
        info = find(decode_parameters(value, 1), ParameterType.HEARTBEAT_INFO)
        if not self._nonce or info != self._nonce:
            raise DecodeError("HEARTBEAT ACK for no heartbeat of ours")
        self._nonce = b""
        self.errors = 0
        self.start(now)
        return now - self._sent_at

    def echo(self, value: bytes, now: float) -> bytes | None:
        """The HEARTBEAT ACK for the peer's probe, if it is of a size and rate to be answered."""
        if len(value) + 4 > self._room or not self._echoes.allows(now):
            return None
        return encode_chunk(ChunkType.HEARTBEAT_ACK, 0, value)
