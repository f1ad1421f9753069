"""Packets that come or leave together: acknowledged in parts, acted on once, filled in one loop."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sctp.link import Pair, both_formats
from tests.sctp.support import FIRST, MIDDLE, WHOLE, Peer, data, kinds, sack, sacks
from webrtc.sctp import State
from webrtc.sctp.association import MAX_BURST, PACKETS_PER_EARLY_SACK, Association
from webrtc.sctp.chunks import ChunkType, Sack
from webrtc.sctp.delivery import Delivery
from webrtc.sctp.packet import HEADER_SIZE, Header, encode_chunk, walk

ABORT = encode_chunk(ChunkType.ABORT, 0, b"")
UNORDERED = WHOLE | 4


def deliver(peer: Peer, *packets: bytes) -> None:
    """Let packets of one chunk each come together."""
    header = Header(5000, 5000, peer.peer_tag)
    peer.association.handle_reads([header.seal((chunk,)) for chunk in packets], peer.now)


def fragments(peer: Peer, count: int, start: int = 0) -> list[bytes]:
    """DATA from the peer: pieces of one message that goes on."""
    return [
        data(peer.tsn + n, MIDDLE if n else FIRST, body=bytes(1000))
        for n in range(start, start + count)
    ]


@pytest.mark.parametrize(
    ("count", "acknowledged"), [(2, [2]), (4, [4]), (5, [4, 5]), (8, [4, 8]), (14, [4, 8, 12, 14])]
)
def test_a_burst_is_acknowledged_after_every_four_packets_and_at_its_end(
    count: int, acknowledged: list[int]
) -> None:
    """dcSCTP sends at most 4 packets for each SACK. All that are extra have one size."""
    peer = Peer().connect()
    deliver(peer, *fragments(peer, count))
    packets = peer.packets()
    found = [sack for packet in packets for sack in acknowledgements(packet)]
    assert [each.cumulative_tsn - peer.tsn + 1 for each in found] == acknowledged
    assert len({len(packet) for packet in packets}) == 1
    assert peer.packets() == []


def acknowledgements(packet: bytes) -> list[Sack]:
    return sacks([(kind, flags, packet[start:end]) for kind, flags, start, end in walk(packet)])


@pytest.mark.parametrize("by_peer", [True, False])
def test_nothing_is_taken_behind_the_end_of_the_association(*, by_peer: bool) -> None:
    """As when the packets come one by one: RFC 9260 §3.3.7, §9.1."""
    peer = Peer().connect()
    never_sent = sack(peer.peer_tsn + 5)
    first, second = (data(peer.tsn + n, UNORDERED) for n in range(2))
    deliver(peer, first, ABORT if by_peer else never_sent, second)
    assert peer.state is State.ENDED
    assert len(peer.messages()) == 1
    assert kinds(peer.read()) == ([] if by_peer else [ChunkType.ABORT])


def test_nothing_is_taken_behind_an_abort_in_one_packet() -> None:
    """RFC 9260 §3.3.7: what is behind it is ignored."""
    peer = Peer().connect()
    peer.send(data(peer.tsn, UNORDERED), ABORT, data(peer.tsn + 1, UNORDERED))
    assert peer.state is State.ENDED
    assert len(peer.messages()) == 1


def test_packets_that_come_one_by_one_are_acknowledged_as_before() -> None:
    peer = Peer().connect()
    found = [sacks(peer.send(chunk)) for chunk in fragments(peer, 6)]
    assert [len(each) for each in found] == [0, 1, 0, 1, 0, 1]


def test_a_burst_with_holes_is_acknowledged_once() -> None:
    """Each of several reports would count against what may only be late."""
    peer = Peer().connect()
    chunks = fragments(peer, 13)
    deliver(peer, *chunks[:1], *chunks[2:])
    (found,) = sacks(peer.read())
    assert (found.cumulative_tsn, found.gaps) == (peer.tsn, ((2, 12),))


def test_nobody_who_lets_nothing_out_collects_acknowledgements() -> None:
    peer = Peer().connect()
    for start in range(0, 640, 64):
        deliver(peer, *fragments(peer, 64, start))
    assert len(peer.packets()) <= MAX_BURST // PACKETS_PER_EARLY_SACK + 1


def sending(count: int = 20) -> tuple[Peer, list[int], list[int]]:
    """A peer that got packets, the calls of the congestion control, and of the window's turns."""
    peer = Peer().connect()
    peer.association.send(0, 53, bytes(count * 1000), peer.now)
    assert len(peer.packets()) > 5
    outbound = peer.association._session.outbound
    take, turn = outbound.congestion.on_ack, outbound._turn_window
    acked, turns = list[int](), list[int]()

    def on_ack(delivery: Delivery, now: float) -> None:
        acked.append(delivery.acked)
        take(delivery, now)

    def turn_window(window: int) -> None:
        turns.append(window)
        turn(window)

    outbound.congestion.on_ack = on_ack  # type: ignore[method-assign] # counted
    outbound._turn_window = turn_window  # type: ignore[method-assign] # counted
    return peer, acked, turns


