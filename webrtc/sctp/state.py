"""States of an association, and where its parts put what they want to send. RFC 9260 §4."""

from collections import deque
from enum import IntEnum, auto
from typing import Final

from webrtc.sctp.config import Config
from webrtc.sctp.packet import Header, UncheckedHeader


class State(IntEnum):
    """As RFC 9260 §4 names them; ENDED is a CLOSED that was something else before."""

    CLOSED = auto()
    COOKIE_WAIT = auto()
    COOKIE_ECHOED = auto()
    ESTABLISHED = auto()
    SHUTDOWN_PENDING = auto()
    SHUTDOWN_SENT = auto()
    SHUTDOWN_RECEIVED = auto()
    SHUTDOWN_ACK_SENT = auto()
    ENDED = auto()


# CPython 3.11 takes as long to find a member of an Enum as for ten comparisons.
ESTABLISHED: Final = State.ESTABLISHED
ENDED: Final = State.ENDED


MAX_ANSWERS: Final = 64
"""Control chunks that wait to be sent before the peer gets no more answers: it will ask again."""


class Outbox:
    """Control chunks for the peer, and whole packets where a chunk must travel alone."""

    def __init__(self, config: Config) -> None:
        self._ports = config.local_port, config.remote_port
        self.header = Header(*self._ports, 0)
        """Header of packets to the peer."""
        self.chunks: deque[bytes] = deque()
        """To be bundled, also with DATA."""
        self.packets: deque[bytes] = deque()

    def set_tag(self, tag: int, *, zero_checksum: bool = False) -> None:
        """The peer's verification tag is known, and whether it needs no checksums from now on."""
        self.header = (UncheckedHeader if zero_checksum else Header)(*self._ports, tag)

    def answer(self, chunk: bytes) -> None:
        """Bundle a chunk that the peer asked for; once, if it asked in the same way again."""
        if len(self.chunks) < MAX_ANSWERS and chunk not in self.chunks:
            self.chunks.append(chunk)

    def send_alone(self, chunk: bytes, tag: int | None = None) -> None:
        """One packet with one chunk, under `tag` or the peer's own."""
        header = self.header if tag is None else Header(*self._ports, tag)
        self.packets.append(header.seal((chunk,)))


class RateLimit:
    """At most so many a second."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._second = -1
        self._count = 0

    def allows(self, now: float) -> bool:
        """Whether one more may go out at `now`; counts it."""
        second = int(now)
        if second != self._second:
            self._second, self._count = second, 0
        self._count += 1
        return self._count <= self._limit
