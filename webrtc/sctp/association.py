"""One SCTP association over DTLS. RFC 9260, RFC 8261."""

import logging
from collections.abc import Iterable, Sequence
from random import Random
from typing import Final

from webrtc.core import earlier
from webrtc.errors import InvalidAccessError, InvalidStateError, ProtocolError
from webrtc.sctp.causes import Cause, CauseCode, Violation
from webrtc.sctp.chunks import Init
from webrtc.sctp.config import Config
from webrtc.sctp.counters import Counters
from webrtc.sctp.events import Event, Message, Restarted
from webrtc.sctp.handshake import Handshake
from webrtc.sctp.inbound import Inbound
from webrtc.sctp.queue import OutboundMessage, OutboundStream
from webrtc.sctp.session import Session
from webrtc.sctp.state import ENDED, ESTABLISHED, State
from webrtc.sctp.tsns import SACK_SIZE

PACKETS_PER_EARLY_SACK: Final = 4
"""Packets of a burst after which one more SACK is sent. dcSCTP sends at most 4 packets for each
SACK that it gets: with one for all, the bursts of browsers would shrink to that."""
MAX_BURST: Final = 64
"""Packets that leave together: what one system call takes."""
MAX_EARLY_SACKS: Final = 16
"""Such SACKs that wait to be sent; a burst has no more."""

_LOGGER = logging.getLogger("webrtc.sctp")
_SENDABLE: Final = frozenset({State.CLOSED, State.COOKIE_WAIT, State.COOKIE_ECHOED, ESTABLISHED})


