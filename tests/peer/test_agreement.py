"""What descriptions make of the transport: ICE restarts, rollbacks, and peers that hand over."""

import re
from pathlib import Path
from random import Random

import pytest

from tests.peer.hands import Hand, Hands
from webrtc.datachannel import Channel, ChannelClosed, ChannelState
from webrtc.errors import InvalidAccessError
from webrtc.ice import CandidatePair
from webrtc.peer import (
    PeerConnection,
    RTCIceCandidate,
    RTCSessionDescription,
    SettingEngine,
)
from webrtc.peer.events import (
    DtlsStateChanged,
    IceGatheringStateChanged,
    NegotiationNeeded,
    SctpStateChanged,
)

ROLLBACK = RTCSessionDescription("rollback")
BOGUS = "a=fingerprint:sha-256 " + ":".join(["BA"] * 32)


def ufrag(description: RTCSessionDescription | None) -> str:
    assert description is not None
    found = re.search(r"a=ice-ufrag:(\S+)", description.sdp)
    assert found is not None
    return found[1]


def selected(hand: Hand) -> CandidatePair:
    assert hand.core.transports.one is not None
    pair = hand.core.transports.one.ice.selected_pair
    assert pair is not None
    return pair


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def channels(hands: Hands) -> tuple[Channel, Channel]:
    return hands.connect()


def works(hands: Hands, channels: tuple[Channel, Channel]) -> bool:
    """Whether a message of each side arrives."""
    there = hands.talk(hands.left, channels[0], "there")
    return (there, hands.talk(hands.right, channels[1], "back")) == (["there"], ["back"])


def test_an_ice_restart_moves_to_another_generation(
    hands: Hands, channels: tuple[Channel, Channel]
) -> None:
    """PC-01 iceRestart, PC-27: new credentials on both sides, the same DTLS and SCTP."""
    left, right = hands.left.core, hands.right.core
    before = [ufrag(left.local_description), ufrag(right.local_description)]
    dtls = left.transports.one.dtls if left.transports.one is not None else None
    hands.negotiate(ice_restart=True)
    hands.network.run(5.0)
    after = [ufrag(left.local_description), ufrag(right.local_description)]
    assert set(before).isdisjoint(after)
    assert selected(hands.left).generation == selected(hands.right).generation == 1
    assert left.transports.one is not None
    assert left.transports.one.dtls is dtls
    assert works(hands, channels)
    states = [event.state for event in hands.left.of(IceGatheringStateChanged)]
    assert states == ["gathering", "complete", "gathering", "complete"]


@pytest.mark.parametrize("rounds", [3])
def test_restarts_of_both_sides_in_turn(
    hands: Hands, channels: tuple[Channel, Channel], rounds: int
) -> None:
    for number in range(rounds):
        hands.negotiate((hands.left, hands.right)[number % 2], ice_restart=True)
        hands.network.run(5.0)
        assert works(hands, channels)
    assert selected(hands.left).generation == rounds


def test_restart_ice_asks_for_a_negotiation_that_restarts(
    hands: Hands, channels: tuple[Channel, Channel]
) -> None:
    """PC-27: webrtc-pc §4.4.2; the request is done with once the credentials are replaced."""
    left = hands.left.core
    before = ufrag(left.local_description)
    left.restart_ice()
    left.restart_ice()
    hands.network.flush()
    assert hands.left.of(NegotiationNeeded) == [NegotiationNeeded()]
    hands.negotiate()
    hands.network.run(1.0)
    assert ufrag(left.local_description) != before
    assert hands.left.of(NegotiationNeeded) == [NegotiationNeeded()]
    assert ufrag(left.create_offer()) == ufrag(left.local_description)
    assert works(hands, channels)


def test_restart_ice_has_no_effect_before_there_is_a_description() -> None:
    peer = PeerConnection()
    peer.restart_ice()
    assert peer.poll_event() is None
    peer.create_data_channel("", 0.0)
    offer = peer.create_offer()
    peer.restart_ice()
    assert ufrag(peer.create_offer()) == ufrag(offer)


