"""What a packet can cost, whatever state its sender has built up before: lines are counted.

X-04. The measure is the same packet filled with messages of one byte, to a peer with nothing to do.
"""

from collections.abc import Callable
from functools import cache

import pytest

from tests.sctp.states import MANY, STATES, Victim, victim_in
from tests.sctp.support import FIRST, LAST, MIDDLE, UNORDERED, WHOLE
from tests.sctp.support import data as data_chunk
from tests.sctp.support import i_data as i_data_chunk
from tests.work import work
from webrtc.sctp import MESSAGE_OVERHEAD
from webrtc.sctp.chunks import (
    COOKIE_ACK,
    SHUTDOWN_ACK,
    ChunkType,
    ForwardTsn,
    IForwardTsn,
    Sack,
    encode_shutdown,
    encode_shutdown_complete,
)
from webrtc.sctp.packet import HEADER_SIZE, encode_chunk
from webrtc.sctp.parameters import Parameter, ParameterType
from webrtc.sctp.reassembly import FRAGMENT_OVERHEAD
from webrtc.sctp.reconfig import IncomingReset, OutgoingReset, Response, Result, encode_reconfig

SIZES = (1160, 16_380)
QUICK = ("fresh", "streams")
"""States that `make check` looks at."""
SENDING = ("outstanding", "acknowledged_by_halves", "acknowledged_but_for_the_first", "lost")
"""States that are the same whatever the messages of the peer come in."""
TIMES = 4
PER_NEWS = 60
"""Lines for what is the case for the first time: delivered, freed, reported, given up, ended."""

Attack = Callable[[Victim, int], bytes]
"""The next chunk, of so many bytes at most."""


def forward(victim: Victim, ahead: int, *entries: tuple[int, int]) -> bytes:
    tsns = victim.association._session.inbound.tsns  # type: ignore[union-attr] # there is one
    tsn = tsns.cumulative + ahead
    if victim.interleaving:
        flows = tuple((stream, bool(n % 2), mid) for n, (stream, mid) in enumerate(entries))
        return IForwardTsn(tsn, flows).encode()
    return ForwardTsn(tsn, entries).encode()


def step_forward(victim: Victim, ahead: int) -> bytes:
    """Each goes so far beyond the last."""
    victim.forwarded = min(victim.forwarded + ahead, 39_000)
    return forward(victim, victim.forwarded, (1, victim.forwarded))


