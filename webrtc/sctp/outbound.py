"""The sending half: new and lost chunks into packets, SACKs, timers. RFC 9260 §6.1–§6.3, §7."""

import struct
from collections import deque
from typing import Final

from webrtc.core import earliest
from webrtc.errors import InvalidAccessError, OperationError
from webrtc.sctp.algorithms import create
from webrtc.sctp.causes import violation
from webrtc.sctp.chunks import DATA, I_DATA, IMMEDIATE
from webrtc.sctp.config import Config
from webrtc.sctp.counters import Counters
from webrtc.sctp.delivery import Delivery
from webrtc.sctp.events import Event, SendBufferLow
from webrtc.sctp.fragments import cut_data, cut_i_data, encode_data, encode_i_data
from webrtc.sctp.loss import LossDetection
from webrtc.sctp.outstanding import ABANDONED, IN_FLIGHT, LOST, OutgoingChunk, Outstanding
from webrtc.sctp.pacing import Pacer
from webrtc.sctp.partial import AckPoint, is_stale
from webrtc.sctp.path_mtu import MAX_PROBES, PathMtu
from webrtc.sctp.queue import MESSAGE_OVERHEAD, OutboundMessage, SendQueue
from webrtc.sctp.rto import RetransmissionTimeout
from webrtc.sctp.sack import HEAD, NewestSack, decode_head
from webrtc.sctp.timer import RetransmissionTimer

MAX_OUTSTANDING: Final = 32768
"""TSNs in flight; a gap block cannot report more than 65535, and receivers keep about 40000."""
MIN_FRAGMENT: Final = 64
"""User data below which the rest of a packet is not worth a fragment."""
MAX_RESENT: Final = 4096
"""Repairs remembered to find out whether they were needed."""

_MASK: Final = 0xFFFF_FFFF
_TSN: Final = struct.Struct("!I")


