"""What an observer is told of the events of a connection."""

import json
from typing import Any

from tests.peer.hands import Hands
from webrtc.datachannel import BufferedAmountLow, Channel, ChannelClosed
from webrtc.datachannel.dcep import Parameters
from webrtc.errors import ProtocolError
from webrtc.peer import PeerConnection
from webrtc.peer.events import DtlsStateChanged, RTCDtlsTransportState
from webrtc.peer.telling import tell_event

Told = list[tuple[str, dict[str, Any]]]


def observed(hands: Hands) -> Told:
    told: Told = []
    hands.left.core.observe(lambda name, facts: told.append((name, facts)))
    return told


def of(told: Told, name: str, fact: str) -> list[Any]:
    return [facts[fact] for each, facts in told if each == name]


def test_every_change_of_state_is_told_in_its_order() -> None:
    hands = Hands()
    told = observed(hands)
    channel, _ = hands.connect()
    hands.network.run(2.0)
    assert of(told, "signaling-state", "state") == ["have-local-offer", "stable"]
    assert of(told, "ice-gathering-state", "state") == ["gathering", "complete"]
    assert of(told, "ice-connection-state", "state")[:2] == ["checking", "connected"]
    assert of(told, "connection-state", "state") == ["connecting", "connected"]
    assert of(told, "dtls-state", "state") == ["connecting", "connected"]
    assert of(told, "sctp-state", "state") == ["connected"]
    assert of(told, "data-channel", "state") == ["open"]
    assert of(told, "selected-pair", "local") == ["host:udp:192.0.2.1:5000"]
    assert len(of(told, "local-candidate", "candidate")) == 3
    hands.left.core.channels.close(channel, hands.left.now)
    hands.network.flush()
    hands.network.run(1.0)
    assert of(told, "data-channel", "state") == ["open", "closed"]
    json.dumps(told)


def test_candidates_and_descriptions_of_both_sides_are_told_without_a_password() -> None:
    hands = Hands()
    told = observed(hands)
    hands.connect()
    kinds = [(facts["side"], facts["type"]) for name, facts in told if name == "description"]
    assert kinds == [("local", "offer"), ("remote", "answer")]
    [offer, answer] = of(told, "description", "sdp")
    agent = hands.left.core.transports.one
    assert agent is not None
    assert f"a=ice-ufrag:{agent.ice.local_ufrag}\r\n" in offer
    assert "a=ice-pwd:…\r\n" in offer
    assert "a=ice-pwd:…\r\n" in answer
    assert agent.ice.local_pwd not in json.dumps(told)
    found = [each for each in of(told, "remote-candidate", "candidate") if each]
    assert found[0].startswith("candidate:")


def test_reasons_are_told_and_buffers_are_not() -> None:
    told: Told = []
    channel = Channel(Parameters("x"), 3, negotiated=False)
    core = PeerConnection()
    core.create_data_channel("x", 0.0)
    core.create_offer()
    transport = core.transports.one
    assert transport is not None
    for event in (
        ChannelClosed(channel, ProtocolError("why")),
        DtlsStateChanged(transport, RTCDtlsTransportState.FAILED, ProtocolError("no certificate")),
        BufferedAmountLow(channel),
    ):
        tell_event(event, lambda name, facts: told.append((name, facts)))
    assert told == [
        ("data-channel", {"label": "x", "id": 3, "state": "closed", "reason": "why"}),
        ("dtls-state", {"state": "failed", "error": "no certificate"}),
    ]


def test_nobody_is_told_any_more() -> None:
    hands = Hands()
    told = observed(hands)
    hands.left.core.observe(None)
    hands.connect()
    assert told == []


def test_observer_may_come_before_and_after_the_transport() -> None:
    core = PeerConnection()
    told: Told = []
    core.create_data_channel("x", 0.0)
    core.create_offer()
    core.observe(lambda name, facts: told.append((name, facts)))
    core.handle_timeout(0.0)
    assert [name for name, _ in told] == ["ice-role"]
