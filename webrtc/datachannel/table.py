"""All data channels of one SCTP association. RFC 8831 §6, RFC 8832 §6."""

import logging
from collections import deque
from typing import Final

from webrtc.datachannel import dcep
from webrtc.datachannel.channel import Channel, ChannelState
from webrtc.datachannel.dcep import DEFAULT_PRIORITY, Parameters, Ppid
from webrtc.datachannel.events import (
    Announced,
    BufferedAmountLow,
    ChannelClosed,
    ChannelClosing,
    ChannelOpened,
    Event,
    Received,
)
from webrtc.datachannel.identifiers import MAX_ID, Identifiers
from webrtc.datachannel.text import to_utf8
from webrtc.errors import InvalidStateError, OperationError, ProtocolError
from webrtc.sctp import MESSAGE_OVERHEAD, Association, Message

MAX_REFUSED: Final = 10_000
"""Channels that are refused to a peer before the association is aborted."""
_DCEP: Final = int(Ppid.DCEP)
_STRING: Final = int(Ppid.STRING)
_BINARY: Final = int(Ppid.BINARY)
_STRING_EMPTY: Final = int(Ppid.STRING_EMPTY)
_BINARY_EMPTY: Final = int(Ppid.BINARY_EMPTY)
_CONNECTING: Final = ChannelState.CONNECTING
_OPEN: Final = ChannelState.OPEN
_NOT_SENDING: Final = frozenset({_CONNECTING, ChannelState.CLOSED})
_EMPTY_BODY: Final = b"\0"  # SCTP cannot carry an empty message: RFC 8831 §6.6

_log = logging.getLogger("webrtc.datachannel")


