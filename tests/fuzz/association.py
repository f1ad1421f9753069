"""An association and its channels under a peer that knows tags, TSNs and sequence numbers.

What it says is well formed and nearly right, which random bytes never are: it bundles up to a full
packet, uses numbers next to those that are due, answers, repeats, restarts. A step is a chunk, a
call of the application, or time that passes.
"""

from collections import deque
from collections.abc import Callable
from itertools import pairwise

from tests.datachannel.pair import End
from tests.fuzz.choices import Choices
from tests.sctp.support import INTERLEAVING, PR_AND_RESET, Peer
from tests.sctp.support import data as data_chunk
from tests.sctp.support import i_data as i_data_chunk
from webrtc.datachannel import DataChannels
from webrtc.datachannel.dcep import Ack, Open, Parameters
from webrtc.errors import WebRTCError
from webrtc.sctp import Config, State
from webrtc.sctp.chunks import (
    COOKIE_ACK,
    SHUTDOWN_ACK,
    ChunkType,
    ForwardTsn,
    IForwardTsn,
    Init,
    Sack,
    encode_shutdown,
    encode_shutdown_complete,
)
from webrtc.sctp.inbound import DataInbound, Inbound
from webrtc.sctp.interleaved import InterleavedInbound
from webrtc.sctp.interleaved_reassembly import MESSAGE_OVERHEAD as INCOMPLETE_OVERHEAD
from webrtc.sctp.outstanding import ACKED, IN_FLIGHT, LOST, Outstanding
from webrtc.sctp.packet import HEADER_SIZE, Header, encode_chunk, walk
from webrtc.sctp.parameters import Parameter, ParameterType, find
from webrtc.sctp.reassembly import FRAGMENT_OVERHEAD, RUN_OVERHEAD, Run
from webrtc.sctp.reconfig import (
    IncomingReset,
    OtherRequest,
    OutgoingReset,
    Reconfiguration,
    Response,
    decode_reconfig,
    encode_reconfig,
)

CONFIG = Config(receive_window=200_000, initial_receive_window=100_000, max_message_size=50_000)
PACKET = 1160
RECORD = 16_384
ANSWERS = 300
"""Packets that one step may make an association send: what it has to say of its own included."""
_MASK = 0xFFFF_FFFF


class Fuzzed(Peer):
    """The association, and what its peer has learnt of it."""

    def __init__(self, *, interleaving: bool, seed: int) -> None:
        parameters = INTERLEAVING if interleaving else PR_AND_RESET
        super().__init__(CONFIG, seed=seed, parameters=parameters, window=200_000)
        self.interleaving = interleaving
        self.end = End(self.association, DataChannels(max_channels=40, max_label_bytes=2000))
        self.end.channels.attach(self.association, client=bool(seed & 1))
        self.next = self.tsn
        """The TSN that is due."""
        self.sequence = self.tsn
        self.highest = 0
        """The last TSN of the association."""
        self.requests: deque[int] = deque([0], maxlen=8)
        """Sequence numbers of its requests."""
        self.heard: deque[bytes] = deque([b"\0\1\0\4"], maxlen=8)
        """What its HEARTBEATs contain."""
        self.cookies: deque[bytes] = deque([bytes(73)], maxlen=4)
        self.said: deque[bytes] = deque([COOKIE_ACK], maxlen=32)
        """Chunks, to be said again."""
        self.numbers = dict.fromkeys(range(256), 0)
        self.steps = 0
        """Chunks that were drawn, and whatever else was done."""
        self.inits: list[Init] = []
        """INIT ACKs."""
        self.connect()
        self.highest = self.peer_tsn - 1
        self.settle()

    def settle(self) -> None:
        """Let the association say what it has to say."""
        for count, packet in enumerate(self.end.step(self.now)):
            assert count < ANSWERS
            self._learn(packet)
        self.end.events.clear()
        self.end.received.clear()
        _check_quickly(self)

    def _learn(self, packet: bytes) -> None:
        kinds = set()
        for kind, _, start, stop in walk(packet):
            kinds.add(kind)
            value = packet[start:stop]
            if kind in (ChunkType.DATA, ChunkType.I_DATA):
                self.highest = int.from_bytes(value[:4], "big")
            elif kind == ChunkType.HEARTBEAT:
                self.heard.append(value)
            elif kind == ChunkType.RE_CONFIG:
                ours = [each for each in decode_reconfig(value) if not isinstance(each, Response)]
                self.requests += [each.sequence for each in ours]
            elif kind == ChunkType.INIT_ACK:
                init = Init.decode(value)
                self.cookies.append(find(init.parameters, ParameterType.STATE_COOKIE) or b"")
                self.inits.append(init)
        alone = {ChunkType.INIT_ACK, ChunkType.COOKIE_ECHO, ChunkType.HEARTBEAT}
        assert len(packet) <= (PACKET if not kinds & alone else RECORD)


