"""I-DATA and I-FORWARD-TSN against a peer driven by hand."""

import tracemalloc
from collections.abc import Callable

import pytest

from tests.sctp.support import (
    FIRST,
    INTERLEAVING,
    LAST,
    MIDDLE,
    UNORDERED,
    WHOLE,
    Peer,
    data,
    i_data,
    kinds,
    sack,
    sacks,
    sent_data,
    sent_i_data,
)
from webrtc.sctp import Closed, Config, Message, State
from webrtc.sctp.chunks import ChunkType, ForwardTsn, IForwardTsn
from webrtc.sctp.inbound import Inbound
from webrtc.sctp.parameters import Parameter
from webrtc.sctp.reconfig import OutgoingReset, Response, Result, encode_reconfig

SMALL = Config(receive_window=65536, max_message_size=20000)
TOP = 2**32


def connected(config: Config | None = None, *, tsn: int = 1000, window: int = 1 << 20) -> Peer:
    return Peer(config, tsn=tsn, window=window, parameters=INTERLEAVING).connect()


def inbound(peer: Peer) -> Inbound:
    found = peer.association._session.inbound
    assert found is not None
    return found


def bodies(peer: Peer) -> list[bytes]:
    return [message.data for message in peer.messages()]


# Receiving


def test_fragments_of_many_messages_in_turns() -> None:
    """SCTP-20: RFC 8260 §2.2.3; stream and PPID come with the message."""
    peer = connected()
    peer.send(
        i_data(1000, FIRST, 1, 0, b"a", 51),
        i_data(1001, FIRST, 2, 0, b"A", 53),
        i_data(1002, FIRST | UNORDERED, 1, 0, b"0", 54),
        i_data(1003, MIDDLE, 1, 0, b"b", 1),
        i_data(1004, LAST, 2, 0, b"B", 1),
        i_data(1005, LAST | UNORDERED, 1, 0, b"1", 1),
        i_data(1006, LAST, 1, 0, b"c", 2),
    )
    assert peer.messages() == [Message(2, 53, b"AB"), Message(1, 54, b"01"), Message(1, 51, b"abc")]
    assert inbound(peer).held == 0


def test_ordered_messages_wait_for_their_turn_by_mid_and_others_do_not() -> None:
    """SCTP-21."""
    peer = connected()
    peer.send(i_data(1001, mid=1, body=b"second"), i_data(1003, stream=2, body=b"other"))
    peer.send(i_data(1002, WHOLE | UNORDERED, mid=8, body=b"free"))
    assert bodies(peer) == [b"other", b"free"]
    peer.send(i_data(1000, body=b"first"))
    assert bodies(peer) == [b"first", b"second"]


def test_numbers_wrap() -> None:
    """C-24: TSN and MID from 2^32 - 10 on, messages of two fragments, out of order."""
    peer = connected(tsn=TOP - 10)
    inbound(peer)._expected[0] = TOP - 10
    for n in range(0, 40, 2):
        tsn, mid = TOP - 10 + 2 * n, TOP - 10 + n
        peer.send(
            i_data(tsn + 2, FIRST, mid=mid + 1, body=b"%d" % (n + 1)),
            i_data(tsn + 3, LAST, mid=mid + 1, body=b".", last_word=1),
        )
        peer.send(
            i_data(tsn + 1, LAST, mid=mid, body=b".", last_word=1),
            i_data(tsn, FIRST, mid=mid, body=b"%d" % n),
        )
    assert bodies(peer) == [b"%d." % n for n in range(40)]
    assert inbound(peer).held == 0


def test_duplicates_and_gaps_are_reported_as_for_data() -> None:
    """RFC 9260 §6.2, §6.7."""
    peer = connected()
    peer.send(i_data(1000))
    (found,) = sacks(peer.send(i_data(1002, mid=2)))
    assert (found.cumulative_tsn, found.gaps) == (1000, ((2, 2),))
    (found,) = sacks(peer.send(i_data(1000)))
    assert found.duplicates == (1000,)
    peer.send(i_data(1001, mid=1))
    assert len(peer.messages()) == 3


def test_i_data_without_user_data_aborts() -> None:
    """C-10: and with less than its header."""
    for chunk in (i_data(1000, body=b""), b"\x40\x03\0\x08" + bytes(4)):
        peer = connected()
        ((kind, _, value),) = peer.send(chunk)
        assert (kind, value[:4]) == (ChunkType.ABORT, b"\0\x09\0\x08")


def test_stream_that_was_not_negotiated() -> None:
    """RFC 9260 §6.5."""
    peer = connected(Config(inbound_streams=10))
    chunks = peer.send(i_data(1000, FIRST, stream=10), i_data(1001, stream=9))
    assert kinds(chunks) == [ChunkType.SACK, ChunkType.ERROR]
    assert [message.stream_id for message in peer.messages()] == [9]
    assert inbound(peer).held == 0


