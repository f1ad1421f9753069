"""The states of a peer connection, computed from those of its transports. webrtc-pc §4.3."""

from collections.abc import Collection, Iterator
from functools import lru_cache

from webrtc.ice import StateChanged
from webrtc.peer.events import (
    ConnectionStateChanged,
    DtlsStateChanged,
    IceConnectionStateChanged,
    IceTransportStateChanged,
    RTCDtlsTransportState,
    RTCIceConnectionState,
    RTCPeerConnectionState,
)
from webrtc.peer.transport import DtlsMoved, Transport

_NEW_OR_CLOSED = {"new", "closed"}
_UP = {"connected", "completed", "closed"}


def ice_connection_state(ice: Collection[RTCIceConnectionState]) -> RTCIceConnectionState:
    """The first of the rules of §4.3.4 that holds."""
    state = RTCIceConnectionState
    for bad in (state.FAILED, state.DISCONNECTED):
        if bad in ice:
            return bad
    if all(each in _NEW_OR_CLOSED for each in ice):
        return state.NEW
    if all(each in ("completed", "closed") for each in ice):
        return state.COMPLETED
    return state.CONNECTED if all(each in _UP for each in ice) else state.CHECKING


def connection_state(
    ice: Collection[RTCIceConnectionState], dtls: Collection[RTCDtlsTransportState]
) -> RTCPeerConnectionState:
    """The first of the rules of §4.3.3 that holds."""
    state = RTCPeerConnectionState
    if RTCIceConnectionState.FAILED in ice or RTCDtlsTransportState.FAILED in dtls:
        return state.FAILED
    if RTCIceConnectionState.DISCONNECTED in ice:
        return state.DISCONNECTED
    if all(each in _NEW_OR_CLOSED for each in (*ice, *dtls)):
        return state.NEW
    if all(each in _UP for each in (*ice, *dtls)):
        return state.CONNECTED
    return state.CONNECTING


_sum_of_ice = lru_cache(ice_connection_state)
_sum_of_all = lru_cache(connection_state)


class States:
    """The two sums as last reported."""

    def __init__(self) -> None:
        self.ice = RTCIceConnectionState.NEW
        self.connection = RTCPeerConnectionState.NEW

    def follow(
        self, transport: Transport, moved: StateChanged | DtlsMoved
    ) -> Iterator[
        IceTransportStateChanged
        | DtlsStateChanged
        | IceConnectionStateChanged
        | ConnectionStateChanged
    ]:
        """The only transport has moved: gives its event, and those of the sums."""
        if isinstance(moved, DtlsMoved):
            yield DtlsStateChanged(transport, moved.state, moved.error)
            yield from self.update([transport.ice.state], [moved.state])
        else:
            yield IceTransportStateChanged(transport, moved.state)
            yield from self.update([moved.state], [transport.dtls_state])

    def update(
        self, ice: Collection[RTCIceConnectionState], dtls: Collection[RTCDtlsTransportState]
    ) -> Iterator[IceConnectionStateChanged | ConnectionStateChanged]:
        """Follow the transports; gives an event for each sum that has moved."""
        path = _sum_of_ice(tuple(ice))
        if path is not self.ice:
            self.ice = path
            yield IceConnectionStateChanged(path)
        whole = _sum_of_all(tuple(ice), tuple(dtls))
        if whole is not self.connection:
            self.connection = whole
            yield ConnectionStateChanged(whole)

    def close(self) -> None:
        """Both are closed, which no event tells."""
        self.ice = RTCIceConnectionState.CLOSED
        self.connection = RTCPeerConnectionState.CLOSED
