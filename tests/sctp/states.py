"""States that a peer can bring an association into, so as to make its further packets costly.

Each is large enough that walking it once for a packet, let alone for a chunk, would show.
"""

import gc
import pickle
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.datachannel.pair import End
from tests.sctp.support import FIRST, INTERLEAVING, PR_AND_RESET, UNORDERED, WHOLE, Peer
from tests.sctp.support import data as _data
from tests.sctp.support import i_data as _i_data
from webrtc.datachannel import DataChannels, Ppid
from webrtc.datachannel.dcep import Open, Parameters
from webrtc.sctp import Config, State
from webrtc.sctp.chunks import Sack
from webrtc.sctp.outstanding import LOST, OutgoingChunk

MANY = 10_000
SOME = 2_000
"""Data channels."""
WIDE = Config(
    initial_window=40_000,
    max_burst=40_000,
    congestion_control="reno",
    max_retransmissions=None,
    heartbeat_interval=0,
)
"""Everything may be sent at once."""


class Victim(Peer):
    """What is attacked: an association and its data channels."""

    def __init__(self, *, interleaving: bool) -> None:
        parameters = INTERLEAVING if interleaving else PR_AND_RESET
        super().__init__(WIDE, parameters=parameters, window=1 << 30)
        self.interleaving = interleaving
        self.end = End(self.association, DataChannels(max_channels=SOME), reads=False)
        self.end.channels.attach(self.association, client=False)
        self.connect()
        self.end.channels.handle_connected(65535, self.now)
        self.next = self.tsn
        """The TSN that the next chunk of data gets."""
        self.sequence = self.tsn
        """The next number of a RE-CONFIG request."""
        self.forwarded = self.moved = self.turn = 0
        """How far an attack has come."""

    def data(
        self, flags: int = WHOLE, stream: int = 1, number: int = 0, body: bytes = b"x"
    ) -> bytes:
        """The next chunk of data, as was negotiated."""
        self.next += 1
        make = _i_data if self.interleaving else _data
        return make(self.next - 1, flags, stream, number, body)

    def deliver(self, *chunks: bytes) -> int:
        """One packet, all that it causes, and how many packets are the answer."""
        packet = self.association._session.header.seal(chunks)
        self.association.handle_read(packet, self.now)
        return len(list(self.end.step(self.now)))

    def deliver_all(self, chunks: list[bytes]) -> "Victim":
        for start in range(0, len(chunks), 40):
            self.deliver(*chunks[start : start + 40])
        return self

    def send_many(self, **limits: Any) -> "Victim":
        """Let the association have `MANY` chunks of one byte outstanding."""
        for _ in range(MANY):
            self.association.send(7, 53, b"x", self.now, **limits)
        self.deliver()
        assert len(self.chunks) == MANY
        return self

    @property
    def chunks(self) -> list[OutgoingChunk]:
        return self.association._session.outbound.outstanding.chunks

    @property
    def acknowledged(self) -> int:
        """The cumulative TSN of the last SACK."""
        return self.association._session.outbound.outstanding.first - 1


def fresh(victim: Victim) -> None:
    """Nothing has happened."""


def gaps(victim: Victim) -> None:
    """Every second chunk is missing."""
    chunks = []
    for _ in range(MANY):
        victim.next += 1
        chunks.append(victim.data(WHOLE | UNORDERED))
    victim.deliver_all(chunks)


def incomplete(victim: Victim) -> None:
    """Beginnings of messages, between which chunks are missing."""
    chunks = []
    for n in range(MANY):
        victim.next += 1
        chunks.append(victim.data(FIRST, 1, n))
    victim.deliver_all(chunks)


def incomplete_on_many_streams(victim: Victim) -> None:
    """The same, one on each stream."""
    chunks = []
    for n in range(MANY):
        victim.next += 1
        chunks.append(victim.data(FIRST, n))
    victim.deliver_all(chunks)


def waiting(victim: Victim) -> None:
    """Messages behind one hole, on one stream."""
    victim.next += 1
    victim.deliver_all([victim.data(WHOLE, 1, n) for n in range(1, MANY + 1)])


def waiting_on_many_streams(victim: Victim) -> None:
    """Messages behind one hole, each on a stream of its own."""
    victim.next += 1
    victim.deliver_all([victim.data(WHOLE, n, 1) for n in range(MANY)])


def streams(victim: Victim) -> None:
    """Messages on ever so many streams."""
    victim.deliver_all([victim.data(WHOLE, n) for n in range(MANY)])


def outstanding(victim: Victim) -> None:
    """Chunks of ours that nobody acknowledges."""
    victim.send_many()


def acknowledged_by_halves(victim: Victim) -> None:
    """Every second chunk of ours is reported."""
    victim.send_many()
    for start in range(2, MANY, 500):
        blocks = tuple((n, n) for n in range(start, min(start + 500, MANY), 2))
        victim.deliver(Sack(victim.acknowledged, 1 << 30, blocks).encode())


def acknowledged_but_for_the_first(victim: Victim) -> None:
    """All chunks of ours but one are reported."""
    victim.send_many()
    victim.deliver(Sack(victim.acknowledged, 1 << 30, ((2, MANY),)).encode())


def lost(victim: Victim) -> None:
    """Everything is to be sent again, and the peer's window is closed."""
    victim.send_many()
    victim.deliver(Sack(victim.acknowledged, 0).encode())
    victim.now += 5.0
    victim.association.handle_timeout(victim.now)
    victim.deliver()
    assert sum(chunk.state == LOST for chunk in victim.chunks) > MANY - 100


def abandoned(victim: Victim) -> None:
    """Everything is given up, and the peer does not go forward."""
    victim.send_many(max_retransmits=0)
    victim.now += 5.0
    victim.association.handle_timeout(victim.now)
    victim.deliver()


def channels(victim: Victim) -> None:
    """As many as a peer may have."""
    opening = Open(Parameters()).encode()
    make = _i_data if victim.interleaving else _data
    chunks = []
    for n in range(SOME):
        chunks.append(make(victim.next, WHOLE, 2 * n, 0, opening, int(Ppid.DCEP)))
        victim.next += 1
    victim.deliver_all(chunks)
    assert len(victim.end.channels.active) == SOME


STATES: dict[str, Callable[[Victim], None]] = {
    build.__name__: build
    for build in (
        fresh,
        gaps,
        incomplete,
        incomplete_on_many_streams,
        waiting,
        waiting_on_many_streams,
        streams,
        outstanding,
        acknowledged_by_halves,
        acknowledged_but_for_the_first,
        lost,
        abandoned,
        channels,
    )
}


@cache
def _frozen(name: str, interleaving: bool) -> bytes:
    victim = Victim(interleaving=interleaving)
    STATES[name](victim)
    victim.end.events.clear()
    assert victim.state is State.ESTABLISHED
    return pickle.dumps(victim)


def victim_in(name: str, *, interleaving: bool) -> Victim:
    """One that has been brought into that state."""
    frozen = _frozen(name, interleaving)
    gc.disable()  # it would look at all of them again and again
    try:
        found = pickle.loads(frozen)
    finally:
        gc.enable()
    assert isinstance(found, Victim)
    return found