def test_restart_ice_outlives_a_rollback(hands: Hands, channels: tuple[Channel, Channel]) -> None:
    """webrtc-pc: [[LocalIceCredentialsToReplace]] is emptied by an answer only."""
    left = hands.left.core
    before = ufrag(left.local_description)
    left.restart_ice()
    first = ufrag(hands.left.offer())
    hands.network.flush()
    left.set_local_description(ROLLBACK, hands.network.now)
    hands.network.flush()
    assert hands.left.of(NegotiationNeeded) == [NegotiationNeeded()]
    second = ufrag(left.create_offer())
    assert len({before, first, second}) == 3
    hands.negotiate()
    hands.network.run(5.0)
    assert works(hands, channels)


def test_restart_ice_waits_for_an_offer_of_ours(
    hands: Hands, channels: tuple[Channel, Channel]
) -> None:
    """RFC 8839 §4.4.3: an answer restarts ICE only when the offer does."""
    left = hands.left.core
    before = ufrag(left.local_description)
    left.restart_ice()
    hands.negotiate(hands.right)
    assert ufrag(left.local_description) == before
    hands.network.run(1.0)
    assert works(hands, channels)
    hands.negotiate()
    assert ufrag(left.local_description) != before
    assert left.negotiation_needed is False
    hands.network.run(1.0)
    assert works(hands, channels)


def test_restart_ice_during_a_negotiation_needs_another(
    hands: Hands, channels: tuple[Channel, Channel]
) -> None:
    offer = hands.left.offer()
    hands.left.core.restart_ice()
    hands.left.accept(hands.right.answer(offer))
    hands.network.flush()
    assert hands.left.of(NegotiationNeeded) == [NegotiationNeeded()]
    assert ufrag(hands.left.core.create_offer()) != ufrag(offer)


def test_a_restart_by_the_peer_answers_restart_ice(
    hands: Hands, channels: tuple[Channel, Channel]
) -> None:
    """webrtc-pc: whoever replaced the credentials, they are replaced."""
    hands.left.core.restart_ice()
    hands.negotiate(hands.right, ice_restart=True)
    hands.network.run(1.0)
    hands.left.events.clear()
    hands.negotiate()
    hands.network.run(1.0)
    assert hands.left.of(NegotiationNeeded) == []
    assert selected(hands.left).generation == 1
    assert works(hands, channels)


def test_a_restart_that_is_rolled_back_leaves_the_connection_as_it_was(
    hands: Hands, channels: tuple[Channel, Channel]
) -> None:
    """RFC 9429 §4.1.10.2: the credentials in effect, too."""
    left = hands.left.core
    before = ufrag(left.local_description)
    hands.left.offer(ice_restart=True)
    hands.network.run(2.0)
    left.set_local_description(ROLLBACK, hands.network.now)
    hands.network.run(10.0)
    assert ufrag(left.local_description) == before
    assert left.connection_state == "connected"
    assert works(hands, channels)
    offer = left.create_offer()
    assert ufrag(offer) == before
    assert "a=candidate" in offer.sdp
    for offerer in (hands.left, hands.right):
        hands.negotiate(offerer)
        hands.network.run(60.0)
        assert works(hands, channels)
    for offerer in (hands.right, hands.left):
        hands.negotiate(offerer, ice_restart=True)
        hands.network.run(5.0)
        assert works(hands, channels)


def test_a_restart_of_the_peer_that_is_rolled_back(
    hands: Hands, channels: tuple[Channel, Channel]
) -> None:
    right = hands.right.core
    before = ufrag(right.local_description)
    offer = hands.left.offer(ice_restart=True)
    right.set_remote_description(offer, hands.network.now)
    assert ufrag(right.create_answer()) != before
    right.set_remote_description(ROLLBACK, hands.network.now)
    hands.left.core.set_local_description(ROLLBACK, hands.network.now)
    hands.network.run(10.0)
    assert works(hands, channels)
    hands.negotiate(hands.right)
    hands.network.run(5.0)
    assert ufrag(right.local_description) == before
    assert works(hands, channels)


