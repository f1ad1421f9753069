"""Perfect negotiation under any schedule. webrtc-pc §10.7, RFC 9429 §4.1.10.2."""

from collections import deque
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.peer.hands import Hand, Hands
from webrtc.datachannel import ChannelOpened
from webrtc.errors import InvalidStateError, OperationError
from webrtc.peer import PeerConnection, RTCIceCandidate, RTCSessionDescription, SettingEngine
from webrtc.peer.events import AddressesBound, GatherWanted, IceCandidateFound, NegotiationNeeded
from webrtc.sdp import SessionDescription

Signal = RTCSessionDescription | RTCIceCandidate | None


class Negotiator:
    """The pattern of the specification on one core, with its signals in a queue of their own."""

    def __init__(self, seed: int, host: str, *, polite: bool) -> None:
        self.core = PeerConnection(settings=SettingEngine(random=Random(seed)))
        self.outbox: deque[Signal] = deque()
        self._polite = polite
        self._host = host
        self._ignores = False

    def pump(self) -> None:
        """Do what the events ask for."""
        while (event := self.core.poll_event()) is not None:
            if isinstance(event, NegotiationNeeded):
                self._describe()
            elif isinstance(event, GatherWanted):
                self.core.handle_event(AddressesBound(((self._host, 5000),)), 0.0)
            elif isinstance(event, IceCandidateFound):
                self.outbox.append(event.candidate)

    def take(self, signal: Signal) -> None:
        """Take a signal of the other side."""
        core = self.core
        if not isinstance(signal, RTCSessionDescription):
            try:
                core.add_ice_candidate(signal, 0.0)
            except (OperationError, InvalidStateError):
                assert self._ignores
            return
        collision = signal.type == "offer" and core.signaling_state != "stable"
        self._ignores = not self._polite and collision
        if self._ignores:
            return
        core.set_remote_description(signal, 0.0)
        if signal.type == "offer":
            self._describe()

    def _describe(self) -> None:
        self.core.set_local_description(None, 0.0)
        self.outbox.append(self.core.local_description)


def sections(description: RTCSessionDescription | None) -> list[tuple[str, str | None, bool]]:
    assert description is not None
    media = SessionDescription.parse(description.sdp).media
    return [(each.kind, each.mid, each.rejected) for each in media]


class Signalling:
    """Two negotiators, and what is on its way between them."""

    def __init__(self, *, first_is_polite: bool) -> None:
        self.peers = (
            Negotiator(1, "192.0.2.1", polite=first_is_polite),
            Negotiator(2, "192.0.2.2", polite=not first_is_polite),
        )

    def act(self, what: str, number: int) -> bool:
        """Let one side do something; whether a signal has moved."""
        me, other = self.peers[number], self.peers[1 - number]
        match what:
            case "channel":
                me.core.create_data_channel("x", 0.0)
            case "restart":
                me.core.restart_ice()
            case "pump":
                me.pump()
            case "send" if me.outbox:
                other.take(me.outbox.popleft())
                return True
        return False

    def finish(self) -> None:
        """Deliver until nobody has anything to say."""
        for _ in range(200):
            moved = [self.act(what, number) for number in (0, 1) for what in ("pump", "send")]
            if not any(moved):
                return
        raise AssertionError("they never stop talking")


steps = st.tuples(st.sampled_from(["channel", "restart", "pump", "send"]), st.integers(0, 1))


@settings(max_examples=400)
@given(st.lists(steps, max_size=40), st.booleans())
def test_any_schedule_ends_stable_on_both_sides(
    schedule: list[tuple[str, int]], first_is_polite: bool
) -> None:
    """S-11, PC-25: with equal descriptions, and nothing left to negotiate."""
    signalling = Signalling(first_is_polite=first_is_polite)
    for what, number in schedule:
        signalling.act(what, number)
    signalling.finish()
    one, other = (peer.core for peer in signalling.peers)
    assert (one.signaling_state, other.signaling_state) == ("stable", "stable")
    assert not one.negotiation_needed
    assert not other.negotiation_needed
    if "channel" in dict(schedule):
        assert sections(one.local_description) == sections(other.remote_description)
        assert sections(other.local_description) == sections(one.remote_description)
        assert [rejected for _, _, rejected in sections(one.local_description)] == [False]
        assert one.data.negotiated
        assert other.data.negotiated


def both_offer(hands: Hands) -> tuple[RTCSessionDescription, RTCSessionDescription]:
    for hand in (hands.left, hands.right):
        hand.core.create_data_channel(hand.address[0], hand.now)
    return hands.left.offer(), hands.right.offer()


def opened(hand: Hand) -> int:
    return len(hand.of(ChannelOpened)) + len(hand.announced)


def test_glare_of_first_offers_connects() -> None:
    """S-11: the polite side gives way; both channels open."""
    hands = Hands()
    ours, _ = both_offer(hands)
    hands.network.run(0.2)
    hands.left.accept(hands.right.answer(ours))
    hands.network.run_until(lambda: opened(hands.left) == opened(hands.right) == 2, limit=20.0)


def test_glare_of_ice_restarts_keeps_the_connection() -> None:
    """S-11: of two restarts at once, one is taken back."""
    hands = Hands()
    channel, remote = hands.connect()
    ours, _ = (hand.offer(ice_restart=True) for hand in (hands.left, hands.right))
    hands.network.run(0.2)
    hands.left.accept(hands.right.answer(ours))
    hands.network.run(20.0)
    assert hands.talk(hands.left, channel, "a") == ["a"]
    assert hands.talk(hands.right, remote, "b") == ["b"]
    assert hands.left.core.connection_state.value == "connected"
