"""Path MTU discovery in an association, against a peer driven by hand and against another one."""

from collections.abc import Callable

import pytest

from tests.sctp.link import Link, Pair, numbered
from tests.sctp.support import Chunk, Peer, data, kinds, sack, sent_data
from webrtc.sctp import Config, State
from webrtc.sctp.chunks import ChunkType
from webrtc.sctp.packet import Header, encode_chunk, walk
from webrtc.sctp.parameters import Parameter, ParameterType
from webrtc.sctp.path_mtu import GRANULARITY, MAX_UNPADDED
from webrtc.sctp.reconfig import OutgoingReset, decode_reconfig

BASE, MINIMUM = Config().base_plpmtu, Config().min_plpmtu
PADDING = (
    Parameter(ParameterType.FORWARD_TSN_SUPPORTED, b""),
    Parameter(ParameterType.SUPPORTED_EXTENSIONS, bytes((130, 132, 192))),
)


def prober(config: Config | None = None, *, window: int = 1 << 20) -> Peer:
    return Peer(config, parameters=PADDING, probing=True, window=window).connect()


def peer_packet(peer: Peer, *chunks: bytes) -> bytes:
    return Header(5000, 5000, peer.peer_tag).seal(chunks)


def send(peer: Peer, size: int) -> None:
    peer.association.send(0, 53, bytes(size), peer.now)


def answers(chunks: list[Chunk]) -> list[bytes]:
    """HEARTBEAT ACKs for the probes among `chunks`."""
    return [
        encode_chunk(ChunkType.HEARTBEAT_ACK, 0, value)
        for kind, _, value in chunks
        if kind == ChunkType.HEARTBEAT
    ]


def probe_sizes(packets: list[bytes]) -> list[int]:
    return [len(packet) for packet in packets if packet[12] == ChunkType.HEARTBEAT]


def test_quiet_connections_are_not_probed() -> None:
    """Ping-pong of small messages, and silence: no packet that would not be there otherwise."""
    peer = prober(Config(heartbeat_interval=0.0))
    for tsn in range(peer.peer_tsn, peer.peer_tsn + 200):
        send(peer, 500)
        assert kinds(peer.read()) == [ChunkType.DATA]
        peer.now += 0.01
        peer.send(sack(tsn))
    assert peer.association.poll_timeout() is None
    assert peer.association.mtu == BASE


def test_the_first_full_packet_begins_the_search() -> None:
    """RFC 8899 §6.2: HEARTBEAT and PAD, nothing else, of exactly the size in question."""
    peer = prober()
    send(peer, 3000)
    packets = peer.packets()
    assert [len(packet) for packet in packets] == [BASE, BASE, BASE, 764]
    beat, pad = ((kind, packets[1][start:stop]) for kind, _, start, stop in walk(packets[1]))
    assert (beat[0], len(beat[1])) == (ChunkType.HEARTBEAT, 20)
    assert (pad[0], set(pad[1])) == (ChunkType.PAD, {0})
    assert peer.association.mtu == BASE


def test_data_grows_with_what_was_answered() -> None:
    peer = prober()
    send(peer, 200000)
    peer.send(*answers(peer.read()))
    assert peer.association.mtu == BASE
    peer.now += 0.1
    chunks = peer.send(sack(peer.peer_tsn + 9))
    assert max(len(body) for *_, body in sent_data(chunks)) == BASE - 28
    peer = prober()
    send(peer, 200000)
    beat = answers(peer.read())
    beat = answers(peer.send(*beat))
    chunks = peer.send(*beat, sack(peer.peer_tsn + 9))
    assert peer.association.mtu == 16384
    assert len(sent_data(chunks)[0][-1]) == 16384 - 28


def test_confirmed_sizes_must_not_be_fragmented_and_others_may() -> None:
    peer = prober()
    flags: list[tuple[int, bool]] = []

    def drain() -> list[bytes]:
        packets = []
        while (packet := peer.association.poll_write()) is not None:
            packets.append(packet)
            flags.append((len(packet), peer.association.dont_fragment))
        return packets

    send(peer, 5000)
    packets = drain()
    assert flags == [(BASE, False), (BASE, True), *[(BASE, False)] * 3, (500, False)]
    (beat,) = [packet for packet in packets if packet[12] == ChunkType.HEARTBEAT]
    flags.clear()
    ack = encode_chunk(ChunkType.HEARTBEAT_ACK, 0, beat[16:36])
    peer.association.handle_read(peer_packet(peer, ack), peer.now)
    send(peer, 3000)
    drain()
    assert flags[0] == (16384, True)  # the next probe
    assert flags[1:] == [(BASE, True)] * 2 + [(764, True)]


