"""RTCIceTransport, RTCDtlsTransport and RTCSctpTransport: views of one composed core.

webrtc-pc §5.5, §5.6, §6.1.
"""

from dataclasses import dataclass
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from webrtc.aio.loop.emitter import Emitter, EventHandler
from webrtc.aio.loop.tasks import Tasks
from webrtc.ice import Candidate
from webrtc.jsep import RTCIceCandidate
from webrtc.jsep.negotiation import Applied
from webrtc.peer import PeerConnection
from webrtc.peer.events import (
    DtlsStateChanged,
    IceTransportStateChanged,
    RTCDtlsTransportState,
    RTCIceConnectionState,
    RTCIceGatheringState,
    RTCSctpTransportState,
    SctpStateChanged,
    SelectedPairChanged,
)
from webrtc.peer.transceiver import Transceiver
from webrtc.sdp import format_candidate
from webrtc.util.spelling import Hinting


@dataclass(slots=True)
class Shown:
    """What the three objects show: the application hears of it in the order of the events."""

    ice: RTCIceConnectionState = RTCIceConnectionState.NEW
    gathering: RTCIceGatheringState = RTCIceGatheringState.NEW
    dtls: RTCDtlsTransportState = RTCDtlsTransportState.NEW
    certificates: tuple[x509.Certificate, ...] = ()
    """Of the peer, once verified."""
    sctp: RTCSctpTransportState = RTCSctpTransportState.CONNECTING


@dataclass(frozen=True, slots=True)
class RTCIceCandidatePair(Hinting):
    """A path: its two ends. webrtc-pc §5.6.3."""

    local: RTCIceCandidate
    """Our end of it."""
    remote: RTCIceCandidate
    """The end of the peer."""


