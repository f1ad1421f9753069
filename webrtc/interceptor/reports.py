"""Sender and receiver reports, and round trips from them. RFC 3550 §6.4, RFC 3611 §4.4, §4.5."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from webrtc.clock import Clock
from webrtc.interceptor.info import SessionInfo, StreamInfo
from webrtc.interceptor.noop import Forward, Interceptor, Slot
from webrtc.interceptor.reception import Reception
from webrtc.interceptor.transmission import Transmission
from webrtc.rtcp import (
    Dlrr,
    ExtendedReport,
    LastReference,
    ReceiverReferenceTime,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    SenderReport,
)

MAX_BLOCKS: Final = 31
MAX_REFERENCES: Final = 32
"""Reference times of others that are remembered until they are answered."""
_DELAY_UNIT: Final = 65536
_BITS32: Final = 0xFFFFFFFF


class Reports(Interceptor):
    """Counts what comes and goes, makes the reports about it, and reads those of the peer.

    When they are sent is not its business.
    """

    slot: int = Slot.ARRIVAL
    reads = frozenset({SenderReport, ReceiverReport, ExtendedReport})

    def __init__(self, session: SessionInfo, clock: Clock) -> None:
        self.received: dict[int, Reception] = {}
        self.sent: dict[int, Transmission] = {}
        self.receiver_reference = True
        """Whether we who send nothing ask for round trips: `a=rtcp-xr:rcvr-rtt`."""
        self._session = session
        self._clock = clock
        self._references: OrderedDict[int, tuple[int, float]] = OrderedDict()

    @property
    def ssrc(self) -> int:
        """In whose name reports are made that no sender makes."""
        return self._session.ssrc

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        reception = self.received.get(stream.ssrc)
        if reception is None:
            reception = self.received[stream.ssrc] = Reception(stream, onward)
        else:
            reception.rebind(stream, onward)
        return reception.take

    def bind_outbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        transmission = self.sent.get(stream.ssrc)
        if transmission is None:
            transmission = self.sent[stream.ssrc] = Transmission(stream, onward)
        else:
            transmission.rebind(stream, onward)
        return transmission.take

    def unbind(self, ssrc: int) -> None:
        self.received.pop(ssrc, None)
        self.sent.pop(ssrc, None)

    def compose(self, now: float) -> list[RtcpPacket]:
        """Reports on all streams: of each that was sent since its last one, and on what came.

        Without any that was sent the report is a receiver's, and empty when nothing came.
        """
        blocks = [each.block(now) for each in self.received.values() if each.packets]
        ntp = self._clock.ntp(now)
        packets: list[RtcpPacket] = []
        for sent in self.sent.values():
            if sent.packets > sent.reported:
                packets.append(sent.report(ntp, now, blocks[:MAX_BLOCKS]))
                del blocks[:MAX_BLOCKS]
        sends = bool(packets)
        while blocks or not packets:
            packets.append(ReceiverReport(self._session.ssrc, tuple(blocks[:MAX_BLOCKS])))
            del blocks[:MAX_BLOCKS]
        return packets + self._extended(ntp, now, sends=sends)

    def report_on(self, ssrc: int, now: float) -> SenderReport | ReceiverReport:
        """The report on one stream that is sent, without any on what came."""
        sent = self.sent.get(ssrc)
        if sent is None:
            return ReceiverReport(ssrc)
        return sent.report(self._clock.ntp(now), now, ())

    def handle_rtcp(self, packet: RtcpPacket, now: float) -> None:
        match packet:
            case SenderReport():
                reception = self.received.get(packet.ssrc)
                if reception is not None:
                    reception.handle_report(packet, now)
                self._take_blocks(packet.reports, now)
            case ReceiverReport():
                self._take_blocks(packet.reports, now)
            case ExtendedReport():
                self._take_extended(packet, now)
            case _:
                pass

    def _take_blocks(self, blocks: Sequence[ReportBlock], now: float) -> None:
        for block in blocks:
            sent = self.sent.get(block.ssrc)
            if sent is None:
                continue
            sent.block, sent.block_at = block, now
            if block.last_report:
                taken = self._round_trip(block.last_report, block.delay, now)
                if taken is not None:
                    sent.round_trip = taken
                    count, total = sent.round_trips
                    sent.round_trips = count + 1, total + taken

    def _take_extended(self, packet: ExtendedReport, now: float) -> None:
        for block in packet.blocks:
            if isinstance(block, ReceiverReferenceTime):
                self._references[packet.ssrc] = block.ntp >> 16 & _BITS32, now
                self._references.move_to_end(packet.ssrc)
                if len(self._references) > MAX_REFERENCES:
                    self._references.popitem(last=False)
            elif isinstance(block, Dlrr):
                for reference in block.references:
                    if reference.ssrc == self._session.ssrc and reference.last:
                        self._round_trip(reference.last, reference.delay, now)

    def _extended(self, ntp: int, now: float, *, sends: bool) -> list[RtcpPacket]:
        """Our clock, if no sender report tells it, and the answers to those of others."""
        blocks: list[ReceiverReferenceTime | Dlrr] = []
        if self.receiver_reference and not sends:
            blocks.append(ReceiverReferenceTime(ntp))
        if self._references:
            answers = [
                LastReference(ssrc, last, int((now - at) * _DELAY_UNIT) & _BITS32)
                for ssrc, (last, at) in self._references.items()
            ]
            blocks.append(Dlrr(tuple(answers)))
            self._references.clear()
        return [ExtendedReport(self._session.ssrc, tuple(blocks))] if blocks else []

    def _round_trip(self, last: int, delay: int, now: float) -> float | None:
        """Seconds since a report of ours left, less what the peer has kept it."""
        taken = (self._clock.ntp_middle(now) - last - delay) & _BITS32
        if taken > 0x7FFFFFFF:
            return None  # the peer's clock is faster than ours, or it lies
        seconds = taken / _DELAY_UNIT
        self._session.take_round_trip(seconds)
        return seconds
