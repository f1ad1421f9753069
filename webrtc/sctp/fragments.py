"""Pieces of user messages as chunks: DATA, or I-DATA where both sides can interleave.

RFC 9260 §3.3.1, RFC 8260 §2.1. `size` is that of the piece, which begins where the message was cut
last; TSNs are integers that do not wrap.
"""

from typing import Final

from webrtc.sctp.chunks import BEGINNING, DATA, END, I_DATA, UNORDERED, ChunkType
from webrtc.sctp.queue import OutboundMessage

_I_DATA: Final = int(ChunkType.I_DATA)
_MASK: Final = 0xFFFF_FFFF
_FLAGS: Final = (UNORDERED, 0)  # by `ordered`
_PADDING: Final = (b"", b"\0\0\0", b"\0\0", b"\0")  # by the size modulo 4


def encode_data(message: OutboundMessage, size: int, tsn: int) -> bytes:
    """The next piece as DATA; the first one takes the stream sequence number."""
    start = message.offset
    flags = _FLAGS[message.ordered]
    if not start:
        flags |= BEGINNING
        if message.ordered:
            stream = message.stream
            message.number = stream.next_ordered & 0xFFFF
            stream.next_ordered += 1
    if start + size == message.size:
        flags |= END
    header = DATA.pack(
        0, flags, 16 + size, tsn & _MASK, message.stream.id, message.number, message.ppid
    )
    if size & 3:
        return header + message.data[start : start + size] + _PADDING[size & 3]
    return header + message.data[start : start + size]


def cut_data(message: OutboundMessage, size: int, count: int, tsn: int) -> list[bytes]:
    """The next `count` pieces as DATA; neither the first nor the last of the message is among them.

    `size` is that of each, a multiple of 4.
    """
    flags, stream_id, number, ppid = (
        _FLAGS[message.ordered],
        message.stream.id,
        message.number,
        message.ppid,
    )
    start, data, pieces = message.offset, message.data, []
    for each in range(tsn, tsn + count):
        header = DATA.pack(0, flags, 16 + size, each & _MASK, stream_id, number, ppid)
        pieces.append(header + data[start : start + size])
        start += size
    return pieces


def encode_i_data(message: OutboundMessage, size: int, tsn: int) -> bytes:
    """The next piece as I-DATA; the first one takes the MID. RFC 8260 §2.2.2."""
    start, stream = message.offset, message.stream
    flags = _FLAGS[message.ordered]
    if start:
        message.fsn += 1
        last_word = message.fsn
    else:
        flags |= BEGINNING
        last_word = message.ppid
        if message.ordered:
            message.number = stream.next_ordered & _MASK
            stream.next_ordered += 1
        else:
            message.number = stream.next_unordered & _MASK
            stream.next_unordered += 1
    if start + size == message.size:
        flags |= END
    header = I_DATA.pack(
        _I_DATA, flags, 20 + size, tsn & _MASK, stream.id, 0, message.number, last_word
    )
    if size & 3:
        return header + message.data[start : start + size] + _PADDING[size & 3]
    return header + message.data[start : start + size]


def cut_i_data(message: OutboundMessage, size: int, count: int, tsn: int) -> list[bytes]:
    """As `cut_data`, but I-DATA."""
    flags, stream_id, number, fsn = (
        _FLAGS[message.ordered],
        message.stream.id,
        message.number,
        message.fsn,
    )
    start, data, pieces = message.offset, message.data, []
    for each in range(tsn, tsn + count):
        fsn += 1
        header = I_DATA.pack(_I_DATA, flags, 20 + size, each & _MASK, stream_id, 0, number, fsn)
        pieces.append(header + data[start : start + size])
        start += size
    message.fsn = fsn
    return pieces
