"""Pieces of messages as chunks."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.sctp.chunks import BEGINNING, DATA, END, I_DATA, UNORDERED
from webrtc.sctp.fragments import encode_data, encode_i_data
from webrtc.sctp.packet import walk
from webrtc.sctp.queue import OutboundMessage, OutboundStream

Encode = Callable[[OutboundMessage, int, int], bytes]


def message(
    data: bytes, stream: OutboundStream | None = None, *, ordered: bool = True
) -> OutboundMessage:
    return OutboundMessage(stream or OutboundStream(0x0102), 0x33, data, ordered=ordered)


def cut(encode: Encode, whole: OutboundMessage, size: int, tsn: int) -> list[bytes]:
    """Every piece of a message."""
    chunks: list[bytes] = []
    while whole.offset < whole.size:
        piece = min(size, whole.size - whole.offset)
        chunks.append(encode(whole, piece, tsn + len(chunks)))
        whole.offset += piece
    return chunks


def test_layout_of_data() -> None:
    """RFC 9260 §3.3.1."""
    stream = OutboundStream(0x0102)
    stream.next_ordered = 0x1_0004
    first, last = cut(encode_data, message(b"hello", stream), 4, 2**32 - 1)
    assert first == bytes.fromhex("00020014 ffffffff 0102 0004 00000033") + b"hell"
    assert last == bytes.fromhex("00010011 00000000 0102 0004 00000033") + b"o\0\0\0"


def test_layout_of_i_data() -> None:
    """RFC 8260 §2.1: PPID in the first fragment, FSN in those behind it, no sequence number."""
    stream = OutboundStream(0x0102)
    stream.next_ordered = 2**32 + 4
    first, middle, last = cut(encode_i_data, message(b"helloyou!", stream), 4, 2**32 - 2)
    assert first == bytes.fromhex("40020018 fffffffe 0102 0000 00000004 00000033") + b"hell"
    assert middle == bytes.fromhex("40000018 ffffffff 0102 0000 00000004 00000001") + b"oyou"
    assert last == bytes.fromhex("40010015 00000000 0102 0000 00000004 00000002") + b"!\0\0\0"


def test_ordered_and_unordered_messages_have_mids_of_their_own() -> None:
    """RFC 8260 §2.2.2."""
    stream = OutboundStream(1)
    found = []
    for ordered in (True, False, False, True, False):
        (chunk,) = cut(encode_i_data, message(b"x", stream, ordered=ordered), 4, 0)
        found.append((chunk[1] & UNORDERED, I_DATA.unpack_from(chunk)[6]))
    assert found == [(0, 0), (4, 0), (4, 1), (0, 1), (4, 2)]


def test_unordered_data_takes_no_sequence_number() -> None:
    stream = OutboundStream(1)
    for ordered, number in ((True, 0), (False, 0), (True, 1)):
        (chunk,) = cut(encode_data, message(b"x", stream, ordered=ordered), 4, 0)
        assert DATA.unpack_from(chunk)[5] == number


@pytest.mark.parametrize("encode", [encode_data, encode_i_data])
@given(data=st.binary(min_size=1, max_size=300), size=st.integers(1, 300), ordered=st.booleans())
def test_pieces_put_together_are_the_message(
    encode: Encode, data: bytes, size: int, *, ordered: bool
) -> None:
    """X-06, SCTP-20."""
    chunks = cut(encode, message(data, ordered=ordered), size, 7)
    header = (DATA.size if encode is encode_data else I_DATA.size) - 4
    packet = bytes(12) + b"".join(chunks)
    found = list(walk(packet))
    assert b"".join([packet[start + header : stop] for _, _, start, stop in found]) == data
    flags = [flags & ~UNORDERED for _, flags, _, _ in found]
    assert all(bool(each & UNORDERED) is not ordered for _, each, _, _ in found)
    expected = [0] * len(found)
    expected[0] |= BEGINNING
    expected[-1] |= END
    assert flags == expected
