"""Extended reports. RFC 3611."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple, Self

from webrtc.errors import DecodeError
from webrtc.rtcp.header import PacketType, join

_SSRC: Final = struct.Struct("!I")
_HEAD: Final = struct.Struct("!BBH")
_RANGE: Final = struct.Struct("!IHH")
_NTP: Final = struct.Struct("!Q")
_DLRR: Final = struct.Struct("!III")
_SUMMARY: Final = struct.Struct("!IHHIIIIIIBBBB")
_VOIP: Final = struct.Struct("!IBBBBHHHHBBBBBBBBBxHHH")


@dataclass(frozen=True, slots=True)
class RunLengths:
    """Which packets of a source were lost, or came twice, as runs. RFC 3611 §4.1, §4.2."""

    LOSS: ClassVar[int] = 1
    DUPLICATE: ClassVar[int] = 2

    block_type: int
    """LOSS or DUPLICATE."""
    ssrc: int
    begin: int
    end: int
    """Sequence numbers; `end` is one behind the last."""
    chunks: tuple[int, ...]
    """16 bits each: a run or 15 packets, as the RFC has them; 0 at the end is padding."""
    thinning: int = 0

    @classmethod
    def decode(cls, block_type: int, specific: int, body: bytes) -> Self:
        if len(body) < _RANGE.size:
            raise DecodeError(f"XR block {block_type} of {len(body)} bytes")
        ssrc, begin, end = _RANGE.unpack_from(body)
        chunks = struct.unpack_from(f"!{(len(body) - _RANGE.size) // 2}H", body, _RANGE.size)
        return cls(block_type, ssrc, begin, end, chunks, specific & 0x0F)

    def encode(self) -> tuple[int, int, bytes]:
        chunks = self.chunks if len(self.chunks) % 2 == 0 else (*self.chunks, 0)
        body = _RANGE.pack(self.ssrc, self.begin, self.end)
        return self.block_type, self.thinning, body + struct.pack(f"!{len(chunks)}H", *chunks)


@dataclass(frozen=True, slots=True)
class ReceiptTimes:
    """When each packet of a source came. RFC 3611 §4.3."""

    ssrc: int
    begin: int
    end: int
    times: tuple[int, ...]
    """Ticks of the RTP clock."""
    thinning: int = 0

    @classmethod
    def decode(cls, block_type: int, specific: int, body: bytes) -> Self:
        if len(body) < _RANGE.size:
            raise DecodeError(f"XR block {block_type} of {len(body)} bytes")
        ssrc, begin, end = _RANGE.unpack_from(body)
        times = struct.unpack_from(f"!{(len(body) - _RANGE.size) // 4}I", body, _RANGE.size)
        return cls(ssrc, begin, end, times, specific & 0x0F)

    def encode(self) -> tuple[int, int, bytes]:
        body = _RANGE.pack(self.ssrc, self.begin, self.end)
        return 3, self.thinning, body + struct.pack(f"!{len(self.times)}I", *self.times)


@dataclass(frozen=True, slots=True)
class ReceiverReferenceTime:
    """The clock of somebody who sends no media: it is answered by `Dlrr`. RFC 3611 §4.4."""

    ntp: int
    """64 bits, as in a sender report."""

    @classmethod
    def decode(cls, block_type: int, specific: int, body: bytes) -> Self:  # noqa: ARG003 (one form)
        if len(body) != _NTP.size:
            raise DecodeError(f"XR block {block_type} of {len(body)} bytes")
        return cls(*_NTP.unpack(body))

    def encode(self) -> tuple[int, int, bytes]:
        return 4, 0, _NTP.pack(self.ntp)


class LastReference(NamedTuple):
    """What a receiver needs for a round trip, as a report block gives it to a sender."""

    ssrc: int
    last: int
    """Middle 32 bits of the NTP time of its newest reference time."""
    delay: int
    """Since that came, in 1/65536 s."""


@dataclass(frozen=True, slots=True)
class Dlrr:
    """The answer to receivers' reference times. RFC 3611 §4.5."""

    references: tuple[LastReference, ...]

    @classmethod
    def decode(cls, block_type: int, specific: int, body: bytes) -> Self:  # noqa: ARG003 (one form)
        if len(body) % _DLRR.size:
            raise DecodeError(f"XR block {block_type} of {len(body)} bytes")
        return cls(tuple(LastReference(*each) for each in _DLRR.iter_unpack(body)))

    def encode(self) -> tuple[int, int, bytes]:
        return 5, 0, b"".join(_DLRR.pack(*each) for each in self.references)