def filled(victim: Victim, room: int, size: int, make: Callable[[int], bytes]) -> bytes:
    """One chunk with as many entries of `size` bytes as there is room for."""
    return make((room - 40) // size)


def reset(victim: Victim, ids: tuple[int, ...] = ()) -> bytes:
    victim.sequence += 1
    request = OutgoingReset(victim.sequence - 1 & 0xFFFFFFFF, 0, victim.tsn - 1, ids)
    return encode_reconfig([request])


def sack_on(victim: Victim, step: int, *gaps: tuple[int, int], window: int = 1 << 30) -> bytes:
    """A SACK that acknowledges `step` more than the last of this packet."""
    victim.moved = min(victim.moved + step, len(victim.chunks))
    return Sack(victim.acknowledged + victim.moved, window, gaps).encode()


def renege(victim: Victim, room: int) -> bytes:
    """Take everything back, report it again, and so on."""
    victim.turn += 1
    left = len(victim.chunks) - victim.moved - 1
    return sack_on(victim, victim.turn % 2, *([(2, left)] if left > 2 and victim.turn % 2 else []))


def toggle(victim: Victim, room: int) -> bytes:
    """Close the window and open it again."""
    victim.turn += 1
    return sack_on(victim, 0, window=victim.turn % 2 << 20)


def another_block(victim: Victim) -> bytes:
    """Of one chunk, every third."""
    victim.turn += 1
    return sack_on(victim, 0, (3 * victim.turn % MANY + 2,) * 2)


def many_blocks(count: int, victim: Victim) -> bytes:
    return sack_on(victim, 0, *((n, n) for n in range(3, 2 * count, 2)))


def repeated(make: Callable[[Victim], bytes]) -> Attack:
    return lambda victim, room: make(victim)


def plain(kind: int, value: bytes = b"") -> Attack:
    return lambda victim, room: encode_chunk(kind, 0, value)


def again(
    victim: Victim, tsn: int, *, stream: int = 0, body: bytes = b"x", ppid: int = 53
) -> bytes:
    """A chunk of data out of turn."""
    make = i_data_chunk if victim.interleaving else data_chunk
    return make(tsn, WHOLE, stream, 0, body, ppid)


def no_dcep(victim: Victim) -> bytes:
    victim.next += 1
    return again(victim, victim.next - 1, stream=victim.next % 60_000, ppid=50)


INFO = Parameter(ParameterType.HEARTBEAT_INFO, b"").encode()
MOVING: dict[str, Attack] = {
    "data, whole": repeated(lambda v: v.data(number=v.next - v.tsn)),
    "data, unordered": repeated(lambda v: v.data(WHOLE | UNORDERED, number=v.next - v.tsn)),
    "data, on new streams": repeated(lambda v: v.data(stream=v.next % 65535)),
    "data, far numbers": repeated(lambda v: v.data(number=30_000 + v.next)),
    "data, beginnings": repeated(lambda v: v.data(FIRST, 3, v.next)),
    "data, middles": repeated(lambda v: v.data(MIDDLE, v.next % 65535, 5)),
    "data, ends": repeated(lambda v: v.data(LAST, 3, v.next)),
    "data, repeated": repeated(lambda v: again(v, v.tsn - 1)),
    "data, into the hole": repeated(lambda v: again(v, v.tsn)),
    "DCEP of no kind": repeated(no_dcep),
    "SACK, one more each": repeated(lambda v: sack_on(v, 1)),
    "SACK, a hundred more each": repeated(lambda v: sack_on(v, 100)),
    "SACK, all but one": repeated(lambda v: sack_on(v, 0, (2, MANY))),
    "SACK, another block each": lambda v, room: another_block(v),
    "SACK, reneging": renege,
    "SACK, window": toggle,
    "SACK, of many blocks": lambda v, room: filled(v, room, 4, lambda n: many_blocks(n, v)),
    "FORWARD-TSN, one more each": lambda v, room: step_forward(v, 1),
    "FORWARD-TSN, a thousand more each": lambda v, room: step_forward(v, 1000),
    "FORWARD-TSN, the farthest": repeated(lambda v: forward(v, 39_000, (1, 30_000))),
    "FORWARD-TSN, of many streams": lambda v, room: filled(
        v, room, 8 if v.interleaving else 4, lambda n: forward(v, 1, *((m, 9) for m in range(n)))
    ),
    "RE-CONFIG, all streams": repeated(reset),
    "RE-CONFIG, many streams": lambda v, room: filled(
        v, room, 2, lambda n: reset(v, tuple(range(0, 8 * n, 8)))
    ),
    "RE-CONFIG, one stream many times": lambda v, room: filled(
        v, room, 2, lambda n: reset(v, (2,) * n)
    ),
    "SHUTDOWN": repeated(lambda v: encode_shutdown(v.acknowledged)),
    "SHUTDOWN, of all": repeated(lambda v: encode_shutdown(v.acknowledged + len(v.chunks))),
    "ABORT": plain(ChunkType.ABORT),
    "the other data": repeated(
        lambda v: (data_chunk if v.interleaving else i_data_chunk)(v.next, body=b"")
    ),
}
"""What changes the state of an association: each gets one of its own."""
STILL: dict[str, Attack] = {
    "SACK": repeated(lambda v: sack_on(v, 0)),
    "FORWARD-TSN, of the past": repeated(lambda v: forward(v, 0)),
    "RE-CONFIG, of ours": lambda v, room: filled(
        v, room, 2, lambda n: encode_reconfig([IncomingReset(v.sequence, tuple(range(n)))])
    ),
    "RE-CONFIG, answers": repeated(
        lambda v: encode_reconfig([Response(v.peer_tsn, Result.IN_PROGRESS)])
    ),
    "HEARTBEAT": plain(ChunkType.HEARTBEAT, INFO),
    "HEARTBEAT ACK": plain(ChunkType.HEARTBEAT_ACK, INFO),
    "ERROR": plain(ChunkType.ERROR),
    "ERROR, of many causes": lambda v, room: filled(
        v, room, 4, lambda n: encode_chunk(ChunkType.ERROR, 0, b"\0\7\0\4" * n)
    ),
    "INIT": plain(ChunkType.INIT, bytes(16)),
    "INIT ACK": plain(ChunkType.INIT_ACK, bytes(16)),
    "COOKIE ECHO": plain(ChunkType.COOKIE_ECHO),
    "COOKIE ACK": repeated(lambda v: COOKIE_ACK),
    "SHUTDOWN ACK": repeated(lambda v: SHUTDOWN_ACK),
    "SHUTDOWN COMPLETE": repeated(lambda v: encode_shutdown_complete()),
    "ECNE": plain(ChunkType.ECNE),
    "CWR": plain(ChunkType.CWR),
    "AUTH": plain(ChunkType.AUTH),
    "ASCONF": plain(ChunkType.ASCONF),
    "ASCONF ACK": plain(ChunkType.ASCONF_ACK),
    "PAD": plain(ChunkType.PAD),
    "unknown, to skip": plain(0xBF),
    "unknown, to report": plain(0xFF),
}


def fill(victim: Victim, attack: Attack, size: int) -> list[bytes]:
    """The chunks of one packet: as many as there is room for, or one that fills it."""
    chunks: list[bytes] = []
    room = size - HEADER_SIZE
    while len(chunk := attack(victim, room)) <= room:
        chunks.append(chunk)
        room -= len(chunk)
        if len(chunk) > 100:
            break
    return chunks


@cache
def measure(size: int, *, interleaving: bool) -> int:
    """What a packet full of one-byte messages costs."""
    victim = victim_in("fresh", interleaving=interleaving)
    chunks = fill(victim, MOVING["data, whole"], size)
    return work(lambda: victim.deliver(*chunks))


class News:
    """What has happened in the life of a victim, in things that happen once."""

    def __init__(self, victim: Victim) -> None:
        association, table = victim.association, victim.end.channels
        inbound = association._session.inbound
        outstanding = association._session.outbound.outstanding
        assert inbound is not None
        self.states = {id(chunk): chunk.state for chunk in outstanding.chunks}
        self.counts = (
            association.counters.messages_received,
            association.counters.chunks_retransmitted,
            outstanding.next_tsn,
            outstanding.highest,
            inbound._fragments.size // FRAGMENT_OVERHEAD,
            inbound._waiting_size // MESSAGE_OVERHEAD,
            len(inbound.tsns.gaps),
            sum(channel.incoming_reset for channel in table._channels.values()),
            len(table.active),
            table.discarded,
        )

    def since(self, before: "News") -> int:
        settled = sum(self.states.get(chunk) != state for chunk, state in before.states.items())
        pairs = zip(before.counts, self.counts, strict=True)
        return settled + sum(abs(count - earlier) for earlier, count in pairs)


@pytest.mark.interpreted
def test_every_type_of_chunk_attacks() -> None:
    seen = {
        fill(victim_in("fresh", interleaving=interleaving), attack, 300)[0][0]
        for attack in (*MOVING.values(), *STILL.values())
        for interleaving in (False, True)
    }
    assert {int(kind) for kind in ChunkType} <= seen


def too_costly(victim: Victim, attack: Attack, size: int) -> list[tuple[int, int, int]]:
    """Lines, how many there may be, and news of the packet, sent twice, where it is too much."""
    most = TIMES * measure(size, interleaving=victim.interleaving)
    chunks, found = fill(victim, attack, size), []
    for _ in range(2):
        before = News(victim)
        lines = work(lambda: victim.deliver(*chunks))
        news = News(victim).since(before)
        if lines > most + PER_NEWS * news:
            found.append((lines, most, news))
    return found


CASES = [
    pytest.param(state, interleaving, marks=() if state in QUICK else pytest.mark.slow)
    for interleaving in (False, True)
    for state in STATES
    if not interleaving or state not in SENDING
]


@pytest.mark.interpreted
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("state", "interleaving"), CASES)
def test_no_packet_costs_more_than_its_size_and_its_news(
    state: str, size: int, *, interleaving: bool
) -> None:
    """X-04: every type of chunk, in its smallest form, in every state that a peer can build."""
    found = {}
    for name, attack in MOVING.items():
        found[name] = too_costly(victim_in(state, interleaving=interleaving), attack, size)
    victim = victim_in(state, interleaving=interleaving)
    for name, attack in STILL.items():
        found[name] = too_costly(victim, attack, size)
    assert {name: each for name, each in found.items() if each} == {}
