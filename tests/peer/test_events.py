"""The enumerations of webrtc-pc, value for value."""

from enum import StrEnum

import pytest

from webrtc.jsep import RTCSignalingState
from webrtc.peer import events

ENUMERATIONS: dict[type[StrEnum], str] = {
    RTCSignalingState: "stable have-local-offer have-remote-offer have-local-pranswer"
    " have-remote-pranswer closed",
    events.RTCIceGatheringState: "new gathering complete",
    events.RTCPeerConnectionState: "closed failed disconnected new connecting connected",
    events.RTCIceConnectionState: "closed failed disconnected new checking completed connected",
    events.RTCDtlsTransportState: "new connecting connected closed failed",
    events.RTCSctpTransportState: "connecting connected closed",
}


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda each: each.__name__)
def test_values_are_those_of_the_specification(enumeration: type[StrEnum]) -> None:
    """CFG-14 to CFG-17."""
    assert {each.value for each in enumeration} == set(ENUMERATIONS[enumeration].split())


def test_states_compare_with_the_strings_of_javascript() -> None:
    assert {"have-local-offer": 1}[RTCSignalingState.HAVE_LOCAL_OFFER]
    assert f"{events.RTCPeerConnectionState.CONNECTED}" == "connected"


def test_events_are_values() -> None:
    """PC-36: they can be compared and kept."""
    changed = events.SignalingStateChanged(RTCSignalingState.STABLE)
    assert changed == events.SignalingStateChanged(RTCSignalingState.STABLE)
    assert len({changed, events.NegotiationNeeded(), events.NegotiationNeeded()}) == 2