def test_message_that_was_delivered_does_not_come_again() -> None:
    """C-12: the same MID under another TSN, whole or in part, occupies nothing."""
    peer = connected()
    peer.send(i_data(1000), i_data(1001), i_data(1002, FIRST), i_data(1003, mid=TOP - 1))
    assert len(peer.messages()) == 1
    assert inbound(peer).held == 0


Bomb = Callable[[int], bytes]
BOMBS: dict[str, Bomb] = {
    "B on all streams": lambda n: i_data(1000 + n, FIRST, n % 65535, n, bytes(500)),
    "B, new MIDs": lambda n: i_data(1000 + n, FIRST, 1, n, bytes(500)),
    "middle, FSN gaps": lambda n: i_data(1000 + n, MIDDLE, n % 9000, 0, bytes(500), 1 + 2 * n),
    "E first": lambda n: i_data(1000 + n, LAST | UNORDERED, 1, n, bytes(500), 9),
    "crumbs": lambda n: i_data(1000 + n, FIRST, n % 65535, n, b"x"),
    "whole, far MIDs": lambda n: i_data(1000 + n, WHOLE, 1, 2**30 + n, b"x"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_fragment_bombs_end_in_an_abort_with_bounded_memory(name: str) -> None:
    """C-12: fragments that never make a message."""
    peer = connected(SMALL)
    tracemalloc.start()
    for n in range(65536):
        peer.send(BOMBS[name](n))
        if peer.state is State.ENDED:
            break
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    (event,) = peer.events()
    assert isinstance(event, Closed)
    assert event.reason is not None
    assert event.reason.code == 4
    assert peak < 10 * SMALL.receive_window
    assert inbound(peer).held == 0


def test_message_beyond_the_limit_aborts_as_soon_as_it_is() -> None:
    """C-13."""
    peer = connected(SMALL)
    n = 0
    while peer.state is State.ESTABLISHED:
        peer.send(i_data(1000 + n, MIDDLE if n else FIRST, body=bytes(1000), last_word=n))
        n += 1
    assert n == 21


@pytest.mark.parametrize(
    "chunks",
    [
        (i_data(1000, FIRST), i_data(1001, FIRST)),
        (i_data(1000, LAST, last_word=3), i_data(1001, LAST, last_word=4)),
        (i_data(1000, MIDDLE, last_word=0),),
    ],
    ids=["FSN 0 twice", "two ends", "FSN 0 without B"],
)
def test_fragments_that_contradict_each_other_abort(chunks: tuple[bytes, ...]) -> None:
    """C-12."""
    peer = connected()
    ((kind, _, value),) = peer.send(*chunks)
    assert (kind, value[:2]) == (ChunkType.ABORT, b"\0\x0d")
    assert peer.state is State.ENDED


# Negotiation


@pytest.mark.parametrize(
    "chunk",
    [data(1000), ForwardTsn(1000).encode(), data(1000, body=b"")],
    ids=["DATA", "FORWARD-TSN", "DATA, empty"],
)
def test_chunks_of_the_other_format_abort(chunk: bytes) -> None:
    """C-16, C-17: RFC 8260 §2.2.1, §2.3.1; the reverse is in test_session.py."""
    peer = connected()
    ((kind, _, value),) = peer.send(chunk)
    assert (kind, value[:2]) == (ChunkType.ABORT, b"\0\x0d")
    assert peer.state is State.ENDED


def test_peer_without_i_forward_tsn_gets_everything_and_may_not_send_it() -> None:
    """C-16: RFC 8260 §2.3.1, whatever it says about FORWARD-TSN."""
    extensions = (Parameter(0xC000, b""), Parameter(0x8008, b"\xc0\x82\x40"))
    peer = Peer(parameters=extensions).connect()
    peer.association.send(1, 53, b"x", peer.now, max_retransmits=0)
    peer.read()
    assert set(kinds(peer.wait(3.0))) == {ChunkType.I_DATA}
    assert kinds(peer.send(IForwardTsn(1000).encode())) == [ChunkType.ABORT]


def test_i_data_before_the_association_is_up_changes_nothing() -> None:
    peer = Peer(parameters=INTERLEAVING).begin()
    assert peer.send(i_data(1000), data(1000)) == []
    peer.send(peer.init_ack())
    assert peer.send(b"\x0b\0\0\4", i_data(1000, body=b"with the COOKIE ACK")) == []
    assert bodies(peer) == [b"with the COOKIE ACK"]


# Giving up


def test_i_forward_tsn_moves_on_and_delivers_what_waited() -> None:
    """SCTP-17, C-16: RFC 8260 §2.3.1."""
    peer = connected()
    peer.send(i_data(1001, stream=3, mid=1, body=b"one"), i_data(1003, stream=3, mid=3, body=b"3"))
    (found,) = sacks(peer.send(IForwardTsn(1002, ((3, False, 2),)).encode()))
    assert found.cumulative_tsn == 1003
    assert bodies(peer) == [b"one", b"3"]
    peer.send(i_data(1004, stream=3, mid=4, body=b"four"))
    assert bodies(peer) == [b"four"]


@pytest.mark.parametrize("flag", [0, UNORDERED])
def test_given_up_fragments_are_dropped_and_late_ones_too(flag: int) -> None:
    """SCTP-17: nothing of them is left; other flows keep theirs."""
    peer = connected()
    peer.send(
        i_data(1000, FIRST | flag, 3, 0, b"given up"),
        i_data(1001, FIRST | flag ^ UNORDERED, 3, 0, b"kept "),
    )
    unordered = bool(flag)
    peer.send(IForwardTsn(1003, ((3, unordered, 0), (5, not unordered, 9))).encode())
    peer.send(i_data(1004, LAST | flag ^ UNORDERED, 3, 0, b"whole", 1))
    assert bodies(peer) == [b"kept whole"]
    peer.send(i_data(1005, LAST | flag, 3, 0, b"late", 2), i_data(1006, FIRST | flag, 3, 1, b"n"))
    peer.send(i_data(1007, LAST | flag, 3, 1, b"ext", 1))
    assert bodies(peer) == [b"next"]
    assert inbound(peer).held == 0


def test_given_up_unordered_messages_are_forgotten_before_the_numbers_wrap() -> None:
    """C-24: what was given up 2^30 messages ago says nothing about those of today."""
    peer = connected()
    peer.send(IForwardTsn(1000, ((1, True, 5),)).encode())
    for n, mid in enumerate((5, 6, TOP // 4 + 7, TOP // 2 + 7, TOP * 3 // 4 + 8, 3)):
        peer.send(i_data(1001 + n, WHOLE | UNORDERED, 1, mid, b"%d" % n))
    assert bodies(peer) == [b"1", b"2", b"3", b"4", b"5"]


@pytest.mark.parametrize(
    ("chunk", "cumulative"),
    [
        (IForwardTsn(998, ((1, False, 77),)), 1000),
        (IForwardTsn(1000, ((1, False, 77),)), 1000),
        (IForwardTsn(1001, ((5, False, 9), (5, True, 2), (4, False, 1), (65535, False, 1))), 1001),
        (IForwardTsn(1001, tuple((n, bool(n & 1), 0) for n in range(8000))), 1001),
    ],
    ids=["behind", "same", "unsorted", "many streams"],
)
def test_odd_i_forward_tsns_are_harmless(chunk: IForwardTsn, cumulative: int) -> None:
    """C-16."""
    peer = connected()
    peer.send(i_data(1000, stream=1))
    (found,) = sacks(peer.send(chunk.encode()))
    assert found.cumulative_tsn == cumulative
    peer.send(i_data(cumulative + 1, stream=1, mid=1, body=b"next"))
    assert bodies(peer) == [b"x", b"next"]


def test_i_forward_tsn_far_beyond_aborts_and_one_cut_off_is_discarded() -> None:
    """C-16."""
    peer = connected()
    assert peer.send(b"\xc2\0\0\x0a\0\0\x03\xe8\0\1\0\0") == []
    assert peer.association.counters.discarded == 1
    assert kinds(peer.send(IForwardTsn(1000 + 50000).encode())) == [ChunkType.ABORT]


@pytest.mark.interpreted
def test_a_flow_listed_a_thousand_times_costs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """C-16: the work is bounded by what waits, not by that times the entries."""
    peer = connected()
    calls: list[tuple[int, int]] = []
    monkeypatch.setattr(inbound(peer), "_skip", lambda *entry: calls.append(entry))
    peer.send(IForwardTsn(1000, tuple((1, False, n) for n in range(2000))).encode())
    assert calls == [(1, 1999)]


# Resetting


def test_reset_streams_begin_at_mid_0_ordered_and_unordered() -> None:
    """SCTP-14: RFC 8260 §2.3.2; what was incomplete is dropped."""
    peer = connected()
    peer.send(
        i_data(1000, stream=7),
        i_data(1001, FIRST, 7, 1),
        i_data(1002, FIRST | UNORDERED, 7, 1),
        i_data(1003, stream=8),
    )
    peer.send(IForwardTsn(1004, ((7, True, 0), (8, False, 3))).encode())
    assert len(peer.messages()) == 2
    peer.send(encode_reconfig([OutgoingReset(1000, 0, 1004, (7,))]))
    assert inbound(peer).held == 0
    for n, flags in enumerate((WHOLE, WHOLE | UNORDERED)):
        peer.send(i_data(1005 + n, flags, stream=7, body=b"new"))
    peer.send(i_data(1007, stream=8, mid=4, body=b"goes on"))
    assert bodies(peer) == [b"new", b"new", b"goes on"]


def test_reset_of_all_streams() -> None:
    """SCTP-14."""
    peer = connected()
    for n, stream in enumerate((1, 2)):
        peer.send(i_data(1000 + 3 * n, stream=stream), i_data(1001 + 3 * n, FIRST, stream, 1))
        peer.send(IForwardTsn(1002 + 3 * n, ((stream, True, 0),)).encode())
    peer.messages()
    peer.send(encode_reconfig([OutgoingReset(1000, 0, 1005)]))
    assert inbound(peer).held == 0
    for n, (stream, flag) in enumerate(((1, 0), (1, UNORDERED), (2, 0), (2, UNORDERED))):
        peer.send(i_data(1006 + n, WHOLE | flag, stream))
    assert len(peer.messages()) == 4


def test_our_numbers_begin_at_0_after_a_reset() -> None:
    """SCTP-14."""
    peer = connected()
    sent = []
    for _ in range(2):
        for ordered in (True, False, True, False):
            peer.association.send(4, 53, b"x", peer.now, ordered=ordered)
        found = sent_i_data(peer.read())
        sent.append([(each.flags & UNORDERED, each.mid) for each in found])
        peer.send(sack(found[-1].tsn))
        peer.association.reset_streams((4,), peer.now)
        peer.read()
        peer.send(encode_reconfig([Response(peer.peer_tsn, Result.PERFORMED)]))
    assert sent == [[(0, 0), (4, 0), (0, 1), (4, 1)]] * 2


# Sending


def test_streams_take_turns_by_chunk() -> None:
    """SCTP-21: RFC 8260 §3.6; full packets, FSNs in order, PPID in the first."""
    peer = connected()
    for stream in (1, 2, 3):
        peer.association.send(stream, 50 + stream, bytes(4000), peer.now)
    packets = peer.packets()
    assert {len(packet) for packet in packets[:-3]} == {1160}
    for packet in packets:
        peer.association.poll_write()
        assert packet[12] == ChunkType.I_DATA
    found = [(packet[20] << 8 | packet[21], packet[31]) for packet in packets]
    assert found[:9] == [
        (1, 51), (2, 52), (3, 53), (1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (3, 2)
    ]  # fmt: skip


def test_expired_message_is_given_up_and_the_other_begun_ones_go_on() -> None:
    """SCTP-17: several are half sent; I-FORWARD-TSN lists those that are given up, by flow."""
    peer = connected(window=8000)
    peer.association.send(1, 53, bytes(20000), peer.now, lifetime=0.2)
    peer.association.send(2, 53, bytes(20000), peer.now)
    peer.association.send(3, 53, bytes(20000), peer.now, ordered=False, lifetime=0.2)
    first = sent_i_data(peer.read())
    assert [each.stream for each in first] == [1, 2, 3] * 2
    peer.association.send(3, 53, b"next", peer.now, ordered=False)
    chunks = peer.wait(0.6)
    (forward,) = {value for kind, _, value in chunks if kind == ChunkType.I_FORWARD_TSN}
    base = peer.peer_tsn
    assert IForwardTsn.decode(forward) == IForwardTsn(base & 0xFFFFFFFF, ((1, False, 0),))
    chunks = peer.send(sack(base + 1, 8000))
    (forward,) = {value for kind, _, value in chunks if kind == ChunkType.I_FORWARD_TSN}
    assert IForwardTsn.decode(forward).skipped == ((3, True, 0), (1, False, 0))
    assert peer.association.buffered_amount(1) == 0
    assert peer.association.counters.messages_abandoned == 2
    while peer.association.send_buffer_size:
        chunks += peer.wait(0.3)
        tsn = peer.association._session.outbound.outstanding.next_tsn - 1
        chunks += peer.send(sack(tsn, 8000))
    found = [each for each in sent_i_data(chunks) if each.tsn > first[-1].tsn]
    kept = {each.last_word: each.body for each in found if each.stream == 2}
    assert sum(map(len, kept.values())) == 20000 - 2 * 1128
    assert [(each.mid, each.body) for each in found if each.stream == 3] == [(1, b"next")]
    assert {each.stream for each in found} == {2, 3}


def test_association_without_interleaving_sends_data() -> None:
    """C-17."""
    peer = Peer(Config(interleaving=False), parameters=INTERLEAVING).connect()
    peer.association.send(1, 53, b"x", peer.now)
    assert len(sent_data(peer.read())) == 1
    assert kinds(peer.send(i_data(1000))) == [ChunkType.ABORT]