@dataclass(frozen=True, slots=True)
class StatisticsSummary:
    """Losses, duplicates, jitter and hops of a stretch. RFC 3611 §4.6.

    What `flags` do not say to be there is 0.
    """

    LOST: ClassVar[int] = 0x80
    DUPLICATES: ClassVar[int] = 0x40
    JITTER: ClassVar[int] = 0x20

    flags: int
    """The type-specific byte; 0x08 and 0x10 tell TTL of IPv4 and hop limit of IPv6."""
    ssrc: int
    begin: int
    end: int
    lost: int
    duplicates: int
    jitter: tuple[int, int, int, int]
    """Least, greatest, mean and deviation, in ticks of the RTP clock."""
    hops: tuple[int, int, int, int]
    """Least, greatest, mean and deviation of what is left of TTL or hop limit."""

    @classmethod
    def decode(cls, block_type: int, specific: int, body: bytes) -> Self:
        if len(body) != _SUMMARY.size:
            raise DecodeError(f"XR block {block_type} of {len(body)} bytes")
        ssrc, begin, end, lost, duplicates, *rest = _SUMMARY.unpack(body)
        least, most, mean, deviation, *hops = rest
        jitter = least, most, mean, deviation
        return cls(specific, ssrc, begin, end, lost, duplicates, jitter, (*hops,))

    def encode(self) -> tuple[int, int, bytes]:
        body = _SUMMARY.pack(
            self.ssrc, self.begin, self.end, self.lost, self.duplicates, *self.jitter, *self.hops
        )
        return 6, self.flags, body


class VoipMetrics(NamedTuple):
    """The quality of a call. RFC 3611 §4.7; 127 means unknown where a value may be."""

    ssrc: int
    loss_rate: int
    discard_rate: int
    burst_density: int
    gap_density: int
    burst_duration: int
    gap_duration: int
    round_trip_delay: int
    end_system_delay: int
    signal_level: int
    noise_level: int
    residual_echo_return_loss: int
    gmin: int
    r_factor: int
    external_r_factor: int
    mos_lq: int
    mos_cq: int
    receiver_config: int
    jitter_buffer_nominal: int
    jitter_buffer_maximum: int
    jitter_buffer_absolute_maximum: int

    @classmethod
    def decode(cls, block_type: int, specific: int, body: bytes) -> Self:  # noqa: ARG003 (one form)
        if len(body) != _VOIP.size:
            raise DecodeError(f"XR block {block_type} of {len(body)} bytes")
        return cls(*_VOIP.unpack(body))

    def encode(self) -> tuple[int, int, bytes]:
        return 7, 0, _VOIP.pack(*self)


@dataclass(frozen=True, slots=True)
class UnknownBlock:
    """A block of another kind, kept as it came."""

    block_type: int
    specific: int
    body: bytes

    def encode(self) -> tuple[int, int, bytes]:
        return self.block_type, self.specific, self.body


Block = (
    RunLengths
    | ReceiptTimes
    | ReceiverReferenceTime
    | Dlrr
    | StatisticsSummary
    | VoipMetrics
    | UnknownBlock
)

_DECODERS: Final[dict[int, Callable[[int, int, bytes], Block]]] = {
    1: RunLengths.decode,
    2: RunLengths.decode,
    3: ReceiptTimes.decode,
    4: ReceiverReferenceTime.decode,
    5: Dlrr.decode,
    6: StatisticsSummary.decode,
    7: VoipMetrics.decode,
}


@dataclass(frozen=True, slots=True)
class ExtendedReport:
    """XR: blocks of what the standard reports do not say. RFC 3611 §3."""

    packet_type: ClassVar[int] = PacketType.EXTENDED_REPORT

    ssrc: int
    blocks: tuple[Block, ...]

    @classmethod
    def decode(cls, count: int, body: bytes) -> Self:  # noqa: ARG003 (reserved: RFC 3611 §2)
        if len(body) < _SSRC.size:
            raise DecodeError(f"extended report of {len(body)} bytes")
        (ssrc,) = _SSRC.unpack_from(body)
        position, blocks = _SSRC.size, []
        while position < len(body):
            block_type, specific, words = _HEAD.unpack_from(body, position)
            start, position = position + _HEAD.size, position + _HEAD.size + 4 * words
            if position > len(body):
                raise DecodeError(f"XR block {block_type} of {4 * words} bytes")
            decode = _DECODERS.get(block_type, UnknownBlock)
            blocks.append(decode(block_type, specific, body[start:position]))
        return cls(ssrc, tuple(blocks))

    def encode(self) -> bytes:
        body = bytearray(_SSRC.pack(self.ssrc))
        for block in self.blocks:
            block_type, specific, content = block.encode()
            body += _HEAD.pack(block_type, specific, len(content) // 4) + content
        return join(self.packet_type, 0, bytes(body))

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that its blocks are about."""
        found: list[int] = []
        for block in self.blocks:
            if isinstance(block, Dlrr):
                found += [reference.ssrc for reference in block.references]
            elif not isinstance(block, ReceiverReferenceTime | UnknownBlock):
                found.append(block.ssrc)
        return tuple(found)
