"""RTCP: every packet that WebRTC meets, as a frozen value. RFC 3550 §6, RFC 4585, RFC 3611."""

from webrtc.rtcp.ccfb import Arrival, CongestionControlFeedback, SourceReport
from webrtc.rtcp.compound import RtcpPacket, UnknownPacket, check, decode, encode
from webrtc.rtcp.fir import FullIntraRequest
from webrtc.rtcp.nack import GenericNack
from webrtc.rtcp.pli import PictureLossIndication
from webrtc.rtcp.remb import ReceiverEstimatedMaximumBitrate
from webrtc.rtcp.reports import ReceiverReport, ReportBlock, SenderReport
from webrtc.rtcp.rrr import RapidResynchronizationRequest
from webrtc.rtcp.sli import LostSlice, SliceLossIndication
from webrtc.rtcp.sources import ApplicationDefined, Chunk, Goodbye, ItemType, SourceDescription
from webrtc.rtcp.twcc import TransportFeedback
from webrtc.rtcp.xr import Dlrr, ExtendedReport, LastReference, ReceiverReferenceTime

__all__ = [
    "ApplicationDefined",
    "Arrival",
    "Chunk",
    "CongestionControlFeedback",
    "Dlrr",
    "ExtendedReport",
    "FullIntraRequest",
    "GenericNack",
    "Goodbye",
    "ItemType",
    "LastReference",
    "LostSlice",
    "PictureLossIndication",
    "RapidResynchronizationRequest",
    "ReceiverEstimatedMaximumBitrate",
    "ReceiverReferenceTime",
    "ReceiverReport",
    "ReportBlock",
    "RtcpPacket",
    "SenderReport",
    "SliceLossIndication",
    "SourceDescription",
    "SourceReport",
    "TransportFeedback",
    "UnknownPacket",
    "check",
    "decode",
    "encode",
]
