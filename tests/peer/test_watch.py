"""What is noticed inside a transport."""

from random import Random
from typing import Any

from tests.peer.hands import Hands
from webrtc.ice import Agent, AgentConfig
from webrtc.peer import SettingEngine
from webrtc.peer.watch import Watch
from webrtc.sctp import Association, Config
from webrtc.vnet import Link

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


def test_states_of_sctp_are_told() -> None:
    hands = Hands()
    told = observed(hands)
    hands.connect()
    states = [facts["state"] for name, facts in told if name == "sctp-association"]
    assert states[-1] == "established"
    assert states[0] in {"cookie-wait", "established"}


def test_losses_are_told_with_what_they_did_to_the_window() -> None:
    reno = Config(congestion_control="reno")
    hands = Hands(link=Link(delay=0.02), left=SettingEngine(random=Random(3), sctp=reno))
    told = observed(hands)
    channel, _ = hands.connect()
    dropped: list[int] = []

    def lose(packet: Any) -> bool:
        """One of the packets of the first burst."""
        if len(packet.data) > 1000 and len(dropped) < 5:
            dropped.append(1)
            return len(dropped) == 4  # not the probe of the path
        return False

    hands.network.filter(lose)
    hands.talk(hands.left, channel, bytes(100_000))
    kinds = [facts["kind"] for name, facts in told if name == "congestion"]
    assert kinds[0] == "loss"
    assert "timeout" not in kinds
    [first, *_] = [facts for name, facts in told if name == "congestion"]
    assert first["cwnd"] < 12_000
    assert first["retransmitted"] <= 1


def test_timeouts_are_told() -> None:
    hands = Hands(link=Link(delay=0.02))
    told = observed(hands)
    channel, _ = hands.connect()
    hands.network.filter(lambda packet: packet.data[0] > 3)
    hands.left.core.send(channel, b"into the dark", hands.left.now)
    hands.network.flush()
    hands.network.run(3.0)
    kinds = [facts["kind"] for name, facts in told if name == "congestion"]
    assert kinds[:2] == ["timeout", "timeout"]


class Still:
    """A transport in which nothing moves by itself."""

    def __init__(self) -> None:
        self.ice = Agent(AgentConfig(), Random(1))
        self.sctp: Association | None = Association(Config(), Random(1))


def test_spurious_losses_and_smaller_windows_are_told() -> None:
    told: list[str] = []
    watch, still = Watch(lambda name, facts: told.append(facts.get("kind", name))), Still()
    association = still.sctp
    assert association is not None
    watch.look(still)
    told.clear()
    watch.look(still)
    assert told == []
    association.counters.spurious_loss_events += 1
    watch.look(still)
    association._session.outbound.congestion.cwnd -= 1000
    watch.look(still)
    assert told == ["spurious", "window-reduced"]
    still.sctp = Association(Config(), Random(2))
    watch.look(still)
    assert told == ["spurious", "window-reduced"]
    still.sctp = None
    watch.look(still)
