"""The receiving half against a peer driven by hand."""

import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sctp.support import (
    FIRST,
    IMMEDIATE,
    INTERLEAVING,
    LAST,
    MIDDLE,
    PR_AND_RESET,
    UNORDERED,
    WHOLE,
    Chunk,
    Peer,
    data,
    i_data,
    kinds,
    sacks,
)
from webrtc.sctp import MESSAGE_OVERHEAD, Closed, Config, Message, State
from webrtc.sctp.chunks import ChunkType, ForwardTsn
from webrtc.sctp.inbound import REPEATED_PAUSE
from webrtc.sctp.packet import encode_chunk, walk
from webrtc.sctp.reassembly import FRAGMENT_OVERHEAD, RUN_OVERHEAD

SMALL = Config(receive_window=65536, max_message_size=20000)


def test_ordered_messages_of_a_stream_wait_for_their_turn_and_others_do_not() -> None:
    """SCTP-21: independent streams; unordered ones go ahead."""
    peer = Peer().connect()
    peer.send(data(1001, stream=1, ssn=1, body=b"second"))
    assert peer.messages() == []
    peer.send(data(1002, stream=2, ssn=0, body=b"other"))
    peer.send(data(1003, WHOLE | UNORDERED, stream=1, body=b"free"))
    assert [m.data for m in peer.messages()] == [b"other", b"free"]
    peer.send(data(1000, stream=1, ssn=0, body=b"first"))
    assert [m.data for m in peer.messages()] == [b"first", b"second"]


def test_message_carries_stream_and_ppid() -> None:
    """SCTP-12, SCTP-18."""
    peer = Peer().connect()
    peer.send(data(1000, stream=77, body=b"hello", ppid=51))
    assert peer.messages() == [Message(77, 51, b"hello")]


def test_burst_is_acknowledged_once() -> None:
    """One SACK for all packets read before the drain."""
    peer = Peer().connect()
    for n in range(10):
        peer.association.handle_read(_packet(peer, data(1000 + n, ssn=n)), peer.now)
    (sack,) = sacks(peer.read())
    assert (sack.cumulative_tsn, sack.gaps) == (1009, ())


def test_lone_packet_waits_for_company_and_a_second_does_not() -> None:
    """RFC 9260 §6.2: at least every second packet, at most 200 ms."""
    peer = Peer().connect()
    assert peer.send(data(1000)) == []
    deadline = peer.association.poll_timeout()
    assert deadline is not None
    assert 0.02 <= deadline - peer.now <= 0.2
    assert [s.cumulative_tsn for s in sacks(peer.wait(0.2))] == [1000]
    assert peer.send(data(1001, ssn=1)) == []
    assert [s.cumulative_tsn for s in sacks(peer.send(data(1002, ssn=2)))] == [1002]


def test_reading_with_an_open_window_tells_the_peer_nothing() -> None:
    """C-25: an update is for a window that was less than half open."""
    peer = Peer().connect()
    peer.send(data(1000, body=bytes(1000)))
    assert len(peer.messages()) == 1
    assert peer.read() == []


def test_i_bit_is_answered_at_once() -> None:
    """RFC 7053."""
    peer = Peer().connect()
    assert len(sacks(peer.send(data(1000, WHOLE | IMMEDIATE)))) == 1


def test_sack_rides_on_data() -> None:
    peer = Peer().connect()
    peer.send(data(1000))
    peer.association.send(0, 53, b"answer", peer.now)
    (packet,) = peer.packets()
    assert packet[12] == ChunkType.SACK
    assert packet[12 + 16] == ChunkType.DATA


def test_gap_and_duplicate_are_reported_at_once() -> None:
    """RFC 9260 §6.2, §6.7."""
    peer = Peer().connect()
    peer.send(data(1000))
    (sack,) = sacks(peer.send(data(1002, ssn=2)))
    assert (sack.cumulative_tsn, sack.gaps) == (1000, ((2, 2),))
    (sack,) = sacks(peer.send(data(1000)))
    assert sack.duplicates == (1000,)
    assert peer.association.counters.chunks_duplicated == 1
    peer.send(data(1001, ssn=1))
    assert len(peer.messages()) == 3