class RTCIceTransport(Emitter):
    """The path. Events: `statechange`, `gatheringstatechange`, `selectedcandidatepairchange`."""

    onstatechange = EventHandler("statechange")
    ongatheringstatechange = EventHandler("gatheringstatechange")
    onselectedcandidatepairchange = EventHandler("selectedcandidatepairchange")

    def __init__(self, core: PeerConnection, shown: Shown, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._core = core
        self._shown = shown

    @property
    def state(self) -> RTCIceConnectionState:
        """How far the search for a path is."""
        return self._shown.ice

    @property
    def gathering_state(self) -> RTCIceGatheringState:
        """How far the search for local candidates is."""
        return self._shown.gathering

    @property
    def component(self) -> Literal["rtp"]:
        """Everything goes over one path."""
        return "rtp"

    @property
    def role(self) -> Literal["controlling", "controlled", "unknown"]:
        """Who nominates; "unknown" before the first description."""
        transport = self._core.transports.one
        if transport is None or self._core.local_description is None:
            return "unknown"
        return "controlling" if transport.ice.role.value == "controlling" else "controlled"

    def get_local_candidates(self) -> list[RTCIceCandidate]:
        """Those gathered so far."""
        transport = self._core.transports.one
        found = transport.ice.local_candidates if transport is not None else ()
        return [self._local(candidate) for candidate in found]

    def get_remote_candidates(self) -> list[RTCIceCandidate]:
        """Those the peer has told."""
        transport = self._core.transports.one
        found = transport.ice.remote_candidates if transport is not None else ()
        return [self._remote(candidate) for candidate in found]

    def get_selected_candidate_pair(self) -> RTCIceCandidatePair | None:
        """The pair that data goes over."""
        transport = self._core.transports.one
        pair = transport.ice.selected_pair if transport is not None else None
        if pair is None:
            return None
        return RTCIceCandidatePair(self._local(pair.local), self._remote(pair.remote))

    def get_local_parameters(self) -> dict[str, str] | None:
        """`usernameFragment` and `password` of this end."""
        transport = self._core.transports.one
        if transport is None:
            return None
        return {
            "usernameFragment": transport.ice.local_ufrag,
            "password": transport.ice.local_pwd,
        }

    def get_remote_parameters(self) -> dict[str, str] | None:
        """`usernameFragment` and `password` of the peer."""
        transport = self._core.transports.one
        remote = transport.ice.remote_credentials if transport is not None else None
        if remote is None:
            return None
        return {"usernameFragment": remote.ufrag, "password": remote.pwd}

    def _local(self, candidate: Candidate) -> RTCIceCandidate:
        return _shown(candidate, self._core.negotiation.local, self.get_local_parameters())

    def _remote(self, candidate: Candidate) -> RTCIceCandidate:
        return _shown(candidate, self._core.negotiation.remote, self.get_remote_parameters())


class RTCDtlsTransport(Emitter):
    """The security of the path. Events: `statechange`, `error` (the exception)."""

    onstatechange = EventHandler("statechange")
    onerror = EventHandler("error")

    def __init__(self, ice: RTCIceTransport, shown: Shown, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._ice = ice
        self._shown = shown

    @property
    def ice_transport(self) -> RTCIceTransport:
        """The path below."""
        return self._ice

    @property
    def state(self) -> RTCDtlsTransportState:
        """How far the handshake is."""
        return self._shown.dtls

    def get_remote_certificates(self) -> list[bytes]:
        """The peer's certificates in DER, once verified."""
        return [each.public_bytes(Encoding.DER) for each in self._shown.certificates]


class RTCSctpTransport(Emitter):
    """The association that carries the data channels. Event: `statechange`."""

    onstatechange = EventHandler("statechange")

    def __init__(
        self, core: PeerConnection, dtls: RTCDtlsTransport, shown: Shown, tasks: Tasks
    ) -> None:
        super().__init__(tasks)
        self._core = core
        self._dtls = dtls
        self._shown = shown

    @property
    def transport(self) -> RTCDtlsTransport:
        """The security below."""
        return self._dtls

    @property
    def state(self) -> RTCSctpTransportState:
        """How far the association is."""
        return self._shown.sctp

    @property
    def max_message_size(self) -> int:
        """Largest message in bytes that `send` takes."""
        return self._core.channels.max_message_size

    @property
    def max_channels(self) -> int | None:
        """Data channels that can exist at a time; None until connected."""
        connected = self.state is not RTCSctpTransportState.CONNECTING
        return self._core.channels.max_channels if connected else None


class Transports:
    """The three transports of a connection, which follow the core together."""

    def __init__(self, core: PeerConnection, tasks: Tasks) -> None:
        self._core = core
        self._tasks = tasks
        self._make()

    def handle(
        self,
        event: IceTransportStateChanged | DtlsStateChanged | SctpStateChanged | SelectedPairChanged,
    ) -> None:
        """Pass on what the core says."""
        match event:
            case IceTransportStateChanged(_, state):
                self._follow_ice(state)
            case DtlsStateChanged(_, state, error):
                self._follow_dtls(state, error)
            case SctpStateChanged(state):
                self._follow_sctp(state)
            case SelectedPairChanged():
                self.ice.emit("selectedcandidatepairchange")

    def follow_gathering(self, state: RTCIceGatheringState) -> None:
        """The state of the connection is that of its one transport."""
        if state is not self._shown.gathering:
            self._shown.gathering = state
            self.ice.emit("gatheringstatechange")

    @property
    def described_sctp(self) -> RTCSctpTransport | None:
        """That of the data channels, from the moment an offer with them is set."""
        offered = self._core.negotiation.offers_data
        return self.sctp if offered or self._core.data.negotiated else None

    def of(self, transceiver: Transceiver) -> RTCDtlsTransport | None:
        """That of a sender and its receiver; None until a description says so."""
        return self.dtls if transceiver.mid is not None else None

    def close(self) -> None:
        """Everything is closed, which no event tells but that of SCTP. webrtc-pc §4.4.2."""
        shown = self._shown
        shown.ice = RTCIceConnectionState.CLOSED
        shown.dtls = RTCDtlsTransportState.CLOSED
        if shown.sctp is not RTCSctpTransportState.CLOSED:
            shown.sctp = RTCSctpTransportState.CLOSED
            self.sctp.emit("statechange")

    def _follow_ice(self, state: RTCIceConnectionState) -> None:
        if state is not self._shown.ice:
            self._shown.ice = state
            self.ice.emit("statechange")

    def _follow_dtls(self, state: RTCDtlsTransportState, error: Exception | None) -> None:
        if state is self._shown.dtls:
            return
        self._shown.dtls = state
        transport = self._core.transports.one
        if state is RTCDtlsTransportState.CONNECTED and transport is not None and transport.dtls:
            self._shown.certificates = transport.dtls.peer_certificates
        if error is not None and self.dtls.listeners("error"):
            self.dtls.emit("error", error)
        self.dtls.emit("statechange")

    def _follow_sctp(self, state: RTCSctpTransportState) -> None:
        if state is not self._shown.sctp:
            self._shown.sctp = state
            self.sctp.emit("statechange")
        if not self._core.data.negotiated:  # refused: the next negotiation makes others
            self._follow_ice(RTCIceConnectionState.CLOSED)
            self._make()

    def _make(self) -> None:
        self._shown = Shown()
        self.ice = RTCIceTransport(self._core, self._shown, self._tasks)
        self.dtls = RTCDtlsTransport(self.ice, self._shown, self._tasks)
        self.sctp = RTCSctpTransport(self._core, self.dtls, self._shown, self._tasks)


def _shown(
    candidate: Candidate, described: Applied | None, parameters: dict[str, str] | None
) -> RTCIceCandidate:
    """A candidate of the core as `icecandidate` tells it: of the first section that is used."""
    media = described.parsed.media if described is not None else []
    index = next((index for index, each in enumerate(media) if not each.rejected), 0)
    return RTCIceCandidate(
        format_candidate(candidate),
        media[index].mid if media else None,
        index,
        parameters["usernameFragment"] if parameters is not None else None,
    )