def test_peer_without_padding_gets_no_more_than_a_link_of_1500_bytes_carries() -> None:
    """aiortc reads 1500 bytes of a record, libwebrtc 2048, and neither lists PAD."""
    peer = Peer(probing=True).connect()
    send(peer, 100000)
    chunks, sizes = peer.packets(), []
    for _ in range(5):
        sizes += probe_sizes(chunks)
        beats = [encode_chunk(ChunkType.HEARTBEAT_ACK, 0, c[16:36]) for c in chunks if c[12] == 4]
        peer.association.handle_read(peer_packet(peer, *beats), peer.now)
        chunks = peer.packets()
    assert sizes == [BASE, MAX_UNPADDED]
    assert peer.association.mtu == MAX_UNPADDED


def test_lost_probes_are_neither_congestion_nor_errors() -> None:
    """RFC 8899 §3 6): a peer that takes data and answers no probe notices nothing."""
    peer = prober(Config(max_retransmissions=1, heartbeat_interval=0.0))
    for _ in range(40):
        send(peer, 1100)
        last = sent_data(peer.read())[-1][0]
        peer.now += 0.05
        peer.send(sack(last))
        peer.wait(0.45)
    assert peer.state is State.ESTABLISHED
    assert peer.association.counters.timeouts == 0
    assert peer.association.cwnd == 11600
    assert peer.association.mtu == BASE


def test_forged_answers_are_discarded_and_grow_nothing() -> None:
    """C-19, attack: only who has read a probe can answer it."""
    peer = prober()
    send(peer, 5000)
    peer.read()
    before = peer.association.counters.discarded
    for number in range(100):
        forged = Parameter(ParameterType.HEARTBEAT_INFO, number.to_bytes(16, "big")).encode()
        peer.send(encode_chunk(ChunkType.HEARTBEAT_ACK, 0, forged))
    assert peer.association.counters.discarded == before + 100
    assert peer.association.mtu == BASE


def test_a_peer_that_answers_but_drops_what_it_answered_harms_itself_only() -> None:
    """Attack: large packets are used and lost three times at most."""
    peer = prober(Config(max_plpmtu=1432, heartbeat_interval=0.0, max_retransmissions=None))
    size, large = 60000, 0
    send(peer, size)
    acked = peer.peer_tsn - 1
    end = peer.now + 120.0
    chunks = peer.packets()
    while peer.now < end and peer.association.send_buffer_size:
        beats = []
        for packet in chunks:
            if packet[12] == ChunkType.HEARTBEAT:
                beats.append(encode_chunk(ChunkType.HEARTBEAT_ACK, 0, packet[16:36]))
            elif len(packet) > BASE and len(packet) == peer.association.mtu:
                large += 1
        beats.append(sack(acked))
        peer.association.handle_read(peer_packet(peer, *beats), peer.now)
        chunks = peer.packets()
        if not chunks:
            when = peer.association.poll_timeout()
            assert when is not None
            peer.now = max(peer.now, when)
            peer.association.handle_timeout(peer.now)
            chunks = peer.packets()
    assert large <= 3
    assert peer.association.mtu == MINIMUM  # nothing that was sent again has arrived


def test_chunks_of_larger_times_are_repaired_alone_and_may_be_fragmented() -> None:
    """F-10: a TSN cannot be cut anew."""
    peer = prober()
    send(peer, 40000)
    beats = answers(peer.read())
    beats = answers(peer.send(*beats))
    peer.send(*beats, sack(peer.peer_tsn + 10))
    assert peer.association.mtu == 16384
    packets: list[tuple[bytes, bool]] = []
    while peer.association.mtu == 16384:
        when = peer.association.poll_timeout()
        assert when is not None
        peer.now = when
        peer.association.handle_timeout(peer.now)
        packets.clear()
        while (packet := peer.association.poll_write()) is not None:
            packets.append((packet, peer.association.dont_fragment))
    assert peer.association.mtu == BASE
    repairs = [(len(packet), df) for packet, df in packets if packet[12] == ChunkType.DATA]
    assert repairs == [(16384, False)]
    assert len(packets) == 1


def grown(config: Config | None = None) -> Peer:
    """An association on a path that carries everything, with nothing in flight."""
    peer = prober(config)
    send(peer, 2000)
    beats = answers(peer.read())
    beats = answers(peer.send(*beats))
    peer.send(*beats, sack(peer.peer_tsn + 1))
    assert peer.association.mtu == 16384
    assert not peer.association.bytes_in_flight
    return peer


def test_messages_that_fit_into_a_packet_are_not_cut() -> None:
    peer = grown()
    for _ in range(2):
        send(peer, 9000)
    assert [len(packet) for packet in peer.packets()] == [12 + 9016] * 2


