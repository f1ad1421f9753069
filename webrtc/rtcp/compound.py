"""Compound and reduced-size RTCP packets. RFC 3550 §6.1, RFC 5506."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from webrtc.errors import ProtocolError
from webrtc.rtcp.ccfb import CongestionControlFeedback
from webrtc.rtcp.fir import FullIntraRequest
from webrtc.rtcp.header import Part, join, split
from webrtc.rtcp.nack import GenericNack
from webrtc.rtcp.pli import PictureLossIndication
from webrtc.rtcp.remb import NAME, ReceiverEstimatedMaximumBitrate
from webrtc.rtcp.reports import ReceiverReport, SenderReport
from webrtc.rtcp.rrr import RapidResynchronizationRequest
from webrtc.rtcp.sli import SliceLossIndication
from webrtc.rtcp.sources import ApplicationDefined, Goodbye, ItemType, SourceDescription
from webrtc.rtcp.twcc import TransportFeedback
from webrtc.rtcp.xr import ExtendedReport


@dataclass(frozen=True, slots=True)
class UnknownPacket:
    """A packet of another kind, kept as it came."""

    packet_type: int
    count: int
    body: bytes

    def encode(self) -> bytes:
        return join(self.packet_type, self.count, self.body)

    @property
    def destinations(self) -> tuple[int, ...]:
        """Nothing is known of them."""
        return ()


RtcpPacket = (
    SenderReport
    | ReceiverReport
    | SourceDescription
    | Goodbye
    | ApplicationDefined
    | GenericNack
    | RapidResynchronizationRequest
    | CongestionControlFeedback
    | TransportFeedback
    | PictureLossIndication
    | SliceLossIndication
    | FullIntraRequest
    | ReceiverEstimatedMaximumBitrate
    | ExtendedReport
    | UnknownPacket
)

_DECODERS: Final[dict[int, Callable[[int, bytes], RtcpPacket]]] = {
    packet.packet_type: packet.decode
    for packet in (
        SenderReport,
        ReceiverReport,
        SourceDescription,
        Goodbye,
        ApplicationDefined,
        ExtendedReport,
    )
}
_FEEDBACK: Final[dict[tuple[int, int], Callable[[bytes], RtcpPacket]]] = {
    (packet.packet_type, packet.fmt): packet.decode
    for packet in (
        GenericNack,
        RapidResynchronizationRequest,
        CongestionControlFeedback,
        TransportFeedback,
        PictureLossIndication,
        SliceLossIndication,
        FullIntraRequest,
        ReceiverEstimatedMaximumBitrate,
    )
}


def decode(data: bytes) -> list[RtcpPacket]:
    """All packets of a datagram, which may be a compound or of reduced size.

    Unknown kinds are kept. Raises DecodeError when one packet is malformed.
    """
    return [_decode(part) for part in split(data)]


def encode(packets: Iterable[RtcpPacket]) -> bytes:
    """One datagram of them. Raises ValueError for what does not fit its field."""
    return b"".join(packet.encode() for packet in packets)


def check(packets: Sequence[RtcpPacket]) -> None:
    """Raise ProtocolError unless they are a compound as RFC 3550 §6.1 wants it.

    A report comes first, and there is a CNAME. With reduced size (RFC 5506) neither holds.
    """
    if not packets:
        raise ProtocolError("an RTCP compound without packets")
    if not isinstance(packets[0], SenderReport | ReceiverReport):
        raise ProtocolError(f"an RTCP compound that begins with {type(packets[0]).__name__}")
    chunks = [
        chunk
        for packet in packets
        if isinstance(packet, SourceDescription)
        for chunk in packet.chunks
    ]
    if not any(chunk.get(ItemType.CNAME) for chunk in chunks):
        raise ProtocolError("an RTCP compound without a CNAME")


def _decode(part: Part) -> RtcpPacket:
    known = _DECODERS.get(part.packet_type)
    if known is not None:
        return known(part.items, part.body)
    feedback = _FEEDBACK.get((part.packet_type, part.items))
    if feedback is None:
        return UnknownPacket(*part)
    if feedback == ReceiverEstimatedMaximumBitrate.decode and part.body[8:12] != NAME:
        return UnknownPacket(*part)  # RFC 4585 §6.4: other applications have names of their own
    return feedback(part.body)
