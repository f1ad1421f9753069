"""Chunks to their parts: unknown, malformed and hostile packets."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sctp.link import Pair
from tests.sctp.support import Peer, data, kinds, sack, sacks
from tests.work import Data, work
from webrtc.sctp import Closed, Config, State, StreamsReset
from webrtc.sctp.chunks import COOKIE_ACK, ChunkType, ForwardTsn, Init, encode_shutdown
from webrtc.sctp.packet import Header, UncheckedHeader, checksum, encode_chunk
from webrtc.sctp.parameters import Parameter, ParameterType, find
from webrtc.sctp.reconfig import OutgoingReset, encode_reconfig
from webrtc.sctp.session import MAX_CONTROL_CHUNKS, MAX_REPORTS

OVER_DTLS = Parameter(ParameterType.ZERO_CHECKSUM, b"\0\0\0\1")


@pytest.mark.parametrize(
    ("kind", "goes_on", "reported"),
    [(0x3F, False, False), (0x7F, False, True), (0xBF, True, False), (0xFF, True, True)],
)
def test_high_bits_of_an_unknown_chunk(kind: int, *, goes_on: bool, reported: bool) -> None:
    """C-20: RFC 9260 §3.2."""
    peer = Peer().connect()
    chunks = peer.send(encode_chunk(kind, 5, bytes(1000)), data(1000))
    assert bool(peer.messages()) is goes_on
    reports = [value for found, _, value in chunks if found == ChunkType.ERROR]
    assert bool(reports) is reported
    assert all(len(value) < 100 and value[4] == kind for value in reports)
    assert peer.association.counters.discarded == 1


def test_reports_of_unknown_chunks_are_few() -> None:
    """C-20."""
    peer = Peer().connect()
    flood = [
        peer.send(*(encode_chunk(0xFF, n, b"%d" % turn) for n in range(100))) for turn in range(50)
    ]
    assert sum(kinds(chunks).count(ChunkType.ERROR) for chunks in flood) == MAX_REPORTS


@pytest.mark.parametrize(
    "kind",
    [
        ChunkType.ECNE,
        ChunkType.CWR,
        ChunkType.ASCONF,
        ChunkType.ASCONF_ACK,
        ChunkType.AUTH,
        ChunkType.PAD,
    ],
)
def test_chunks_of_extensions_we_do_not_have_are_passed_over(kind: ChunkType) -> None:
    """C-23."""
    peer = Peer().connect()
    assert peer.send(encode_chunk(kind, 0, bytes(8)), data(1000)) == []
    assert len(peer.messages()) == 1


@pytest.mark.parametrize("kind", [ChunkType.I_DATA, ChunkType.I_FORWARD_TSN])
def test_interleaving_that_was_not_negotiated_aborts(kind: ChunkType) -> None:
    """C-17."""
    peer = Peer().connect()
    assert kinds(peer.send(encode_chunk(kind, 3, bytes(20)))) == [ChunkType.ABORT]
    assert peer.state is State.ENDED


def test_control_chunks_beyond_the_thirty_second_are_ignored_and_data_never() -> None:
    """X-04: nobody sends more; what is ignored is counted."""
    peer = Peer().connect()
    heartbeat = encode_chunk(ChunkType.HEARTBEAT, 0, b"\0\1\0\x08last")
    pads = [encode_chunk(ChunkType.PAD, 0, b"")] * MAX_CONTROL_CHUNKS
    chunks = peer.send(*pads, heartbeat, *(data(1000 + n, ssn=n) for n in range(40)))
    assert kinds(chunks) == []
    assert len(peer.messages()) == 40
    assert peer.association.counters.discarded == 1
    assert ChunkType.HEARTBEAT_ACK in kinds(peer.send(*pads[1:], heartbeat, data(1040, ssn=40)))
    assert len(peer.messages()) == 1


def test_control_chunks_of_all_kinds_in_one_packet_are_acted_on() -> None:
    """RFC 9260 §6.10: with data behind them."""
    peer = Peer().connect()
    peer.association.send(1, 53, b"x", peer.now)
    peer.read()
    chunks = peer.send(
        sack(peer.peer_tsn),
        ForwardTsn(1001).encode(),
        encode_reconfig([OutgoingReset(1000, 0, 1001, (5,))]),
        encode_chunk(ChunkType.HEARTBEAT, 0, b"\0\1\0\x08abcd"),
        encode_chunk(ChunkType.PAD, 0, bytes(100)),
        data(1002, body=b"behind"),
    )
    assert {ChunkType.SACK, ChunkType.RE_CONFIG, ChunkType.HEARTBEAT_ACK} == set(kinds(chunks))
    assert peer.association.unacknowledged_chunks == 0
    assert peer.events() == [StreamsReset((5,))]
    assert [message.data for message in peer.messages()] == [b"behind"]


def test_data_behind_a_cookie_echo_is_taken() -> None:
    """RFC 9260 §5.1 E."""
    peer = Peer()
    ((_, _, value),) = peer.send(peer.init.encode(), tag=0)
    peer.peer_init = Init.decode(value)
    cookie = find(peer.peer_init.parameters, ParameterType.STATE_COOKIE)
    assert cookie is not None
    peer.send(encode_chunk(ChunkType.COOKIE_ECHO, 0, cookie), data(1000), data(1001, ssn=1))
    assert len(peer.messages()) == 2


def test_a_packet_that_ends_badly_is_acknowledged_as_far_as_it_was_good() -> None:
    """C-03: or its sender would never use up what it was allowed to send."""
    peer = Peer().connect()
    broken = b"\x04\0\0\1"
    peer.send(data(1000), broken)
    (found,) = sacks(peer.send(data(1001, ssn=1), broken))
    assert found.cumulative_tsn == 1001


@pytest.mark.parametrize("ports", [(0, 5000), (5000, 0), (5001, 5000), (5000, 5001)])
def test_wrong_ports(ports: tuple[int, int]) -> None:
    """C-02."""
    peer = Peer().connect()
    packet = Header(*ports, peer.peer_tag).seal((data(1000),))
    peer.association.handle_read(packet, peer.now)
    assert peer.messages() == []
    assert peer.association.counters.discarded == 1


def test_wrong_checksum_and_zero_checksum() -> None:
    """C-01: zero counts only where we said so, and never with an INIT."""
    peer = Peer(Config(zero_checksum=False)).connect()
    good = Header(5000, 5000, peer.peer_tag).seal((data(1000),))
    for wrong in (bytes(4), good[8:11] + bytes((good[11] ^ 1,))):
        peer.association.handle_read(good[:8] + wrong + good[12:], peer.now)
    assert peer.messages() == []
    peer.association.handle_read(good, peer.now)
    assert len(peer.messages()) == 1
    peer = Peer(parameters=(OVER_DTLS,))
    init = Header(5000, 5000, 0).seal((peer.init.encode(),))
    peer.association.handle_read(init[:8] + bytes(4) + init[12:], peer.now)
    assert peer.packets() == []


def test_zero_checksum_both_ways() -> None:
    """C-01: RFC 9653 §5.2, §5.3; the INIT and the COOKIE ECHO keep their CRC32c."""
    peer = Peer(parameters=(OVER_DTLS,))
    ours = Header(5000, 5000, peer.tag)
    peer.association.connect(peer.now)
    (init,) = peer.packets()
    assert init[8:12] == checksum(init)
    peer.peer_init = Init.decode(init[16:])
    theirs = UncheckedHeader(5000, 5000, peer.peer_tag)
    for _ in range(2):
        peer.association.handle_read(theirs.seal((peer.init_ack(),)), peer.now)
        peer.now += 0.5
        peer.association.handle_timeout(peer.now)
    assert [ours.verifies(packet) for packet in peer.packets()] == [True, True]
    peer.association.handle_read(theirs.seal((COOKIE_ACK, data(1000))), peer.now)
    assert len(peer.messages()) == 1
    peer.association.send(0, 53, b"x", peer.now)
    packets = peer.packets()
    assert [packet[8:12] for packet in packets] == [bytes(4)] * len(packets)
    assert not any(ours.verifies(packet) for packet in packets)


def test_zero_checksum_is_refused_under_a_cookie_echo() -> None:
    """C-01: RFC 9653 §5.3."""
    peer = Peer(parameters=(OVER_DTLS,))
    ((_, _, value),) = peer.send(peer.init.encode(), tag=0)
    peer.peer_init = Init.decode(value)
    cookie = find(peer.peer_init.parameters, ParameterType.STATE_COOKIE)
    assert cookie is not None
    echo = encode_chunk(ChunkType.COOKIE_ECHO, 0, cookie)
    packet = UncheckedHeader(5000, 5000, peer.peer_tag).seal((echo,))
    peer.association.handle_read(packet, peer.now)
    assert peer.state is State.CLOSED
    assert kinds(peer.send(echo)) == [ChunkType.COOKIE_ACK]
    peer.association.send(0, 53, b"x", peer.now)
    assert [packet[8:12] for packet in peer.packets()] == [bytes(4)]


def test_packets_of_any_size() -> None:
    """C-02, X-02: every truncation, and 65 KB."""
    peer = Peer().connect()
    packet = Header(5000, 5000, peer.peer_tag).seal((data(1000), data(1001, ssn=1)))
    for size in range(len(packet)):
        peer.association.handle_read(packet[:size], peer.now)
    assert peer.messages() == []
    peer.send(data(1000, body=bytes(65000)))
    assert len(peer.messages()) == 1


@pytest.mark.parametrize("length", [0, 1, 2, 3, 0x7FFF, 0xFFFF])
def test_chunk_length_that_cannot_be_ends_the_packet(length: int) -> None:
    """C-03, X-03: what came before it counts."""
    peer = Peer().connect()
    peer.send(data(1000), b"\x04\0" + length.to_bytes(2, "big") + bytes(4))
    assert len(peer.messages()) == 1
    assert peer.association.counters.discarded == 1
    assert peer.state is State.ESTABLISHED


def test_parameter_bombs() -> None:
    """C-03: ten thousand parameters, lengths that cannot be."""
    peer = Peer()
    for parameters in (
        b"\xc0\0\0\4" * 10000,
        b"\xc0\0\0\0" * 100,
        b"\xc0\0\xff\xff",
        b"\xc0\0\0\3\0",
    ):
        fixed = peer.init.encode()[4:20]
        packet = Header(5000, 5000, 0).seal((encode_chunk(ChunkType.INIT, 0, fixed + parameters),))
        peer.association.handle_read(packet, peer.now)
        assert peer.packets() == []
    assert peer.association.counters.discarded == 4


CHUNKS = [
    data(1000, body=b"hello world"),
    data(1001, 2, stream=5, body=bytes(100)),
    sack(0xFFFFFFFF, gaps=((2, 3), (5, 9))),
    ForwardTsn(1003, ((1, 2), (3, 4))).encode(),
    encode_reconfig([OutgoingReset(1000, 0, 999, (1, 2, 3))]),
    encode_chunk(ChunkType.HEARTBEAT, 0, b"\0\1\0\x08abcd"),
    encode_chunk(ChunkType.HEARTBEAT_ACK, 0, b"\0\1\0\x08abcd"),
    encode_chunk(ChunkType.ERROR, 0, b"\0\3\0\x08abcd\0\1\0\x08\0\1\0\0"),
    encode_chunk(ChunkType.ABORT, 0, b"\0\x0c\0\x08abcd"),
    encode_shutdown(5),
    encode_chunk(ChunkType.SHUTDOWN_ACK, 0, b""),
    encode_chunk(ChunkType.COOKIE_ECHO, 0, bytes(73)),
    Init(9, 1 << 20, 5, 5, 7, (Parameter(0x8008, b"\x82"),)).encode(),
    Init(9, 1 << 20, 5, 5, 7, (Parameter(7, b"cookie"),)).encode(ChunkType.INIT_ACK),
]


def mutate(chunk: bytes, random: Random) -> bytes:
    """As reliability.md X-01 lists it."""
    raw = bytearray(chunk)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(raw))
        match random.randrange(6):
            case 0:
                raw[at] ^= 1 << random.randrange(8)
            case 1:
                raw[at] = random.choice((0, 1, 0x7F, 0x80, 0xFF))
            case 2:
                del raw[max(at, 4) :]
            case 3:
                raw[at:at] = random.randbytes(random.randint(1, 8))
            case 4:
                del raw[at : at + random.randint(1, 4)]
            case 5:
                lengths = (0, 1, 3, 4, len(raw) - 1, len(raw) + 1, 0x7FFF, 0xFFFF)
                raw[2:4] = random.choice(lengths).to_bytes(2, "big")
        if len(raw) < 4:
            return chunk
    return bytes(raw)


@pytest.mark.parametrize("seed", range(8))
def test_mutated_packets_never_raise(seed: int) -> None:
    """X-01, X-08, SCTP-25: valid checksum and tag, every state, timers and calls between."""
    random = Random(seed)
    peer = Peer(seed=seed)
    prepare = (lambda _: None, Peer.begin, Peer.connect)[seed % 3]
    prepare(peer)
    for _ in range(2500):
        chunks = [mutate(random.choice(CHUNKS), random) for _ in range(random.randint(1, 3))]
        tag = random.choice((peer.peer_tag, peer.peer_tag, peer.peer_tag, 0, peer.tag))
        peer.send(*chunks, tag=tag)
        if random.random() < 0.1:
            peer.wait(random.random() * 3)
        if random.random() < 0.1 and peer.state is State.ESTABLISHED:
            peer.association.send(1, 53, bytes(2000), peer.now, max_retransmits=0)
        peer.messages()
        peer.events()
        if peer.state is State.ENDED:
            peer = Peer(seed=random.getrandbits(32))
            prepare(peer)


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_garbage_never_raises(packet: bytes) -> None:
    """X-01."""
    peer = Peer().connect()
    peer.association.handle_read(packet, peer.now)
    peer.send(packet)
    assert all(isinstance(event, Closed) for event in peer.events())


WORST: dict[str, Callable[[int, int], bytes]] = {
    "unknown chunks": lambda count, _: b"\xbf\0\0\4" * count,
    "gap blocks": lambda count, tsn: sack(tsn - 1, gaps=((2, 2),) * count),
    "streams": lambda count, _: ForwardTsn(1000, tuple((n, 0) for n in range(count))).encode(),
    "heartbeat": lambda count, _: encode_chunk(ChunkType.HEARTBEAT, 0, bytes(4 * count)),
}


@pytest.mark.parametrize("worst", WORST)
def test_worst_packets_are_no_more_work_than_their_size_explains(worst: str) -> None:
    """X-04: many chunks, many gap blocks, many streams; ten a byte are the most."""
    spent = []
    for count in (90, 360):
        peer = Peer().connect()
        header = Header(5000, 5000, peer.peer_tag)
        packet = Data(header.seal([WORST[worst](count, peer.peer_tsn)]))
        association, now = peer.association, peer.now
        spent.append(work(lambda: association.handle_read(packet, now)))  # noqa: B023 - called here
        assert spent[-1] < 10 * len(packet) + 200
    assert spent[1] < 4.1 * spent[0]


def test_same_seed_same_packets() -> None:
    """Reliability promise 13: the core does no I/O and reads no clock."""

    def trace() -> list[bytes]:
        pair = Pair(7).connect()
        pair.lossy(loss=0.2, jitter=0.05)
        seen: list[bytes] = []

        def look(packet: bytes) -> bool:
            seen.append(packet)
            return False

        pair.a.drop = look
        for _ in range(30):
            pair.a.association.send(0, 53, bytes(5000), pair.now)
        pair.run(limit=30.0)
        return seen

    assert trace() == trace()
