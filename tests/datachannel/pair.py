"""Data channels of two peers over two real associations, joined in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from webrtc import sctp
from webrtc.datachannel import (
    Announced,
    Channel,
    ChannelClosed,
    ChannelClosing,
    ChannelOpened,
    DataChannels,
    Parameters,
    Ppid,
)
from webrtc.datachannel.events import Event
from webrtc.errors import ProtocolError
from webrtc.sctp import Association, Config
from webrtc.sctp.chunks import ChunkType
from webrtc.sctp.packet import walk
from webrtc.sctp.reconfig import Response, decode_reconfig


@dataclass
class End:
    """One peer: its channels, what they reported and what they received."""

    association: Association
    channels: DataChannels
    events: list[Event] = field(default_factory=list)
    received: list[tuple[Channel, bytes | str]] = field(default_factory=list)
    reads: bool = True
    """Whether the application takes messages."""
    unread: int = 0

    def of(self, kind: type) -> list[Event]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def announced(self) -> list[Channel]:
        return [event.channel for event in self.events if isinstance(event, Announced)]

    @property
    def opened(self) -> list[Channel]:
        return [event.channel for event in self.events if isinstance(event, ChannelOpened)]

    @property
    def closing(self) -> list[Channel]:
        return [event.channel for event in self.events if isinstance(event, ChannelClosing)]

    @property
    def closed(self) -> dict[Channel, ProtocolError | None]:
        """Channels that ended, with the reason."""
        ended = [event for event in self.events if isinstance(event, ChannelClosed)]
        assert len({event.channel for event in ended}) == len(ended), "closed twice"
        return {event.channel: event.reason for event in ended}

    @property
    def messages(self) -> list[bytes | str]:
        return [message for _, message in self.received]

    def step(self, now: float) -> Iterator[bytes]:
        """Do what the transport and the shell do: pass everything on. Gives the packets to send."""
        association, channels = self.association, self.channels
        while True:
            while (message := association.poll_data()) is not None:
                channels.handle_message(message, now)
            if (event := association.poll_event()) is None:
                break
            self._handle(event, now)
        while (notice := channels.poll_event()) is not None:
            self.events.append(notice)
        while (received := channels.poll_data()) is not None:
            self.received.append((received.channel, received.data))
            self.unread += received.size
        if self.reads:
            channels.consume(self.unread)
            self.unread = 0
        while (packet := association.poll_write()) is not None:
            yield packet

    def _handle(self, event: sctp.Event, now: float) -> None:
        channels = self.channels
        match event:
            case sctp.Connected(inbound, outbound):
                channels.handle_connected(min(inbound, outbound), now)
            case sctp.StreamsReset(ids):
                channels.handle_streams_reset(ids, now)
            case sctp.StreamResetDone(ids) | sctp.StreamResetFailed(ids):
                channels.handle_reset_done(ids, now)
            case sctp.StreamResetGivenUp(ids):
                channels.handle_reset_given_up(ids)
            case sctp.BufferedAmountLow(stream_id):
                channels.handle_buffered_amount_low(stream_id)
            case sctp.Restarted(inbound, outbound):
                channels.handle_restarted(min(inbound, outbound))
            case sctp.Closed(reason):
                channels.handle_closed(reason)


class Pair:
    """`client` numbers with even identifiers, `server` with odd ones."""

    def __init__(
        self,
        *,
        client: DataChannels | None = None,
        server: DataChannels | None = None,
        config: Config | None = None,
        server_config: Config | None = None,
        connect: bool = True,
    ) -> None:
        config = config or Config()
        self.now = 0.0
        self.answers = True
        """Whether the client's answers to requests of a reset arrive."""
        self.client = End(Association(config, Random(1)), client or DataChannels())
        self.server = End(Association(server_config or config, Random(2)), server or DataChannels())
        if connect:
            self.connect()

    def connect(self) -> None:
        """Tell both the DTLS role and let SCTP connect."""
        for end, client in ((self.client, True), (self.server, False)):
            end.channels.attach(end.association, client=client)
            end.association.connect(self.now)
        self.run()

    def run(self, seconds: float = 0.5) -> None:
        """Deliver everything at once, then let time pass, timers included."""
        limit = self.now + seconds
        while True:
            while self._exchange():
                pass
            deadlines = [
                deadline
                for end in (self.client, self.server)
                if (deadline := end.association.poll_timeout()) is not None and deadline <= limit
            ]
            if not deadlines:
                break
            self.now = max(self.now, min(deadlines))
            for end in (self.client, self.server):
                end.association.handle_timeout(self.now)
        self.now = limit

    def _exchange(self) -> bool:
        moved = False
        for source, target in ((self.client, self.server), (self.server, self.client)):
            for packet in list(source.step(self.now)):
                moved = True
                if source is self.client and not self.answers and is_answer(packet):
                    continue
                target.association.handle_read(packet, self.now)
        return moved


def is_answer(packet: bytes) -> bool:
    """Whether the packet answers a request of RE-CONFIG. RFC 6525 §4.4."""
    return any(
        isinstance(parameter, Response)
        for kind, _, start, stop in walk(packet)
        if kind == ChunkType.RE_CONFIG
        for parameter in decode_reconfig(packet[start:stop])
    )


def opened_pair(parameters: Parameters | None = None) -> tuple[Pair, End, End]:
    """A pair on which the client has opened one channel."""
    pair = Pair()
    pair.client.channels.open(parameters or Parameters("chat"), pair.now)
    pair.run()
    return pair, pair.client, pair.server


def inject(pair: Pair, stream_id: int, data: bytes, ppid: int = int(Ppid.DCEP)) -> None:
    """The client's side of SCTP sends what its data channels never would."""
    pair.client.association.send(stream_id, ppid, data, pair.now)
    pair.run()
