"""Sender and receiver reports. RFC 3550 §6.4."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from webrtc.errors import DecodeError
from webrtc.rtcp.header import PacketType, join

_SSRC: Final = struct.Struct("!I")
_SENDER: Final = struct.Struct("!IQIII")
_BLOCK: Final = struct.Struct("!IIIIII")
_LOST_MIN, _LOST_MAX = -(1 << 23), (1 << 23) - 1


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """What a receiver says about one source. RFC 3550 §6.4.1."""

    ssrc: int
    fraction_lost: int
    """Of the packets since the last report, in 1/256."""
    total_lost: int
    """Since the beginning; negative after duplicates. Kept within 24 signed bits."""
    highest_sequence: int
    """Newest sequence number, with the count of its wraps in the upper 16 bits."""
    jitter: int
    """Of arrivals, in ticks of the RTP clock."""
    last_report: int = 0
    """Middle 32 bits of the NTP time of the newest sender report; 0 for none."""
    delay: int = 0
    """Since that report came, in 1/65536 s."""

    @classmethod
    def decode_from(cls, body: bytes, offset: int) -> Self:
        ssrc, loss, highest, jitter, last, delay = _BLOCK.unpack_from(body, offset)
        lost = loss & 0xFFFFFF
        return cls(ssrc, loss >> 24, lost - (lost >> 23 << 24), highest, jitter, last, delay)

    def encode(self) -> bytes:
        lost = max(_LOST_MIN, min(self.total_lost, _LOST_MAX)) & 0xFFFFFF
        loss = self.fraction_lost << 24 | lost
        return _BLOCK.pack(
            self.ssrc, loss, self.highest_sequence, self.jitter, self.last_report, self.delay
        )


@dataclass(frozen=True, slots=True)
class SenderReport:
    """What a source has sent, and what it has received of others. RFC 3550 §6.4.1."""

    packet_type: ClassVar[int] = PacketType.SENDER_REPORT

    ssrc: int
    ntp: int
    """When this was sent: 64 bits, seconds since 1900 in the upper 32."""
    rtp_timestamp: int
    """The same moment on the clock of the source's RTP timestamps."""
    packets: int
    octets: int
    """Bytes of payload."""
    reports: tuple[ReportBlock, ...] = ()
    extension: bytes = b""
    """Profile-specific, a multiple of 4 bytes."""

    @classmethod
    def decode(cls, count: int, body: bytes) -> Self:
        if len(body) < _SENDER.size + count * _BLOCK.size:
            raise DecodeError(f"sender report of {len(body)} bytes with {count} reports")
        reports, extension = _blocks(count, body, _SENDER.size)
        ssrc, ntp, rtp_timestamp, packets, octets = _SENDER.unpack_from(body)
        return cls(ssrc, ntp, rtp_timestamp, packets, octets, reports, extension)

    def encode(self) -> bytes:
        sender = _SENDER.pack(self.ssrc, self.ntp, self.rtp_timestamp, self.packets, self.octets)
        blocks = b"".join(report.encode() for report in self.reports)
        return join(self.packet_type, len(self.reports), sender + blocks + self.extension)

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that it is about."""
        return (*(report.ssrc for report in self.reports), self.ssrc)

    @property
    def middle(self) -> int:
        """The 32 bits of `ntp` that a report block gives back as `last_report`."""
        return self.ntp >> 16 & 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """What has been received of others, from somebody who sends nothing. RFC 3550 §6.4.2."""

    packet_type: ClassVar[int] = PacketType.RECEIVER_REPORT

    ssrc: int
    reports: tuple[ReportBlock, ...] = ()
    extension: bytes = b""
    """Profile-specific, a multiple of 4 bytes."""

    @classmethod
    def decode(cls, count: int, body: bytes) -> Self:
        if len(body) < _SSRC.size + count * _BLOCK.size:
            raise DecodeError(f"receiver report of {len(body)} bytes with {count} reports")
        reports, extension = _blocks(count, body, _SSRC.size)
        (ssrc,) = _SSRC.unpack_from(body)
        return cls(ssrc, reports, extension)

    def encode(self) -> bytes:
        blocks = b"".join(report.encode() for report in self.reports)
        body = _SSRC.pack(self.ssrc) + blocks + self.extension
        return join(self.packet_type, len(self.reports), body)

    @property
    def destinations(self) -> tuple[int, ...]:
        """Sources that it is about."""
        return tuple(report.ssrc for report in self.reports)


def _blocks(count: int, body: bytes, offset: int) -> tuple[tuple[ReportBlock, ...], bytes]:
    end = offset + count * _BLOCK.size
    offsets = range(offset, end, _BLOCK.size)
    return tuple(ReportBlock.decode_from(body, each) for each in offsets), body[end:]
