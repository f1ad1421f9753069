"""What is noticed inside a transport."""

from typing import Any

from tests.peer.hands import Hands

Told = list[tuple[str, dict[str, Any]]]


def observed(hands: Hands) -> Told:
    told: Told = []
    hands.left.core.observe(lambda name, facts: told.append((name, facts)))
    return told


def test_states_of_every_pair_are_told() -> None:
    hands = Hands()
    told = observed(hands)
    hands.connect()
    states = [facts["state"] for name, facts in told if name == "pair"]
    assert states[0] in {"waiting", "in-progress"}
    assert states[-1] == "succeeded"
    [facts] = [facts for name, facts in told if name == "pair" and facts["nominated"]]
    assert facts["pair"] == "0:udp:192.0.2.1:5000:192.0.2.2:5000"
    assert [facts["role"] for name, facts in told if name == "ice-role"][-1] == "controlling"


def test_pairs_of_an_earlier_generation_are_dropped() -> None:
    hands = Hands()
    told = observed(hands)
    hands.connect()
    hands.negotiate(ice_restart=True)
    hands.network.run(2.0)
    dropped = [facts["pair"] for _, facts in told if facts.get("state") == "dropped"]
    assert dropped == ["0:udp:192.0.2.1:5000:192.0.2.2:5000"]


def test_handshake_messages_are_told_in_both_directions_and_data_is_not() -> None:
    hands = Hands()
    told = observed(hands)
    channel, _ = hands.connect()
    before = [facts for name, facts in told if name == "dtls"]
    assert [(facts["direction"], facts["records"][0]) for facts in before] == [
        ("received", "ClientHello"),
        ("sent", "ServerHello"),
        ("received", "Certificate"),
        ("sent", "ChangeCipherSpec"),
    ]
    assert "encrypted Handshake" in before[2]["records"]
    hands.talk(hands.left, channel, "hello")
    assert [facts for name, facts in told if name == "dtls"] == before
