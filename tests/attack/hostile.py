"""A peer that is authenticated by ICE and DTLS, and says over SCTP whatever a test wants."""

import asyncio
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from tests.support import two_hosts
from webrtc import RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from webrtc.peer import PeerConnection, SettingEngine
from webrtc.peer.events import AddressesBound, GatherWanted
from webrtc.peer.transport import Transport
from webrtc.sctp import Config
from webrtc.sctp.chunks import DATA, I_DATA, ChunkType
from webrtc.sctp.events import Event
from webrtc.sctp.packet import Header, walk
from webrtc.vnet import Host, Link, Network

BEGINNING, MIDDLE, WHOLE = 2, 0, 7  # whole messages unordered: they need no stream sequence
UNORDERED = 4


class Tap:
    """Stands where the association was: keeps the kinds of chunks that come, says nothing."""

    def __init__(self) -> None:
        self.kinds: list[int] = []

    def handle_read(self, packet: bytes, now: float) -> None:
        self.kinds += [kind for kind, *_ in walk(packet)]

    def handle_reads(self, packets: Sequence[bytes], now: float) -> None:
        for packet in packets:
            self.handle_read(packet, now)

    def handle_timeout(self, now: float) -> None:
        """Nothing is due."""

    dont_fragment = more = False
    events: Sequence[Event] = ()

    def nothing(self) -> None:
        """Nothing is there."""

    poll_data = poll_event = poll_write = poll_timeout = nothing

    def none(self) -> Sequence[bytes]:
        """None are there."""
        return ()

    take_data = poll_burst = none


class HostilePeer:
    """An honest core until `take_over`; from then on SCTP is what `send` is given."""

    def __init__(self, host: Host, seed: int = 0, *, interleaving: bool = False) -> None:
        settings = SettingEngine(random=Random(seed), sctp=Config(interleaving=interleaving))
        self.core = PeerConnection(settings=settings)
        self.interleaving = interleaving
        self.address = (host.interfaces()[0].host, 5000)
        self.tag = 0
        """Verification tag that the victim expects."""
        self.tsn = 0
        """TSN that the victim expects next."""
        self._mids = array("I", bytes(4 * 131072))
        """Next MID by stream and U bit; taken here, so that tests of memory do not see it."""
        self._fsns = array("I", bytes(4 * 131072))
        self._driver = host.attach(self.core, self.address, on_event=self._on_event)
        self._send: Callable[[bytes], None]
        self._tap = Tap()

    @property
    def transport(self) -> Transport:
        assert self.core.transports.one is not None
        return self.core.transports.one

    def answer(self, offer: RTCSessionDescription) -> RTCSessionDescription:
        """Take part in the negotiation, with all candidates at once."""
        now = asyncio.get_running_loop().time()
        self.core.set_remote_description(offer, now)
        self.core.set_local_description(None, now)
        self._driver.flush()
        self._listen()
        assert self.core.local_description is not None
        return self.core.local_description

    def take_over(self) -> None:
        """Silence the association of the core."""
        self.core.data._association = self._tap  # type: ignore[assignment] # has what is used

    def send(self, *chunks: bytes, tag: int | None = None) -> None:
        """One packet to the victim."""
        header = Header(5000, 5000, self.tag if tag is None else tag)
        self.send_raw(header.seal(chunks))

    def send_raw(self, packet: bytes) -> None:
        """Anything at all in a DTLS record."""
        self._send(packet)
        self._driver.flush()

    def data(self, body: bytes, flags: int = WHOLE, stream: int = 0, ppid: int = 53) -> bytes:
        """The next DATA or I-DATA chunk, as was negotiated."""
        if self.interleaving:
            return self._i_data(body, flags, stream, ppid)
        head = DATA.pack(0, flags, 16 + len(body), self.tsn, stream, 0, ppid)
        self.tsn = (self.tsn + 1) & 0xFFFFFFFF
        return head + body + bytes(-len(body) & 3)

    def _i_data(self, body: bytes, flags: int, stream: int, ppid: int) -> bytes:
        flow = stream << 1 | (flags & UNORDERED) >> 2
        if flags & BEGINNING:
            self._mids[flow] += 1
            self._fsns[flow], last_word = 0, ppid
        else:
            last_word = self._fsns[flow] = self._fsns[flow] + 1
        mid = max(self._mids[flow], 1) - 1
        head = I_DATA.pack(64, flags, 20 + len(body), self.tsn, stream, 0, mid, last_word)
        self.tsn = (self.tsn + 1) & 0xFFFFFFFF
        return head + body + bytes(-len(body) & 3)

    def read(self) -> Sequence[int]:
        """Types of the chunks that came since the last call."""
        kinds, self._tap.kinds = self._tap.kinds, []
        return kinds

    def _on_event(self, event: object) -> None:
        if isinstance(event, GatherWanted):
            now = asyncio.get_running_loop().time()
            self.core.handle_event(AddressesBound((self.address,)), now)

    def _listen(self) -> None:
        """Learn tag and TSN from what the association sends."""
        connection = self.transport.dtls
        assert connection is not None
        self._send = send = connection.send

        def overhear(data: bytes) -> None:
            self.tag = int.from_bytes(data[4:8], "big")
            for kind, _, start, _ in walk(data):
                if kind in (ChunkType.INIT, ChunkType.INIT_ACK):
                    self.tsn = int.from_bytes(data[start + 12 : start + 16], "big")
                elif kind in (ChunkType.DATA, ChunkType.I_DATA):
                    self.tsn = int.from_bytes(data[start : start + 4], "big") + 1 & 0xFFFFFFFF
            send(data)

        connection.send = overhear  # type: ignore[method-assign] # the hook between the layers


@dataclass
class Attacked:
    """A connection whose other end is hostile."""

    network: Network
    pc: RTCPeerConnection
    channel: RTCDataChannel
    peer: HostilePeer


@asynccontextmanager
async def attacked(
    settings: SettingEngine | None = None, seed: int = 0, *, interleaving: bool = False
) -> AsyncIterator[Attacked]:
    """An application connected to a peer that has just been taken over."""
    network, left, right = two_hosts(Link(delay=0.01), seed=seed)
    peer = HostilePeer(right, seed, interleaving=interleaving)
    async with RTCPeerConnection(network=left, settings=settings) as pc:
        channel = pc.create_data_channel("data")
        await pc.set_local_description()
        await pc.gathered()
        assert pc.local_description is not None
        await pc.set_remote_description(peer.answer(pc.local_description))
        await channel.opened()
        await asyncio.sleep(1.0)
        peer.take_over()
        yield Attacked(network, pc, channel, peer)