def near(choices: Choices, number: int, *, back: int = 3) -> int:
    """A serial number that is due, or next to one that is."""
    far = (0, 1, 2, -1, -back, 5, 50, 1000, 39_990, 40_010, 1 << 31, (1 << 31) - 1)
    pick = choices.below(200)
    return number + (far[pick] if pick < len(far) else 0) & _MASK


def _data(peer: Fuzzed, choices: Choices) -> bytes:
    tsn = near(choices, peer.next)
    if tsn == peer.next or not choices.below(8):
        peer.next = tsn + 1 & _MASK
    flags = (3, 3, 3, 7, 2, 0, 1, 6, 4, 5, 11, 15)[choices.below(12)]
    stream = (0, 1, 2, 3, choices.byte(), 65_534, 65_535)[choices.below(7)]
    number = peer.numbers.get(stream, 0)
    if flags & 1:
        peer.numbers[stream] = number + 1
    size = (1, 1, 2, 100, choices.byte() + 1, 1000)[choices.below(6)]
    ppid = (50, 51, 53, 56, 57, 99)[choices.below(6)]
    body = _dcep(choices) if ppid == 50 else bytes(size)
    number = near(choices, number)
    if peer.interleaving != (choices.byte() == 255):
        word = ppid if flags & 2 else near(choices, 1)
        return i_data_chunk(tsn, flags, stream, number, body, word)
    return data_chunk(tsn, flags, stream, number, body, ppid)


def _dcep(choices: Choices) -> bytes:
    match choices.below(4):
        case 0:
            return Ack().encode()
        case 1:
            return bytes((choices.byte(),)) * (1 + choices.below(20))
    parameters = Parameters(
        "l" * choices.byte(), "p" * choices.below(64), priority=choices.byte() * 256
    )
    return Open(parameters).encode()


def _sack(peer: Fuzzed, choices: Choices) -> bytes:
    first = peer.association._session.outbound.outstanding.first
    sent = peer.highest - first + 1 & _MASK
    tsn = first - 1 + (choices.below(min(sent + 1, 250)) if choices.below(8) else sent)
    gaps, start = [], 1
    for _ in range((0, 0, 1, 2, 5, 20, 200)[choices.below(7)]):
        start += 1 + choices.below(3)
        stop = start + choices.below(4)
        gaps.append((start, stop))
        start = stop + choices.below(3)
    if not choices.below(20):
        gaps = [(choices.byte() * 257, choices.byte() * 257) for _ in range(4)]
    window = (200_000, 0, 1, 1160, 1 << 31)[choices.below(5)]
    duplicates = [near(choices, tsn) for _ in range(choices.below(3))]
    if not choices.below(30):
        tsn = near(choices, tsn)
    return Sack(tsn, window, tuple(gaps), tuple(duplicates)).encode()


def _forward(peer: Fuzzed, choices: Choices) -> bytes:
    tsn = near(choices, peer.next)
    if (tsn - peer.next & _MASK) < 40_000:
        peer.next = tsn + 1 & _MASK
    count = (0, 1, 2, 30)[choices.below(4)]
    streams = [choices.byte() if choices.below(9) else 65_535 for _ in range(count)]
    numbers = [near(choices, peer.numbers.get(stream, 0)) for stream in streams]
    if peer.interleaving != (choices.byte() == 255):
        flows = [(s, bool(choices.below(2)), n) for s, n in zip(streams, numbers, strict=True)]
        return IForwardTsn(tsn, tuple(flows)).encode()
    pairs = [(s, n & 0xFFFF) for s, n in zip(streams, numbers, strict=True)]
    return ForwardTsn(tsn, tuple(pairs)).encode()


def _reconfig(peer: Fuzzed, choices: Choices) -> bytes:
    parameters: list[Reconfiguration] = []
    for _ in range(1 + choices.below(2)):
        sequence = near(choices, peer.sequence)
        ids = tuple(choices.byte() for _ in range((0, 1, 2, 40)[choices.below(4)]))
        match choices.below(6):
            case 0:
                parameters.append(IncomingReset(sequence, ids))
            case 1:
                parameters.append(OtherRequest((15, 17, 18)[choices.below(3)], sequence, 5))
            case 2 | 3:
                requests = list(peer.requests)
                request = requests[choices.below(len(requests))]
                parameters.append(Response(request, choices.below(9)))
                continue
            case _:
                parameters.append(OutgoingReset(sequence, 0, near(choices, peer.next - 1), ids))
        if sequence == peer.sequence:
            peer.sequence = sequence + 1 & _MASK
    return encode_reconfig(parameters)


