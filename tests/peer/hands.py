"""Peer connections driven by hand: no asyncio, no sockets, time as fast as it can be computed."""

from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from webrtc.core import Address
from webrtc.datachannel import Announced, Channel
from webrtc.engine import MediaEngine
from webrtc.errors import InvalidStateError, OperationError
from webrtc.peer import (
    PeerConnection,
    RTCConfiguration,
    RTCIceCandidate,
    RTCSessionDescription,
    SettingEngine,
)
from webrtc.peer.events import AddressesBound, Event, GatherWanted, IceCandidateFound
from webrtc.vnet import Link, Network

LEFT, RIGHT = ("192.0.2.1", 5000), ("192.0.2.2", 5000)

T = TypeVar("T")


NO_MEDIA = MediaEngine(audio=(), video=(), extensions=())
"""Of a peer that takes data channels alone."""


@dataclass
class Hand:
    """One peer, the address it is bound to, and what it has said so far."""

    core: PeerConnection
    address: Address
    network: Network
    events: list[Event] = field(default_factory=list)
    other: "Hand | None" = None
    """Who gets the candidates."""
    early: list[RTCIceCandidate | None] = field(default_factory=list)

    @property
    def now(self) -> float:
        return self.network.now

    def handle(self, event: object) -> None:
        """Note an event, and do what a shell would do about it."""
        self.events.append(event)  # type: ignore[arg-type] # the network does not know the type
        if isinstance(event, GatherWanted):
            self.core.handle_event(AddressesBound((self.address,)), self.now)
        elif isinstance(event, IceCandidateFound) and self.other is not None:
            self.other.take(event.candidate)

    def take(self, candidate: RTCIceCandidate | None) -> None:
        """Take a candidate of the other peer; one that comes before its description waits."""
        try:
            self.core.add_ice_candidate(candidate, self.now)
        except InvalidStateError:
            self.early.append(candidate)
        except OperationError:
            pass  # of an offer that was not taken

    def of(self, kind: type[T]) -> list[T]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def announced(self) -> list[Channel]:
        return [event.channel for event in self.of(Announced)]

    def messages(self) -> list[bytes | str]:
        """What has arrived since the last call."""
        found = []
        while (received := self.core.poll_data()) is not None:
            self.core.channels.consume(received.size)
            found.append(received.data)
        return found

    def offer(self, *, ice_restart: bool = False) -> RTCSessionDescription:
        """Create and set an offer."""
        offer = self.core.create_offer(ice_restart=ice_restart)
        self.core.set_local_description(offer, self.now)
        return offer

    def answer(self, offer: RTCSessionDescription) -> RTCSessionDescription:
        """Take an offer, create and set the answer."""
        self.accept(offer)
        answer = self.core.create_answer()
        self.core.set_local_description(answer, self.now)
        return answer

    def accept(self, description: RTCSessionDescription) -> None:
        """Set a description of the other peer."""
        self.core.set_remote_description(description, self.now)
        early, self.early = self.early, []
        for candidate in early:
            self.take(candidate)


class Hands:
    """Two peers on one network, whose candidates find their way to each other."""

    def __init__(
        self,
        *,
        link: Link | None = None,
        configuration: RTCConfiguration | None = None,
        left: SettingEngine | None = None,
        right: SettingEngine | None = None,
        seed: int = 0,
    ) -> None:
        self.network = Network(link or Link(delay=0.01), seed=seed)
        self.left = self.add(left or SettingEngine(random=Random(seed + 1)), LEFT, configuration)
        self.right = self.add(right or SettingEngine(random=Random(seed + 2)), RIGHT, configuration)
        self.left.other, self.right.other = self.right, self.left

    def add(
        self,
        settings: SettingEngine,
        address: Address,
        configuration: RTCConfiguration | None = None,
    ) -> Hand:
        """One more peer, which hears of nobody's candidates."""
        hand = Hand(PeerConnection(configuration, settings), address, self.network)
        self.network.add(address, hand.core, on_event=hand.handle)
        return hand

    def negotiate(self, offerer: Hand | None = None, *, ice_restart: bool = False) -> None:
        """One offer of `offerer` (default: left) and its answer, then the candidates of both."""
        offerer = offerer or self.left
        answerer = self.right if offerer is self.left else self.left
        offerer.accept(answerer.answer(offerer.offer(ice_restart=ice_restart)))
        self.network.flush()

    def connect(self) -> tuple[Channel, Channel]:
        """Negotiate a channel of the left peer; gives both its ends, open."""
        channel = self.left.core.create_data_channel("data", self.left.now)
        self.negotiate()
        self.network.run_until(lambda: self.right.announced, limit=30.0)
        return channel, self.right.announced[-1]

    def talk(self, sender: Hand, channel: Channel, message: bytes | str) -> list[bytes | str]:
        """Send a message; gives what the other peer has got a moment later."""
        receiver = self.right if sender is self.left else self.left
        sender.core.send(channel, message, sender.now)
        self.network.run(0.5)
        return receiver.messages()


def drained(peer: PeerConnection) -> list[object]:
    """Every event that waits."""
    found: list[object] = []
    while (event := peer.poll_event()) is not None:
        found.append(event)
    return found


def with_channel(media: MediaEngine | None = None) -> PeerConnection:
    settings = SettingEngine(random=Random(1), media=media or MediaEngine())
    peer = PeerConnection(settings=settings)
    peer.create_data_channel("data", 0.0)
    return peer
