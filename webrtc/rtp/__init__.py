"""RTP packets, their header extensions and the payload formats of codecs. RFC 3550."""

from webrtc.rtp.frame import EncodedFrame
from webrtc.rtp.packet import RtpPacket
from webrtc.rtp.packetizer import Packetizer, Sequencer
from webrtc.rtp.sample_builder import Sample, SampleBuilder

__all__ = ["EncodedFrame", "Packetizer", "RtpPacket", "Sample", "SampleBuilder", "Sequencer"]
