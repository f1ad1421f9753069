"""When RTCP is sent, and how it is put together. RFC 3550 §6.2, RFC 4585 §3, RFC 5506."""

from collections.abc import Sequence
from random import Random
from typing import Final

from webrtc.interceptor.reports import Reports
from webrtc.rtcp import (
    Goodbye,
    ReceiverReport,
    RtcpPacket,
    SenderReport,
    SourceDescription,
)

AUDIO_INTERVAL: Final = 5.0
VIDEO_INTERVAL: Final = 1.0
"""Seconds between two reports, on average."""
FIRST_REPORT: Final = 0.1
"""Seconds from the first packet to the first report, on average."""
SHARE: Final = 0.05
"""Of all bytes, that RTCP may take. RFC 3550 §6.2."""
_MAX_WAITING: Final = 64
"""Urgent packets that may wait: the oldest is forgotten."""
_MAX_GOODBYE: Final = 31
_REPORT_TYPES: Final = (SenderReport.packet_type, ReceiverReport.packet_type)
_SPREAD: Final = (0.5, 1.5)
_SOON: Final = 0.3
"""Of the interval, what is between the first two: so that round trips are known soon."""
_CREDIT: Final = 4000.0
"""Bytes that may be sent ahead of their share: at the beginning, or after a pause."""
_OVERHEAD: Final = 14 + 28
"""Bytes that SRTCP, UDP and IP add."""
_SIZE: Final = 1150
"""Bytes of a compound packet, so that it fits into a datagram of 1200 with its tag."""


class Feedback:
    """Sends reports at random intervals, and what is urgent at once.

    Of the bytes of all media RTCP takes a twentieth: when it has had its share, what is urgent
    waits for the next report.
    """

    def __init__(self, random: Random, reports: Reports, cname: str) -> None:
        self.deadline: float | None = None
        """When the next report is due."""
        self.interval = AUDIO_INTERVAL
        self.reduced_size = False
        """Whether urgent packets may go without a report: RFC 5506, `a=rtcp-rsize`."""
        self.out: list[bytes] = []
        """Datagrams to seal and send, oldest first."""
        self.octets = 0
        """Bytes of media, both ways, whose share is not reckoned yet."""
        self.sent = 0
        """Bytes of RTCP so far, lower layers included."""
        self._random = random
        self._reports = reports
        self._cname = cname
        self._credit = _CREDIT
        self._first = True
        self._reported = 0.0

        self._waiting: list[RtcpPacket] = []

    def begin(self, now: float) -> None:
        """The first packet has come or gone: report soon. Harmless when it is not the first."""
        if self.deadline is None:
            self.deadline = now + FIRST_REPORT * self._random.uniform(*_SPREAD)

    def take(self, packets: Sequence[RtcpPacket]) -> None:
        """Send urgent packets, if there is room for them."""
        for packet in packets:
            if packet not in self._waiting:
                self._waiting.append(packet)
        del self._waiting[:-_MAX_WAITING]
        self._reckon()
        if self._credit > 0:
            self._pack([] if self.reduced_size else [ReceiverReport(self._reports.ssrc)])

    def handle_timeout(self, now: float) -> None:
        """Send the report that is due. Harmless before."""
        if self.deadline is None or now < self.deadline:
            return
        self._reckon()
        interval = self.interval * self._random.uniform(*_SPREAD)
        if self._first:
            self._first = False
            interval *= _SOON
        self.deadline = now + interval
        if self._credit > 0 or now - self._reported > AUDIO_INTERVAL:
            self._reported = now
            self._pack(self._reports.compose(now))

    def say_goodbye(self, ssrcs: Sequence[int], now: float) -> None:
        """Tell the peer that sources have ended, with their last reports. RFC 3550 §6.6."""
        for start in range(0, len(ssrcs), _MAX_GOODBYE):
            self._waiting.append(Goodbye(tuple(ssrcs[start : start + _MAX_GOODBYE])))
        self._pack([self._reports.report_on(ssrc, now) for ssrc in ssrcs])

    def _reckon(self) -> None:
        self._credit = min(self._credit + self.octets * SHARE, _CREDIT)
        self.octets = 0

    def _pack(self, reports: Sequence[RtcpPacket]) -> None:
        """Put reports, and what has waited, into as few datagrams as they need."""
        datagram = b""
        for report in reports:
            data = report.encode()
            if isinstance(report, SenderReport | ReceiverReport):
                data += SourceDescription.cname(report.ssrc, self._cname).encode()
            datagram = self._add(datagram, data)
        for packet in self._waiting:
            datagram = self._add(datagram, packet.encode())
        self._waiting.clear()
        self._finish(datagram)

    def _add(self, datagram: bytes, data: bytes) -> bytes:
        """The datagram with one more packet, or the next one when it does not fit."""
        if len(datagram) + len(data) <= _SIZE:
            return datagram + data
        self._finish(datagram)
        if self.reduced_size or data[1] in _REPORT_TYPES:
            return data
        head = ReceiverReport(self._reports.ssrc)
        return head.encode() + SourceDescription.cname(head.ssrc, self._cname).encode() + data

    def _finish(self, datagram: bytes) -> None:
        if datagram:
            self.out.append(datagram)
            self.sent += len(datagram) + _OVERHEAD
            self._credit -= len(datagram) + _OVERHEAD
