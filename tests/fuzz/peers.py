"""Whole peers under attack. What happens comes from the bytes of an input, one choice each.

Every function takes such bytes and returns when they are used up and both peers had time to
recover. A bug shows as an exception or as one of the asserts at the end.
"""

from collections import deque
from collections.abc import Callable
from random import Random

from tests.fuzz.choices import Choices
from tests.fuzz.mutator import mutate
from webrtc.core import Address, Path
from webrtc.datachannel import Announced, Channel
from webrtc.dtls.record import MAX_PLAINTEXT
from webrtc.errors import WebRTCError
from webrtc.jsep.descriptions import RTCIceCandidate
from webrtc.peer import PeerConnection, RTCSessionDescription, SettingEngine
from webrtc.peer.events import (
    AddressesBound,
    GatherWanted,
    IceCandidateFound,
    RTCDtlsTransportState,
    RTCPeerConnectionState,
)
from webrtc.sctp.packet import HEADER_SIZE, Header, walk

LEFT, RIGHT, STRANGER = ("192.0.2.1", 5001), ("192.0.2.2", 5002), ("198.51.100.66", 4444)
IN_FLIGHT = 64
"""Datagrams on the wire in one direction; a full wire drops."""
WRITES = 4096
"""Datagrams that one call may make a peer send: more would be amplification or a loop."""
ENDED = {RTCPeerConnectionState.FAILED, RTCPeerConnectionState.CLOSED}


class End:
    """One core, its wire and what the application heard."""

    def __init__(self, address: Address, seed: int) -> None:
        self.address = address
        self.core = PeerConnection(settings=SettingEngine(random=Random(seed)))
        self.wire: deque[bytes] = deque()
        """What is under way to it."""
        self.channels: list[Channel] = []
        self.received: deque[bytes | str] = deque(maxlen=64)

    def read(self, data: bytes, source: Address, now: float) -> None:
        self.core.handle_read(data, Path(self.address, source), now)


class Wire:
    """Two peers, signalling that takes no time, and a clock."""

    def __init__(self, seed: int = 0) -> None:
        self.now = 0.0
        self.left, self.right = End(LEFT, seed * 2 + 1), End(RIGHT, seed * 2 + 2)
        self.seen: deque[bytes] = deque(maxlen=256)
        """Datagrams that an attacker may have kept."""
        self.left.channels.append(self.left.core.create_data_channel("first", 0.0))
        self.negotiate(self.left, self.right)

    @property
    def ends(self) -> tuple[End, End]:
        return self.left, self.right

    def peer_of(self, end: End) -> End:
        return self.right if end is self.left else self.left

    def negotiate(self, one: End, other: End) -> None:
        """An offer and its answer, unless one side is closed."""
        one.core.set_local_description(None, self.now)
        other.core.set_remote_description(_made(one), self.now)
        other.core.set_local_description(None, self.now)
        one.core.set_remote_description(_made(other), self.now)

    def settle(self) -> None:
        """Take everything out of both cores."""
        for end in self.ends:
            other, core = self.peer_of(end), end.core
            while (event := core.poll_event()) is not None:
                self._handle(end, event)
            writes = 0
            while (transmit := core.poll_write()) is not None:
                writes += 1
                assert writes < WRITES
                self.seen.append(transmit.data)
                if transmit.path.remote == other.address and len(other.wire) < IN_FLIGHT:
                    other.wire.append(transmit.data)
            while (message := core.poll_data()) is not None:
                end.received.append(message.data)
                core.channels.consume(message.size)

    def _handle(self, end: End, event: object) -> None:
        other = self.peer_of(end)
        match event:
            case GatherWanted():
                end.core.handle_event(AddressesBound((end.address,)), self.now)
            case IceCandidateFound(candidate):
                _attempt(lambda: other.core.add_ice_candidate(candidate, self.now))
            case Announced(channel):
                end.channels.append(channel)

    def wait(self, seconds: float) -> None:
        """Let time pass with a wire that is dead."""
        end = self.now + seconds
        for _ in range(1000):
            deadlines = [end.core.poll_timeout() for end in self.ends]
            deadline = min((each for each in deadlines if each is not None), default=None)
            if deadline is None or deadline > end:
                break
            self.now = max(self.now, deadline)
            for each in self.ends:
                each.core.handle_timeout(self.now)
            self.settle()
        else:
            raise AssertionError(f"timers that are due for ever at {self.now}")
        self.now = end

    def run(self, done: Callable[[], bool], limit: float) -> bool:
        """Let an honest wire of 10 ms work."""
        end = self.now + limit
        self.settle()
        while not done() and self.now < end:
            for each in self.ends:
                for _ in range(len(each.wire)):
                    each.read(each.wire.popleft(), self.peer_of(each).address, self.now)
            self.settle()
            self.now += 0.01
            for each in self.ends:
                each.core.handle_timeout(self.now)
            self.settle()
        return done()

    def connect(self) -> None:
        assert self.run(lambda: bool(self.right.channels), 10.0)

    def works(self) -> bool:
        """Whether an application message still gets through, or somebody says that it is over."""
        if any(end.core.connection_state in ENDED or _is_over(end) for end in self.ends):
            return True
        for each in self.ends:
            each.received.clear()
        fresh = self.left.core.create_data_channel("still there?", self.now)
        sent = False

        def arrived() -> bool:
            nonlocal sent
            if any(end.core.connection_state in ENDED or _is_over(end) for end in self.ends):
                return True
            if not sent:
                sent = _attempt(lambda: self.left.core.send(fresh, "still there?", self.now))
            return "still there?" in self.right.received

        return self.run(arrived, 60.0)