class Association:
    """Messages on streams to and from one peer. Both sides may call `connect`."""

    def __init__(
        self, config: Config, random: Random, handshake: Handshake | None = None, name: str = ""
    ) -> None:
        """`name` tags log lines.

        `handshake` is needed when our INIT has to be known before there is an association.
        """
        self.counters = Counters()
        self._name = name
        self._max_send_buffer = config.max_send_buffer
        handshake = handshake or Handshake(config, random)
        self._session = Session(config, random, self.counters, handshake, name)
        self._path_mtu = self._session.path_mtu
        self.events = self._session.events
        """What `poll_event` gives."""
        self._now = 0.0
        self.dont_fragment = False
        """Whether the packet that `poll_write` gave last must not be fragmented by IP: it is known
        to fit, or is there to find out."""
        self.more = False
        """`poll_burst` has not given all that may leave, or `poll_write` has a probe."""

    @property
    def state(self) -> State:
        """Where the association is in its life."""
        return self._session.state

    @property
    def send_buffer_size(self) -> int:
        """What counts against `Config.max_send_buffer`."""
        return self._session.outbound.size

    @property
    def send_room(self) -> int:
        """What of `Config.max_send_buffer` is left; below 0 after messages beyond it."""
        outbound = self._session.outbound
        return self._max_send_buffer - outbound.queue.size - outbound.outstanding.size

    @property
    def srtt(self) -> float | None:
        """Smoothed round-trip time, once it was measured."""
        return self._session.outbound.rto.srtt

    @property
    def rto(self) -> float:
        """Retransmission timeout."""
        return self._session.outbound.rto.rto

    @property
    def cwnd(self) -> int:
        """Congestion window in bytes."""
        return self._session.outbound.congestion.cwnd

    @property
    def mtu(self) -> int:
        """Largest packet sent at present, in bytes. RFC 8899: the PLPMTU."""
        return self._path_mtu.size

    @property
    def peer_window(self) -> int:
        """Receive window that the peer announced last."""
        return self._session.outbound.peer_window

    @property
    def bytes_in_flight(self) -> int:
        """Sent and neither acknowledged nor lost."""
        return self._session.outbound.outstanding.flight

    @property
    def unacknowledged_chunks(self) -> int:
        """DATA chunks from the first that was not acknowledged to the last that was sent."""
        return len(self._session.outbound.outstanding.chunks)

    def accepts(self, stream_id: int) -> bool:
        """Whether the stream was negotiated and is not being reset."""
        session = self._session
        return 0 <= stream_id < session.streams and not session.outbound.queue.is_closing(stream_id)

    def connect(self, now: float) -> None:
        """Begin the handshake. Nothing happens when the peer's has begun or finished it."""
        self._now = now
        if self.state is ENDED:
            raise InvalidStateError("the association has ended")
        self._session.lifecycle.connect(now)
        self._session.settle(now)

    def establish(self, init: Init, now: float) -> None:
        """Begin at the end of the handshake: signalling has brought the INITs of both sides.

        Ours is that of `handshake`, the peer's has been checked by `read_init`. Nothing happens
        when `connect` was called or the peer's handshake has come first. draft-hancke-tsvwg-snap.
        """
        self._now = now
        self._session.lifecycle.establish(init)
        self._session.settle(now)

    def send(
        self,
        stream_id: int,
        ppid: int,
        data: bytes,
        now: float,
        *,
        ordered: bool = True,
        max_retransmits: int | None = None,
        lifetime: float | None = None,
    ) -> None:
        """Queue one message; before the association is established, too.

        OperationError when `Config.max_send_buffer` is reached; the association stays as it is.
        InvalidStateError when the stream is being reset.
        """
        self._now = now
        state = self._session.state
        if state is not ESTABLISHED and state not in _SENDABLE:
            raise InvalidStateError(f"cannot send in state {state.name}")
        stream = self._stream(stream_id)
        expires_at = None if lifetime is None else now + lifetime
        # A class with arguments by name takes CPython 3.11 twice as long.
        message = OutboundMessage(stream, ppid, data, ordered, max_retransmits, expires_at)
        self._session.outbound.send(message)

    def send_control(self, stream_id: int, ppid: int, data: bytes, now: float) -> None:
        """Queue a message, ordered and reliable, that does not count against `max_send_buffer`.

        InvalidStateError when the stream is being reset.
        """
        self._now = now
        message = OutboundMessage(self._stream(stream_id), ppid, data)
        self._session.outbound.send(message, limited=False)

    def allow_excess(self, stream_id: int) -> None:
        """Let the next message of a stream go beyond `Config.max_send_buffer`, if it has to."""
        self._stream(stream_id).excess = True

    def poll_data(self) -> Message | None:
        """Next message of the peer. It fills the receive window until it is consumed.

        What comes after the peer has begun anew is behind the event that tells it.
        """
        session = self._session
        if session.restarting:
            return session.left.popleft() if session.left else None
        inbound = session.inbound
        return inbound.messages.popleft() if inbound is not None and inbound.messages else None

    def take_data(self) -> Sequence[Message]:
        """All messages that `poll_data` would give."""
        session = self._session
        if session.restarting or session.inbound is None:
            waiting = session.left
        else:
            waiting = session.inbound.messages
        if not waiting:
            return ()
        messages = list(waiting)
        waiting.clear()
        return messages

    def consume(self, size: int) -> None:
        """The application took messages that cost `size`: `Message.cost`."""
        inbound = self._session.inbound
        if inbound is not None:
            inbound.consume(size)

    def buffered_amount(self, stream_id: int) -> int:
        """Bytes of a stream that have not been sent yet."""
        return self._session.outbound.queue.buffered_amount(stream_id)

    def set_buffered_amount_low(self, stream_id: int, threshold: int) -> None:
        """Report BufferedAmountLow whenever the buffered amount falls to `threshold`."""
        self._stream(stream_id).low_threshold = threshold

    def set_send_buffer_low(self, threshold: int) -> None:
        """Report SendBufferLow once when `send_buffer_size` has fallen to `threshold`."""
        self._session.outbound.low_threshold = threshold

    def set_priority(self, stream_id: int, priority: int) -> None:
        """Share of a stream among those that wait to send; 256 is normal. RFC 8831 §6.4."""
        if not 1 <= priority <= 65535:
            raise InvalidAccessError(f"priority {priority} is not 1..65535")
        self._stream(stream_id)
        self._session.outbound.queue.set_priority(stream_id, priority)

    def reset_streams(self, ids: Iterable[int], now: float) -> None:
        """Reset our side of these streams once all that is queued on them was sent."""
        self._now = now
        wanted, streams = tuple(ids), self._session.streams
        for stream_id in wanted:  # streams that never sent are not made for it
            if not 0 <= stream_id < streams:
                raise InvalidAccessError(f"stream {stream_id} of {streams}")
        self._session.request_reset(wanted)

    def shutdown(self, now: float) -> None:
        """End gracefully: everything queued is delivered first, in both directions."""
        self._now = now
        self._session.lifecycle.shutdown()
        self._session.settle(now)

    def abort(self, now: float, reason: str = "", error: ProtocolError | None = None) -> None:
        """End at once; what was queued is lost.

        The peer is told the `reason`; Closed has the `error`, if it is one, and so has the peer's.
        """
        self._now = now
        code = CauseCode.PROTOCOL_VIOLATION if error else CauseCode.USER_INITIATED_ABORT
        self._session.lifecycle.abort(Cause(code, reason.encode()[:200]), error)
        self._session.settle(now)

    def handle_read(self, packet: bytes, now: float) -> None:
        """Take one packet of the peer, whatever it contains."""
        self._now = now
        self._take_one(packet, now)
        self._session.settle(now)

    def handle_reads(self, packets: Sequence[bytes], now: float) -> None:
        """Take packets that came together. What they acknowledge is acted on once."""
        self._now = now
        session = self._session
        index, count = 0, len(packets)
        while index < count:
            inbound, few = session.receiving, PACKETS_PER_EARLY_SACK
            if inbound is not None:
                if inbound.unacknowledged >= PACKETS_PER_EARLY_SACK:
                    self._acknowledge_early(inbound)
                if inbound.unacknowledged < few:
                    few -= inbound.unacknowledged
            index += self._take(packets[index : index + few], now)
        session.settle(now)

    def _acknowledge_early(self, inbound: Inbound) -> None:
        """Acknowledge a part of a burst, so that the peer's next ones are as large.

        All these packets have one size.
        """
        outbox = self._session.outbox
        if not inbound.bulky and len(outbox.packets) < MAX_EARLY_SACKS:
            outbox.packets.append(outbox.header.seal((inbound.sack(SACK_SIZE),)))
            inbound.immediate = True

    def _take(self, packets: Sequence[bytes], now: float) -> int:
        """Take the first of `packets`, and those that go on like it; returns how many."""
        taken, counters = 0, self.counters
        if len(packets) > 1:
            try:
                taken = self._session.go_on(packets, now)
            except ProtocolError as error:
                self._discard(error, now)
                taken = 1
        if not taken:
            self._take_one(packets[0], now)
            return 1
        counters.packets_received += taken
        counters.wire_bytes_received += sum(map(len, packets[:taken]))
        return taken

    def _take_one(self, packet: bytes, now: float) -> None:
        counters = self.counters
        counters.packets_received += 1
        counters.wire_bytes_received += len(packet)
        try:
            self._session.handle_packet(packet, now)
        except ProtocolError as error:
            self._discard(error, now)

    def _discard(self, error: ProtocolError, now: float) -> None:
        self.counters.discarded += 1
        if isinstance(error, Violation):
            self._session.lifecycle.abort(error.cause, error)
            self._session.settle(now)  # the rest of a burst comes too late
        else:
            _LOGGER.debug("%s packet discarded: %s", self._name, error)

    def handle_path_change(self) -> None:
        """Packets take another path from here on: what the last one carried means nothing."""
        self._path_mtu.reset()

    def handle_too_large(self, size: int, now: float) -> None:
        """A packet of `size` bytes that must not be fragmented was refused by the interface."""
        self._now = now
        self._path_mtu.on_refused(size, now)

    def handle_timeout(self, now: float) -> None:
        """Act on every timer that is due."""
        self._now = now
        session = self._session
        if session.state is ENDED:
            return
        session.lifecycle.handle_timeout(now)
        if session.inbound is not None:
            session.inbound.handle_timeout(now)
        if session.reset is not None:
            session.reset.handle_timeout(now)
        outbound = session.outbound
        outbound.handle_timeout(now)
        heartbeat = session.heartbeat.handle_timeout(now, outbound.rto.rto, idle=outbound.idle)
        if heartbeat is not None:
            session.outbox.chunks.append(heartbeat)
        self._path_mtu.handle_timeout(now)
        session.give_up()
        session.settle(now)

    def poll_timeout(self) -> float | None:
        """When to call `handle_timeout`."""
        session = self._session
        if session.state is ENDED:
            return None
        soonest, inbound, reset = session.outbound.deadline, session.inbound, session.reset
        if inbound is not None and inbound.deadline is not None:
            soonest = earlier(soonest, inbound.deadline)
        if session.lifecycle.deadline is not None:
            soonest = earlier(soonest, session.lifecycle.deadline)
        if session.heartbeat.deadline is not None:
            soonest = earlier(soonest, session.heartbeat.deadline)
        if self._path_mtu.deadline is not None:
            soonest = earlier(soonest, self._path_mtu.deadline)
        if reset is not None and reset.deadline is not None:
            soonest = earlier(soonest, reset.deadline)
        return soonest

    def poll_event(self) -> Event | None:
        """Next event, or None."""
        if not self.events:
            return None
        event = self.events.popleft()
        if isinstance(event, Restarted):
            self._session.restarting = False
        return event

    def poll_write(self) -> bytes | None:
        """Next packet for the peer, or None."""
        return self._next() if self._path_mtu.due or self._waits() else None

    def _next(self) -> bytes | None:
        """As `poll_write`; finds out that there is nothing when it has looked everywhere."""
        session = self._session
        if session.outbox.packets:
            return self._count(session.outbox.packets.popleft())
        if self._path_mtu.due:
            return self._probe()
        if session.reset is not None and session.reset.wanted:
            session.reset.poll(self._now)
        return self._fill()

    def poll_burst(self) -> list[bytes]:
        """As many packets of `poll_write` as may leave together, perhaps none.

        A probe is left to `poll_write`. Afterwards `more` tells whether to ask again.
        """
        packets: list[bytes] = []
        largest, path_mtu = 0, self._path_mtu
        self.more = path_mtu.due
        while not self.more and (packet := self._next()) is not None:
            packets.append(packet)
            if len(packet) > largest:
                largest = len(packet)
            if self._session.outbound.queue.current is not None and not path_mtu.due:
                packets += self._fill_alike(MAX_BURST - len(packets))
            self.more = path_mtu.due or len(packets) == MAX_BURST
            if not self._waits():
                break
        self.dont_fragment = largest <= path_mtu.confirmed
        return packets

    def _waits(self) -> bool:
        """Whether there is something left to send, now or when the windows allow it."""
        session = self._session
        outbox, inbound, reset = session.outbox, session.receiving, session.reset
        if session.outbound.waiting or outbox.chunks or outbox.packets:
            return True
        return bool(inbound is not None and inbound.due) or bool(reset and reset.wanted)

    def _fill_alike(self, limit: int) -> list[bytes]:
        """Packets of nothing but one fragment, behind one that was filled with more thought."""
        session = self._session
        outbox, inbound = session.outbox, session.receiving
        if not session.sending or inbound is None or inbound.unacknowledged:
            return []
        if outbox.packets or outbox.chunks:
            return []
        fragments = session.outbound.fill_run(limit, self._now)
        if fragments:
            packets = outbox.header.seal_all(fragments)
            self.counters.packets_sent += len(packets)
            self.counters.wire_bytes_sent += len(packets) * len(packets[0])
            return packets
        return fragments

    def _fill(self) -> bytes | None:
        """A packet of what is queued, under a SACK if one is due or rides along."""
        session, outbound = self._session, self._session.outbound
        outbox, inbound = session.outbox, session.receiving
        parts: list[bytes] = []
        room = self._path_mtu.room
        if outbox.chunks:
            room = self._take_control(parts, room)
        if inbound is not None and (inbound.unacknowledged or inbound.immediate):
            if inbound.due and inbound.bulky:
                return self._count(outbox.header.seal((*parts, inbound.sack(room))))
            if session.sending:
                outbound.fill(parts, room - SACK_SIZE, self._now)
                if len(parts) == 1 and len(parts[0]) > room - SACK_SIZE:
                    # A chunk that was cut for all of a packet goes again: the SACK is the next one.
                    return self._count(outbox.header.seal(parts))
            if parts or inbound.due:
                parts.insert(0, inbound.sack(SACK_SIZE))
        elif session.sending:
            outbound.fill(parts, room, self._now)
        return self._count(outbox.header.seal(parts)) if parts else None

    def _count(self, packet: bytes) -> bytes:
        self.counters.packets_sent += 1
        size, path_mtu = len(packet), self._path_mtu
        self.counters.wire_bytes_sent += size
        self.dont_fragment = size <= path_mtu.confirmed
        if size >= path_mtu.trigger and not self._session.outbound.errors:
            path_mtu.on_full_packet(self._now)
        return packet

    def _probe(self) -> bytes:
        session = self._session
        chunks = self._path_mtu.take_probe(self._now, session.outbound.rto.srtt)
        packet = self._count(session.outbox.header.seal(chunks))
        self.dont_fragment = True
        return packet

    def _take_control(self, parts: list[bytes], room: int) -> int:
        """Move the control chunks that fit, leaving room for a SACK."""
        chunks = self._session.outbox.chunks
        while chunks and len(chunks[0]) <= room - SACK_SIZE:
            room -= len(chunks[0])
            parts.append(chunks.popleft())
        return room

    def _stream(self, stream_id: int) -> OutboundStream:
        """The stream of that id. Raises InvalidAccessError for one that was not negotiated."""
        session = self._session
        if not 0 <= stream_id < session.streams:
            raise InvalidAccessError(f"stream {stream_id} of {session.streams}")
        return session.outbound.queue.stream(stream_id)