def test_a_restart_heals_a_connection_that_failed(
    hands: Hands, channels: tuple[Channel, Channel]
) -> None:
    """PC-27: channels and what was sent meanwhile survive."""
    stop = hands.network.filter(lambda packet: True)
    hands.left.core.send(channels[0], "during the outage", hands.network.now)
    hands.network.run(120.0)
    assert hands.left.core.connection_state == "failed"
    stop()
    hands.negotiate(ice_restart=True)
    hands.network.run(20.0)
    assert hands.left.core.connection_state == "connected"
    assert hands.right.messages() == ["during the outage"]
    assert works(hands, channels)


def with_tls_id(description: RTCSessionDescription, value: str) -> RTCSessionDescription:
    sdp = description.sdp.replace("a=setup", f"a=tls-id:{value}\r\na=setup")
    return RTCSessionDescription(description.type, sdp)


@pytest.mark.parametrize("kind", ["offer", "answer"])
@pytest.mark.parametrize("change", ["fingerprint", "tls-id"])
def test_another_identity_without_an_ice_restart_is_refused(
    hands: Hands, channels: tuple[Channel, Channel], kind: str, change: str
) -> None:
    """S-14: InvalidAccessError, and the connection goes on."""

    def forged(description: RTCSessionDescription) -> RTCSessionDescription:
        if change == "fingerprint":
            sdp = re.sub(r"a=fingerprint:.*", BOGUS, description.sdp)
            return RTCSessionDescription(description.type, sdp)
        return with_tls_id(description, "x" * 20)

    if change == "tls-id":
        answer = hands.right.answer(with_tls_id(hands.left.offer(), "y" * 20))
        hands.left.accept(with_tls_id(answer, "y" * 20))
    description, target = hands.left.offer(), hands.right
    if kind == "answer":
        description, target = hands.right.answer(description), hands.left
    with pytest.raises(InvalidAccessError, match="without an ICE restart"):
        target.accept(forged(description))
    assert works(hands, channels)


def test_an_answer_cannot_restart_ice(hands: Hands, channels: tuple[Channel, Channel]) -> None:
    """S-14: RFC 8839 §4.4.1.1.1."""
    answer = hands.right.answer(hands.left.offer())
    changed = answer.sdp.replace(ufrag(answer), "AnotherOne")
    with pytest.raises(InvalidAccessError, match="without a restart"):
        hands.left.core.set_remote_description(
            RTCSessionDescription("answer", changed), hands.network.now
        )
    assert hands.left.core.signaling_state == "have-local-offer"
    hands.left.accept(answer)
    assert works(hands, channels)


def test_one_peer_does_not_change_its_credentials_between_pranswer_and_answer() -> None:
    """S-14: with its identity as it was, it is no other peer."""
    hands = Hands()
    hands.left.core.create_data_channel("", 0.0)
    answer = hands.right.answer(hands.left.offer())
    hands.left.accept(RTCSessionDescription("pranswer", answer.sdp))
    fork = RTCSessionDescription("answer", answer.sdp.replace(ufrag(answer), "AnotherOne"))
    with pytest.raises(InvalidAccessError):
        hands.left.accept(fork)
    hands.left.accept(answer)