def _made(end: End) -> RTCSessionDescription:
    made = end.core.local_description
    assert made is not None
    return made


def _is_over(end: End) -> bool:
    return end.core.transports.one is None or end.core.data.state == "closed"


def _attempt(call: Callable[[], object]) -> bool:
    """An application's call: refused or not, in the library's own words."""
    try:
        call()
    except (WebRTCError, TypeError):
        return False
    return True


def peer(data: bytes) -> None:
    """X-08: {datagram from the peer, an attacker, a replay; API call; time; loss} in any order."""
    choices = Choices(data)
    wire = Wire()
    while choices.left:
        _STEPS[choices.below(len(_STEPS))](wire, choices)
        wire.settle()
    wire.wait(0.0)
    for end in wire.ends:
        assert len(end.core.channels.active) <= 2048  # `max_channels` of each side
    assert wire.works()


def _deliver(wire: Wire, choices: Choices) -> None:
    end = wire.ends[choices.below(2)]
    for _ in range(1 + choices.below(8)):
        if end.wire:
            end.read(end.wire.popleft(), wire.peer_of(end).address, wire.now)
            wire.settle()


def _run(wire: Wire, choices: Choices) -> None:
    wire.run(lambda: False, 0.01 * (1 + choices.below(64)))


def _drop(wire: Wire, choices: Choices) -> None:
    end = wire.ends[choices.below(2)]
    for _ in range(min(len(end.wire), 1 + choices.below(8))):
        end.wire.popleft()


def _reorder(wire: Wire, choices: Choices) -> None:
    wire.ends[choices.below(2)].wire.rotate(choices.below(8))


def _forge(wire: Wire, choices: Choices) -> None:
    """Something that was seen, changed, from whoever it may claim to be from."""
    end, random = wire.ends[choices.below(2)], choices.random()
    source = (STRANGER, wire.peer_of(end).address, end.address, ("192.0.2.2", 9))[choices.below(4)]
    seeds = list(wire.seen) or [b"\0"]
    data = mutate(random.choice(seeds), random, seeds) if choices.below(4) else random.choice(seeds)
    end.read(data, source, wire.now)


def _flip(wire: Wire, choices: Choices) -> None:
    """One to three bits of what is under way."""
    end, random = wire.ends[choices.below(2)], choices.random()
    if end.wire:
        end.wire[0] = flipped(end.wire[0], random)


def _wait(wire: Wire, choices: Choices) -> None:
    wire.wait(30.0 * (choices.byte() / 255) ** 3)


def _call(wire: Wire, choices: Choices) -> None:
    end = wire.ends[choices.below(2)]
    call = _CALLS[choices.below(len(_CALLS))]
    _attempt(lambda: call(wire, end, choices))


def _send(wire: Wire, end: End, choices: Choices) -> None:
    if not end.channels:
        return
    channel = end.channels[choices.below(len(end.channels))]
    size = (0, 1, 100, 1200, 5000, 70_000)[choices.below(6)]
    end.core.send(channel, bytes(size) if choices.below(2) else "x" * size, wire.now)


def _open(wire: Wire, end: End, choices: Choices) -> None:
    end.channels.append(end.core.create_data_channel("x" * choices.byte(), wire.now))


def _close_channel(wire: Wire, end: End, choices: Choices) -> None:
    if end.channels:
        end.core.channels.close(end.channels[choices.below(len(end.channels))], wire.now)


def _restart(wire: Wire, end: End, choices: Choices) -> None:
    end.core.restart_ice()
    wire.negotiate(end, wire.peer_of(end))


