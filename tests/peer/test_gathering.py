"""Candidates of ours: which addresses are asked for, and how they reach the peer."""

from random import Random

import pytest

from tests.peer.hands import LEFT, Hands
from webrtc.datachannel import ChannelState
from webrtc.errors import InvalidModificationError
from webrtc.peer import PeerConnection, RTCConfiguration, RTCIceServer, SettingEngine
from webrtc.peer.events import (
    AddressesBound,
    Event,
    GatherWanted,
    IceCandidateFound,
    IceGatheringStateChanged,
)
from webrtc.stun import Responder
from webrtc.vnet import Link, Network

FIRST, SECOND = ("198.51.100.1", 3478), ("198.51.100.2", 3478)


def test_the_relay_policy_hides_every_address() -> None:
    """CFG-02: and asks no server."""
    servers = [RTCIceServer("stun:192.0.2.9")]
    configuration = RTCConfiguration(ice_transport_policy="relay", ice_servers=servers)
    hands = Hands(configuration=configuration)
    hands.left.core.create_data_channel("", 0.0)
    hands.left.offer()
    hands.network.run(10.0)
    assert [event.stun_servers for event in hands.left.of(GatherWanted)] == [()]
    assert [event.candidate for event in hands.left.of(IceCandidateFound)][-1] is None
    assert hands.left.core.local_description is not None
    assert "192.0.2.1" not in hands.left.core.local_description.sdp


def test_the_policy_counts_from_the_next_gathering() -> None:
    """webrtc-pc §4.4.1.6."""
    hands = Hands(configuration=RTCConfiguration(ice_transport_policy="relay"))
    peer = hands.left.core
    peer.create_data_channel("", 0.0)
    hands.negotiate()
    hands.network.run(1.0)
    peer.set_configuration(RTCConfiguration(ice_servers=[RTCIceServer("stun:192.0.2.9")]), 1.0)
    hands.left.offer(ice_restart=True)
    hands.network.run(1.0)
    assert hands.left.of(GatherWanted)[-1].stun_servers == (("192.0.2.9", 3478),)
    assert peer.local_description is not None
    assert "192.0.2.1" in peer.local_description.sdp


def test_candidates_of_a_peer_that_signals_them_in_its_description() -> None:
    """PC-05: a peer without trickle."""
    hands = Hands()
    hands.left.other = hands.right.other = None
    left, right = hands.left, hands.right
    channel = left.core.create_data_channel("", 0.0)
    left.offer()
    hands.network.run(0.5)
    assert left.core.local_description is not None
    assert "a=end-of-candidates" in left.core.local_description.sdp
    right.answer(left.core.local_description)
    hands.network.run(0.5)
    assert right.core.local_description is not None
    left.accept(right.core.local_description)
    hands.network.run_until(lambda: right.announced, limit=10.0)
    assert channel.state is ChannelState.OPEN


def test_candidates_that_come_before_the_answer_are_used() -> None:
    """PC-05: an answerer keeps them until it answers."""
    hands = Hands()
    left, right = hands.left, hands.right
    left.core.create_data_channel("", 0.0)
    right.core.set_remote_description(left.offer(), 0.0)
    hands.network.run(0.5)
    right.other = None
    assert right.core.remote_description is not None
    assert "a=candidate" in right.core.remote_description.sdp
    right.core.set_local_description(None, hands.network.now)
    hands.network.flush()
    assert right.core.local_description is not None
    left.accept(right.core.local_description)
    hands.network.run_until(lambda: right.announced, limit=10.0)


class Pooled:
    """A peer that gathers ahead, with two STUN servers in reach."""

    def __init__(self, size: int = 1) -> None:
        self.network = Network(Link(delay=0.01), seed=1)
        for server in (FIRST, SECOND):
            self.network.add(server, Responder())
        self.core = PeerConnection(self.configuration(FIRST, size), SettingEngine(random=Random(1)))
        self.events: list[Event] = []
        self.network.add(LEFT, self.core, on_event=self.handle)  # type: ignore[arg-type] # its events

    def configuration(self, server: tuple[str, int], size: int = 1) -> RTCConfiguration:
        url = f"stun:{server[0]}"
        return RTCConfiguration([RTCIceServer(url)], ice_candidate_pool_size=size)

    def handle(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, GatherWanted):
            self.core.handle_event(AddressesBound((LEFT,), event.stun_servers), self.network.now)

    def offer(self) -> list[str]:
        """Set an offer; gives what happened until now, candidates by their type."""
        self.core.create_data_channel("", self.network.now)
        self.core.set_local_description(None, self.network.now)
        self.network.flush()
        return self.told()

    def told(self) -> list[str]:
        names = []
        for event in self.events:
            if isinstance(event, IceCandidateFound):
                names.append((event.candidate and event.candidate.type) or "end")
            elif isinstance(event, IceGatheringStateChanged):
                names.append(event.state.value)
        return names

    @property
    def asked(self) -> list[tuple[tuple[str, int], ...]]:
        return [each.stun_servers for each in self.events if isinstance(each, GatherWanted)]