class Outbound:
    """Everything on its way to the peer."""

    def __init__(
        self,
        config: Config,
        initial_tsn: int,
        counters: Counters,
        path_mtu: PathMtu,
        events: deque[Event],
    ) -> None:
        self._max_send_buffer = config.max_send_buffer
        self._max_outstanding = config.max_send_buffer // 2  # the other half is for what waits
        self._counters = counters
        self._events = events
        self._path_mtu = path_mtu
        self._burst = config.max_burst * config.base_plpmtu
        self._header = DATA.size
        self._encode = encode_data
        self._cut = cut_data
        self._max_message_size = config.max_outbound_message_size or config.max_send_buffer
        self.queue = SendQueue(events)
        self.outstanding = Outstanding(initial_tsn)
        self.rto = RetransmissionTimeout(config.rto_initial, config.rto_min, config.rto_max)
        self.congestion = create(config, initial_tsn)
        self.ack_point = AckPoint(self.outstanding)
        self.peer_window = 0
        """Receive window the peer announced last; bytes in flight count against it."""
        self.partial_reliability = False
        self.errors = 0
        """Timeouts since the peer last acknowledged something."""
        self.low_threshold = -1
        """SendBufferLow tells when `size` falls to it."""
        self._loss = LossDetection(self.outstanding, self.rto)
        self._delivery = Delivery()
        self._pacer = Pacer()
        self._limit = 0
        self._allowance = 0
        self._packet = 0
        self._recovery_end = 0
        self._forced = False
        self._resent: set[int] = set()
        """TSNs sent again since the congestion window was last reduced."""
        self._timer = RetransmissionTimer(self.rto)
        self._newest = NewestSack()
        self._last_sent = 0.0
        self._rtt_packet = 0

    @property
    def size(self) -> int:
        """Bytes taken by `send` and not acknowledged, with the overhead of waiting messages."""
        return self.queue.size + self.outstanding.size

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is unacknowledged."""
        return not self.queue.size and not self.outstanding.chunks

    @property
    def waiting(self) -> bool:
        """There is something to send, now or when the windows allow it."""
        return bool(self.queue.size or self.outstanding.lost or self.ack_point.due)

    @property
    def deadline(self) -> float | None:
        """When to call `handle_timeout`."""
        loss, pace = self._loss.deadline, self._pacer.deadline
        if loss is None and pace is None:
            return self._timer.deadline
        if not self.waiting:  # what the pacer held back is not wanted any more
            pace = None
        return earliest(self._timer.deadline, loss, pace)

    def send(self, message: OutboundMessage, *, limited: bool = True) -> None:
        """Queue a message; OperationError when the buffer is full and it is `limited` by it."""
        if not message.size:
            raise InvalidAccessError("SCTP has no empty messages")
        if message.size > self._max_message_size:
            raise InvalidAccessError(
                f"message of {message.size} bytes, the peer takes {self._max_message_size}"
            )
        held = self.queue.size + self.outstanding.size
        if limited and held + message.size + MESSAGE_OVERHEAD > self._max_send_buffer:
            if not message.stream.excess:
                raise OperationError(
                    f"send buffer is full: {held} of {self._max_send_buffer} bytes,"
                    " wait for the buffered amount to fall"
                )
            message.stream.excess = False
        self.queue.push(message)

    def fill(self, parts: list[bytes], room: int, now: float) -> None:
        """Append the chunks of one packet to `parts`, `room` bytes at most."""
        outstanding = self.outstanding
        self._pacer.begin(now)
        if outstanding.lost:
            room = self._fill_lost(parts, room, now)
        if self.ack_point.due and room >= 256:
            forward = self.ack_point.encode(room - 128)
            parts.append(forward)
            room -= len(forward)
        if (
            self.queue.size
            and not outstanding.lost  # these go first: RFC 9260 §6.1 C
            and outstanding.size < self._max_outstanding
            and len(outstanding.chunks) < MAX_OUTSTANDING
        ):
            pause = now - self._last_sent
            if pause > self.rto.rto and not outstanding.chunks:
                if self._last_sent:
                    self.congestion.on_idle(int(pause / self.rto.rto))  # RFC 9260 §7.2.1
                self._set_limit()
            self._fill_new(parts, room, now)
        if parts:
            self._packet += 1
            self._allowance = 0
            if self.errors:  # one packet until something is acknowledged: RFC 9260 §7.2.3
                self._limit = 0
            if self._timer.deadline is None and outstanding.chunks:
                self._arm(now)

    def handle_sack(self, value: bytes, now: float) -> None:
        """Take the value of a SACK chunk. Of a burst the newest counts, when `settle` is called."""
        cumulative, window, gaps, duplicates = decode_head(value)
        advance = cumulative - self.outstanding.first + 1 & _MASK
        if advance > 0x7FFF_FFFF:
            return  # older than one that was taken already
        if advance > len(self.outstanding.chunks):
            raise violation(f"SACK for TSN {cumulative} which was not sent")
        if duplicates and self._resent:
            self._take_duplicates(value[12 + 4 * gaps :])
        newest = self._newest
        if newest.waits:
            if advance < newest.advance:
                return
            if advance == newest.advance and gaps < newest.gaps:
                self.settle(now)  # this one had no room for all that is known
                advance = 0
        newest.value, newest.advance, newest.window, newest.gaps = value, advance, window, gaps
        newest.waits = True

    def settle(self, now: float) -> None:
        """Act on what `handle_sack` has kept: once for all SACKs that came together."""
        newest, outstanding = self._newest, self.outstanding
        if not newest.waits:
            return
        newest.waits = False
        advance, gaps, window = newest.advance, newest.gaps, newest.window
        flight = outstanding.flight
        acked = 0
        outstanding.reported = gaps
        if advance:
            acked = outstanding.acknowledge(advance, now, self.rto.min_rtt)
        if gaps:
            acked += outstanding.acknowledge_gaps(newest.blocks(), now, self.rto.min_rtt)
        if not window or not self.peer_window:
            self._turn_window(window)
        self.peer_window = window
        self._after_ack(acked, flight, now)
        if advance:
            self._progress(now)

    def acknowledge(self, cumulative: int, now: float) -> None:
        """Take the cumulative TSN of a SHUTDOWN."""
        self.handle_sack(HEAD.pack(cumulative, self.peer_window, 0, 0), now)

    def handle_timeout(self, now: float) -> None:
        """Act on the timers; afterwards `errors` tells whether to give up."""
        if self._loss.deadline is not None and self._loss.deadline <= now:
            self._repair(now)
            self._set_limit()
        deadline = self._timer.deadline
        if deadline is None or now < deadline:
            return
        if self._timer.probing:
            self._probe(now)
        else:
            self._expire(now)

    def release(self, *, window: int, partial_reliability: bool, interleaving: bool) -> None:
        """The association is established: data may flow."""
        self.peer_window = window
        self.partial_reliability = partial_reliability
        if interleaving:
            self._header = I_DATA.size
            self._encode = encode_i_data
            self._cut = cut_i_data
            self.queue.interleave(window)
            self.ack_point.interleaving = True
        self._set_limit()

    def _fill_new(self, parts: list[bytes], room: int, now: float) -> None:
        queue, outstanding, header = self.queue, self.outstanding, self._header
        pacer, delivery = self._pacer, self._delivery
        tsn = outstanding.first + len(outstanding.chunks)
        while queue.size and room > header:
            flight = outstanding.flight
            if not self._forced and (flight >= self._limit or pacer.holds(now)):
                break
            message = queue.current or queue.next(now)
            if message is None:
                break
            size, space = message.size - message.offset, room - header
            if size > space:
                if parts and (
                    space < MIN_FRAGMENT
                    or (not message.offset and size <= self._path_mtu.room - header)
                ):
                    break
                size = space
            if flight and flight + header + size > self.peer_window:
                break
            self._forced = False
            if not flight:
                delivery.begin(now)
            if not message.offset:
                message.first_tsn = tsn
                self._counters.messages_sent += 1
            message.last_tsn = tsn
            self._counters.bytes_sent += size
            data = self._encode(message, size, tsn)
            parts.append(data)
            room -= len(data)
            chunk = OutgoingChunk(tsn, data, message, self._packet, now)
            delivery.stamp(chunk)
            outstanding.add(chunk)
            pacer.sent(chunk.size)
            tsn += 1
            queue.advance(message, size)
            self._last_sent = now
        if not queue.size:
            delivery.limit(outstanding.flight)

    def fill_run(self, limit: int, now: float) -> list[bytes]:
        """Middle fragments of the message that is being sent: each is all of a packet.

        At most `limit`; none when anything else has to be thought of.
        """
        queue, outstanding, delivery = self.queue, self.outstanding, self._delivery
        message = queue.current
        if (
            message is None
            or not message.offset
            or outstanding.lost
            or self.ack_point.due
            or not queue.alone
        ):
            return []
        size = self._path_mtu.room - self._header
        count = self._most_alike(message, size, limit, now)
        if count < 1:
            return []
        tsn = outstanding.next_tsn
        pieces = self._cut(message, size, count, tsn)
        for chunk in outstanding.extend(pieces, message, self._packet, now):
            delivery.stamp(chunk)
        self._pacer.sent(count * (self._header + size))
        self._packet += count
        message.last_tsn = tsn + count - 1
        self._counters.bytes_sent += count * size
        queue.advance(message, count * size)
        return pieces

    def _most_alike(self, message: OutboundMessage, size: int, limit: int, now: float) -> int:
        """How many fragments of `size` the windows, the pacer and the message itself allow."""
        outstanding = self.outstanding
        flight, chunk = outstanding.flight, self._header + size
        window = self._limit - flight
        for bound in (
            self.peer_window - flight - chunk,
            self._max_outstanding - outstanding.size,
            self._pacer.allowance(now),
        ):
            if bound < window:
                window = bound
        count = window // chunk
        rest = (message.size - message.offset - 1) // size
        for most in (limit, rest, MAX_OUTSTANDING - len(outstanding.chunks)):
            if most < count:
                count = most
        return count

    def _fill_lost(self, parts: list[bytes], room: int, now: float) -> int:
        outstanding = self.outstanding
        while (chunk := outstanding.next_lost()) is not None:
            if self.partial_reliability and is_stale(chunk, now):
                self._abandon(chunk, now)
                continue
            # A chunk of a time when packets were larger goes alone, and may be fragmented.
            if chunk.size > room and (parts or chunk.size <= self._path_mtu.room):
                break
            if self._is_full(chunk.size, now):
                break
            self._forced = False
            first = chunk is outstanding.chunks[0]
            if not outstanding.flight:
                self._delivery.begin(now)
            outstanding.resend(chunk, self._packet, now)
            self._delivery.stamp(chunk)
            self._pacer.sent(chunk.size)
            if len(self._resent) < MAX_RESENT:
                self._resent.add(chunk.tsn)
            data = chunk.data
            if self.errors:  # one packet in flight must not wait for the peer's timer: RFC 7053
                data = data[:1] + bytes((data[1] | IMMEDIATE,)) + data[2:]
            parts.append(data)
            room -= chunk.size
            self._counters.chunks_retransmitted += 1
            if first:
                self._arm(now)
        return room

    def _is_full(self, size: int, now: float) -> bool:
        """Whether a lost chunk must wait. With nothing in flight it probes a closed window."""
        flight, limit = self.outstanding.flight, self._limit
        if not flight or self._forced:
            return False
        # A chunk of a time when packets were larger may not exceed it further than a packet does.
        if flight >= limit or flight + size >= limit + self._path_mtu.size:
            return True
        return flight + size > self.peer_window or self._pacer.holds(now)

    def _abandon(self, chunk: OutgoingChunk, now: float) -> None:
        message, outstanding = chunk.message, self.outstanding
        self._counters.messages_abandoned += 1
        if message.offset < message.size:
            # The unsent rest gets one TSN, so that FORWARD-TSN goes beyond all that was sent: the
            # peer may have every fragment that we took for lost, and would wait for the next.
            self.queue.drop(message)
            message.last_tsn = outstanding.next_tsn
            outstanding.add(OutgoingChunk(message.last_tsn, b"", message, self._packet, now))
        outstanding.abandon(message)
        self.ack_point.advance()

    def _after_ack(self, acked: int, flight: int, now: float) -> None:
        """Round-trip time, congestion window and losses after acknowledgements."""
        outstanding, delivery = self.outstanding, self._delivery
        latest = outstanding.latest
        if acked:
            delivery.count(acked, now)
            self._timer.probed = False
        if latest is not None:
            if latest.transmissions == 1 and latest.packet >= self._rtt_packet:
                self.rto.measure(now - latest.sent_at)
                self._rtt_packet = self._packet
            # A lone packet says nothing about what the path can carry.
            if flight > self._path_mtu.room or self.queue.size:
                delivery.flight = flight
                delivery.recovering = latest.packet < self._recovery_end
                delivery.srtt = self.rto.srtt or 0.0
                delivery.measure(latest, now)
                self.congestion.packet_size = self._path_mtu.size
                self.congestion.on_ack(delivery, now)
                self._pacer.set(self.congestion.pacing_rate, self.rto.min_rtt)
        if self._loss.on_ack(now):
            self._repair(now)
        self._allowance += 2 * acked
        self._set_limit()
        chunks = outstanding.chunks
        if chunks and chunks[0].state == ABANDONED:
            self.ack_point.due = True
        if acked and self.low_threshold >= 0 and self.size <= self.low_threshold:
            self._tell_low()

    def _tell_low(self) -> None:
        if (low := SendBufferLow()) not in self._events:
            self._events.append(low)

    def _take_duplicates(self, tsns: bytes) -> None:
        """Repairs that were not needed: learn from them, and undo what they cost. RFC 4015."""
        base = self.outstanding.next_tsn
        for (wire,) in _TSN.iter_unpack(tsns):
            tsn = base - (base - wire & _MASK)
            if tsn in self._resent:
                self._resent.discard(tsn)
                self.outstanding.spurious = True
                if not self._resent:
                    self._counters.spurious_loss_events += 1
                    self.congestion.on_spurious_loss()

    def _progress(self, now: float) -> None:
        """The cumulative TSN moved: T3 starts again. RFC 9260 §6.3.2 R3."""
        if self.errors:
            self.errors = 0
            self.rto.restore()
            self._path_mtu.on_answer()
        self._arm(now)

    def _turn_window(self, window: int) -> None:
        """The peer's window is closed, or was until now."""
        self.errors = 0  # it answers, if only our probes: RFC 9260 §6.1 A
        self._path_mtu.on_answer()
        if window:
            # What probed the closed window was most likely dropped.
            self.rto.restore()
            self.outstanding.lose_all()
            self._forced = True

    def _repair(self, now: float) -> None:
        flight = self.outstanding.flight
        lost = self._loss.detect(now)
        if not lost:
            return
        for chunk in lost:
            if chunk.transmissions >= MAX_PROBES and not self.outstanding.has_passed(chunk.size):
                self._path_mtu.on_black_hole(chunk.size)
        begins = max(chunk.packet for chunk in lost) >= self._recovery_end
        if begins:
            self._recovery_end = self._packet
            self._resent.clear()
            self._loss.on_recovery()
            self._counters.loss_events += 1
            self._forced = True  # the first repair does not wait for room: RFC 9260 §7.2.4 3)
        size = sum(chunk.size for chunk in lost)
        self.congestion.on_loss(size, flight, now, begins=begins)

    def _set_limit(self) -> None:
        limit, cwnd = self.outstanding.flight + self._allowance + self._burst, self.congestion.cwnd
        self._limit = limit if limit < cwnd else cwnd

    def _arm(self, now: float) -> None:
        chunks = self.outstanding.chunks
        if chunks:
            self._timer.start(now, len(chunks), patient=self.errors > 0)
        else:
            self._timer.stop()

    def _probe(self, now: float) -> None:
        """Send one more packet to learn about a lost tail before the timer. RFC 8985 §7."""
        self._timer.restart(now, probed=True)
        outstanding = self.outstanding
        if outstanding.lost or (self.queue.size and outstanding.flight < self.peer_window):
            self._forced = True
            return
        for chunk in reversed(outstanding.chunks):
            if chunk.state == IN_FLIGHT and chunk.message.reliable:
                outstanding.lose(chunk)
                self._forced = True
                return

    def _expire(self, now: float) -> None:
        """T3-rtx. RFC 9260 §6.3.3."""
        outstanding = self.outstanding
        self._counters.timeouts += 1
        self.errors += 1
        flight = outstanding.flight
        lost = outstanding.time_out(self._path_mtu.room)
        self._resent.clear()
        if self.peer_window:  # a closed window says nothing about congestion
            self._path_mtu.on_timeout(lost)
            self.congestion.packet_size = self._path_mtu.size
            self.congestion.on_timeout(flight, now)
        self.rto.back_off()
        self._recovery_end = self._packet
        self._forced = True
        self._limit = self._path_mtu.room
        if self.partial_reliability:
            for chunk in outstanding.chunks:
                if chunk.state == LOST and is_stale(chunk, now):
                    self._abandon(chunk, now)
            self.ack_point.advance()
        self._timer.restart(now)
