"""What a connection shows: its states and descriptions. webrtc-pc §4.3, §4.7.1."""

from webrtc.aio.dispatch import Dispatch
from webrtc.aio.loop.emitter import Emitter
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.transports import RTCSctpTransport
from webrtc.jsep import RTCSignalingState
from webrtc.peer import PeerConnection, RTCSessionDescription
from webrtc.peer.events import (
    RTCIceConnectionState,
    RTCIceGatheringState,
    RTCPeerConnectionState,
)


class View(Emitter):
    """The part of a connection that is only looked at."""

    _core: PeerConnection
    _dispatch: Dispatch

    def __init__(self, tasks: Tasks) -> None:
        super().__init__(tasks)

    @property
    def connection_state(self) -> RTCPeerConnectionState:
        """How ICE and DTLS are together: from `new` to `connected`, `failed` or `closed`."""
        return self._dispatch.connection_state

    @property
    def ice_connection_state(self) -> RTCIceConnectionState:
        """How the path is: from `new` to `connected`, `disconnected`, `failed` or `closed`."""
        return self._dispatch.ice_connection_state

    @property
    def ice_gathering_state(self) -> RTCIceGatheringState:
        """`new`, `gathering`, or `complete` when all local candidates are known."""
        return self._dispatch.ice_gathering_state

    @property
    def signaling_state(self) -> RTCSignalingState:
        """`stable`, or which description waits for its answer."""
        return self._dispatch.signaling_state

    @property
    def can_trickle_ice_candidates(self) -> bool | None:
        """Whether the peer takes trickled candidates; None before its description."""
        return self._core.negotiation.can_trickle_ice_candidates

    @property
    def local_description(self) -> RTCSessionDescription | None:
        """The pending description, else the current one, with the candidates found so far."""
        return self._core.negotiation.local_description

    @property
    def current_local_description(self) -> RTCSessionDescription | None:
        """The one in effect: what the last exchange agreed on."""
        return self._core.negotiation.current_local_description

    @property
    def pending_local_description(self) -> RTCSessionDescription | None:
        """The one that waits for its answer, or for ours."""
        return self._core.negotiation.pending_local_description

    @property
    def remote_description(self) -> RTCSessionDescription | None:
        """The pending description of the peer, else the current one."""
        return self._core.negotiation.remote_description

    @property
    def current_remote_description(self) -> RTCSessionDescription | None:
        """The one of the peer in effect."""
        return self._core.negotiation.current_remote_description

    @property
    def pending_remote_description(self) -> RTCSessionDescription | None:
        """The one of the peer that waits for its answer."""
        return self._core.negotiation.pending_remote_description

    @property
    def sctp(self) -> RTCSctpTransport | None:
        """The transport of the data channels; None until a description has them."""
        return self._dispatch.transports.described_sctp
