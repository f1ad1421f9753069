"""What the composed core tells the application, in the words of webrtc-pc."""

from dataclasses import dataclass
from enum import StrEnum

from webrtc import dtls, ice
from webrtc.core import Address
from webrtc.datachannel import (
    Announced,
    BufferedAmountLow,
    ChannelClosed,
    ChannelClosing,
    ChannelOpened,
)
from webrtc.ice import CandidatePair
from webrtc.jsep import RTCIceCandidate, RTCSignalingState
from webrtc.peer.track_events import MediaEvent
from webrtc.peer.transport import Transport

RTCIceGatheringState = ice.GatheringState
"""webrtc-pc §4.3.2."""
RTCIceConnectionState = ice.State
"""webrtc-pc §4.3.4; its values are also those of RTCIceTransportState."""
RTCDtlsTransportState = dtls.State
"""webrtc-pc §5.5.1."""


class RTCPeerConnectionState(StrEnum):
    """webrtc-pc §4.3.3."""

    CLOSED = "closed"
    FAILED = "failed"
    DISCONNECTED = "disconnected"
    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"


class RTCSctpTransportState(StrEnum):
    """webrtc-pc §6.1.2."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class SignalingStateChanged:
    """The offer/answer state moved."""

    state: RTCSignalingState


@dataclass(frozen=True, slots=True)
class IceGatheringStateChanged:
    """Gathering of the peer connection as a whole moved."""

    state: RTCIceGatheringState


@dataclass(frozen=True, slots=True)
class IceConnectionStateChanged:
    """Connectivity of the peer connection as a whole moved."""

    state: RTCIceConnectionState


@dataclass(frozen=True, slots=True)
class ConnectionStateChanged:
    """The sum of all ICE and DTLS states moved."""

    state: RTCPeerConnectionState


@dataclass(frozen=True, slots=True)
class IceTransportStateChanged:
    """Connectivity of a transport moved."""

    transport: Transport
    state: RTCIceConnectionState


@dataclass(frozen=True, slots=True)
class DtlsStateChanged:
    """DTLS of a transport moved; `error` says why it failed."""

    transport: Transport
    state: RTCDtlsTransportState
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class SctpStateChanged:
    """The SCTP transport moved; `error` says why it ended, None after an orderly end."""

    state: RTCSctpTransportState
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class SelectedPairChanged:
    """A transport uses another candidate pair."""

    transport: Transport
    pair: CandidatePair


@dataclass(frozen=True, slots=True)
class NegotiationNeeded:
    """An offer has to be made for what the application asked for."""


@dataclass(frozen=True, slots=True)
class IceCandidateFound:
    """A local candidate to trickle, or None after the last."""

    candidate: RTCIceCandidate | None


@dataclass(frozen=True, slots=True)
class GatherWanted:
    """Bind sockets for a transport and answer with `handle_event(AddressesBound(…))`."""

    transport: Transport
    stun_servers: tuple[tuple[str, int], ...]
    """Host name or IP address, and port."""


@dataclass(frozen=True, slots=True)
class AddressesBound:
    """The caller's answer to `GatherWanted`, and its word for addresses that come later."""

    hosts: tuple[Address, ...]
    stun_servers: tuple[Address, ...] = ()
    """Resolved: IP addresses only."""
    more: bool = False
    """Whether another such event follows, so that gathering stays open."""
    name: str = ""
    """The host name that `stun_servers` are the addresses of."""
    subnets: tuple[str, ...] = ()
    """Networks of the interfaces, such as `192.0.2.0/24`: neighbours in them are checked first, and
    broadcast addresses of them never."""
    transport: Transport | None = None
    """The one that `GatherWanted` named; need not be told where there is only one."""


Event = (
    SignalingStateChanged
    | IceGatheringStateChanged
    | IceConnectionStateChanged
    | ConnectionStateChanged
    | IceTransportStateChanged
    | DtlsStateChanged
    | SctpStateChanged
    | SelectedPairChanged
    | NegotiationNeeded
    | IceCandidateFound
    | GatherWanted
    | Announced
    | ChannelOpened
    | ChannelClosing
    | ChannelClosed
    | BufferedAmountLow
    | MediaEvent
)
