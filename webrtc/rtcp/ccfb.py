"""Congestion control feedback of one receiver, for each source. RFC 8888 §3.1."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple, Self

from webrtc.errors import DecodeError
from webrtc.rtcp.header import PacketType, join

_WORD: Final = struct.Struct("!I")
_BLOCK: Final = struct.Struct("!IHH")
NO_OFFSET: Final = 0x1FFF
"""An arrival that cannot be told: too long ago, or after the report."""
MAX_REPORTS: Final = 16_384


class Arrival(NamedTuple):
    """That a packet came, and how."""

    ecn: int
    """ECN bits of its IP header: 0 to 3."""
    offset: int
    """From its arrival to the report, in 1/1024 s; 0x1FFE for more, 0x1FFF for unknown."""


class SourceReport(NamedTuple):
    """Arrivals of one source."""

    ssrc: int
    base: int
    """Sequence number of the first packet, 16 bits."""
    arrivals: tuple[Arrival | None, ...]
    """For each packet from `base` on; None for what did not come."""


@dataclass(frozen=True, slots=True)
class CongestionControlFeedback:
    """Arrivals of all sources since the last report."""

    packet_type: ClassVar[int] = PacketType.TRANSPORT_FEEDBACK
    fmt: ClassVar[int] = 11

    sender_ssrc: int
    reports: tuple[SourceReport, ...]
    timestamp: int
    """When this was sent: the middle 32 bits of NTP time."""

    @classmethod
    def decode(cls, body: bytes) -> Self:
        if len(body) < 8 or len(body) % 4:
            raise DecodeError(f"congestion control feedback of {len(body)} bytes")
        position, end, reports = 4, len(body) - 4, []
        while position < end:
            report, position = _decode_block(body, position, end)
            reports.append(report)
        (sender,), (timestamp,) = _WORD.unpack_from(body), _WORD.unpack_from(body, end)
        return cls(sender, tuple(reports), timestamp)

    def encode(self) -> bytes:
        body = _WORD.pack(self.sender_ssrc) + b"".join(map(_encode_block, self.reports))
        return join(self.packet_type, self.fmt, body + _WORD.pack(self.timestamp))

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that it is about."""
        return tuple(report.ssrc for report in self.reports)


def _decode_block(body: bytes, position: int, end: int) -> tuple[SourceReport, int]:
    if position + _BLOCK.size > end:
        raise DecodeError("congestion control feedback that ends within a block")
    ssrc, base, number = _BLOCK.unpack_from(body, position)
    position += _BLOCK.size
    size = 2 * number + 2 * (number & 1)
    if number > MAX_REPORTS or position + size > end:
        raise DecodeError(f"congestion control feedback of {number} packets in {end - position}")
    words = struct.unpack_from(f"!{number}H", body, position)
    arrivals = tuple(
        Arrival(word >> 13 & 3, word & NO_OFFSET) if word & 0x8000 else None for word in words
    )
    return SourceReport(ssrc, base, arrivals), position + size


def _encode_block(report: SourceReport) -> bytes:
    words = [
        0 if arrival is None else 0x8000 | arrival.ecn << 13 | arrival.offset
        for arrival in report.arrivals
    ]
    if len(words) > MAX_REPORTS:
        raise ValueError(f"{len(words)} packets in one congestion control feedback")
    block = _BLOCK.pack(report.ssrc, report.base, len(words))
    return block + struct.pack(f"!{len(words)}H", *words) + bytes(2 * (len(words) & 1))