def test_the_peer_hands_over_to_another(hands: Hands, channels: tuple[Channel, Channel]) -> None:
    """S-14: with an ICE restart another certificate begins a new association. RFC 8842 §5."""
    third = hands.add(SettingEngine(random=Random(77)), ("192.0.2.3", 5000))
    left = hands.left.core
    hands.left.other, third.other = third, hands.left
    offer = hands.left.offer(ice_restart=True)
    hands.left.accept(third.answer(offer))
    hands.network.run(0.0)
    assert channels[0].state is ChannelState.CLOSED
    [closed] = hands.left.of(ChannelClosed)
    assert str(closed.reason) == "another peer has answered"
    again = left.create_data_channel("again", hands.network.now)
    hands.network.run_until(lambda: third.announced, limit=20.0)
    left.send(again, "to the third", hands.network.now)
    hands.network.run(1.0)
    assert third.messages() == ["to the third"]
    assert selected(hands.left).remote.address == third.address
    dtls = [event.state for event in hands.left.of(DtlsStateChanged)]
    assert dtls == ["connecting", "connected", "new", "connecting", "connected"]
    sctp = [event.state for event in hands.left.of(SctpStateChanged)]
    assert sctp == ["connected", "closed", "connecting", "connected"]
    assert left.connection_state == "connected"


def third_peer(hands: Hands) -> Hand:
    """One more peer; it and the left one get each other's candidates from here on."""
    third = hands.add(SettingEngine(random=Random(77)), ("192.0.2.3", 5000))
    hands.left.other, third.other = third, hands.left
    return third


def talks_to(hands: Hands, third: Hand) -> bool:
    """Whether a new channel of the left peer leads to the third."""
    again = hands.left.core.create_data_channel("again", hands.network.now)
    hands.network.run_until(lambda: third.announced, limit=20.0)
    hands.left.core.send(again, "to the third", hands.network.now)
    hands.network.run(1.0)
    return third.messages() == ["to the third"]


def test_another_peer_answers_an_offer_that_restarts_nothing(
    hands: Hands, channels: tuple[Channel, Channel]
) -> None:
    """As browsers allow: ICE, DTLS and SCTP begin anew, and nothing of the first peer's goes on."""
    third, left = third_peer(hands), hands.left.core
    stop = hands.network.filter(lambda packet: True)
    left.send(channels[0], "for the first alone", hands.network.now)
    hands.network.run(0.5)
    answer = third.answer(hands.left.offer())
    hands.left.accept(answer)
    stop()
    hands.network.flush()
    [closed] = hands.left.of(ChannelClosed)
    assert (closed.channel, str(closed.reason)) == (channels[0], "another peer has answered")
    assert talks_to(hands, third)
    assert selected(hands.left).remote.address == third.address
    assert hands.right.messages() == []
    dtls = [event.state for event in hands.left.of(DtlsStateChanged)]
    assert dtls == ["connecting", "connected", "new", "connecting", "connected"]
    assert ufrag(left.local_description) == ufrag(hands.right.core.remote_description)


def test_a_provisional_answer_of_one_peer_and_the_answer_of_another() -> None:
    """Forking: RFC 9429 §3.7; what the first was told stays with it, connected or not."""
    for seconds in (0.0, 0.03, 2.0):
        hands = Hands()
        channel = hands.left.core.create_data_channel("", 0.0)
        offer = hands.left.offer()
        first = hands.right.answer(offer)
        hands.left.accept(RTCSessionDescription("pranswer", first.sdp))
        hands.network.run(seconds)
        third = third_peer(hands)
        hands.left.accept(third.answer(offer))
        hands.network.flush()
        [closed] = hands.left.of(ChannelClosed)
        assert (closed.channel, str(closed.reason)) == (channel, "another peer has answered")
        assert talks_to(hands, third)
        assert hands.left.core.signaling_state == "stable"


def test_the_fingerprint_of_who_takes_over_is_checked_first(
    hands: Hands, channels: tuple[Channel, Channel]
) -> None:
    """S-14: neither the first peer nor a stranger is taken for the second."""
    third = third_peer(hands)
    answer = third.answer(hands.left.offer())
    forged = re.sub(r"a=fingerprint:.*", BOGUS, answer.sdp)
    hands.left.accept(RTCSessionDescription("answer", forged))
    hands.network.run(5.0)
    assert hands.left.core.connection_state == "failed"
    assert third.announced == []
    assert "fingerprint" in str(hands.left.of(DtlsStateChanged)[-1].error)


