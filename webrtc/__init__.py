"""WebRTC for asyncio: the browser's RTCPeerConnection on sans-IO protocol cores.

| layer | package | speaks |
|---|---|---|
| command line | `webrtc.cli` | `webrtc demo`, `webrtc bench` |
| files | `webrtc.transfer` | one file over a data channel, with resume; code phrases |
| signalling | `webrtc.signaling` | offers and answers over HTTP and WebSocket |
| without asyncio | `webrtc.blocking` | the same connections, and calls that wait |
| helpers for tests | `webrtc.testing` | two connected peers on a virtual network |
| simulation | `webrtc.vnet` | a virtual network with loss, delay and NATs, in virtual time |
| shell | `webrtc.aio` | the W3C objects, sockets and one timer: all that is exported here |
| peer | `webrtc.peer` | the composed sans-IO core: negotiation, transports, data channels |
| sessions | `webrtc.jsep`, `webrtc.sdp` | RFC 9429; RFC 8866 |
| data | `webrtc.datachannel`, `webrtc.sctp` | RFC 8831, RFC 8832; RFC 9260, 3758, 6525 |
| security | `webrtc.dtls` | RFC 6347 |
| path | `webrtc.ice`, `webrtc.stun` | RFC 8445, 8838, 7675; RFC 8489 |
| foundation | `webrtc.core`, `webrtc.errors`, `webrtc.util` | five verbs, bytes and floats |
"""

import logging

from webrtc.aio.data_channel import RTCDataChannel
from webrtc.aio.peer_connection import RTCPeerConnection
from webrtc.aio.tracks import MediaStreamTrack
from webrtc.aio.transports import RTCDtlsTransport, RTCIceTransport, RTCSctpTransport
from webrtc.dtls import Certificate as RTCCertificate
from webrtc.errors import (
    ConnectionFailed,
    InvalidAccessError,
    InvalidModificationError,
    InvalidStateError,
    InvalidSyntaxError,
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
from webrtc.settings import SettingEngine
from webrtc.version import __version__

__all__ = [
    "AgentConfig",
    "ConnectionFailed",
    "InvalidAccessError",
    "InvalidModificationError",
    "InvalidStateError",
    "InvalidSyntaxError",
    "MediaStreamTrack",
    "NotSupportedError",
    "OperationError",
    "RTCCertificate",
    "RTCConfiguration",
    "RTCDataChannel",
    "RTCDataChannelInit",
    "RTCDtlsTransport",
    "RTCIceCandidate",
    "RTCIceServer",
    "RTCIceTransport",
    "RTCPeerConnection",
    "RTCSctpTransport",
    "RTCSessionDescription",
    "RTCStats",
    "RTCStatsReport",
    "SdpError",
    "SettingEngine",
    "WebRTCError",
    "__version__",
]


logging.getLogger("webrtc").addHandler(logging.NullHandler())
