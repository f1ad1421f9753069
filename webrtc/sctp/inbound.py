"""The receiving half: DATA into messages, receive window, SACKs. RFC 9260 §6.2, §6.5-§6.9."""

from abc import ABC, abstractmethod
from collections import deque
from typing import ClassVar, Final, Protocol

from webrtc.sctp.causes import invalid_stream, no_user_data, out_of_resource, violation
from webrtc.sctp.chunks import (
    BEGINNING,
    DATA,
    END,
    IMMEDIATE,
    UNORDERED,
    ChunkType,
    ForwardTsn,
    encode_error,
)
from webrtc.sctp.config import Config
from webrtc.sctp.cookie import Peering
from webrtc.sctp.counters import Counters
from webrtc.sctp.events import Message
from webrtc.sctp.reassembly import FRAGMENT_OVERHEAD, Reassembly
from webrtc.sctp.tsns import ReceivedTsns

SACK_DELAY_MIN, SACK_DELAY_MAX = 0.02, 0.2
"""How long one lone packet waits for company: half a round trip within these. RFC 9260 §6.2."""
PACKETS_PER_SACK: Final = 2
ASSUMED_RTT: Final = 0.3
"""Round trip of a path that was not measured, for the growth of the window."""

MAX_CONTROL: Final = 16
"""Control chunks that wait to be sent before no more errors are reported."""

WHOLE: Final = BEGINNING | END
_MASK: Final = 0xFFFF_FFFF


class Fragments(Protocol):
    """Messages of which not everything is here yet."""

    size: int
    """Bytes held, with overhead."""

    def clear(self) -> None:
        """Drop everything."""