def test_repairs_share_packets_of_the_size_of_the_day() -> None:
    peer = grown()
    for _ in range(10):
        send(peer, 1000)
    assert [len(packet) for packet in peer.packets()] == [12 + 10 * 1016]
    packets: list[bytes] = []
    while not any(packet[12] == ChunkType.DATA for packet in packets):
        when = peer.association.poll_timeout()
        assert when is not None
        peer.now = when
        peer.association.handle_timeout(peer.now)
        packets = peer.packets()
    while peer.association.mtu != BASE:
        when = peer.association.poll_timeout()
        assert when is not None
        peer.now = when
        peer.association.handle_timeout(peer.now)
        packets = peer.packets()
    packets += peer.packets()
    peer.association.handle_read(peer_packet(peer, sack(peer.peer_tsn + 2)), peer.now)
    packets += peer.packets()
    assert max(map(len, packets)) == BASE


def test_chunks_of_larger_times_keep_to_the_window() -> None:
    """RFC 9260 §6.1 B: what leaves exceeds it by less than one packet of today."""
    peer = grown(Config(congestion_control="reno"))
    for _ in range(4):
        send(peer, 8000)
    peer.packets()
    while peer.association.mtu != BASE:
        peer.now = peer.association.poll_timeout() or 0.0
        peer.association.handle_timeout(peer.now)
        peer.packets()
    first, before = peer.peer_tsn + 2, peer.association.bytes_in_flight
    peer.now += 0.01
    peer.association.handle_read(peer_packet(peer, sack(first)), peer.now)
    packets = [packet for packet in peer.packets() if packet[12] == ChunkType.DATA]
    assert (before, [len(packet) for packet in packets]) == (8016, [12 + 8016])


def test_a_dead_path_is_not_probed_for_ever() -> None:
    """Only data is sent again, and the search goes on when some was acknowledged."""
    peer = grown(Config(max_retransmissions=None, heartbeat_interval=0.0))
    send(peer, 5000)
    peer.packets()
    probes = []
    end = peer.now + 120.0
    while (when := peer.association.poll_timeout()) is not None and when < end:
        peer.now = when
        peer.association.handle_timeout(peer.now)
        probes += probe_sizes(peer.packets())
    assert probes == []
    peer.association.handle_read(peer_packet(peer, sack(peer.peer_tsn + 2)), peer.now)
    assert probe_sizes(peer.packets()) == [BASE]


def test_a_chunk_lost_again_and_again_beside_small_ones_is_a_black_hole() -> None:
    """The timer never expires there: something is acknowledged all the time."""
    pair = Pair(link=Link(delay=0.02, mtu=1432)).connect()
    a = pair.a.association
    a.send(0, 53, bytes(20000), pair.now)
    assert pair.run(lambda: a.mtu == 1432, 30.0)
    pair.run(limit=1.0)
    pair.link = Link(delay=0.02, mtu=1300, fragments=True)
    begun, timeouts = pair.now, a.counters.timeouts
    a.send(0, 53, bytes(1400), pair.now)
    while a.mtu == 1432 and pair.now < begun + 5:
        a.send(1, 53, bytes(10), pair.now)
        pair.run(limit=0.005)
    assert a.mtu <= 1300
    assert pair.now - begun < 1.0
    assert a.counters.timeouts == timeouts


class Buffer:
    """Room for `size` bytes, and any one packet, at a receiver that reads when a burst is over."""

    def __init__(self, pair: Pair, size: int) -> None:
        self._pair = pair
        self._size = size
        self._held = 0
        self._burst = -1.0

    def overruns(self, packet: bytes) -> bool:
        if self._burst != self._pair.now:
            self._burst, self._held = self._pair.now, 0
        if self._held and self._held + len(packet) > self._size:
            return True
        self._held += len(packet)
        return False


@pytest.mark.parametrize("size", [2048, 4096, 8192, 20_000])
def test_a_buffer_for_one_packet_is_not_taken_by_a_probe_each_time(size: int) -> None:
    """A large probe passes it alone, the data that follows does not: nothing but time is lost."""
    pair = Pair(link=Link(delay=0.0001)).connect()
    pair.a.drop = Buffer(pair, size).overruns
    for number in range(30):
        pair.a.association.send(0, 53, numbered(number, 20_000), pair.now)
    begun = pair.now
    assert pair.run(lambda: len(pair.b.received) == 30, 120.0)
    assert pair.now - begun < 2.0


def test_reset_requests_fit_into_the_smallest_packets() -> None:
    peer = prober(Config(heartbeat_interval=0.0))
    peer.association.reset_streams(range(1000), peer.now)
    packets = peer.packets()
    assert max(map(len, packets)) <= MINIMUM - 16
    ids: list[int] = []
    while packets:
        for kind, _, start, stop in walk(packets[0]):
            assert kind == ChunkType.RE_CONFIG
            (request,) = decode_reconfig(packets[0][start:stop])
            assert isinstance(request, OutgoingReset)
            ids += request.ids
            response = b"\0\x10\0\x0c" + request.sequence.to_bytes(4, "big") + b"\0\0\0\1"
            packet = peer_packet(peer, encode_chunk(ChunkType.RE_CONFIG, 0, response))
            peer.association.handle_read(packet, peer.now)
        packets = peer.packets()
    assert ids == list(range(1000))


