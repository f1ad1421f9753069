"""What was sent of one source, and what the peer says about it. RFC 3550 §6.4.1."""

from collections.abc import Sequence
from typing import Final

from webrtc.interceptor.info import StreamInfo
from webrtc.interceptor.noop import Forward
from webrtc.rtcp import ReportBlock, SenderReport
from webrtc.rtp.packet import RtpPacket

_BITS32: Final = 0xFFFFFFFF


class Transmission:
    """Counts the packets of one source as they leave, those that are sent again apart."""

    __slots__ = (
        "_onward",
        "at",
        "block",
        "block_at",
        "clock_rate",
        "header_octets",
        "octets",
        "packets",
        "reported",
        "round_trip",
        "round_trips",
        "ssrc",
        "timestamp",
    )

    def __init__(self, stream: StreamInfo, onward: Forward) -> None:
        self.ssrc = stream.ssrc
        self.packets = 0
        self.octets = 0
        """Bytes of payload."""
        self.header_octets = 0
        self.timestamp = -1
        """The newest one, -1 before the first packet."""
        self.at = 0.0
        """When it was sent first."""
        self.clock_rate = stream.clock_rate
        self.reported = 0
        """How many packets the last report of ours told of."""
        self.block: ReportBlock | None = None
        """The newest that the peer sent."""
        self.block_at = 0.0
        self.round_trip: float | None = None
        """Seconds, the newest measurement."""
        self.round_trips = (0, 0.0)
        """How many were measured, and their sum."""
        self._onward = onward

    def rebind(self, stream: StreamInfo, onward: Forward) -> None:
        """Go on counting under new terms."""
        self.clock_rate = stream.clock_rate
        self._onward = onward

    def take(self, packet: RtpPacket, now: float) -> None:
        """Count a packet and hand it on."""
        self.packets += 1
        self.octets += len(packet.payload)
        extension = packet.extension
        self.header_octets += 16 + len(extension) if extension else 12
        if packet.timestamp != self.timestamp:
            self.timestamp = packet.timestamp
            self.at = now
        self._onward(packet, now)

    def report(self, ntp: int, now: float, blocks: Sequence[ReportBlock]) -> SenderReport:
        """What is sent about it."""
        self.reported = self.packets
        ticks = self.timestamp + round((now - self.at) * self.clock_rate)
        packets, octets = self.packets & _BITS32, self.octets & _BITS32
        return SenderReport(self.ssrc, ntp, ticks & _BITS32, packets, octets, tuple(blocks))