def test_data_without_user_data_aborts() -> None:
    """C-10: RFC 9260 §6.2."""
    peer = Peer().connect()
    ((kind, _, value),) = peer.send(data(1000, body=b""))
    assert kind == ChunkType.ABORT
    assert value == b"\0\x09\0\x08" + (1000).to_bytes(4, "big")
    (event,) = peer.events()
    assert isinstance(event, Closed)
    assert event.reason is not None


def test_tsn_far_ahead_is_not_kept() -> None:
    """C-10: 40 000 is the default."""
    peer = Peer().connect()
    (sack,) = sacks(peer.send(data(1000 + 40000)))
    assert sack.gaps == ()
    (sack,) = sacks(peer.send(data(1000 + 39999)))
    assert sack.gaps == ((40000, 40000),)
    assert peer.association.counters.chunks_dropped == 1


def test_stream_that_was_not_negotiated() -> None:
    """RFC 9260 §6.5: an ERROR, and the TSN counts; the errors that wait are bounded."""
    peer = Peer(Config(inbound_streams=10)).connect()
    chunks = peer.send(data(1000, stream=10), data(1001, stream=9))
    assert kinds(chunks) == [ChunkType.SACK, ChunkType.ERROR]
    assert chunks[1][2] == b"\0\1\0\x08\0\x0a\0\0"
    assert [m.stream_id for m in peer.messages()] == [9]
    flood = peer.send(*(data(1002 + n, stream=11) for n in range(60)))
    assert kinds(flood).count(ChunkType.ERROR) <= 16


def test_gap_flood_stays_within_the_window() -> None:
    """C-11: every second TSN, far beyond what is kept."""
    peer = Peer(replace(SMALL, max_tsn_ahead=4000)).connect()
    for n in range(0, 20000, 2):
        chunks = peer.send(data(1001 + n, ssn=n + 1))
        assert sum(len(value) for _, _, value in chunks) < 1160
    assert peer.state is State.ESTABLISHED
    inbound = peer.association._session.inbound
    assert inbound is not None
    assert inbound.held <= 2000 * (MESSAGE_OVERHEAD + 1)
    assert len(inbound.tsns.gaps) <= 2000


