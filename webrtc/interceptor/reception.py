"""What a receiver knows of one source: losses, jitter, reports. RFC 3550 §6.4, Appendix A."""

from typing import Final

from webrtc.interceptor.info import StreamInfo
from webrtc.interceptor.noop import Forward
from webrtc.rtcp import ReportBlock, SenderReport
from webrtc.rtp.packet import RtpPacket

_LONGEST_PAUSE: Final = 5.0
"""Seconds of timestamps beyond which a jump says nothing about jitter."""
_DELAY_UNIT: Final = 65536


class Reception:
    """Counts the packets of one source as they arrive, before anything is repaired."""

    __slots__ = (
        "_at",
        "_base",
        "_clock_rate",
        "_expected_before",
        "_onward",
        "_packets_before",
        "_timestamp",
        "header_octets",
        "highest",
        "jitter_ticks",
        "octets",
        "packets",
        "report",
        "report_at",
        "ssrc",
    )

    def __init__(self, stream: StreamInfo, onward: Forward) -> None:
        self.ssrc = stream.ssrc
        self.packets = 0
        self.octets = 0
        """Bytes of payload, padding not included."""
        self.header_octets = 0
        self.highest = -1
        """The newest sequence number, with its wraps above the lower 16 bits."""
        self.jitter_ticks = 0.0
        """In units of the RTP clock."""
        self.report: SenderReport | None = None
        """The newest one of the source."""
        self.report_at = 0.0
        self._clock_rate = stream.clock_rate
        self._onward = onward
        self._base = 0
        self._timestamp = -1
        self._at = 0.0
        self._packets_before = self._expected_before = 0

    def rebind(self, stream: StreamInfo, onward: Forward) -> None:
        """Go on counting under new terms."""
        self._clock_rate = stream.clock_rate
        self._onward = onward

    @property
    def last_at(self) -> float:
        """When the newest timestamp came first."""
        return self._at

    @property
    def jitter(self) -> float:
        """In seconds."""
        return self.jitter_ticks / self._clock_rate

    @property
    def lost(self) -> int:
        """Packets that have not come; below 0 after duplicates."""
        return self.highest - self._base + 1 - self.packets if self.packets else 0

    def take(self, packet: RtpPacket, now: float) -> None:
        """Count a packet and hand it on."""
        self.packets += 1
        self.octets += len(packet.payload)
        extension = packet.extension
        self.header_octets += 16 + len(extension) if extension else 12
        highest = self.highest
        ahead = packet.sequence_number - highest & 0xFFFF
        if ahead < 0x8000 and highest >= 0:
            self.highest = highest + ahead
            timestamp = packet.timestamp
            if timestamp != self._timestamp:
                self._take_timestamp(timestamp, now)
        elif highest < 0:
            self._base = self.highest = packet.sequence_number
            self._timestamp, self._at = packet.timestamp, now
        self._onward(packet, now)

    def handle_report(self, report: SenderReport, now: float) -> None:
        """Take a sender report of this source."""
        self.report, self.report_at = report, now

    def block(self, now: float) -> ReportBlock:
        """The report on this source, about the time since the last one. RFC 3550 §A.3."""
        expected = self.highest - self._base + 1
        new = expected - self._expected_before
        lost = new - (self.packets - self._packets_before)
        self._expected_before, self._packets_before = expected, self.packets
        fraction = (lost << 8) // new if new > 0 and lost > 0 else 0
        last = delay = 0
        if self.report is not None:
            last = self.report.middle
            delay = int((now - self.report_at) * _DELAY_UNIT)
        return ReportBlock(
            self.ssrc,
            min(fraction, 0xFF),
            self.lost,
            self.highest & 0xFFFFFFFF,
            int(self.jitter_ticks) & 0xFFFFFFFF,
            last,
            min(delay, 0xFFFFFFFF),
        )

    def _take_timestamp(self, timestamp: int, now: float) -> None:
        """Compare the spacing of two arrivals with that of their timestamps. RFC 3550 §A.8."""
        ticks = timestamp - self._timestamp & 0xFFFFFFFF
        if ticks > 0x7FFFFFFF:
            ticks -= 0x100000000
        rate = self._clock_rate
        difference = (now - self._at) * rate - ticks
        if difference < 0:
            difference = -difference
        if difference < _LONGEST_PAUSE * rate:
            self.jitter_ticks += (difference - self.jitter_ticks) / 16
        self._timestamp, self._at = timestamp, now