class DataChannels:
    """Opens, closes, addresses and feeds channels. The association is attached when it exists.

    `max_channels` bounds the channels a peer may open, `max_label_bytes` their labels and protocols
    together, `early_data` the memory for messages on streams whose channel does not exist yet.
    """

    def __init__(
        self, max_channels: int = 1024, max_label_bytes: int = 1 << 20, early_data: int = 65536
    ) -> None:
        self.discarded = 0
        """Messages dropped because no channel could take them."""
        self.opened = self.closed = 0
        """W3C `dataChannelsOpened` and `dataChannelsClosed`."""
        self.max_message_size = 65536
        """Largest message in bytes that `send` takes: what the peer's description allows."""
        self._max_remote = max_channels
        self._association: Association | None = None
        self._ids = Identifiers(client=False)
        self._connected = False
        self._streams = MAX_ID + 1
        self._channels: dict[int, Channel] = {}
        self._heard: dict[int, None] = {}
        """Where the peer's next reset means something: it has not reset the stream, or used it
        again since."""
        self._unnumbered: dict[Channel, None] = {}
        self._remote_count = 0
        self._label_room = max_label_bytes
        self._refused = 0
        self._early: dict[int, list[Message]] = {}
        self._early_room = early_data
        self._next_life: dict[int, list[Message | None]] = {}
        """What comes on a stream that the peer uses again while our reset of it is unconfirmed.

        None is another reset. The receive window bounds it: nothing of it is consumed.
        """
        self.events: deque[Event] = deque()
        """What `poll_event` gives."""
        self.received: deque[Received] = deque()
        """What `poll_data` gives."""

    @property
    def active(self) -> list[Channel]:
        """Every channel that is not closed."""
        known = (*self._channels.values(), *self._unnumbered)
        return [channel for channel in known if channel.state is not ChannelState.CLOSED]

    @property
    def max_channels(self) -> int:
        """How many channels the streams of the association allow at a time."""
        return self._streams

    def attach(self, association: Association, *, client: bool) -> None:
        """Use `association`. `client` is the DTLS role: clients number with even identifiers."""
        self._association = association
        self._ids = Identifiers(client=client)
        self._refused = 0
        waiting, self._unnumbered = self._unnumbered, {}
        for channel in waiting:
            id_ = self._ids.take(self._channels)
            if id_ is None:
                self._finish(channel, ProtocolError("no data channel id is left"))
            else:
                self._add(channel, id_)

    def open(self, parameters: Parameters, now: float, id_: int | None = None) -> Channel:
        """Open a channel; with `id_` it is negotiated by the application (no DCEP).

        Raises OperationError when the identifier is taken or none is left.
        """
        channel = Channel(parameters, id_, negotiated=id_ is not None)
        if id_ is None and self._association is None:
            self._unnumbered[channel] = None
            return channel
        if id_ is None:
            id_ = self._ids.take(self._channels)
        if id_ is None or (self._connected and id_ >= self._streams):
            raise OperationError(f"no data channel id is left: {self._streams} are negotiated")
        if id_ in self._channels or id_ in self._ids.blocked:
            raise OperationError(f"data channel id {id_} is in use")
        self._add(channel, id_)
        if self._connected:
            self._start(channel, now)
        return channel

    def send(self, channel: Channel, data: bytes | str, now: float) -> None:
        """Queue a message.

        Raises InvalidStateError unless the channel is open, TypeError when the message is larger
        than `max_message_size`, OperationError when the send buffer is full.
        """
        if channel.state is not _OPEN or self._association is None:
            raise InvalidStateError(f"send() on a data channel that is {channel.state}")
        if isinstance(data, str):
            body, ppid = to_utf8(data), _STRING if data else _STRING_EMPTY
        else:
            body, ppid = data, _BINARY if data else _BINARY_EMPTY
        if len(body) > self.max_message_size:
            raise TypeError(f"message of {len(body)} bytes, the peer takes {self.max_message_size}")
        parameters = channel.parameters
        self._association.send(
            channel.id or 0,
            ppid,
            body or _EMPTY_BODY,
            now,
            ordered=parameters.ordered or not channel.acknowledged,
            max_retransmits=parameters.max_retransmits,
            lifetime=channel.lifetime,
        )
        channel.messages_sent += 1
        channel.bytes_sent += len(body)

    @property
    def send_room(self) -> int:
        """Bytes that all channels together can buffer besides what they have; may be negative."""
        association = self._association
        return 0 if association is None else association.send_room

    def allow_excess(self, channel: Channel) -> None:
        """Let the next message go beyond what all channels together can buffer."""
        if self._association is not None and channel.id is not None:
            self._association.allow_excess(channel.id)

    def close(self, channel: Channel, now: float, *, half: bool = False) -> None:
        """Begin to close: what is queued is delivered first. Harmless when it has begun.

        `half` ends our direction only: what the peer sends until it answers is still delivered.
        """
        channel.half_closed = half and channel.state in (ChannelState.OPEN, ChannelState.CLOSING)
        if channel.state in (ChannelState.CLOSING, ChannelState.CLOSED):
            return
        if self._association is None or not self._connected or channel.id is None:
            self._finish(channel, None)
            return
        channel.state = ChannelState.CLOSING
        self._association.reset_streams((channel.id,), now)

    def buffered_amount(self, channel: Channel) -> int:
        """Bytes that were given to `send` and are not on the wire. Closing does not clear it."""
        if self._association is None or channel.state in _NOT_SENDING:
            return channel.unsent
        # What establishes the channel goes first and is not counted.
        return min(self._association.buffered_amount(channel.id or 0), channel.bytes_sent)

    def set_buffered_amount_low(self, channel: Channel, threshold: int) -> None:
        """Announce from here on, with BufferedAmountLow, when it falls to `threshold`."""
        channel.low_threshold = threshold
        if self._association is not None and channel.state not in _NOT_SENDING:
            self._association.set_buffered_amount_low(channel.id or 0, threshold)

    def consume(self, size: int) -> None:
        """The application took messages of that `size`: let the peer send as much."""
        if self._association is not None:
            self._association.consume(size)

    def handle_connected(self, streams: int, now: float) -> None:
        """The association is up with `streams` streams in each direction."""
        self._connected = True
        self._streams = streams
        for channel in list(self._channels.values()):
            self._start(channel, now)

    def handle_message(self, message: Message, now: float) -> None:
        """Take one message of the association."""
        channel = self._channels.get(message.stream_id)
        if channel is not None and channel.incoming_reset:
            self._next_life.setdefault(message.stream_id, []).append(message)
            self._heard[message.stream_id] = None
        elif message.ppid == _DCEP:
            self.consume(message.cost)
            self._handle_dcep(message, channel, now)
        elif channel is None or channel.state is _CONNECTING:
            self._keep_early(message)
        elif channel.state is _OPEN or channel.half_closed:
            self._deliver(channel, message, now)
        else:
            self._discard(message)

    def handle_streams_reset(self, ids: tuple[int, ...], now: float) -> None:
        """The peer will send no more on `ids`; empty means on every stream. RFC 8831 §6.7."""
        heard, early = self._heard.keys(), self._early.keys()
        for id_ in sorted((heard & ids) | (early & ids) if ids else heard | early):
            self._heard.pop(id_, None)
            self._drop_early(id_)
            channel = self._channels.get(id_)
            if channel is None:
                continue
            if channel.incoming_reset:
                self._next_life.setdefault(id_, []).append(None)
                continue
            channel.incoming_reset = True
            if channel.state is ChannelState.OPEN:
                self.events.append(ChannelClosing(channel))
                self.close(channel, now)
            if channel.outgoing_reset:
                self._finish(channel, None)

    def handle_reset_done(self, ids: tuple[int, ...], now: float) -> None:
        """The peer has confirmed that it expects no more from us on `ids`."""
        for id_ in ids:
            channel = self._channels.get(id_)
            if channel is None:
                self._ids.blocked.discard(id_)
                self._ids.give_back(id_)
                continue
            channel.outgoing_reset = True
            if channel.incoming_reset:
                self._finish(channel, None)
                self._begin_next_life(id_, now)

    def handle_reset_given_up(self, ids: tuple[int, ...]) -> None:
        """The peer will never confirm it: these streams carry no other channel."""
        self._ids.blocked.update(ids)
        for id_ in ids:
            channel = self._channels.get(id_)
            if channel is not None:
                self._finish(channel, ProtocolError("the peer did not finish closing it"))
                self._drop_next_life(id_)

    def handle_buffered_amount_low(self, id_: int) -> None:
        """The association has sent down to the threshold of stream `id_`."""
        channel = self._channels.get(id_)
        if channel is not None and channel.bytes_sent:
            self.events.append(BufferedAmountLow(channel))

    def handle_restarted(self, streams: int) -> None:
        """The peer began the association anew: it knows none of the channels any more.

        There are `streams` in each direction now.
        """
        self._finish_all(ProtocolError("the peer restarted its association"))
        self._ids.blocked.clear()
        self._streams = streams

    def handle_closed(self, reason: ProtocolError | None) -> None:
        """The association is gone: so is every channel."""
        self._finish_all(reason)
        self._association, self._connected = None, False
        self._streams = MAX_ID + 1

    def poll_event(self) -> Event | None:
        """Next event, or None."""
        return self.events.popleft() if self.events else None

    def poll_data(self) -> Received | None:
        """Next message for the application, or None."""
        return self.received.popleft() if self.received else None

    def _start(self, channel: Channel, now: float) -> None:
        if channel.state is not ChannelState.CONNECTING or self._association is None:
            return
        id_ = channel.id or 0
        if id_ >= self._streams:
            reason = ProtocolError(f"data channel id {id_}, {self._streams} streams negotiated")
            self._finish(channel, reason)
            return
        self._association.set_priority(id_, channel.parameters.priority)
        if not channel.negotiated:
            body = dcep.Open(channel.parameters).encode()
            self._association.send_control(id_, _DCEP, body, now)
        # Messages may follow the OPEN at once, which saves a round trip: RFC 8832 §6.
        self._set_open(channel, ChannelOpened(channel), now)

    def _set_open(self, channel: Channel, event: Event, now: float) -> None:
        channel.state = ChannelState.OPEN
        if channel.low_threshold is not None:
            self.set_buffered_amount_low(channel, channel.low_threshold)
        self.opened += 1
        self.events.append(event)
        for message in self._early.pop(channel.id or 0, ()):
            self._early_room += message.cost
            self._deliver(channel, message, now)

    def _handle_dcep(self, message: Message, channel: Channel | None, now: float) -> None:
        try:
            body = dcep.decode(message.data)
        except ProtocolError as error:
            _log.debug("stream %d: %s", message.stream_id, error)
            self.discarded += 1
            self._refuse(message.stream_id, channel, error, now)
            return
        if isinstance(body, dcep.Open):
            self._handle_open(message.stream_id, body, channel, now)
        elif channel is not None:
            channel.acknowledged = True

    def _handle_open(self, id_: int, body: dcep.Open, channel: Channel | None, now: float) -> None:
        if self._association is None or id_ >= self._streams:
            self.discarded += 1  # there is no stream to answer on
            return
        refusal = self._reason_to_refuse(id_, body.size, channel)
        if refusal:
            self.discarded += 1
            reason = ProtocolError(f"DATA_CHANNEL_OPEN on stream {id_}: {refusal}")
            self._refuse(id_, channel, reason, now)
            return
        channel = Channel(body.parameters, id_, negotiated=False)
        self._add(channel, id_)
        channel.acknowledged = True
        channel.label_size = body.size
        self._label_room -= body.size
        self._remote_count += 1
        # Firefox announces priority 0, which RFC 8831 §6.4 does not know.
        self._association.set_priority(id_, body.parameters.priority or DEFAULT_PRIORITY)
        self._association.send_control(id_, _DCEP, dcep.Ack().encode(), now)
        self._set_open(channel, Announced(channel), now)

    def _reason_to_refuse(self, id_: int, size: int, channel: Channel | None) -> str:
        """Why the peer may not open a channel on that stream, empty when it may."""
        if channel is not None:
            return "there is a channel"
        if self._ids.owns(id_):
            return "it is for this side to open"
        if self._remote_count >= self._max_remote:
            return "too many channels"
        if size > self._label_room:
            return "too long labels"
        free = self._association is not None and self._association.accepts(id_)
        return "" if free else "it is being reset"

    def _refuse(self, id_: int, channel: Channel | None, reason: ProtocolError, now: float) -> None:
        """Reset one stream; the other channels go on.

        Without a channel nothing of it is kept but that it may not be used until that is done.
        """
        if self._association is None or id_ >= self._streams:
            return
        if channel is None:
            _log.debug("refused: %s", reason)
            self._refused += 1
            if self._refused > MAX_REFUSED:
                message = f"more than {MAX_REFUSED} data channels refused"
                self._association.abort(now, message, ProtocolError(message))
                return
            self._ids.blocked.add(id_)
        self._association.reset_streams((id_,), now)
        if channel is not None:
            self._end(channel, reason)

    def _add(self, channel: Channel, id_: int) -> None:
        channel.id = id_
        self._channels[id_] = channel
        self._heard[id_] = None

    def _begin_next_life(self, id_: int, now: float) -> None:
        waiting = deque(self._next_life.pop(id_, ()))
        while waiting:
            item = waiting.popleft()
            if item is None:
                self.handle_streams_reset((id_,), now)
            else:
                self.handle_message(item, now)

    def _deliver(self, channel: Channel, message: Message, now: float) -> None:
        body = message.data
        size = len(body)
        ppid = message.ppid
        channel.acknowledged = True  # data counts as an ACK: RFC 8832 §6
        data: bytes | str = body
        if ppid == _STRING:
            try:
                data = body.decode()
            except UnicodeDecodeError:
                self._discard(message)
                reason = ProtocolError("string message that is not UTF-8")
                self._refuse(message.stream_id, channel, reason, now)
                return
        elif ppid in (_STRING_EMPTY, _BINARY_EMPTY):
            data, size = "" if ppid == _STRING_EMPTY else b"", 0
        elif ppid != _BINARY:
            self._discard(message)
            return
        channel.messages_received += 1
        channel.bytes_received += size
        self.received.append(Received(channel, data, len(body) + MESSAGE_OVERHEAD))

    def _keep_early(self, message: Message) -> None:
        if message.cost > self._early_room or message.stream_id in self._ids.blocked:
            self._discard(message)
            return
        self._early_room -= message.cost
        self._early.setdefault(message.stream_id, []).append(message)

    def _drop_early(self, id_: int) -> None:
        for message in self._early.pop(id_, ()):
            self._early_room += message.cost
            self._discard(message)

    def _drop_next_life(self, id_: int) -> None:
        for message in self._next_life.pop(id_, ()):
            if message is not None:
                self._discard(message)

    def _discard(self, message: Message) -> None:
        self.discarded += 1
        self.consume(message.cost)

    def _finish_all(self, reason: ProtocolError | None) -> None:
        for channel in (*self._channels.values(), *self._unnumbered):
            self._finish(channel, reason)
        for id_ in list(self._early):
            self._drop_early(id_)
        for id_ in list(self._next_life):
            self._drop_next_life(id_)

    def _finish(self, channel: Channel, reason: ProtocolError | None) -> None:
        """The channel has ended, and its identifier may be used again."""
        self._end(channel, reason)
        if channel.id is None:
            self._unnumbered.pop(channel, None)
        elif self._channels.pop(channel.id, None) is not None:
            self._heard.pop(channel.id, None)
            self._ids.give_back(channel.id)
            if not self._ids.owns(channel.id) and not channel.negotiated:
                self._remote_count -= 1
                self._label_room += channel.label_size

    def _end(self, channel: Channel, reason: ProtocolError | None) -> None:
        if channel.state is ChannelState.CLOSED:
            return
        self.closed += channel.state is not ChannelState.CONNECTING
        channel.unsent = self.buffered_amount(channel)
        channel.state = ChannelState.CLOSED
        self.events.append(ChannelClosed(channel, reason))