def _heartbeat(peer: Fuzzed, choices: Choices) -> bytes:
    info = Parameter(ParameterType.HEARTBEAT_INFO, bytes(choices.byte())).encode()
    if choices.below(2):
        return encode_chunk(ChunkType.HEARTBEAT, 0, info)
    heard = list(peer.heard)
    return encode_chunk(ChunkType.HEARTBEAT_ACK, 0, heard[choices.below(len(heard))])


def _cookie_echo(peer: Fuzzed, choices: Choices) -> bytes:
    cookies = list(peer.cookies)
    return encode_chunk(ChunkType.COOKIE_ECHO, 0, cookies[choices.below(len(cookies))])


def _init(peer: Fuzzed, choices: Choices) -> bytes:
    streams = (65_535, 1, 0, 40)[choices.below(4)]
    unknown = Parameter(0xC007, bytes((0, 10, 300, 2000)[choices.below(4)]))
    parameters = (*peer.init.parameters, *[unknown] * choices.below(4))
    tag = peer.tag + choices.below(3)
    return Init(tag, 1 << 20, streams, streams, choices.byte(), parameters).encode(
        ChunkType.INIT if choices.below(4) else ChunkType.INIT_ACK
    )


def _again(peer: Fuzzed, choices: Choices) -> bytes:
    said = list(peer.said)
    return said[choices.below(len(said))]


def _other(peer: Fuzzed, choices: Choices) -> bytes:
    kind = (0x3F, 0x7F, 0xBF, 0xFF, *range(12, 16), 128, 132, 193)[choices.below(11)]
    return encode_chunk(kind, choices.byte(), bytes(choices.below(30)))


def _ending(peer: Fuzzed, choices: Choices) -> bytes:
    if choices.byte():
        return encode_chunk(ChunkType.ERROR, 0, bytes((0, choices.below(14), 0, 4)))
    return (
        encode_shutdown(near(choices, peer.highest)),
        SHUTDOWN_ACK,
        encode_shutdown_complete(tag_reflected=bool(choices.below(2))),
        COOKIE_ACK,
        encode_chunk(ChunkType.ABORT, choices.below(2), b""),
    )[choices.below(5)]


GRAMMAR: tuple[Callable[[Fuzzed, Choices], bytes], ...] = (
    *[_data] * 8,
    *[_sack] * 4,
    *[_forward] * 2,
    *[_reconfig] * 2,
    _again,
    _heartbeat,
    _cookie_echo,
    _init,
    _other,
    _ending,
)


def _packet(peer: Fuzzed, choices: Choices) -> bytes:
    """One to four chunks, or as many of a few as a packet or a record holds."""
    count = (1, 1, 2, 4, 0, 0)[choices.below(6)]
    room = (RECORD if not choices.below(6) else PACKET) - HEADER_SIZE
    chunks = [GRAMMAR[choices.below(len(GRAMMAR))](peer, choices) for _ in range(count or 6)]
    peer.steps += len(chunks)
    while not count and sum(map(len, chunks)) < room and len(chunks) < 1000:
        chunks += chunks if choices.below(2) else [chunks[-1]] * 16
    while sum(map(len, chunks)) > room:
        chunks.pop()
    peer.said += chunks[:3]
    tag = peer.peer_tag if choices.below(16) else (0, peer.tag, peer.peer_tag ^ 1)[choices.below(3)]
    return Header(5000, 5000, tag).seal(chunks)


def _read(peer: Fuzzed, choices: Choices) -> None:
    peer.association.handle_read(_packet(peer, choices), peer.now)


def _read_burst(peer: Fuzzed, choices: Choices) -> None:
    packets = [_packet(peer, choices) for _ in range(2 + choices.below(6))]
    peer.association.handle_reads(packets, peer.now)


def _restart(peer: Fuzzed, choices: Choices) -> None:
    """The peer begins anew and does all of it right."""
    peer.tag += 1
    peer.tsn = choices.byte() << 24 | 0xFFFFF0
    streams = (65_535, 8, 100)[choices.below(3)]
    init = Init(peer.tag, 200_000, streams, streams, peer.tsn, peer.init.parameters)
    peer.association.handle_read(Header(5000, 5000, 0).seal([init.encode()]), peer.now)
    peer.inits.clear()
    peer.settle()
    if peer.inits:
        echo = encode_chunk(ChunkType.COOKIE_ECHO, 0, peer.cookies[-1])
        header = Header(5000, 5000, peer.inits[0].tag)
        peer.association.handle_read(header.seal([echo, _data(peer, choices)]), peer.now)
        peer.peer_init = peer.inits[0]
        peer.highest = peer.peer_tsn - 1
        peer.next = peer.sequence = peer.tsn
        peer.numbers = dict.fromkeys(range(256), 0)