@pytest.mark.interpreted
def test_acknowledgements_that_come_together_are_acted_on_once() -> None:
    peer, acked, turns = sending()
    flight = peer.association.bytes_in_flight
    chunks = [sack(peer.peer_tsn + n) for n in range(5)]
    deliver(peer, *chunks[:2], sack(peer.peer_tsn + 1, 0), *chunks[2:])
    assert len(acked) == 1
    assert flight - peer.association.bytes_in_flight == acked[0] > 4000
    assert not turns  # the window was closed and open again before anybody looked


@pytest.mark.interpreted
def test_gaps_count_with_the_newest_report() -> None:
    peer, acked, _ = sending()
    first = peer.peer_tsn
    deliver(peer, sack(first), sack(first, gaps=((2, 2),)), sack(first, gaps=((2, 3),)))
    assert len(acked) == 1
    outstanding = peer.association._session.outbound.outstanding
    assert (outstanding.first, outstanding.holes) == (first + 1, [first + 1])


@pytest.mark.interpreted
def test_a_report_that_had_no_room_for_gaps_does_not_hide_them() -> None:
    peer, acked, _ = sending()
    first = peer.peer_tsn
    deliver(peer, sack(first, gaps=((2, 2), (4, 4))), sack(first))
    assert len(acked) == 1
    outstanding = peer.association._session.outbound.outstanding
    assert outstanding.holes == [first + 1, first + 3]


@pytest.mark.interpreted
def test_an_older_report_that_was_overtaken_changes_nothing() -> None:
    peer, acked, _ = sending()
    deliver(peer, sack(peer.peer_tsn + 3, 70_000), sack(peer.peer_tsn + 1, 50_000))
    assert len(acked) == 1
    assert peer.association.peer_window == 70_000
    assert peer.association._session.outbound.outstanding.first == peer.peer_tsn + 4


@pytest.mark.interpreted
def test_each_acknowledgement_of_a_burst_is_checked() -> None:
    """One of what was never sent ends the association, whatever comes behind it."""
    peer, _, _ = sending()
    deliver(peer, sack(peer.peer_tsn + 1000), sack(peer.peer_tsn))
    assert peer.state is State.ENDED


@pytest.mark.interpreted
def test_what_is_acknowledged_counts_before_messages_are_read() -> None:
    """An application that answers finds room in the buffer."""
    peer, _, _ = sending()
    before = peer.association.send_buffer_size
    deliver(peer, sack(peer.peer_tsn), data(peer.tsn), data(peer.tsn + 1, ssn=1))
    assert peer.association.send_buffer_size < before
    assert len(peer.messages()) == 2


def established(seed: int, *, interleaving: bool) -> Pair:
    return Pair(seed=seed, interleaving=interleaving).connect()


messages = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 9000), st.booleans()), min_size=1, max_size=12
)


@both_formats
@given(sent=messages, seed=st.integers(0, 3))
def test_a_burst_has_the_packets_that_leave_one_by_one(
    sent: list[tuple[int, int, bool]], seed: int, *, interleaving: bool
) -> None:
    """Byte for byte, whatever waits, and until the congestion window is full."""
    both = [established(seed, interleaving=interleaving) for _ in range(2)]
    for pair in both:
        random = Random(seed)
        for stream, size, ordered in sent:
            pair.a.association.send(stream, 53, random.randbytes(size), pair.now, ordered=ordered)
    one, other = (pair.a.association for pair in both)
    together = []
    while burst := other.poll_burst() or alone(other):
        assert len(burst) <= MAX_BURST
        together += burst
    assert together == list(iter(one.poll_write, None))
    assert counts(one) == counts(other)