@pytest.mark.parametrize(
    "flags", [[FIRST], [MIDDLE], [LAST], [FIRST, FIRST]], ids=["B", "middle", "E", "BB"]
)
@pytest.mark.parametrize("step", [1, 2], ids=["in a row", "with holes"])
def test_fragment_bombs_are_bounded(flags: list[int], step: int) -> None:
    """C-12: fragments that never make a message, on every stream.

    Without holes nothing of them is kept: what is beside them is here, and none of theirs.
    """
    peer = Peer(SMALL).connect()
    inbound = peer.association._session.inbound
    assert inbound is not None
    tracemalloc.start()
    for n in range(0, 10_000 * step, step):
        flag = flags[n // step % len(flags)]
        peer.send(data(1000 + n, flag, stream=n % 65535, body=bytes(500)))
        if peer.state is State.ENDED:
            break
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * SMALL.receive_window
    assert inbound.held <= (1000 if step == 1 else 2 * SMALL.receive_window)


def test_fragments_that_are_crumbs_end_in_an_abort() -> None:
    """C-12: no honest peer cuts messages so small that we would hold twice the window for them."""
    peer = Peer(replace(SMALL, max_tsn_ahead=10_000)).connect()
    n = 0
    while peer.state is State.ESTABLISHED:
        peer.send(data(1001 + 2 * n, FIRST, stream=n, body=b"x"))
        n += 1
    assert n <= 2 * SMALL.receive_window // (FRAGMENT_OVERHEAD + RUN_OVERHEAD) + 1
    (event,) = peer.events()
    assert isinstance(event, Closed)
    assert event.reason is not None
    assert event.reason.code == 4


def test_ordered_messages_whose_predecessor_never_comes_are_bounded() -> None:
    """C-12: large ones by the window, tiny ones by twice that."""
    for size, most in ((1000, 66), (1, 1017)):
        peer = Peer(SMALL).connect()
        n = 0
        while peer.state is State.ESTABLISHED:
            peer.send(data(1000 + n, ssn=n + 1, body=bytes(size)))
            n += 1
        assert n <= most


def test_message_beyond_the_limit_aborts_as_soon_as_it_is() -> None:
    """C-13."""
    peer = Peer(SMALL).connect()
    n = 0
    while peer.state is State.ESTABLISHED:
        peer.send(data(1000 + n, FIRST if n == 0 else MIDDLE, body=bytes(1000)))
        n += 1
    assert n == 21


def test_slow_reader_closes_the_window_and_nobody_is_hurt() -> None:
    """C-25, DC-05, SCTP-04: what comes beyond it is dropped, not aborted."""
    peer = Peer(SMALL).connect()
    n = 0
    while True:
        chunks = peer.send(data(1000 + n, ssn=n, body=bytes(1000))) + peer.wait(0.2)
        if sacks(chunks)[-1].cumulative_tsn != 1000 + n:
            break
        n += 1
    assert n == 65
    assert sacks(chunks)[-1].receive_window == 0
    assert peer.state is State.ESTABLISHED
    taken = peer.messages(consume=False)
    assert peer.read() == []
    peer.association.consume(40000)
    assert peer.read() == []
    peer.association.consume(1000)
    (sack,) = sacks(peer.read())
    assert sack.receive_window >= SMALL.receive_window // 2
    peer.send(data(1000 + n, ssn=n, body=b"tail"))
    assert peer.messages()[-1].data == b"tail"
    assert len(taken) == n


def test_window_smaller_than_a_packet_is_announced_as_closed() -> None:
    """Silly window avoidance."""
    peer = Peer(SMALL).connect()
    for n in range(57):
        peer.send(data(1000 + n, ssn=n, body=bytes(1010)))
    (sack,) = sacks(peer.send(data(1057, WHOLE | IMMEDIATE, ssn=57, body=b"x")))
    assert 0 < 65536 - 57 * (1010 + MESSAGE_OVERHEAD) - 1 - MESSAGE_OVERHEAD < 1160
    assert sack.receive_window == 0


def test_window_smaller_than_the_largest_packet_is_announced_as_closed_too() -> None:
    """Where there is memory for more than a few of them."""
    peer = Peer(Config(receive_window=400_000)).connect()
    for n in range(24):
        peer.send(data(1000 + n, ssn=n, body=bytes(16000)))
    (sack,) = sacks(peer.send(data(1024, WHOLE | IMMEDIATE, ssn=24, body=b"x")))
    assert Config().max_plpmtu > 400_000 - 24 * (16000 + MESSAGE_OVERHEAD) - 1
    assert sack.receive_window == 0


def test_forward_tsn_moves_on_and_delivers_what_waited() -> None:
    """SCTP-17, C-16: RFC 3758 §3.6."""
    peer = Peer().connect()
    peer.send(data(1001, stream=3, ssn=1, body=b"one"), data(1003, stream=3, ssn=3, body=b"three"))
    (sack,) = sacks(peer.send(ForwardTsn(1002, ((3, 2),)).encode()))
    assert sack.cumulative_tsn == 1003
    assert [m.data for m in peer.messages()] == [b"one", b"three"]
    peer.send(data(1004, stream=3, ssn=4, body=b"four"))
    assert [m.data for m in peer.messages()] == [b"four"]


@pytest.mark.parametrize(
    ("chunk", "cumulative"),
    [
        (ForwardTsn(998), 1000),
        (ForwardTsn(1000), 1000),
        (ForwardTsn(1001, ((5, 9), (5, 2), (4, 1), (65535, 1))), 1001),
        (ForwardTsn(1001, tuple((n, 0) for n in range(10000))), 1001),
    ],
    ids=["behind", "same", "unsorted", "many streams"],
)
def test_odd_forward_tsns_are_harmless(chunk: ForwardTsn, cumulative: int) -> None:
    """C-16."""
    peer = Peer().connect()
    peer.send(data(1000))
    (sack,) = sacks(peer.send(chunk.encode()))
    assert sack.cumulative_tsn == cumulative
    assert peer.state is State.ESTABLISHED


def test_forward_tsn_never_takes_a_stream_back() -> None:
    """C-16."""
    peer = Peer().connect()
    for n in range(3):
        peer.send(data(1000 + n, stream=1, ssn=n))
    peer.send(ForwardTsn(1003, ((1, 0),)).encode())
    peer.send(data(1004, stream=1, ssn=3, body=b"next"))
    assert peer.messages()[-1].data == b"next"


@given(st.sets(st.integers(1, 40)), st.integers(0, 50), st.booleans())
def test_skipping_delivers_in_order_what_is_passed_and_what_follows(
    waiting: set[int], skipped: int, interleaving: bool
) -> None:
    """SCTP-17, C-24: against a set; SSNs and MIDs wrap on the way."""
    peer = Peer(parameters=INTERLEAVING if interleaving else PR_AND_RESET).connect()
    inbound = peer.association._session.inbound
    assert inbound is not None
    base = inbound.number_mask - 20
    inbound._expected[1] = base
    number = inbound.number_mask
    make = i_data if interleaving else data
    for n in sorted(waiting, key=lambda n: n % 7):
        peer.send(make(1000 + n, WHOLE, 1, base + n & number, b"%d" % n))
    assert peer.messages() == []
    inbound._skip(1, base + skipped & number)
    expected = [n for n in sorted(waiting) if n <= skipped]
    after = skipped + 1
    while after in waiting:
        expected.append(after)
        after += 1
    assert [int(message.data) for message in peer.messages()] == expected
    assert inbound._expected[1] == base + after & number
    assert inbound.held == sum(MESSAGE_OVERHEAD + len(b"%d" % n) for n in waiting - set(expected))


def test_forward_tsn_far_beyond_or_without_negotiation_aborts() -> None:
    """C-16."""
    peer = Peer().connect()
    assert kinds(peer.send(ForwardTsn(1000 + 50000).encode())) == [ChunkType.ABORT]
    peer = Peer(parameters=()).connect()
    assert kinds(peer.send(ForwardTsn(1000).encode())) == [ChunkType.ABORT]


def test_numbers_wrap() -> None:
    """C-24: TSN and stream sequence number."""
    start = 2**32 - 10
    peer = Peer(tsn=start).connect()
    for n in range(70000):
        peer.association.handle_read(_packet(peer, data(start + n, ssn=n, body=b"%d" % n)), 1.0)
        if n % 100 == 99:
            peer.packets()
            assert len(peer.messages()) == 100
    assert peer.association.counters.messages_received == 70000


def test_many_streams_cost_what_is_used() -> None:
    """65 535 streams allocate nothing up front."""
    peer = Peer().connect()
    inbound = peer.association._session.inbound
    assert inbound is not None
    assert len(inbound._expected) == 0
    for n in range(1000):
        peer.send(data(1000 + n, stream=n * 60))
    assert len(inbound._expected) == 1000


def _packet(peer: Peer, *chunks: bytes) -> bytes:
    return peer.association._session.header.seal(chunks)


def _chunks(packet: bytes) -> list[Chunk]:
    return [(kind, flags, packet[start:stop]) for kind, flags, start, stop in walk(packet)]


GROWING = Config(receive_window=262144, initial_receive_window=65536, max_message_size=20000)


def test_window_grows_when_the_application_takes_more_than_half_of_it_in_a_round_trip() -> None:
    """SCTP-04: never beyond the bound, and not for who reads slowly."""
    peer = Peer(GROWING).connect()
    windows, tsn, chunks = [], 1000, peer.read()
    for _ in range(8):
        for _ in range(40):
            chunks = peer.send(data(tsn, WHOLE | IMMEDIATE, ssn=tsn - 1000, body=bytes(1000)))
            peer.messages()
            tsn += 1
        windows.append(sacks(chunks)[-1].receive_window + 1000 + MESSAGE_OVERHEAD)
        peer.now += 0.3
    assert windows == sorted(windows)
    assert (windows[0], windows[-1]) == (65536, 131072)
    for _ in range(20):
        chunks = peer.send(data(tsn, WHOLE | IMMEDIATE, ssn=tsn - 1000, body=bytes(1000)))
        peer.messages()
        tsn += 1
        peer.now += 0.3
    assert sacks(chunks)[-1].receive_window + 1000 + MESSAGE_OVERHEAD == 131072


def test_messages_that_are_all_incomplete_get_the_whole_bound() -> None:
    """C-12, C-25: a peer may interleave more messages than the first window holds."""
    peer = Peer(GROWING, parameters=INTERLEAVING).connect()
    held = 0
    while peer.state is State.ESTABLISHED:
        peer.send(i_data(1000 + held, FIRST, stream=held, body=bytes(1000)))
        held += 1
    assert 160 <= held <= 248


def test_window_does_not_close_on_a_peer_whose_messages_are_incomplete() -> None:
    """C-25: it would have to probe the window before it may go on, until the bound is reached."""
    peer = Peer(GROWING, parameters=INTERLEAVING).connect()
    window, held, chunks = GROWING.announced_window, 0, peer.read()
    while window >= 2000:
        for _ in range(2):
            chunks = peer.send(i_data(1000 + held, FIRST, stream=held, body=bytes(1000)))
            held += 1
        window = sacks(chunks)[-1].receive_window
    assert 1576 * held > GROWING.receive_window * 3 // 4
    assert peer.state is State.ESTABLISHED


def test_tiny_messages_take_room_in_what_is_announced() -> None:
    """C-25, DC-05: until the application has taken them, each costs more than its byte."""
    peer = Peer(SMALL).connect()
    chunks = peer.send(*(data(1000 + n, ssn=n) for n in range(50)), data(1050, 11, ssn=50))
    (sack,) = sacks(chunks)
    assert sack.receive_window == 65536 - 51 * (1 + MESSAGE_OVERHEAD)
    peer.messages()
    (sack,) = sacks(peer.send(data(1051, WHOLE | IMMEDIATE, ssn=51)))
    assert sack.receive_window == 65536 - 1 - MESSAGE_OVERHEAD


def test_nothing_within_an_announced_edge_is_dropped_for_what_keeping_it_costs() -> None:
    """C-25: the peer was promised room for bytes, and knows nothing of our overhead."""
    peer = Peer(SMALL).connect()
    edge = tsn = 0
    while True:
        (sack,) = sacks(peer.send(data(1000 + tsn, WHOLE | IMMEDIATE, ssn=tsn)))
        tsn += 1
        edge = max(edge, tsn + sack.receive_window)
        if not sack.receive_window:
            break
    assert tsn * (1 + MESSAGE_OVERHEAD) > SMALL.receive_window * 7 // 8
    for n in range(tsn, edge, 50):
        peer.send(*(data(1000 + each, ssn=each) for each in range(n, min(n + 50, edge))))
        if peer.association.counters.chunks_dropped:
            break
    else:
        raise AssertionError("memory without bound")
    assert peer.association.counters.messages_received >= SMALL.max_tsn_ahead
    assert peer.state is State.ESTABLISHED


def test_duplicates_are_answered_at_once_and_then_together() -> None:
    """C-11: the first at once, those of the next 200 ms at their end, and none is forgotten."""
    peer = Peer().connect()
    peer.send(data(1000, WHOLE | IMMEDIATE))
    (sack,) = sacks(peer.send(data(1000)))
    assert sack.duplicates == (1000,)
    for _ in range(50):
        peer.now += 0.001
        assert peer.send(data(1000)) == []
    assert peer.association.poll_timeout() == pytest.approx(peer.now - 0.05 + REPEATED_PAUSE)
    (sack,) = sacks(peer.wait(0.2))
    assert sack.duplicates == (1000,) * 20
    assert len(sacks(peer.send(data(1000)))) == 1


def test_news_beside_a_duplicate_are_acknowledged_as_ever() -> None:
    """RFC 9260 §6.2."""
    peer = Peer().connect()
    peer.send(data(1000, WHOLE | IMMEDIATE))
    peer.send(data(1000))
    assert peer.send(data(1000), data(1001, ssn=1)) == []
    (sack,) = sacks(peer.send(data(1000), data(1002, ssn=2)))
    assert (sack.cumulative_tsn, sack.duplicates) == (1002, (1000, 1000))
    peer.send(data(1000))
    (sack,) = sacks(peer.send(data(1000), data(1004, ssn=4)))
    assert sack.gaps == ((2, 2),)


def test_a_sack_for_duplicates_alone_is_short_and_any_fits_the_packet() -> None:
    """C-11: beside what else there is to say, too."""
    peer = Peer().connect()
    for n in range(0, 1000, 50):
        peer.send(*(data(1001 + 2 * each, ssn=each + 1) for each in range(n, n + 50)))
    (sack,) = sacks(peer.send(data(1001)))
    assert (len(sack.gaps), len(sack.duplicates)) == (20, 1)
    peer.now += 1.0
    for n in range(4):
        peer.association._session.outbox.chunks.append(encode_chunk(ChunkType.PAD, n, bytes(246)))
    peer.association.handle_read(_packet(peer, *[data(1003, ssn=2)] * 30), peer.now)
    packets = peer.packets()
    assert max(map(len, packets)) <= 1160
    assert [kinds(_chunks(packet))[-1] for packet in packets][:1] == [ChunkType.SACK]
