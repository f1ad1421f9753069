"""webrtc-pc §4.3.3 and §4.3.4: the first rule that holds gives the state."""

from itertools import product

import pytest

from webrtc.peer.events import (
    ConnectionStateChanged,
    IceConnectionStateChanged,
    RTCDtlsTransportState,
    RTCIceConnectionState,
    RTCPeerConnectionState,
)
from webrtc.peer.states import States, connection_state, ice_connection_state

ICE, DTLS = RTCIceConnectionState, RTCDtlsTransportState


@pytest.mark.parametrize(
    ("transports", "state"),
    [
        ("", "new"),
        ("new", "new"),
        ("closed", "new"),
        ("new closed", "new"),
        ("checking", "checking"),
        ("new checking", "checking"),
        ("new connected", "checking"),
        ("connected", "connected"),
        ("connected completed", "connected"),
        ("connected closed", "connected"),
        ("completed", "completed"),
        ("completed closed", "completed"),
        ("disconnected connected", "disconnected"),
        ("disconnected checking", "disconnected"),
        ("failed disconnected", "failed"),
        ("failed connected", "failed"),
    ],
)
def test_ice_connection_state(transports: str, state: str) -> None:
    """PC-09, CFG-17."""
    assert ice_connection_state([ICE(each) for each in transports.split()]) == state


@pytest.mark.parametrize(
    ("ice", "dtls", "state"),
    [
        ("", "", "new"),
        ("new", "new", "new"),
        ("closed", "closed", "new"),
        ("checking", "new", "connecting"),
        ("connected", "new", "connecting"),
        ("connected", "connecting", "connecting"),
        ("new", "connecting", "connecting"),
        ("connected", "connected", "connected"),
        ("completed", "connected", "connected"),
        ("completed closed", "connected closed", "connected"),
        ("disconnected", "connected", "disconnected"),
        ("failed", "connected", "failed"),
        ("connected", "failed", "failed"),
        ("disconnected", "failed", "failed"),
    ],
)
def test_connection_state(ice: str, dtls: str, state: str) -> None:
    """PC-07, CFG-14."""
    found = connection_state([ICE(e) for e in ice.split()], [DTLS(e) for e in dtls.split()])
    assert found == state


def test_every_combination_has_a_state_and_closed_is_no_sum() -> None:
    for ice, dtls in product(ICE, DTLS):
        assert connection_state([ice], [dtls]) is not RTCPeerConnectionState.CLOSED


def test_changes_are_told_once_and_ice_first() -> None:
    """webrtc-pc §5.6: iceconnectionstatechange comes before connectionstatechange."""
    states = States()
    assert list(states.update([ICE.NEW], [DTLS.NEW])) == []
    assert list(states.update([ICE.CHECKING], [DTLS.NEW])) == [
        IceConnectionStateChanged(ICE.CHECKING),
        ConnectionStateChanged(RTCPeerConnectionState.CONNECTING),
    ]
    assert list(states.update([ICE.CHECKING], [DTLS.NEW])) == []
    assert list(states.update([ICE.CONNECTED], [DTLS.CONNECTING])) == [
        IceConnectionStateChanged(ICE.CONNECTED)
    ]
    assert list(states.update([ICE.CONNECTED], [DTLS.CONNECTED])) == [
        ConnectionStateChanged(RTCPeerConnectionState.CONNECTED)
    ]


def test_closing_is_silent() -> None:
    """PC-06."""
    states = States()
    states.close()
    assert states.ice is ICE.CLOSED
    assert states.connection is RTCPeerConnectionState.CLOSED