def test_a_pool_gathers_before_there_is_a_description() -> None:
    """webrtc-pc §4.2.1, RFC 9429 §3.5.4: and tells of it when there is one, each thing once."""
    peer = Pooled()
    peer.network.run(1.0)
    assert peer.asked == [(FIRST,)]
    assert peer.told() == []
    assert peer.core.ice_gathering_state == "new"
    assert "a=candidate" not in peer.core.create_offer().sdp
    assert peer.offer() == ["gathering", "host", "end", "complete", "end"]
    assert peer.core.local_description is not None
    sdp = peer.core.local_description.sdp
    assert (sdp.count("a=candidate"), sdp.count("a=end-of-candidates")) == (1, 1)
    assert peer.asked == [(FIRST,)]


def test_a_pool_that_is_not_filled_goes_on_when_there_is_a_description() -> None:
    peer = Pooled()
    peer.network.flush()
    assert peer.offer() == ["gathering", "host"]
    peer.network.run(1.0)
    assert peer.told() == ["gathering", "host", "end", "complete", "end"]
    assert peer.asked == [(FIRST,)]


def test_without_a_pool_nothing_is_gathered_ahead() -> None:
    peer = Pooled(size=0)
    peer.network.run(1.0)
    assert peer.asked == []
    assert peer.core.transports.one is None


def test_a_pool_is_dropped_when_the_servers_change() -> None:
    """Also what an offer that was created of it would have told."""
    peer = Pooled()
    peer.network.run(1.0)
    created = peer.core.create_offer()
    peer.core.set_configuration(peer.configuration(FIRST, 2), peer.network.now)
    peer.network.run(1.0)
    assert peer.asked == [(FIRST,)]
    peer.core.set_configuration(peer.configuration(SECOND), peer.network.now)
    peer.network.run(1.0)
    assert peer.asked == [(FIRST,), (SECOND,)]
    assert peer.told() == []
    peer.core.create_data_channel("", peer.network.now)
    peer.core.set_local_description(peer.core.create_offer(), peer.network.now)
    assert peer.core.local_description is not None
    assert created.sdp != peer.core.local_description.sdp
    peer.network.run(1.0)
    assert peer.told() == ["gathering", "host", "end", "complete", "end"]
    assert peer.asked == [(FIRST,), (SECOND,)]


def test_an_offer_from_before_the_change_still_gathers_its_candidates() -> None:
    peer = Pooled()
    peer.network.run(1.0)
    peer.core.create_data_channel("", peer.network.now)
    created = peer.core.create_offer()
    peer.core.set_configuration(peer.configuration(SECOND), peer.network.now)
    peer.network.run(1.0)
    peer.core.set_local_description(created, peer.network.now)
    peer.network.run(1.0)
    assert peer.told() == ["gathering", "host", "end", "complete", "end"]


def test_a_pool_of_none_forgets_what_was_gathered() -> None:
    peer = Pooled()
    peer.network.run(1.0)
    peer.core.set_configuration(peer.configuration(FIRST, 0), peer.network.now)
    peer.network.run(1.0)
    assert peer.told() == []
    assert peer.offer() == ["gathering", "host"]
    assert peer.asked == [(FIRST,), (FIRST,)]


def test_the_pool_is_fixed_once_a_local_description_is_set() -> None:
    """webrtc-pc §4.4.1.6."""
    peer = Pooled()
    peer.offer()
    for size in (0, 2):
        with pytest.raises(InvalidModificationError, match="ice_candidate_pool_size"):
            peer.core.set_configuration(peer.configuration(FIRST, size), peer.network.now)
    peer.core.set_configuration(peer.configuration(SECOND), peer.network.now)
    peer.network.run(1.0)
    assert peer.asked == [(FIRST,)]


def test_pooled_candidates_connect() -> None:
    """Those of the answerer, too, which has told of none before it answers."""
    hands = Hands(configuration=RTCConfiguration(ice_candidate_pool_size=1))
    hands.network.run(1.0)
    assert not hands.left.of(IceCandidateFound) + hands.right.of(IceCandidateFound)
    channel, _ = hands.connect()
    assert channel.state is ChannelState.OPEN