def alone(association: Association) -> list[bytes]:
    packet = association.poll_write()
    return [] if packet is None else [packet]


def counts(association: Association) -> list[object]:
    outbound = association._session.outbound
    chunks = outbound.outstanding.chunks
    return [
        association.counters,
        association.bytes_in_flight,
        outbound.size,
        outbound.deadline,
        outbound._packet,
        [(c.tsn, c.data, c.packet, c.sent_at, c.size, c.delivered) for c in chunks],
        {(c.message.first_tsn, c.message.last_tsn, c.message.offset) for c in chunks},
    ]


@both_formats
def test_a_long_transfer_in_bursts_arrives_whole(*, interleaving: bool) -> None:
    pair = established(1, interleaving=interleaving)
    a, b = pair.a.association, pair.b.association
    wanted = [Random(n).randbytes(100_000) for n in range(20)]
    for message in wanted:
        a.send(1, 53, message, pair.now)
    received: list[bytes] = []
    for _ in range(2000):
        pair.now += 0.01
        for sender, receiver in ((a, b), (b, a)):
            sender.handle_timeout(pair.now)
            while packets := sender.poll_burst() or alone(sender):
                receiver.handle_reads(packets, pair.now)
        while (message_ := b.poll_data()) is not None:
            received.append(message_.data)
            b.consume(len(message_.data))
        if len(received) == len(wanted):
            break
    assert received == wanted
    assert a.counters.chunks_retransmitted == 0


def test_a_probe_for_a_larger_path_leaves_alone() -> None:
    """Its datagram must not be fragmented, and is larger than any other."""
    pair = established(1, interleaving=True)
    a = pair.a.association
    a.send(0, 53, bytes(50_000), pair.now)
    sizes = []
    while burst := a.poll_burst():
        sizes += [len(packet) for packet in burst]
        assert a.dont_fragment is (max(map(len, burst)) <= a._path_mtu.confirmed)
    assert a._path_mtu.due
    probe = a.poll_write()
    assert probe is not None
    assert len(probe) >= max(sizes)
    assert a.dont_fragment


def test_a_packet_of_a_burst_is_no_larger_than_the_path() -> None:
    pair = established(2, interleaving=False)
    a = pair.a.association
    a.send(0, 53, bytes(50_001), pair.now)
    burst = a.poll_burst()
    assert {len(packet) for packet in burst} == {a.mtu}
    assert a.mtu % 4 == 0 < HEADER_SIZE


@both_formats
@given(sent=messages, seed=st.integers(0, 1 << 16), share=st.sampled_from([0.0, 0.05, 0.3]))
def test_packets_that_come_together_mean_what_they_mean_one_by_one(
    sent: list[tuple[int, int, bool]], seed: int, share: float, *, interleaving: bool
) -> None:
    """Also where some are lost, late, doubled or damaged."""
    pair, copy = (established(seed, interleaving=interleaving) for _ in range(2))
    random = Random(seed)
    for stream, size, ordered in sent:
        pair.a.association.send(stream, 53, random.randbytes(size), pair.now, ordered=ordered)
    packets = []
    for packet in iter(pair.a.association.poll_write, None):
        fate = random.random() / share if share else 4.0
        if fate < 1.0:
            packets += [packet, packet]
        elif fate < 2.0:
            packets.insert(max(0, len(packets) - 3), packet)
        elif fate < 3.0:
            packets.append(packet[:-1] + bytes([packet[-1] ^ 1]))
        elif fate >= 4.0:
            packets.append(packet)
    for packet in packets:
        pair.b.association.handle_read(packet, pair.now)
    start = 0
    while start < len(packets):
        end = start + random.randint(1, 40)
        copy.b.association.handle_reads(packets[start:end], copy.now)
        start = end
    assert what_came(copy.b.association) == what_came(pair.b.association)


def what_came(association: Association) -> list[object]:
    inbound = association._session.inbound
    assert inbound is not None
    counters = association.counters
    return [
        list(inbound.messages),
        (inbound.tsns.cumulative, inbound.tsns.gaps, inbound._next),
        (inbound.held, inbound._credit, inbound._fragments.size),
        (counters.packets_received, counters.wire_bytes_received, counters.messages_received),
        (counters.chunks_duplicated, counters.chunks_dropped, counters.discarded),
        association.state,
    ]
