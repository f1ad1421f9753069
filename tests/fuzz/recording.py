"""Seed inputs of our own making: what two real peers say to each other."""

from collections.abc import Callable
from random import Random

from webrtc import sctp
from webrtc.core import Path, Transmit
from webrtc.peer import PeerConnection, SettingEngine
from webrtc.peer.events import AddressesBound, GatherWanted, IceCandidateFound

LEFT, RIGHT = ("192.0.2.1", 5001), ("192.0.2.2", 5002)


def sctp_packets() -> list[bytes]:
    """Packets of one association from INIT to SHUTDOWN COMPLETE, with a reset and a loss."""
    config = sctp.Config()
    left, right = sctp.Association(config, Random(1)), sctp.Association(config, Random(2))
    packets: list[bytes] = []
    now = 0.0

    def exchange(lose: Callable[[int], bool] = lambda _: False) -> None:
        nonlocal now
        for _ in range(12):
            now += 0.05
            for sender, receiver in ((left, right), (right, left)):
                sender.handle_timeout(now)
                while (packet := sender.poll_write()) is not None:
                    packets.append(packet)
                    if not lose(len(packets)):
                        receiver.handle_read(packet, now)
                while (message := receiver.poll_data()) is not None:
                    receiver.consume(message.cost)

    left.connect(now)
    exchange()
    left.send(1, 51, b"hello", now)
    right.send(2, 53, bytes(3000), now)
    exchange(lambda count: count % 5 == 0)
    left.send(3, 53, bytes(3000), now, ordered=False, max_retransmits=0)
    exchange(lambda count: count % 3 == 0)
    left.reset_streams((1,), now)
    exchange()
    left.shutdown(now)
    exchange()
    return packets


class Pair:
    """Two peer connections without a network between them."""

    def __init__(self) -> None:
        self.now = 0.0
        self.datagrams: list[bytes] = []
        settings = SettingEngine(random=Random(7))
        self.left = PeerConnection(settings=settings)
        self.right = PeerConnection(settings=SettingEngine(random=Random(8)))
        self.channel = self.left.create_data_channel("seed", self.now)
        self.left.set_local_description(None, self.now)
        offer = self.left.local_description
        assert offer is not None
        self.right.set_remote_description(offer, self.now)
        self.right.set_local_description(None, self.now)
        answer = self.right.local_description
        assert answer is not None
        self.left.set_remote_description(answer, self.now)

    def exchange(self, seconds: float) -> None:
        """Let time pass and datagrams flow."""
        end = self.now + seconds
        while self.now < end:
            self.now += 0.01
            self._serve(self.left, self.right, LEFT)
            self._serve(self.right, self.left, RIGHT)

    def _serve(self, one: PeerConnection, other: PeerConnection, address: tuple[str, int]) -> None:
        one.handle_timeout(self.now)
        while (event := one.poll_event()) is not None:
            if isinstance(event, GatherWanted):
                one.handle_event(AddressesBound((address,)), self.now)
            elif isinstance(event, IceCandidateFound) and other.remote_description:
                other.add_ice_candidate(event.candidate, self.now)
        while (transmit := one.poll_write()) is not None:
            self.deliver(transmit, other)
        while (received := one.poll_data()) is not None:
            one.channels.consume(received.size)

    def deliver(self, transmit: Transmit, other: PeerConnection) -> None:
        """Record a datagram and hand it over."""
        self.datagrams.append(transmit.data)
        path = Path(transmit.path.remote, transmit.path.local)
        other.handle_read(transmit.data, path, self.now)


def datagrams() -> list[bytes]:
    """What goes over the wire while two peers connect, talk and part."""
    pair = Pair()
    pair.exchange(2.0)
    pair.left.send(pair.channel, "hello", pair.now)
    pair.left.send(pair.channel, bytes(2000), pair.now)
    pair.exchange(1.0)
    pair.left.close(pair.now)
    pair.exchange(0.1)
    return pair.datagrams