class Inbound(ABC):
    """Everything received that the application has not consumed.

    What is the same whether messages come in DATA or in I-DATA; numbers are stream sequence numbers
    or MIDs.
    """

    chunk_type: ClassVar[ChunkType]
    """What carries user messages."""
    number_mask: ClassVar[int]
    """The largest number."""

    def __init__(
        self,
        config: Config,
        peering: Peering,
        counters: Counters,
        control: deque[bytes],
        fragments: Fragments,
    ) -> None:
        self._config = config
        self._counters = counters
        self._window = config.announced_window
        self._max_window = config.receive_window
        self._consumed = 0
        """Bytes that the application took since `_round_end` was last set."""
        self._round_end = 0.0
        self._max_message_size = config.max_message_size
        self._streams = peering.inbound_streams
        self._control = control
        self._low_water = max(
            config.base_plpmtu, min(config.max_plpmtu, config.receive_window // 8)
        )
        self.tsns = ReceivedTsns(peering.peer_tsn)
        self._next = peering.peer_tsn
        self._expected: dict[int, int] = {}
        """Next number of each stream that was used."""
        self._waiting: dict[int, dict[int, Message]] = {}
        """Whole messages that came before their turn, by stream and number."""
        self._numbers = self.number_mask
        self._waiting_size = 0
        self._fragments = fragments
        self.messages: deque[Message] = deque()
        self._delivered = 0
        """Bytes that are in `messages` or with the application."""
        self._announced = config.announced_window
        self.unacknowledged = 0
        """Packets with DATA since the last SACK."""
        self.immediate = False
        self.deadline: float | None = None

    def forget(self) -> None:
        """The association is over: what is incomplete will stay so."""
        self._fragments.clear()
        self._waiting.clear()
        self._waiting_size = 0

    @property
    def due(self) -> bool:
        """A SACK should be sent now."""
        return self.immediate or self.unacknowledged >= PACKETS_PER_SACK

    @property
    def bulky(self) -> bool:
        """The SACK will be more than its fixed part."""
        return bool(self.tsns.gaps or self.tsns.duplicates)

    @property
    def window(self) -> int:
        """What to announce: 0 rather than less than a packet, to avoid silly windows."""
        free = self._window - self._delivered - self._waiting_size - self._fragments.size
        return free if free >= self._low_water else 0

    @property
    def held(self) -> int:
        """Bytes that count against the receive window."""
        return self._delivered + self._waiting_size + self._fragments.size

    @abstractmethod
    def handle_data(self, packet: bytes, flags: int, start: int, stop: int) -> None:
        """Take the chunk of user data whose header is 4 bytes before `start`."""

    @abstractmethod
    def handle_forward_tsn(self, value: bytes) -> None:
        """Stop waiting for what the peer gave up."""

    def packet_done(self, now: float, srtt: float | None) -> None:
        """A packet with DATA was read: decide about its acknowledgement."""
        self.unacknowledged += 1
        if now >= self._round_end:
            self._end_round(now, ASSUMED_RTT if srtt is None else srtt)
        if self.tsns.gaps:
            self.immediate = True
        elif self.deadline is None and self.unacknowledged < PACKETS_PER_SACK:
            delay = SACK_DELAY_MIN if srtt is None or srtt < 2 * SACK_DELAY_MIN else srtt / 2
            self.deadline = now + (delay if delay < SACK_DELAY_MAX else SACK_DELAY_MAX)

    def _end_round(self, now: float, rtt: float) -> None:
        """A round trip is over: let the window grow when it was what limited the peer."""
        if self._consumed > self._window // 2:
            self._grow()
        self._consumed = 0
        self._round_end = now + rtt

    def _grow(self) -> None:
        self._window = min(2 * self._window, self._max_window)

    def handle_timeout(self, now: float) -> None:
        """The lone packet waited long enough."""
        if self.deadline is not None and now >= self.deadline:
            self.deadline = None
            self.immediate = True

    def sack(self, room: int) -> bytes:
        """The SACK chunk of this moment."""
        self.unacknowledged = 0
        self.immediate = False
        self.deadline = None
        if self._fragments.size > self._window // 2:
            self._grow()  # only more of these messages will make room: do not close before it comes
        self._announced = self.window
        return self.tsns.encode(self._announced, room)

    def consume(self, size: int) -> None:
        """The application took `size` bytes: the window opens, and the peer is told at half."""
        self._delivered = self._delivered - size if size < self._delivered else 0
        self._consumed += size
        half = self._window // 2
        if self._announced < half <= self.window:
            self.immediate = True

    def reset(self, ids: tuple[int, ...]) -> None:
        """The next message of these streams, of all when empty, has number 0. RFC 6525 §5.2.2."""
        for stream_id in ids or tuple(self._expected.keys() | self._waiting.keys()):
            self._expected.pop(stream_id, None)
            for message in self._waiting.pop(stream_id, {}).values():
                self._waiting_size -= len(message.data) + FRAGMENT_OVERHEAD

    def _forward(self, wire: int) -> tuple[int, int]:
        """Move the cumulative TSN; returns what it was, and what it shall be, or is already."""
        tsns = self.tsns
        before, tsn = tsns.cumulative, tsns.unwrap(wire)
        self.immediate = True
        if tsn - before > self._config.max_tsn_ahead:
            raise violation(f"FORWARD-TSN {tsn - before} beyond the cumulative TSN")
        if tsn > before:
            tsns.forward(tsn)
            self._next = tsns.cumulative + 1 & _MASK
        return before, tsn

    def _is_stream(self, stream_id: int) -> bool:
        """Whether the stream was negotiated; the peer is told when not. RFC 9260 §6.5."""
        if stream_id < self._streams:
            return True
        if len(self._control) < MAX_CONTROL:
            self._control.append(encode_error((invalid_stream(stream_id),)))
        return False

    def _accept(self, tsn: int, size: int) -> bool:
        tsns = self.tsns
        if tsns.has(tsn):
            tsns.duplicate(tsn)
            self._counters.chunks_duplicated += 1
            self.immediate = True
            return False
        if tsn - tsns.cumulative > self._config.max_tsn_ahead or not self._has_room(tsn, size):
            self._counters.chunks_dropped += 1
            self.immediate = True
            return False
        if tsns.gaps:
            self.immediate = True
        tsns.add(tsn)
        self._next = tsns.cumulative + 1 & _MASK
        return True

    def _has_room(self, tsn: int, size: int) -> bool:
        """Whether `tsn` may be kept; raises Violation when nothing could ever make room.

        What fills a hole was within the window when it was sent, whatever our overhead says.
        """
        held, tsns = self.held + size, self.tsns
        fills = tsn < tsns.highest
        if held <= (2 * self._window if fills else self._window):
            return True
        if not self._delivered and (fills or tsn == tsns.cumulative + 1):
            if self._window < self._max_window:  # many messages that are all incomplete
                self._grow()
                return self._has_room(tsn, size)
            raise out_of_resource(f"{held} bytes that cannot be delivered")
        return False

    def _complete(
        self, stream_id: int, number: int, ppid: int, unordered: int, data: bytes
    ) -> None:
        if len(data) > self._max_message_size:
            raise out_of_resource(f"message of {len(data)} bytes")
        message = Message(stream_id, ppid, data)
        if unordered:
            self._deliver(message)
            return
        expected = self._expected.get(stream_id, 0)
        if number == expected:
            self._expected[stream_id] = number + 1 & self._numbers
            self._deliver(message)
            if stream_id in self._waiting:
                self._flush(stream_id)
        else:
            waiting = self._waiting.setdefault(stream_id, {})
            if number not in waiting:
                waiting[number] = message
                self._waiting_size += len(data) + FRAGMENT_OVERHEAD

    def _deliver(self, message: Message) -> None:
        size = len(message.data)
        self._delivered += size
        self._counters.bytes_received += size
        self._counters.messages_received += 1
        self.messages.append(message)

    def _flush(self, stream_id: int) -> None:
        waiting = self._waiting[stream_id]
        number = self._expected.get(stream_id, 0)
        while (message := waiting.pop(number, None)) is not None:
            self._waiting_size -= len(message.data) + FRAGMENT_OVERHEAD
            self._deliver(message)
            number = number + 1 & self._numbers
        self._expected[stream_id] = number
        if not waiting:
            del self._waiting[stream_id]

    def _skip(self, stream_id: int, number: int) -> None:
        """Messages up to `number` that are not here will not come; deliver those that are."""
        mask = self._numbers
        expected = self._expected.get(stream_id, 0)
        ahead = number - expected & mask
        if ahead > mask >> 1:
            return
        waiting = self._waiting.get(stream_id, {})
        if ahead < len(waiting):
            passed = [found for n in range(ahead + 1) if (found := expected + n & mask) in waiting]
        else:
            passed = [found for found in waiting if found - expected & mask <= ahead]
            passed.sort(key=lambda found: found - expected & mask)
        for found in passed:
            message = waiting.pop(found)
            self._waiting_size -= len(message.data) + FRAGMENT_OVERHEAD
            self._deliver(message)
        self._expected[stream_id] = number + 1 & mask
        if stream_id in self._waiting:
            self._flush(stream_id)


class DataInbound(Inbound):
    """Messages in DATA: their fragments have consecutive TSNs."""

    chunk_type = ChunkType.DATA
    number_mask = 0xFFFF

    def __init__(
        self, config: Config, peering: Peering, counters: Counters, control: deque[bytes]
    ) -> None:
        self._reassembly = Reassembly(config.max_message_size)
        super().__init__(config, peering, counters, control, self._reassembly)

    def handle_data(self, packet: bytes, flags: int, start: int, stop: int) -> None:
        """Take the DATA chunk whose header is 4 bytes before `start`."""
        size = stop - start - 12
        if size <= 0:
            raise no_user_data(int.from_bytes(packet[start : start + 4], "big"))
        _, _, _, wire, stream_id, ssn, ppid = DATA.unpack_from(packet, start - 4)
        tsns = self.tsns
        if flags & IMMEDIATE:
            self.immediate = True
        held = self._delivered + self._waiting_size + self._reassembly.size
        if wire == self._next and not tsns.gaps and held + size <= self._window:
            tsn = tsns.cumulative = tsns.cumulative + 1
            self._next = wire + 1 & _MASK
        else:
            tsn = tsns.unwrap(wire)
            if not self._accept(tsn, size):
                return
        if stream_id >= self._streams and not self._is_stream(stream_id):
            return
        payload = packet[start + 12 : stop]
        if flags & WHOLE == WHOLE:
            self._complete(stream_id, ssn, ppid, flags & UNORDERED, payload)
            return
        unordered = flags & UNORDERED
        key = (stream_id, 0 if unordered else ssn, unordered)
        run = self._reassembly.add(tsn, flags, key, ppid, payload)
        if run is not None:
            self._complete(stream_id, ssn, run.ppid, unordered, b"".join(run.parts))

    def handle_forward_tsn(self, value: bytes) -> None:
        """Stop waiting for what the peer gave up. RFC 3758 §3.6."""
        chunk = ForwardTsn.decode(value)
        before, tsn = self._forward(chunk.cumulative_tsn)
        if tsn <= before:
            return
        self._reassembly.skip(before, tsn)
        for stream_id, ssn in chunk.skipped:
            if stream_id < self._streams:
                self._skip(stream_id, ssn)
