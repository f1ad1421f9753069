"""RTCIceTransport, RTCDtlsTransport and RTCSctpTransport: views of one composed core.

webrtc-pc §5.5, §5.6, §6.1.
"""

from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from webrtc.aio.loop.emitter import Emitter, EventHandler
from webrtc.aio.loop.tasks import Tasks
from webrtc.ice import Candidate, CandidatePair
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


class RTCIceTransport(Emitter):
    """The path. Events: `statechange`, `gatheringstatechange`, `selectedcandidatepairchange`."""

    onstatechange = EventHandler("statechange")
    ongatheringstatechange = EventHandler("gatheringstatechange")
    onselectedcandidatepairchange = EventHandler("selectedcandidatepairchange")

    def __init__(self, core: PeerConnection, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._core = core
        self.state = RTCIceConnectionState.NEW
        self.gathering_state = RTCIceGatheringState.NEW
        self.component: Literal["rtp"] = "rtp"

    @property
    def role(self) -> Literal["controlling", "controlled", "unknown"]:
        """Who nominates; "unknown" before the first description."""
        transport = self._core.transports.one
        if transport is None or self._core.local_description is None:
            return "unknown"
        return "controlling" if transport.ice.role.value == "controlling" else "controlled"

    def get_local_candidates(self) -> list[Candidate]:
        """Those gathered so far."""
        transport = self._core.transports.one
        return list(transport.ice.local_candidates) if transport is not None else []

    def get_remote_candidates(self) -> list[Candidate]:
        """Those the peer has told."""
        transport = self._core.transports.one
        return list(transport.ice.remote_candidates) if transport is not None else []

    def get_selected_candidate_pair(self) -> CandidatePair | None:
        """The pair that data goes over."""
        transport = self._core.transports.one
        return transport.ice.selected_pair if transport is not None else None

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

    def set_state(self, state: RTCIceConnectionState) -> None:
        """Follow the core."""
        if state is not self.state:
            self.state = state
            self.emit("statechange")

    def set_gathering_state(self, state: RTCIceGatheringState) -> None:
        """Follow the core."""
        if state is not self.gathering_state:
            self.gathering_state = state
            self.emit("gatheringstatechange")


class RTCDtlsTransport(Emitter):
    """The security of the path. Events: `statechange`, `error` (the exception)."""

    onstatechange = EventHandler("statechange")
    onerror = EventHandler("error")

    def __init__(self, core: PeerConnection, ice: RTCIceTransport, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._core = core
        self.ice_transport = ice
        self.state = RTCDtlsTransportState.NEW
        self._certificates: tuple[x509.Certificate, ...] = ()

    def get_remote_certificates(self) -> list[bytes]:
        """The peer's certificates in DER, once verified."""
        return [each.public_bytes(Encoding.DER) for each in self._certificates]

    def set_state(self, state: RTCDtlsTransportState, error: Exception | None) -> None:
        """Follow the core."""
        if state is self.state:
            return
        self.state = state
        transport = self._core.transports.one
        if state is RTCDtlsTransportState.CONNECTED and transport is not None and transport.dtls:
            self._certificates = transport.dtls.peer_certificates
        if error is not None and "error" in self.event_names():
            self.emit("error", error)
        self.emit("statechange")


class RTCSctpTransport(Emitter):
    """The association that carries the data channels. Event: `statechange`."""

    onstatechange = EventHandler("statechange")

    def __init__(self, core: PeerConnection, dtls: RTCDtlsTransport, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._core = core
        self.transport = dtls
        self.state = RTCSctpTransportState.CONNECTING

    @property
    def max_message_size(self) -> int:
        """Largest message in bytes that `send` takes."""
        return self._core.channels.max_message_size

    @property
    def max_channels(self) -> int | None:
        """Data channels that can exist at a time; None until connected."""
        connected = self.state is not RTCSctpTransportState.CONNECTING
        return self._core.channels.max_channels if connected else None

    def set_state(self, state: RTCSctpTransportState) -> None:
        """Follow the core."""
        if state is not self.state:
            self.state = state
            self.emit("statechange")


class Transports:
    """The three transports of a connection, which follow the core together."""

    def __init__(self, core: PeerConnection, tasks: Tasks) -> None:
        self._core = core
        self._tasks = tasks
        self.dtls_error: Exception | None = None
        """Why DTLS failed."""
        self._make()

    def handle(
        self,
        event: IceTransportStateChanged | DtlsStateChanged | SctpStateChanged | SelectedPairChanged,
    ) -> None:
        """Pass on what the core says."""
        match event:
            case IceTransportStateChanged(_, ice):
                self.ice.set_state(ice)
            case DtlsStateChanged(_, dtls, error):
                self.dtls_error = error
                self.dtls.set_state(dtls, error)
            case SctpStateChanged(sctp):
                self.sctp.set_state(sctp)
                if not self._core.data.negotiated:  # refused: the next negotiation makes others
                    self.ice.set_state(RTCIceConnectionState.CLOSED)
                    self._make()
            case SelectedPairChanged():
                self.ice.emit("selectedcandidatepairchange")

    def close(self) -> None:
        """Everything is closed, which no event tells."""
        self.ice.state = RTCIceConnectionState.CLOSED
        self.dtls.state = RTCDtlsTransportState.CLOSED
        self.sctp.state = RTCSctpTransportState.CLOSED

    def _make(self) -> None:
        self.ice = RTCIceTransport(self._core, self._tasks)
        self.dtls = RTCDtlsTransport(self._core, self.ice, self._tasks)
        self.sctp = RTCSctpTransport(self._core, self.dtls, self._tasks)
