"""What is noticed inside an SCTP association."""

from random import Random
from typing import Any

from tests.peer.hands import Hands
from webrtc.peer import SettingEngine
from webrtc.peer.association_watch import AssociationWatch
from webrtc.sctp import Association, Config
from webrtc.vnet import Link

Told = list[tuple[str, dict[str, Any]]]


def observed(hands: Hands) -> Told:
    told: Told = []
    hands.left.core.observe(lambda name, facts: told.append((name, facts)))
    return told


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


def test_spurious_losses_and_smaller_windows_are_told() -> None:
    told: list[str] = []
    watch = AssociationWatch(lambda name, facts: told.append(facts.get("kind", name)))
    association = Association(Config(), Random(1))
    watch.look(association)
    told.clear()
    watch.look(association)
    assert told == []
    association.counters.spurious_loss_events += 1
    watch.look(association)
    association._session.outbound.congestion.cwnd -= 1000
    watch.look(association)
    assert told == ["spurious", "window-reduced"]
    watch.look(Association(Config(), Random(2)))
    assert told == ["spurious", "window-reduced"]