def test_a_callee_takes_over_with_an_offer(hands: Hands, channels: tuple[Channel, Channel]) -> None:
    """S-14: the other direction, and the DTLS roles are settled anew."""
    third = hands.add(SettingEngine(random=Random(78)), ("192.0.2.3", 5000))
    hands.left.other, third.other = third, hands.left
    third.core.create_data_channel("taken over", hands.network.now)
    third.accept(hands.left.answer(third.offer()))
    hands.network.run_until(
        lambda: [each for each in hands.left.announced if each.state is ChannelState.OPEN],
        limit=20.0,
    )
    assert hands.talk(hands.left, hands.left.announced[-1], "hello") == []
    assert third.messages() == ["hello"]


def test_candidates_of_another_generation_do_not_reach_the_agent(
    hands: Hands, channels: tuple[Channel, Channel]
) -> None:
    """PC-05: those of the restart wait in its description, those without component 1 for ever."""
    right = hands.right.core
    assert right.transports.one is not None
    agent = right.transports.one.ice
    known = agent.remote_candidates
    offer = hands.left.offer(ice_restart=True)
    right.set_remote_description(offer, hands.network.now)
    line = "candidate:9 {} udp 1 192.0.2.9 40009 typ host"
    for component in (1, 2):
        fresh = RTCIceCandidate(line.format(component), "0", 0, ufrag(offer))
        right.add_ice_candidate(fresh, hands.network.now)
    assert agent.remote_candidates == known
    answer = right.create_answer()
    right.set_local_description(answer, hands.network.now)
    assert [each.address[0] for each in agent.remote_candidates] == ["192.0.2.9"]
    second = RTCIceCandidate(line.format(2).replace("2.9", "2.10"), "0", 0, ufrag(offer))
    right.add_ice_candidate(second, hands.network.now)
    assert len(agent.remote_candidates) == 1


def test_what_is_described_is_in_force_only_when_it_is_set() -> None:
    """Creating changes nothing: neither a restart nor a transport in use."""
    hands = Hands()
    channels = hands.connect()
    for _ in range(3):
        hands.left.core.create_offer(ice_restart=True)
    hands.negotiate()
    hands.network.run(5.0)
    assert selected(hands.left).generation == 0
    assert works(hands, channels)


def test_a_camera_is_answered_and_its_candidates_are_checked() -> None:
    """ICE-lite, no foundations, a transport nobody knows, the old form: tests/vectors/cases."""
    camera = Path(__file__).parent.parent / "vectors" / "cases" / "nest-like-offer.sdp"
    text = camera.read_text().replace("a=ice-ufrag:5YR3", "a=ice-ufrag:5=-_")
    peer = PeerConnection()
    peer.set_remote_description(RTCSessionDescription("offer", text), 0.0)
    peer.set_local_description(None, 0.0)
    peer.add_ice_candidate(
        RTCIceCandidate("candidate: 1 ssltcp 1 192.0.2.127 443 typ host", "data"), 0.0
    )
    assert peer.local_description is not None
    assert "m=application 9 DTLS/SCTP 5000" in peer.local_description.sdp
    assert peer.transports.one is not None
    agent = peer.transports.one.ice
    assert agent.remote_credentials is not None
    assert agent.remote_credentials.ufrag == "5=-_YPLZHIWMVINV"
    assert [each.address for each in agent.remote_candidates] == [("192.0.2.127", 19305)]


def test_an_offer_may_restart_ice_and_add_a_line() -> None:
    """The new line had no credentials before; the transport that it shares had."""
    hands = Hands()
    media = hands.left.core.media
    media.add_track("audio", object(), (), None)
    hands.negotiate()
    before = hands.left.core.local_description
    media.add_track("video", object(), (), None)
    hands.negotiate(ice_restart=True)
    after = hands.left.core.local_description
    assert before is not None
    assert after is not None
    assert ufrag(after) != ufrag(before)
    assert [str(each.current_direction) for each in media.transceivers] == ["sendonly"] * 2
