"""Packing flights into datagrams."""

from hypothesis import given
from hypothesis import strategies as st

from webrtc.dtls.flight import (
    MAX_REPETITIONS,
    REPETITION_INTERVAL,
    Piece,
    RecordWriter,
    Repetitions,
    pack,
)
from webrtc.dtls.fragments import Fragment, Reassembler, decode
from webrtc.dtls.record import ALERT, CHANGE_CIPHER_SPEC, EPOCH, HANDSHAKE, AesGcm, split


def flight(*sizes: int) -> list[Piece]:
    return [
        Piece(HANDSHAKE, Fragment(11, size, n, 0, bytes([n]) * size).encode(), protected=False)
        for n, size in enumerate(sizes)
    ]


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=8), st.integers(256, 1500))
def test_every_datagram_keeps_to_the_mtu_and_nothing_is_lost(sizes: list[int], mtu: int) -> None:
    """DTLS-21, D-15."""
    reassembler = Reassembler()
    datagrams = pack(flight(*sizes), RecordWriter(), mtu)
    for datagram in datagrams:
        assert 0 < len(datagram) <= mtu
        for _, _, record in split(datagram):
            for fragment in decode(record[13:]):
                assert reassembler.add(fragment)
    bodies = []
    while (message := reassembler.pop()) is not None:
        bodies.append(message.body)
    assert bodies == [bytes([n]) * size for n, size in enumerate(sizes)]


def test_no_flight_is_no_datagram() -> None:
    """DTLS-21: not an empty one."""
    assert pack([], RecordWriter(), 1200) == []


def test_small_messages_share_a_datagram_and_full_ones_leave_no_gap() -> None:
    """DTLS-21: as few datagrams as possible."""
    assert len(pack(flight(60, 300, 120, 40, 0), RecordWriter(), 1200)) == 1
    first, last = pack(flight(60, 1150), RecordWriter(), 1200)
    assert len(first) == 1200
    assert len(last) < 200


def test_a_fragment_of_a_few_bytes_is_not_worth_a_record() -> None:
    """DTLS-21."""
    first, second = pack(flight(1165, 100), RecordWriter(), 1200)
    assert len(first) == 1190
    assert len(second) == 125


def test_numbers_are_never_used_twice() -> None:
    """DTLS-19: RFC 6347 §4.2.4, a peer drops a record number that it has seen."""
    writer = RecordWriter()
    writer.protection = AesGcm(bytes(16), bytes(4))
    pieces = [
        *flight(100),
        Piece(CHANGE_CIPHER_SPEC, b"\x01", protected=False),
        Piece(HANDSHAKE, bytes(24), protected=True),
    ]
    datagrams = pack(pieces, writer, 1200) + pack(pieces, writer, 1200)
    datagrams.append(writer.alert(1, 0))
    records = [record for datagram in datagrams for record in split(datagram)]
    assert [(type_, number) for type_, number, _ in records] == [
        (HANDSHAKE, 0),
        (CHANGE_CIPHER_SPEC, 1),
        (HANDSHAKE, EPOCH),
        (HANDSHAKE, 2),
        (CHANGE_CIPHER_SPEC, 3),
        (HANDSHAKE, EPOCH + 1),
        (ALERT, EPOCH + 2),
    ]


def test_alerts_are_in_the_clear_before_there_are_keys() -> None:
    """DTLS-22."""
    assert list(split(RecordWriter().alert(2, 40))) == [
        (ALERT, 0, b"\x15\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x02\x28")
    ]


def test_what_does_not_fit_begins_the_next_datagram() -> None:
    """DTLS-21: for pieces that are not split, too."""
    pieces = [*flight(220), Piece(CHANGE_CIPHER_SPEC, b"\x01", protected=False)]
    assert [len(datagram) for datagram in pack(pieces, RecordWriter(), 256)] == [245, 14]


def test_repetitions_are_answered_three_times_and_then_one_each_200_ms() -> None:
    """D-09, D-10: a replay of the peer's flight does not make us send for ever."""
    repetitions = Repetitions()
    answered = [n for n in range(100) if repetitions.allows(5.0 + n * 0.025)]
    assert answered[:MAX_REPETITIONS] == [0, 1, 2]
    assert len(answered) == MAX_REPETITIONS + int(99 * 0.025 / REPETITION_INTERVAL)
    assert [repetitions.allows(100.0 + n * 0.021) for n in range(4)] == [True] * 3 + [False]


def test_the_datagrams_of_one_repetition_count_as_one() -> None:
    repetitions = Repetitions()
    assert [repetitions.allows(1.0 + n / 1000) for n in range(5)] == [True] + [False] * 4
