"""Transport-wide congestion control feedback.

draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from webrtc.errors import DecodeError
from webrtc.rtcp.feedback import SSRCS, split
from webrtc.rtcp.header import PacketType, join

TICK: Final = 250e-6
"""Seconds in a unit of a delta."""
REFERENCE: Final = 256
"""Ticks in a unit of the reference time: 64 ms."""

_HEAD: Final = struct.Struct("!HHI")
_LOST, _SMALL, _LARGE = 0, 1, 2
_MAX_RUN: Final = 0x1FFF
_ONE_BIT, _TWO_BITS = 14, 7  # statuses in a vector chunk
_SMALLEST_LARGE, _LARGEST = -0x8000, 0x7FFF


@dataclass(frozen=True, slots=True)
class TransportFeedback:
    """When the packets of a transport arrived, whatever their source."""

    packet_type: ClassVar[int] = PacketType.TRANSPORT_FEEDBACK
    fmt: ClassVar[int] = 15

    sender_ssrc: int
    media_ssrc: int
    base: int
    """Transport-wide number of the first packet, 16 bits."""
    reference: int
    """Of the first delta: units of 64 ms, 24 bits, signed."""
    count: int
    """How many feedbacks came before this, 8 bits."""
    packets: int
    """How many it is about: those from `base` on, 16 bits."""
    arrivals: tuple[tuple[int, int], ...]
    """Of each that came: its distance from `base`, and the ticks of 250 us since `reference`."""

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Raises DecodeError. The work is bounded by the bytes, however many were lost."""
        sender, media, rest = split("transport feedback", body, 1, least=_HEAD.size)
        base, packets, last = _HEAD.unpack_from(rest)
        reference = last >> 8
        runs, position = _decode_chunks(rest, packets)
        arrivals = tuple(_decode_deltas(rest, position, runs))
        reference -= reference >> 23 << 24
        return cls(sender, media, base, reference, last & 0xFF, packets, arrivals)

    def encode(self) -> bytes:
        """Raises ValueError when two arrivals are too far apart for one feedback."""
        symbols, deltas = _encode_deltas(self.packets, self.arrivals)
        last = (self.reference & 0xFFFFFF) << 8 | self.count & 0xFF
        body = SSRCS.pack(self.sender_ssrc, self.media_ssrc)
        body += _HEAD.pack(self.base, self.packets, last)
        body += b"".join(chunk.to_bytes(2, "big") for chunk in _encode_chunks(symbols)) + deltas
        padding = -len(body) % 4
        packet = join(self.packet_type, self.fmt, body + bytes(padding))
        if not padding:
            return packet
        # The padding bit, and the number of bytes in the last of them: RFC 3550 §6.4.1.
        return bytes((packet[0] | 0x20,)) + packet[1:-1] + bytes((padding,))

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that it is about."""
        return (self.media_ssrc,)


def _decode_chunks(data: bytes, packets: int) -> tuple[list[tuple[int, int]], int]:
    """Runs of equal status symbols with their lengths, and where the deltas begin."""
    runs: list[tuple[int, int]] = []
    position, left = _HEAD.size, packets
    while left > 0:
        if position + 2 > len(data):
            raise DecodeError(f"transport feedback without the statuses of {left} packets")
        chunk = data[position] << 8 | data[position + 1]
        position += 2
        if not chunk & 0x8000:
            run = chunk & _MAX_RUN
            if not run:
                raise DecodeError("transport feedback with an empty run")
            runs.append((chunk >> 13, min(run, left)))
            left -= run
        elif chunk & 0x4000:
            runs += [(chunk >> shift & 3, 1) for shift in range(12, -1, -2)][:left]
            left -= _TWO_BITS
        else:
            runs += [(chunk >> shift & 1, 1) for shift in range(13, -1, -1)][:left]
            left -= _ONE_BIT
    return runs, position


def _decode_deltas(
    data: bytes, position: int, runs: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    packet, ticks, end = 0, 0, len(data)
    for symbol, length in runs:
        if symbol not in {_SMALL, _LARGE}:  # 3 is reserved: taken as lost
            packet += length
            continue
        if position + length * symbol > end:
            raise DecodeError("transport feedback without all its deltas")
        for _ in range(length):
            delta = data[position : position + symbol]
            ticks += int.from_bytes(delta, "big", signed=symbol == _LARGE)
            yield packet, ticks
            packet += 1
            position += symbol


def _encode_deltas(packets: int, arrivals: Iterable[tuple[int, int]]) -> tuple[list[int], bytes]:
    symbols, deltas, before = [_LOST] * packets, bytearray(), 0
    for packet, ticks in arrivals:
        delta, before = ticks - before, ticks
        if 0 <= delta <= 0xFF:
            symbols[packet] = _SMALL
            deltas.append(delta)
        elif _SMALLEST_LARGE <= delta <= _LARGEST:
            symbols[packet] = _LARGE
            deltas += delta.to_bytes(2, "big", signed=True)
        else:
            raise ValueError(f"{delta} ticks between two arrivals")
    return symbols, bytes(deltas)


def _encode_chunks(symbols: Sequence[int]) -> Iterator[int]:
    position, end = 0, len(symbols)
    while position < end:
        run = _run(symbols, position)
        if run >= _ONE_BIT or position + run == end:
            yield symbols[position] << 13 | run
            position += run
            continue
        # A vector of one-bit symbols where none of them needs two.
        small = symbols[position : position + _ONE_BIT]
        if _LARGE not in small:
            yield 0x8000 | _vector(small, _ONE_BIT, 1)
            position += len(small)
        else:
            yield 0xC000 | _vector(symbols[position : position + _TWO_BITS], _TWO_BITS, 2)
            position += min(_TWO_BITS, end - position)


def _run(symbols: Sequence[int], position: int) -> int:
    """How often the symbol there is repeated, as far as a chunk can say."""
    first, end = symbols[position], min(len(symbols), position + _MAX_RUN)
    beyond = position + 1
    while beyond < end and symbols[beyond] == first:
        beyond += 1
    return beyond - position


def _vector(symbols: Sequence[int], size: int, bits: int) -> int:
    packed = 0
    for symbol in symbols:
        packed = packed << bits | symbol
    return packed << bits * (size - len(symbols))