def _candidate(wire: Wire, end: End, choices: Choices) -> None:
    address = f"{choices.byte()}.{choices.byte()}.2.1"
    line = f"candidate:1 1 udp {choices.byte()} {address} {choices.byte() * 257} typ host"
    end.core.add_ice_candidate(RTCIceCandidate(line, "0"), wire.now)


def _half_a_negotiation(wire: Wire, end: End, choices: Choices) -> None:
    end.core.set_local_description(None, wire.now)
    if choices.below(2):
        wire.peer_of(end).core.set_remote_description(_made(end), wire.now)


def _roll_back(wire: Wire, end: End, choices: Choices) -> None:
    end.core.set_local_description(RTCSessionDescription("rollback", ""), wire.now)


def _close(wire: Wire, end: End, choices: Choices) -> None:
    if not choices.below(4):
        end.core.close(wire.now)
        if choices.below(2):  # else what comes until then is to be ignored
            wire.settle()
        end.core.stop(wire.now)


_STEPS: tuple[Callable[[Wire, Choices], None], ...] = (
    _deliver,
    _deliver,
    _run,
    _drop,
    _reorder,
    _forge,
    _forge,
    _flip,
    _wait,
    _call,
)
_CALLS: tuple[Callable[[Wire, End, Choices], None], ...] = (
    _send,
    _send,
    _send,
    _open,
    _close_channel,
    _restart,
    _candidate,
    _half_a_negotiation,
    _roll_back,
    _close,
)


def flipped(data: bytes, random: Random) -> bytes:
    """`data` with one to three other bits."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 3) if data else 0):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def handshake(data: bytes) -> None:
    """X-09: bits flip on the way while two peers connect; each byte is the fate of one datagram."""
    choices = Choices(data)
    wire = Wire()
    limit = 120.0

    def over() -> bool:
        return all(end.core.connection_state in ENDED for end in wire.ends) or all(
            end.channels and end.core.connection_state == "connected" for end in wire.ends
        )

    while choices.left and wire.now < limit and not over():
        wire.settle()
        for end in wire.ends:
            for _ in range(len(end.wire)):
                datagram, fate = end.wire.popleft(), choices.byte()
                if fate < 80:
                    datagram = flipped(datagram, Random(fate << 8 | choices.byte()))
                end.read(datagram, wire.peer_of(end).address, wire.now)
        wire.wait(0.01)
    assert wire.run(over, limit) or any(end.core.connection_state in ENDED for end in wire.ends)


def hostile(data: bytes) -> None:
    """SCTP packets of an authenticated peer are changed before DTLS protects them."""
    choices = Choices(data)
    wire = Wire()
    wire.connect()
    transport = wire.right.core.transports.one
    assert transport is not None
    connection = transport.dtls
    assert connection is not None
    honest = connection.send
    kept: deque[bytes] = deque(maxlen=32)

    def send(packet: bytes) -> None:
        for each in _changed(packet, kept, choices):
            if connection.state is RTCDtlsTransportState.CONNECTED:
                honest(each)

    connection.send = send  # type: ignore[assignment, method-assign] # the hook between layers
    while choices.left:
        for end in wire.ends:
            for _ in range(choices.below(3)):
                _attempt(lambda end=end: _send(wire, end, choices))  # type: ignore[misc] # bound
        if not choices.below(8):
            _attempt(lambda: _open(wire, wire.right, choices))
        if not choices.below(8):
            _attempt(lambda: _close_channel(wire, wire.right, choices))
        wire.run(lambda: False, 0.02)
        if not choices.below(16):
            wire.wait(3.0)
    connection.send = honest  # type: ignore[method-assign] # from here on it is what it was
    wire.run(lambda: False, 2.0)
    assert all(len(end.core.channels.active) <= 2048 for end in wire.ends)


def _changed(packet: bytes, kept: deque[bytes], choices: Choices) -> list[bytes]:
    """The packet, another in its place, or more than one; the checksum is right again."""
    chunks = [packet[start - 4 : (stop + 3) & ~3] for _, _, start, stop in walk(packet)]
    kept.extend(chunks)
    match choices.below(6):
        case 0:
            return [packet]
        case 1:
            return [packet, packet]
        case 2:
            return []
    random = choices.random()
    seeds = list(kept)
    changed = [
        mutate(random.choice([*chunks, *seeds]), random, seeds) for _ in range(1 + choices.below(4))
    ]
    header = Header(5000, 5000, int.from_bytes(packet[4:8], "big"))
    while sum(map(len, changed)) > MAX_PLAINTEXT - HEADER_SIZE:  # a record holds no more
        changed.pop()
    return [header.seal(changed), *([packet] if choices.below(2) else [])]
