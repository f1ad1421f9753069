"""A peer driven by hand: it sends the chunks a test wants and shows what comes back."""

from dataclasses import replace
from random import Random
from typing import NamedTuple

from webrtc.sctp import Association, Config, Event, Message, State
from webrtc.sctp.chunks import DATA, I_DATA, ChunkType, Init, Sack
from webrtc.sctp.packet import Header, encode_chunk, walk
from webrtc.sctp.parameters import Parameter, ParameterType

WHOLE, FIRST, MIDDLE, LAST = 3, 2, 0, 1
UNORDERED, IMMEDIATE = 4, 8
PR_AND_RESET = (
    Parameter(ParameterType.FORWARD_TSN_SUPPORTED, b""),
    Parameter(ParameterType.SUPPORTED_EXTENSIONS, bytes((ChunkType.RE_CONFIG, 192))),
)
INTERLEAVING = (
    Parameter(ParameterType.FORWARD_TSN_SUPPORTED, b""),
    Parameter(ParameterType.SUPPORTED_EXTENSIONS, b"\xc0\x82\x40\xc2"),
)
Chunk = tuple[int, int, bytes]


def data(
    tsn: int, flags: int = WHOLE, stream: int = 0, ssn: int = 0, body: bytes = b"x", ppid: int = 53
) -> bytes:
    """A DATA chunk."""
    head = DATA.pack(0, flags, 16 + len(body), tsn & 0xFFFFFFFF, stream, ssn & 0xFFFF, ppid)
    return head + body + bytes(-len(body) & 3)


def i_data(
    tsn: int,
    flags: int = WHOLE,
    stream: int = 0,
    mid: int = 0,
    body: bytes = b"x",
    last_word: int = 53,
) -> bytes:
    """An I-DATA chunk; `last_word` is PPID or FSN."""
    mid &= 0xFFFFFFFF
    head = I_DATA.pack(64, flags, 20 + len(body), tsn & 0xFFFFFFFF, stream, 0, mid, last_word)
    return head + body + bytes(-len(body) & 3)


def sack(tsn: int, window: int = 1 << 20, gaps: tuple[tuple[int, int], ...] = ()) -> bytes:
    return Sack(tsn, window, gaps).encode()


class Peer:
    """The other end of `association`."""

    def __init__(
        self,
        config: Config | None = None,
        *,
        seed: int = 0,
        tsn: int = 1000,
        window: int = 1 << 20,
        streams: int = 65535,
        parameters: tuple[Parameter, ...] = PR_AND_RESET,
        probing: bool = False,
    ) -> None:
        config = replace(config or Config(), path_mtu_discovery=probing)
        self.association = Association(config, Random(seed))
        self.tag = 0x11223344
        self.tsn = tsn
        self.now = 1.0
        self.init = Init(self.tag, window, streams, streams, tsn, parameters)
        self.peer_init = Init(0, 0, 0, 0, 0)

    @property
    def peer_tag(self) -> int:
        return self.peer_init.tag

    @property
    def peer_tsn(self) -> int:
        """First TSN of the association."""
        return self.peer_init.initial_tsn

    @property
    def state(self) -> State:
        return self.association.state

    def send(self, *chunks: bytes, tag: int | None = None) -> list[Chunk]:
        """Deliver one packet; returns what the association then sends."""
        header = Header(5000, 5000, self.peer_tag if tag is None else tag)
        self.association.handle_read(header.seal(chunks), self.now)
        return self.read()

    def packets(self) -> list[bytes]:
        packets = []
        while (packet := self.association.poll_write()) is not None:
            packets.append(packet)
        return packets

    def read(self) -> list[Chunk]:
        """Type, flags and value of every chunk that the association wants to send."""
        return [
            (kind, flags, packet[start:stop])
            for packet in self.packets()
            for kind, flags, start, stop in walk(packet)
        ]

    def wait(self, seconds: float) -> list[Chunk]:
        """Let time pass, timer by timer."""
        end, found = self.now + seconds, []
        while (when := self.association.poll_timeout()) is not None and when <= end:
            self.now = max(self.now, when)
            self.association.handle_timeout(self.now)
            found += self.read()
        self.now = end
        return found

    def events(self) -> list[Event]:
        events = []
        while (event := self.association.poll_event()) is not None:
            events.append(event)
        return events

    def messages(self, *, consume: bool = True) -> list[Message]:
        messages = []
        while (message := self.association.poll_data()) is not None:
            messages.append(message)
            if consume:
                self.association.consume(message.cost)
        return messages

    def begin(self) -> "Peer":
        """Take the association's INIT: it is in COOKIE-WAIT afterwards."""
        self.association.connect(self.now)
        ((kind, _, value),) = self.read()
        assert kind == ChunkType.INIT
        self.peer_init = Init.decode(value)
        return self

    def init_ack(self) -> bytes:
        cookie = Parameter(ParameterType.STATE_COOKIE, b"peer's cookie")
        init = self.init
        return Init(
            init.tag,
            init.receive_window,
            init.outbound_streams,
            init.inbound_streams,
            init.initial_tsn,
            (cookie, *init.parameters),
        ).encode(ChunkType.INIT_ACK)

    def connect(self) -> "Peer":
        """Handshake with the association as client; events are thrown away."""
        self.begin()
        ((kind, _, value),) = self.send(self.init_ack())
        assert (kind, value) == (ChunkType.COOKIE_ECHO, b"peer's cookie")
        assert self.send(encode_chunk(ChunkType.COOKIE_ACK, 0, b"")) == []
        assert self.state is State.ESTABLISHED
        self.events()
        return self


def kinds(chunks: list[Chunk]) -> list[int]:
    return [kind for kind, _, _ in chunks]


def sacks(chunks: list[Chunk]) -> list[Sack]:
    return [Sack.decode(value) for kind, _, value in chunks if kind == ChunkType.SACK]


def sent_data(chunks: list[Chunk]) -> list[tuple[int, int, int, int, bytes]]:
    """TSN, flags, stream, sequence number and body of the DATA chunks."""
    found = []
    for kind, flags, value in chunks:
        if kind == ChunkType.DATA:
            _, _, _, tsn, stream, ssn, _ = DATA.unpack(b"\0\0\0\0" + value[:12])
            found.append((tsn, flags, stream, ssn, value[12:]))
    return found


class SentIData(NamedTuple):
    """An I-DATA chunk of the association."""

    tsn: int
    flags: int
    stream: int
    mid: int
    last_word: int
    body: bytes


def sent_i_data(chunks: list[Chunk]) -> list[SentIData]:
    found = []
    for kind, flags, value in chunks:
        if kind == ChunkType.I_DATA:
            _, _, _, tsn, stream, reserved, mid, word = I_DATA.unpack(b"\0\0\0\0" + value[:16])
            assert reserved == 0
            found.append(SentIData(tsn, flags, stream, mid, word, value[16:]))
    return found