def _wait(peer: Fuzzed, choices: Choices) -> None:
    peer.now += (0.001, 0.05, 0.3, 2.0, 15.0)[choices.below(5)]
    peer.association.handle_timeout(peer.now)


def _call(peer: Fuzzed, choices: Choices) -> None:
    """The application does something, and may be refused."""
    channels, now = peer.end.channels, peer.now
    active = channels.active
    match choices.below(5):
        case 0:
            limit = choices.below(3) if choices.below(2) else None
            channels.open(Parameters("x", max_retransmits=limit, ordered=choices.below(2) > 0), now)
        case 1 if active:
            channels.close(active[choices.below(len(active))], now, half=not choices.below(3))
        case 2:
            peer.end.reads = not peer.end.reads
        case _ if active:
            size = (0, 1, 500, 5000, 40_000)[choices.below(5)]
            channels.send(active[choices.below(len(active))], bytes(size), now)


STEPS = (_read, _read, _read, _read_burst, _wait, _call, _call, _restart)


def association(data: bytes) -> int:
    """X-08, one input; returns how many steps it was."""
    choices = Choices(data)
    flags = choices.byte()
    peer = Fuzzed(interleaving=flags % 2 > 0, seed=flags)
    while choices.left and peer.state is not State.ENDED:
        step = STEPS[choices.below(len(STEPS)) if choices.below(4) else 0]
        try:
            step(peer, choices)
        except WebRTCError:
            assert step is _call  # nobody else is told
        peer.steps += 1
        peer.settle()
    check(peer)
    return peer.steps


def _check_quickly(peer: Fuzzed) -> None:
    """What must hold at any moment and costs little to look at."""
    inbound = peer.association._session.inbound
    assert inbound is not None
    assert min(inbound._fragments.size, inbound._waiting_size, inbound._delivered) >= 0
    assert inbound.held <= inbound._most + RECORD * (FRAGMENT_OVERHEAD + RUN_OVERHEAD)
    assert len(peer.association._session.outbox.chunks) <= 64
    assert peer.association.bytes_in_flight >= 0


def check(peer: Fuzzed) -> None:
    """Everything is counted as it is held."""
    inbound = peer.association._session.inbound
    assert inbound is not None
    waiting = [m for ahead in inbound._waiting.values() for m in ahead.messages.values()]
    assert inbound._waiting_size == sum(message.cost for message in waiting)
    assert inbound._fragments.size == _held(inbound)
    gaps = inbound.tsns.gaps
    assert all(a[1] + 1 < b[0] for a, b in pairwise(gaps))
    assert not gaps or inbound.tsns.cumulative + 1 < gaps[0][0]
    _check_outstanding(peer.association._session.outbound.outstanding)
    channels = peer.end.channels
    assert len(channels.active) <= 2 * 40 + 100
    assert channels._heard.keys() <= channels._channels.keys()


def _held(inbound: Inbound) -> int:
    if isinstance(inbound, DataInbound):
        reassembly = inbound._reassembly
        runs: dict[int, Run] = {id(run): run for run in reassembly._open.values()}
        runs |= {id(run): run for run in reassembly._headless.values()}
        return sum(
            run.size + FRAGMENT_OVERHEAD * len(run.parts) + RUN_OVERHEAD for run in runs.values()
        )
    assert isinstance(inbound, InterleavedInbound)
    return sum(
        message.size + FRAGMENT_OVERHEAD * len(message.parts) + INCOMPLETE_OVERHEAD
        for flow in inbound._reassembly._flows.values()
        for message in flow.values()
    )


def _check_outstanding(outstanding: Outstanding) -> None:
    chunks, holes = outstanding.chunks, outstanding.holes
    flying = [chunk for chunk in chunks if chunk.state == IN_FLIGHT]
    assert outstanding.flight == sum(chunk.size for chunk in flying)
    assert outstanding.size == sum(chunk.size for chunk in chunks)
    assert [chunk.tsn for chunk in chunks] == list(range(outstanding.first, outstanding.next_tsn))
    assert holes == sorted(set(holes))
    missing = {
        c.tsn for c in chunks if c.state in (IN_FLIGHT, LOST) and c.tsn < outstanding.highest
    }
    reported = {c.tsn for c in chunks if c.state == ACKED}
    assert missing <= set(holes)
    assert not reported & set(holes)
    repairs = {(chunk.tsn, packet) for chunk, packet in outstanding.repairs}
    for chunk in flying:
        first = chunk.transmissions == 1 and chunk.tsn >= outstanding.suspect
        assert first or (chunk.tsn, chunk.packet) in repairs
    lost = {chunk.tsn for chunk in outstanding.lost}
    assert {chunk.tsn for chunk in chunks if chunk.state == LOST} <= lost