def test_another_path_is_searched_from_the_base() -> None:
    """RFC 8899 §5.2, RFC 8831 §5: what the last one carried means nothing."""
    peer = prober()
    send(peer, 40000)
    beats = answers(peer.read())
    late = peer.send(*beats)
    peer.association.handle_path_change()
    assert peer.association.mtu == BASE
    assert answers(late)
    peer.send(*answers(late))  # an answer that came over the old path
    assert peer.association.mtu == BASE
    chunks = peer.send(sack(peer.peer_tsn + 9))
    assert len(answers(chunks)) == 1


def test_the_end_stops_the_search() -> None:
    peer = prober(Config(heartbeat_interval=0.0))
    send(peer, 3000)
    peer.read()
    peer.association.shutdown(peer.now)
    peer.send(sack(peer.peer_tsn + 2))
    assert peer.state is State.SHUTDOWN_SENT
    assert ChunkType.HEARTBEAT not in kinds(peer.wait(10.0))


def drained(pair: Pair, count: int) -> Callable[[], bool]:
    return lambda: len(pair.b.received) >= count


@pytest.mark.parametrize("seed", range(6))
def test_transfers_survive_every_shrinking_of_the_path(seed: int) -> None:
    """F-10: 1400 → 1280 → 1000 → 576 without ICMP: never more than 5 s without progress."""
    link = Link(delay=0.02, jitter=0.005, loss=(0.0, 0.0, 0.01, 0.01, 0.03, 0.05)[seed], rate=1e6)
    pair = Pair(seed, link).connect()
    a, messages, stall = pair.a.association, 0, 0.0
    for ip in (1400, 1280, 1000, 576):
        pair.lossy(mtu=ip - 28 - 37)
        for _ in range(30):
            a.send(0, 53, messages.to_bytes(4, "big") + bytes(9996), pair.now)
            messages += 1
        while len(pair.b.received) < messages:
            before, since = len(pair.b.received), pair.now
            assert pair.run(drained(pair, before + 1), 5.0), (ip, pair.now, a.mtu)
            stall = max(stall, pair.now - since)
        pair.run(limit=20.0)
        assert a.mtu <= ip - 65
        assert a.mtu >= min(ip - 65, BASE) - GRANULARITY - 4
    numbers = [int.from_bytes(message.data[:4], "big") for message in pair.b.received]
    assert numbers == list(range(messages))
    assert not pair.a.association.bytes_in_flight


def test_both_directions_find_their_own_size() -> None:
    pair = Pair(link=Link(delay=0.01)).connect()
    pair.b.drop = lambda packet: len(packet) > 1412
    for host in pair.hosts:
        host.association.send(0, 53, bytes(100000), pair.now)
    pair.run(limit=15.0)
    assert [host.association.mtu for host in pair.hosts] == [16384, 1412]
    assert [len(host.received) for host in pair.hosts] == [1, 1]


def test_received_data_alone_probes_nothing() -> None:
    peer = prober(Config(heartbeat_interval=0.0))
    for number in range(50):
        sent = peer.send(data(peer.tsn + number, ssn=number, body=bytes(1100)))
        assert ChunkType.HEARTBEAT not in kinds(sent)


@pytest.mark.parametrize("knows_pad", [True, False], ids=["skips PAD", "drops packets with PAD"])
def test_packets_grow_to_peers_that_do_not_list_pad(*, knows_pad: bool) -> None:
    """dcSCTP passes over the chunk; Pion drops the packet, but answers a large HEARTBEAT."""
    peer = Peer(probing=True).connect()
    association, forms = peer.association, list[bool]()
    send(peer, 3000)
    for _ in range(12):
        for packet in peer.packets():
            if packet[12] != ChunkType.HEARTBEAT:
                continue
            (_, _, start, stop), *padding = walk(packet)
            forms.append(bool(padding))
            if knows_pad or not padding:
                answer = encode_chunk(ChunkType.HEARTBEAT_ACK, 0, packet[start:stop])
                association.handle_read(peer_packet(peer, answer), peer.now)
        association.handle_read(peer_packet(peer, sack(peer.peer_tsn + 2)), peer.now)
        peer.now = min(peer.now + 1.1, association.poll_timeout() or peer.now)
        association.handle_timeout(peer.now)
    assert association.mtu == MAX_UNPADDED
    assert forms == ([True] * 2 if knows_pad else [True, False, False])
