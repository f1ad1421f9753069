"""Fragments and their reassembly."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.dtls.fragments import HEADER_SIZE, Fragment, Reassembler, decode, sequence_of
from webrtc.errors import DecodeError

BODY = bytes(range(200))


def part(
    start: int, end: int, *, sequence: int = 0, body: bytes = BODY, length: int | None = None
) -> Fragment:
    return Fragment(1, len(body) if length is None else length, sequence, start, body[start:end])


def collect(reassembler: Reassembler) -> list[bytes]:
    bodies = []
    while (message := reassembler.pop()) is not None:
        bodies.append(message.body)
    return bodies


@given(
    st.lists(
        st.builds(
            lambda type_, sequence, before, body, after: Fragment(
                type_, before + len(body) + after, sequence, before, body
            ),
            st.integers(0, 255),
            st.integers(0, 0xFFFF),
            st.integers(0, 0x7FFFFF),
            st.binary(max_size=50),
            st.integers(0, 0x7FFF00),
        ),
        max_size=5,
    )
)
def test_encode_and_decode(fragments: list[Fragment]) -> None:
    """X-06: several fragments in one record, too."""
    payload = b"".join(fragment.encode() for fragment in fragments)
    assert list(decode(payload)) == fragments
    if fragments:
        assert sequence_of(payload) == fragments[0].sequence


@given(st.binary(max_size=100))
def test_garbage_raises_only_decode_error(payload: bytes) -> None:
    """X-01, X-03: and every fragment takes at least its header."""
    try:
        assert len(list(decode(payload))) <= len(payload) // HEADER_SIZE
    except DecodeError:
        pass


def test_every_truncation_is_refused() -> None:
    """X-02."""
    whole = part(0, 200).encode()
    for size in range(1, len(whole)):
        with pytest.raises(DecodeError):
            list(decode(whole[:size]))


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 0, 1), (1, 1, 0)])
def test_two_fragments_in_any_order_and_twice(order: tuple[int, ...]) -> None:
    """DTLS-01, D-08: the ClientHello of Chromium and Firefox comes in two datagrams."""
    halves = part(0, 120), part(120, 200)
    reassembler = Reassembler()
    for index in order:
        assert reassembler.pop() is None
        assert reassembler.add(halves[index])
    assert collect(reassembler) == [BODY]
    assert not reassembler.add(halves[0])
    assert reassembler.taken == 1
    assert reassembler.buffered == 0


@given(st.randoms(use_true_random=False))
def test_any_overlap_that_agrees_is_good(random: Random) -> None:
    """D-08."""
    cuts = sorted([*random.sample(range(201), 8), 0, 200])
    parts = [
        part(max(0, start - random.randrange(9)), min(200, end + random.randrange(9)))
        for start, end in pairwise(cuts)
        if start < end
    ]
    random.shuffle(parts)
    reassembler = Reassembler()
    for each in parts:
        reassembler.add(each)
    assert collect(reassembler) == [BODY]


@pytest.mark.parametrize("position", [50, 75, 99])
def test_conflicting_bytes_are_refused_and_the_first_stand(position: int) -> None:
    """D-08: overlapping fragments with different bytes."""
    reassembler = Reassembler()
    reassembler.add(part(50, 100))
    forged = bytearray(BODY)
    forged[position] ^= 1
    with pytest.raises(DecodeError, match="changed at offset 50"):
        reassembler.add(part(0, 200, body=bytes(forged)))
    reassembler.add(part(0, 200))
    assert collect(reassembler) == [BODY]


@pytest.mark.parametrize(
    "fragment",
    [
        part(60, 60),
        part(0, 10, length=201),
        part(0, 10)._replace(type=2),
        Fragment(1, 0xFFFFFF, 0, 0, b"x"),
        Fragment(1, 0xFFFFFF, 1, 0xFFFFFE, b"x"),
        Fragment(1, 16_373, 1, 0, b"x"),
        part(0, 10, sequence=11),
        part(0, 10, sequence=0xFFFF),
    ],
    ids=[
        "empty",
        "other length",
        "other type",
        "2^24-1 bytes",
        "huge offset",
        "above the limit",
        "too early",
        "far too early",
    ],
)
def test_what_cannot_be_right_is_refused_and_harms_nothing(fragment: Fragment) -> None:
    """D-08, DTLSCFG-21."""
    reassembler = Reassembler()
    reassembler.add(part(0, 50))
    for _ in range(3):
        with pytest.raises(DecodeError):
            reassembler.add(fragment)
    reassembler.add(part(50, 200))
    assert collect(reassembler) == [BODY]
    assert reassembler.buffered == 0


def test_a_message_without_body_is_complete_at_once() -> None:
    """D-08: ServerHelloDone has length 0, and so has its only fragment."""
    reassembler = Reassembler()
    reassembler.add(part(0, 0, body=b""))
    assert collect(reassembler) == [b""]


def test_messages_come_out_in_order() -> None:
    """DTLS-01: ten messages backwards."""
    reassembler = Reassembler()
    for sequence in reversed(range(11)):
        reassembler.add(part(0, 3, sequence=sequence, body=bytes([sequence] * 3)))
    assert collect(reassembler) == [bytes([sequence] * 3) for sequence in range(11)]


def test_whole_messages_that_come_in_order_fill_memory_until_they_are_popped() -> None:
    """D-08."""
    reassembler = Reassembler(max_buffered=400)
    assert [reassembler.add(part(0, 200, sequence=sequence)) for sequence in (0, 1)] == [True, True]
    assert reassembler.buffered == 400
    with pytest.raises(DecodeError, match="400 bytes"):
        reassembler.add(part(0, 200, sequence=2))
    assert not reassembler.add(part(0, 200, sequence=1))
    assert collect(reassembler) == [BODY, BODY]
    assert (reassembler.taken, reassembler.buffered) == (2, 0)
    assert reassembler.add(part(0, 200, sequence=2))


def test_ten_thousand_fragments_of_one_byte() -> None:
    """D-08: progress in time that grows with their number."""
    body = Random(1).randbytes(10_000)
    reassembler = Reassembler()
    for start in range(10_000):
        reassembler.add(part(start, start + 1, body=body))
    assert collect(reassembler) == [body]


def test_the_pieces_of_a_message_are_bounded() -> None:
    """D-08, X-05: every second byte only."""
    reassembler = Reassembler()
    for start in range(0, 128, 2):
        reassembler.add(part(start, start + 1))
    with pytest.raises(DecodeError, match="64 pieces"):
        reassembler.add(part(128, 129))
    reassembler.add(part(0, 200))
    assert collect(reassembler) == [BODY]


def test_memory_is_bounded_and_the_message_that_is_due_always_finds_room() -> None:
    """D-08, X-05: messages of the future give way, the latest first."""
    reassembler = Reassembler(max_message=1000, max_buffered=3000)
    for sequence in (5, 4, 3):
        reassembler.add(part(0, 1, sequence=sequence, length=1000))
    assert reassembler.buffered == 3000
    with pytest.raises(DecodeError, match="3000 bytes"):
        reassembler.add(part(0, 1, sequence=6, length=1000))
    for size in range(200):
        reassembler.add(part(0, size + 1, sequence=0))
        assert reassembler.buffered <= 3000
    assert collect(reassembler) == [BODY]
    assert reassembler.buffered == 2000
