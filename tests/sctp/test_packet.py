"""Common header, checksum and chunk walk."""

import pytest
from crc32c import crc32c
from hypothesis import given
from hypothesis import strategies as st

from webrtc.errors import DecodeError
from webrtc.sctp.packet import Header, UncheckedHeader, checksum, decode_header, encode_chunk, walk


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
    ids=["zeros", "ones", "ascending", "descending"],
)
def test_crc32c_of_rfc_3720_appendix_b_4(data: bytes, expected: int) -> None:
    """SCTP-24: the vectors of the only place that prints them."""
    assert crc32c(data) == expected


@given(
    st.lists(
        st.tuples(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=64)), max_size=9
    )
)
def test_packet_round_trip(chunks: list[tuple[int, int, bytes]]) -> None:
    """X-06, SCTP-24."""
    header = Header(5000, 5001, 0xDEADBEEF)
    packet = header.seal([encode_chunk(*chunk) for chunk in chunks] or [b"\x84\0\0\4"])
    assert header.verifies(packet)
    assert packet[8:12] == checksum(packet)
    assert decode_header(packet) == (5000, 5001, 0xDEADBEEF)
    if chunks:
        assert [(k, f, packet[a:b]) for k, f, a, b in walk(packet)] == chunks


def test_zero_checksum() -> None:
    """C-01: RFC 9653 §5.3, a right one counts anyway, and nothing saves a wrong one."""
    zero = UncheckedHeader(1, 2, 3).seal([b"\0\3\0\4", b"\3\0\0\4"])
    right = Header(1, 2, 3).seal([b"\0\3\0\4", b"\3\0\0\4"])
    assert zero == right[:8] + bytes(4) + right[12:]
    header = Header(1, 2, 3)
    assert (header.verifies(zero), header.verifies(right)) == (False, True)
    header.takes_zero = True
    assert (header.verifies(zero), header.verifies(right)) == (True, True)
    assert not header.verifies(right[:11] + bytes((right[11] ^ 1,)) + right[12:])
    assert not header.verifies(zero[:11])
    assert not header.verifies(UncheckedHeader(1, 2, 3).seal([encode_chunk(10, 0, b"cookie")]))


@given(st.integers(0, 12 * 8 - 1).filter(lambda bit: not 64 <= bit < 96), st.binary(min_size=4))
def test_one_wrong_bit_is_found(bit: int, body: bytes) -> None:
    """C-01."""
    packet = bytearray(Header(1, 2, 3).seal([body]))
    packet[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DecodeError, match="CRC32c"):
        decode_header(bytes(packet))


@pytest.mark.parametrize("size", range(16))
def test_short_packet_is_no_packet(size: int) -> None:
    """C-02, X-02."""
    with pytest.raises(DecodeError):
        decode_header(bytes(size))


@pytest.mark.parametrize("length", [0, 1, 2, 3, 9, 0x7FFF, 0xFFFF])
def test_chunk_length_that_cannot_be(length: int) -> None:
    """C-03, X-03: shorter than its own header or longer than the packet."""
    packet = bytes(12) + b"\0\0" + length.to_bytes(2, "big") + bytes(4)
    with pytest.raises(DecodeError):
        list(walk(packet))


@given(st.binary(max_size=200))
def test_walk_over_garbage_ends(data: bytes) -> None:
    """X-01, X-03: at least four bytes a step, DecodeError at the worst."""
    steps = 0
    try:
        for _, _, start, stop in walk(bytes(12) + data):
            steps += 1
            assert start <= stop <= 12 + len(data)
    except DecodeError:
        pass
    assert steps <= len(data) // 4
