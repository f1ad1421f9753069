"""The receiving half: DATA into messages, receive window, SACKs. RFC 9260 §6.2, §6.5-§6.9."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
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
from webrtc.sctp.events import MESSAGE_OVERHEAD, Message
from webrtc.sctp.ordering import Ahead
from webrtc.sctp.packet import HEADER_SIZE, Header
from webrtc.sctp.reassembly import Reassembly
from webrtc.sctp.tsns import ReceivedTsns

SACK_DELAY_MIN, SACK_DELAY_MAX = 0.02, 0.2
"""How long one lone packet waits for company: half a round trip within these. RFC 9260 §6.2."""
PACKETS_PER_SACK: Final = 2
ASSUMED_RTT: Final = 0.3
"""Round trip of a path that was not measured, for the growth of the window."""

REPEATED_PAUSE: Final = 0.2
"""After an answer to a chunk that came twice, others wait so long for theirs, which is one."""
MAX_REPEATED_GAPS: Final = 20
"""Gap blocks of a SACK that tells nothing but what came twice."""

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
        self._credit = config.announced_window
        """Bytes that the peer may still send by what it was told. They are taken, whatever is held:
        what keeping them costs beside was not known to it."""
        self._most_stuck = 2 * config.receive_window
        """Of what nothing that is missing can complete or give its turn."""
        self._most = self._most_stuck + config.max_tsn_ahead * MESSAGE_OVERHEAD
        """Of everything held, beyond which the credit is gone: who has no more chunks under way
        than we keep cannot come to it."""
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
        self._waiting: dict[int, Ahead] = {}
        """Whole messages that came before their turn, by stream."""
        self._numbers = self.number_mask
        self._waiting_size = 0
        self._fragments = fragments
        self.messages: deque[Message] = deque()
        self._delivered = 0
        """What messages cost that are in `messages` or with the application."""
        self._announced = config.announced_window
        self.unacknowledged = 0
        """Packets with DATA since the last SACK."""
        self.immediate = False
        self.deadline: float | None = None
        self._repeated = 0
        """Chunks of the packet being read that came before."""
        self._quiet_until = 0.0

    def take_over(self, unread: int) -> None:
        """The peer has begun anew, and what came of it before, which costs `unread`, is unread."""
        self._delivered = unread

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
    def unread(self) -> int:
        """What messages cost that are whole and not consumed."""
        return self._delivered

    @property
    def held(self) -> int:
        """Bytes that count against the receive window."""
        return self._delivered + self._waiting_size + self._fragments.size

    @abstractmethod
    def handle_data(self, packet: bytes, flags: int, start: int, stop: int) -> None:
        """Take the chunk of user data whose header is 4 bytes before `start`."""

    def go_on(self, packets: Sequence[bytes], header: Header) -> int:  # noqa: ARG002 - by `DataInbound`
        """Take the first of `packets` if they only go on with a message; returns how many.

        What is not taken goes the long way of `handle_data`. Call `packet_done` afterwards.
        """
        return 0

    @abstractmethod
    def handle_forward_tsn(self, value: bytes) -> None:
        """Stop waiting for what the peer gave up."""

    def packet_done(self, now: float, srtt: float | None, chunks: int) -> None:
        """A packet with so many chunks of data, or of what skips it, was read.

        Decides about its acknowledgement. Raises Violation for what is beyond all measure: honest
        fragments and messages wait for a TSN that is missing, and are no crumbs.
        """
        fragments, waiting, gaps = self._fragments.size, self._waiting_size, self.tsns.gaps
        if self._delivered + waiting + fragments > self._most_stuck:
            self._check_held(fragments + (0 if gaps else waiting))
        if self._repeated:
            repeated, self._repeated = self._repeated, 0
            self._answer_repeated(now)
            if repeated >= chunks:
                return
        self.unacknowledged += 1
        if now >= self._round_end:
            self._end_round(now, ASSUMED_RTT if srtt is None else srtt)
        if gaps:
            self.immediate = True
        elif self.deadline is None and self.unacknowledged < PACKETS_PER_SACK:
            delay = SACK_DELAY_MIN if srtt is None or srtt < 2 * SACK_DELAY_MIN else srtt / 2
            self.deadline = now + (delay if delay < SACK_DELAY_MAX else SACK_DELAY_MAX)

    def _check_held(self, stuck: int) -> None:
        if self.held > self._most:
            self._credit = 0
        if stuck > self._most_stuck:
            raise out_of_resource(f"{stuck} bytes that cannot be delivered")

    def _answer_repeated(self, now: float) -> None:
        """What came twice was most likely not acknowledged: at once, then not before a pause."""
        if now >= self._quiet_until:
            self._quiet_until = now + REPEATED_PAUSE
            self.immediate = True
        elif self.deadline is None or self._quiet_until < self.deadline:
            self.deadline = self._quiet_until

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
        brief = not self.unacknowledged and bool(self.tsns.duplicates)
        self.unacknowledged = 0
        self.immediate = False
        self.deadline = None
        if self._fragments.size > self._window // 2:
            self._grow()  # only more of these messages will make room: do not close before it comes
        self._announced = announced = self.window
        if announced > self._credit:
            self._credit = announced
        if brief:
            return self.tsns.encode(announced, room, MAX_REPEATED_GAPS)
        return self.tsns.encode(announced, room)

    def consume(self, size: int) -> None:
        """The application took messages that cost `size`: the window opens.

        The peer is told when half of it is open.
        """
        self._delivered = self._delivered - size if size < self._delivered else 0
        self._consumed += size
        half = self._window // 2
        if self._announced < half <= self.window:
            self.immediate = True

    def reset(self, ids: frozenset[int]) -> None:
        """The next message of these streams, of all when empty, has number 0. RFC 6525 §5.2.2."""
        if not ids:
            self._expected.clear()
            self._waiting.clear()
            self._waiting_size = 0
            return
        for stream_id in self._expected.keys() & ids:
            del self._expected[stream_id]
        for stream_id in self._waiting.keys() & ids:
            for message in self._waiting.pop(stream_id).messages.values():
                self._waiting_size -= message.cost

    def _forward(self, wire: int) -> tuple[int, int, list[list[int]]]:
        """Move the cumulative TSN; returns what it was, what it shall be, or is already.

        And the blocks of TSNs that it has reached.
        """
        tsns = self.tsns
        before, tsn = tsns.cumulative, tsns.unwrap(wire)
        if tsn - before > self._config.max_tsn_ahead:
            raise violation(f"FORWARD-TSN {tsn - before} beyond the cumulative TSN")
        if tsn <= before:
            self._repeated += 1
            return before, tsn, []
        self.immediate = True
        blocks = tsns.forward(tsn)
        self._next = tsns.cumulative + 1 & _MASK
        return before, tsn, blocks

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
            self._repeated += 1
            return False
        if tsn - tsns.cumulative > self._config.max_tsn_ahead or not self._has_room(tsn, size):
            self._counters.chunks_dropped += 1
            self.immediate = True
            return False
        self._credit = self._credit - size if size < self._credit else 0
        if tsns.gaps:
            self.immediate = True
        tsns.add(tsn)
        self._next = tsns.cumulative + 1 & _MASK
        return True

    def _has_room(self, tsn: int, size: int) -> bool:
        """Whether `tsn` may be kept; raises Violation when nothing could ever make room."""
        held, tsns = self.held + size, self.tsns
        if size <= self._credit or held <= self._window:
            return True
        if not self._delivered and (tsn < tsns.highest or tsn == tsns.cumulative + 1):
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
                self._advance(stream_id, 1)
            return
        waiting = self._waiting.get(stream_id)
        if waiting is None:
            waiting = self._waiting[stream_id] = Ahead()
        if waiting.add(number - expected & self._numbers, message):
            self._waiting_size += message.cost

    def _deliver(self, message: Message) -> None:
        size = len(message.data)
        self._delivered += size + MESSAGE_OVERHEAD
        self._counters.bytes_received += size
        self._counters.messages_received += 1
        self.messages.append(message)

    def _advance(self, stream_id: int, count: int) -> None:
        """So many messages more are not waited for: deliver those that they held up."""
        waiting = self._waiting[stream_id]
        before = waiting.turn
        for message in waiting.advance(count):
            self._waiting_size -= message.cost
            self._deliver(message)
        moved = waiting.turn - before - count
        if moved:
            self._expected[stream_id] = self._expected[stream_id] + moved & self._numbers
        if not waiting.messages:
            del self._waiting[stream_id]

    def _skip(self, stream_id: int, number: int) -> None:
        """Messages up to `number` that are not here will not come; deliver those that are."""
        ahead = number - self._expected.get(stream_id, 0) & self._numbers
        if ahead > self._numbers >> 1:
            return
        self._expected[stream_id] = number + 1 & self._numbers
        if stream_id in self._waiting:
            self._advance(stream_id, ahead + 1)


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
        tsns, reassembly = self.tsns, self._reassembly
        if flags & IMMEDIATE:
            self.immediate = True
        if wire == self._next and size <= self._credit and not tsns.gaps:
            tsn = tsns.cumulative = tsns.cumulative + 1
            self._next = wire + 1 & _MASK
            self._credit -= size
        else:
            tsn = tsns.unwrap(wire)
            if not self._accept(tsn, size):
                return
        if stream_id >= self._streams and not self._is_stream(stream_id):
            reassembly.separate(tsn)
            return
        payload = packet[start + 12 : stop]
        if flags & WHOLE == WHOLE:
            if reassembly.size:
                reassembly.separate(tsn)
            self._complete(stream_id, ssn, ppid, flags & UNORDERED, payload)
            return
        unordered = flags & UNORDERED
        key = (stream_id, 0 if unordered else ssn, unordered)
        run = reassembly.add(tsns, tsn, flags, key, ppid, payload)
        if run is not None:
            self._complete(stream_id, ssn, run.ppid, unordered, b"".join(run.parts))

    def go_on(self, packets: Sequence[bytes], header: Header) -> int:
        """Take packets with one middle fragment each: the next ones of the message that is open."""
        tsns, reassembly = self.tsns, self._reassembly
        run = reassembly.open_at(tsns.cumulative)
        if run is None or tsns.gaps:
            return 0
        stream_id, ssn, unordered = run.key
        room = reassembly.room(run)
        if self._credit < room:
            room = self._credit
        parts, size, wanted = run.parts, 0, self._next
        before = len(parts)
        for packet in packets:
            length = len(packet) - HEADER_SIZE
            if length <= DATA.size or packet[:8] != header.data:
                break
            kind, flags, stated, wire, stream, number, _ = DATA.unpack_from(packet, HEADER_SIZE)
            if (
                wire != wanted
                or stated != length
                or kind
                or flags != unordered
                or stream != stream_id
                or (number != ssn and not unordered)
                or size + length > room
                or not header.verifies(packet)
            ):
                break
            parts.append(packet[HEADER_SIZE + DATA.size :])
            size += length - DATA.size
            wanted = wanted + 1 & _MASK
        count = len(parts) - before
        if count:
            reassembly.extend(run, count, size)
            tsns.cumulative += count
            self._next = wanted
            self._credit -= size
            self.unacknowledged += count - 1  # and one by `packet_done`
        return count

    def handle_forward_tsn(self, value: bytes) -> None:
        """Stop waiting for what the peer gave up. RFC 3758 §3.6."""
        chunk = ForwardTsn.decode(value)
        before, tsn, blocks = self._forward(chunk.cumulative_tsn)
        if tsn <= before:
            return
        if self._reassembly.size:
            self._reassembly.skip(before, tsn, blocks)
        for stream_id, ssn in chunk.skipped:
            if stream_id < self._streams:
                self._skip(stream_id, ssn)
