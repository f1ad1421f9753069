"""Transports as descriptions need them."""

import re
from random import Random

from tests.peer.hands import Hands
from webrtc.peer import PeerConnection, RTCSessionDescription, SettingEngine
from webrtc.peer.events import (
    DtlsStateChanged,
    GatherWanted,
    IceTransportStateChanged,
    SelectedPairChanged,
)


def test_a_certificate_is_made_once_and_told_by_one_hash() -> None:
    """RFC 8122 §5: that of the certificate's own signature."""
    peer = PeerConnection(settings=SettingEngine(random=Random(3)), unix_time=1.8e9)
    peer.create_data_channel("", 0.0)
    found = [re.findall(r"a=fingerprint:(.*)", peer.create_offer().sdp) for _ in range(2)]
    assert found[0] == found[1]
    assert [value.split()[0] for value in found[0]] == ["sha-256"]


def test_events_of_a_transport_carry_it() -> None:
    hands = Hands()
    hands.connect()
    transport = hands.left.core.transports.one
    assert transport is not None
    told = [each.transport for each in hands.left.of(GatherWanted)]
    told += [each.transport for each in hands.left.of(SelectedPairChanged)]
    told += [each.transport for each in hands.left.of(DtlsStateChanged)]
    assert len(told) == 4
    moved = hands.left.of(IceTransportStateChanged)
    assert [each.state for each in moved][:2] == ["checking", "connected"]
    assert {*told, *(each.transport for each in moved)} == {transport}


def test_a_transport_whose_offer_was_taken_back_is_not_used_again() -> None:
    hands = Hands()
    hands.left.core.create_data_channel("", 0.0)
    hands.left.offer()
    first = hands.left.core.transports.one
    hands.left.core.set_local_description(RTCSessionDescription("rollback"), 0.0)
    assert hands.left.core.transports.one is None
    hands.left.offer()
    assert hands.left.core.transports.one not in (None, first)
