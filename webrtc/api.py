"""All that `webrtc` exports. It is loaded when the first of it is asked for."""

from webrtc.aio.data_channel import RTCDataChannel
from webrtc.aio.media import Player, Recorder
from webrtc.aio.peer_connection import RTCPeerConnection
from webrtc.aio.rtp.dtmf import RTCDTMFSender
from webrtc.aio.rtp.forwarder import ForwardedTrack, Forwarder
from webrtc.aio.rtp.receiver import RTCRtpReceiver
from webrtc.aio.rtp.sender import RTCRtpSender
from webrtc.aio.rtp.transceiver import RTCRtpTransceiver
from webrtc.aio.rtp.transceivers import RTCTrackEvent
from webrtc.aio.rtp.transform import KeyFrameRequest, Transform, Transformer
from webrtc.aio.tracks import EncodedTrack, MediaStream, MediaStreamTrack, RtpTrack
from webrtc.aio.transports import (
    RTCDtlsTransport,
    RTCIceCandidatePair,
    RTCIceTransport,
    RTCSctpTransport,
)
from webrtc.dtls import Certificate as RTCCertificate
from webrtc.errors import (
    ConnectionFailed,
    InvalidAccessError,
    InvalidCharacterError,
    InvalidModificationError,
    InvalidStateError,
    InvalidSyntaxError,
    MediaError,
    NotSupportedError,
    OperationError,
    SdpError,
    WebRTCError,
)
from webrtc.ice import AgentConfig
from webrtc.peer import (
    RTCConfiguration,
    RTCDataChannelInit,
    RTCIceCandidate,
    RTCIceServer,
    RTCSessionDescription,
    RTCStats,
    RTCStatsReport,
)
from webrtc.peer.heard_sources import RTCRtpContributingSource
from webrtc.peer.parameters import (
    RTCResolutionRestriction,
    RTCRtcpParameters,
    RTCRtpCapabilities,
    RTCRtpCodec,
    RTCRtpCodecParameters,
    RTCRtpEncodingParameters,
    RTCRtpHeaderExtensionCapability,
    RTCRtpHeaderExtensionParameters,
    RTCRtpReceiveParameters,
    RTCRtpSendParameters,
)
from webrtc.rtp import EncodedFrame, RtpPacket
from webrtc.settings import SettingEngine

__all__ = [
    "AgentConfig",
    "ConnectionFailed",
    "EncodedFrame",
    "EncodedTrack",
    "ForwardedTrack",
    "Forwarder",
    "InvalidAccessError",
    "InvalidCharacterError",
    "InvalidModificationError",
    "InvalidStateError",
    "InvalidSyntaxError",
    "KeyFrameRequest",
    "MediaError",
    "MediaStream",
    "MediaStreamTrack",
    "NotSupportedError",
    "OperationError",
    "Player",
    "RTCCertificate",
    "RTCConfiguration",
    "RTCDTMFSender",
    "RTCDataChannel",
    "RTCDataChannelInit",
    "RTCDtlsTransport",
    "RTCIceCandidate",
    "RTCIceCandidatePair",
    "RTCIceServer",
    "RTCIceTransport",
    "RTCPeerConnection",
    "RTCResolutionRestriction",
    "RTCRtcpParameters",
    "RTCRtpCapabilities",
    "RTCRtpCodec",
    "RTCRtpCodecParameters",
    "RTCRtpContributingSource",
    "RTCRtpEncodingParameters",
    "RTCRtpHeaderExtensionCapability",
    "RTCRtpHeaderExtensionParameters",
    "RTCRtpReceiveParameters",
    "RTCRtpReceiver",
    "RTCRtpSendParameters",
    "RTCRtpSender",
    "RTCRtpTransceiver",
    "RTCSctpTransport",
    "RTCSessionDescription",
    "RTCStats",
    "RTCStatsReport",
    "RTCTrackEvent",
    "Recorder",
    "RtpPacket",
    "RtpTrack",
    "SdpError",
    "SettingEngine",
    "Transform",
    "Transformer",
    "WebRTCError",
]
