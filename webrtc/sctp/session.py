"""How chunks reach the parts of an association, and how the parts follow its state."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from webrtc.errors import DecodeError, ProtocolError
from webrtc.sctp.causes import Cause, CauseCode, decode_causes, violation
from webrtc.sctp.chunks import COOKIE_ACK, Abort, ChunkType, decode_shutdown
from webrtc.sctp.config import Config
from webrtc.sctp.counters import Counters
from webrtc.sctp.events import (
    Closed,
    Connected,
    Event,
    Message,
    Restarted,
    SendBufferLow,
    StreamResetFailed,
)
from webrtc.sctp.handshake import Capability, Handshake
from webrtc.sctp.heartbeat import Heartbeat
from webrtc.sctp.inbound import DataInbound, Inbound
from webrtc.sctp.interleaved import InterleavedInbound
from webrtc.sctp.lifecycle import Lifecycle, report_of_chunk
from webrtc.sctp.outbound import Outbound
from webrtc.sctp.packet import CHUNK_HEADER, HEADER_SIZE, Header, decode_header, walk
from webrtc.sctp.path_mtu import PathMtu
from webrtc.sctp.reset import StreamReset
from webrtc.sctp.state import ENDED, ESTABLISHED, Outbox, RateLimit, State
from webrtc.sctp.tsns import SACK_SIZE

MAX_REPORTS: Final = 10
"""ERRORs about unknown chunks sent in one second."""

MAX_CONTROL_CHUNKS: Final = 32
"""Control chunks of one packet that are acted on. Nobody sends more; data never counts."""

_LOGGER = logging.getLogger("webrtc.sctp")
_SACK: Final = int(ChunkType.SACK)
_SHUTDOWN_SENT: Final = State.SHUTDOWN_SENT
_SENDING: Final = frozenset({ESTABLISHED, State.SHUTDOWN_PENDING, State.SHUTDOWN_RECEIVED})
_FORWARDS: Final = frozenset({ChunkType.FORWARD_TSN, ChunkType.I_FORWARD_TSN})
_PASSED_OVER: Final = frozenset(
    {ChunkType.ECNE, ChunkType.CWR, ChunkType.AUTH, ChunkType.PAD}
    | {ChunkType.ASCONF, ChunkType.ASCONF_ACK}
)


Handler = Callable[["Session", int, bytes, float], None]
"""Takes flags and value of a chunk, and the time."""


class Session:
    """The parts of one association. Those that belong to one peering are made anew on a restart."""

    def __init__(
        self, config: Config, random: Random, counters: Counters, handshake: Handshake, name: str
    ) -> None:
        self._config = config
        self._name = name
        self._counters = counters
        self.events: deque[Event] = deque()
        self.outbox = Outbox(config)
        self.lifecycle = Lifecycle(config, handshake, self.outbox)
        self.header = Header(config.remote_port, config.local_port, handshake.tag)
        """What packets of the peer begin with."""
        self.path_mtu = PathMtu(config, random)
        self.outbound = Outbound(
            config, handshake.initial_tsn, counters, self.path_mtu, self.events
        )
        self.inbound: Inbound | None = None
        self.receiving: Inbound | None = None
        """`inbound` while DATA may come."""
        self._data = int(ChunkType.DATA)
        """What carries user messages: DATA or I-DATA."""
        self.reset: StreamReset | None = None
        room = config.min_plpmtu - HEADER_SIZE - SACK_SIZE
        self.heartbeat = Heartbeat(random, config.heartbeat_interval, room)
        self.state = State.CLOSED
        self.sending = False
        """DATA may be sent."""
        self.streams = config.outbound_streams
        self._early_resets: tuple[int, ...] = ()
        self._generation = 0
        self.restarting = False
        """The peer has begun anew, which nobody was told yet; `left` is what came before."""
        self.left: deque[Message] = deque()
        self._reports = RateLimit(MAX_REPORTS)

    def handle_packet(self, packet: bytes, now: float) -> None:
        """Take one packet. Raises ProtocolError for what is wrong in it."""
        if packet[:8] != self.header.data or self.state is ENDED:
            self._handle_stray(packet, now)
        elif self.header.verifies(packet):
            self._handle_chunks(packet, HEADER_SIZE, now)
        else:
            raise DecodeError("wrong CRC32c")

    def go_on(self, packets: Sequence[bytes], now: float) -> int:
        """Take the first of `packets` in less time if they only go on with a message.

        Returns how many, 0 when the next one needs `handle_packet`.
        """
        if self.receiving is None:
            return 0
        count = self.receiving.go_on(packets, self.header)
        if count:
            self._data_done(now, count)
        return count

    def request_reset(self, ids: tuple[int, ...]) -> None:
        """Reset outgoing streams, or as soon as there is an association."""
        peering = self.lifecycle.peering
        if self.reset is None or peering is None:
            self._early_resets += ids
        elif peering.capabilities & Capability.RE_CONFIG:
            self.reset.request(ids)
        elif ids:
            self.events.append(StreamResetFailed(ids))

    def settle(self, now: float) -> None:
        """Act on what the last input, or burst of it, has acknowledged; follow its state."""
        self.outbound.settle(now)
        lifecycle = self.lifecycle
        if lifecycle.state is not self.state or lifecycle.generation != self._generation:
            self._change(now)
        if self.state is ESTABLISHED or self.inbound is None:
            return
        if self.outbound.idle:
            lifecycle.drained(self.inbound.tsns.cumulative, now)
            if lifecycle.state is not self.state:
                self._change(now)

    def give_up(self) -> None:
        """Abort when the peer did not answer for too long."""
        limit = self._config.max_retransmissions
        errors = max(self.outbound.errors, self.heartbeat.errors)
        if self.reset is not None:
            errors = max(errors, self.reset.errors)
        if limit is not None and errors > limit:
            message = f"no acknowledgement after {errors} timeouts"
            cause = Cause(CauseCode.PROTOCOL_VIOLATION, message.encode())
            self.lifecycle.abort(cause, ProtocolError(message))

    def _handle_chunks(self, packet: bytes, start: int, now: float) -> None:
        """Every chunk from `start` on. The loop of `packet.walk`, unrolled for speed."""
        end, data, control = len(packet), 0, 0
        try:
            while start + 4 <= end:
                kind, flags, length = CHUNK_HEADER.unpack_from(packet, start)
                stop = start + length
                if length < 4 or stop > end:
                    raise DecodeError(f"chunk {kind} of length {length}, {end - start} bytes left")
                if kind == self._data:
                    if self.receiving is None:
                        raise DecodeError(f"DATA in state {self.state.name}")
                    data += 1
                    self.receiving.handle_data(packet, flags, start + 4, stop)
                elif control >= MAX_CONTROL_CHUNKS:
                    self._counters.discarded += 1
                elif kind == _SACK:
                    control += 1
                    if self.receiving is not None:
                        self.outbound.handle_sack(packet[start + 4 : stop], now)
                else:
                    control += 1
                    if not self._handle_control(kind, flags, packet[start + 4 : stop], now):
                        break
                    data += kind in _FORWARDS
                start = stop + 3 & ~3
        finally:
            if data:
                self._data_done(now, data)

    def _data_done(self, now: float, chunks: int) -> None:
        """A packet that moved the cumulative TSN, perhaps, was read: it had so many chunks."""
        if self.receiving is None:
            return
        self.receiving.packet_done(now, self.outbound.rto.srtt, chunks)
        if self.reset is not None and self.reset.deferred is not None:
            self.reset.catch_up()
        if self.state is _SHUTDOWN_SENT:
            self.lifecycle.update_shutdown(self.receiving.tsns.cumulative)

    def _handle_control(self, kind: int, flags: int, value: bytes, now: float) -> bool:
        """One control chunk under our tag; returns whether to go on with the packet."""
        handler = _HANDLERS.get(kind)
        if handler is not None:
            handler(self, flags, value, now)
            if self.lifecycle.state is not ENDED:
                return True
            self.settle(now)  # what comes behind it in this packet and its burst is too late
            return False
        if kind in _PASSED_OVER:
            return True
        self._counters.discarded += 1
        if kind & 0x40 and self.sending and self._reports.allows(now):
            self.outbox.answer(report_of_chunk(kind, flags, value))
        return bool(kind & 0x80)

    def _handle_stray(self, packet: bytes, now: float) -> None:
        """A packet under another tag, or after the end. RFC 9260 §8.4, §8.5.1."""
        ours = packet[:8] == self.header.data  # after the end, perhaps without checksum as before
        verified = ours and self.header.verifies(packet)
        source, destination, tag = decode_header(packet, verified=verified)
        if (source, destination) != (self._config.remote_port, self._config.local_port):
            raise DecodeError(f"packet from port {source} to port {destination}")
        kind, flags, start, stop = next(walk(packet))
        value = packet[start:stop]
        lifecycle = self.lifecycle
        if kind == ChunkType.INIT:
            if tag or stop + 3 & ~3 < len(packet):
                raise DecodeError("INIT with a tag or other chunks")
            lifecycle.handle_init(value, now)
        elif kind == ChunkType.COOKIE_ECHO:
            lifecycle.handle_cookie_echo(value, tag, now)
            self.settle(now)
            self._handle_chunks(packet, stop + 3 & ~3, now)
        elif kind == ChunkType.SHUTDOWN_ACK and not lifecycle.open:
            lifecycle.handle_stray_shutdown_ack(tag, now)
        elif lifecycle.is_reflected(kind, flags, tag):
            self._handle_control(kind, flags, value, now)
        else:
            raise DecodeError(f"verification tag {tag:#x} in state {self.state.name}")

    def _change(self, now: float) -> None:
        lifecycle = self.lifecycle
        if lifecycle.generation != self._generation:
            self._establish(now)
        self.header.takes_zero = lifecycle.handshake.takes_zero
        self.state = lifecycle.state
        self.sending = self.state in _SENDING
        self.receiving = self.inbound if lifecycle.open else None
        if self.state is not ESTABLISHED:
            self.path_mtu.stop()
        _LOGGER.info("%s association %s", self._name, self.state.name)
        if self.state is ENDED:
            self.outbox.chunks.clear()
            if self.inbound is not None:
                self.inbound.forget()
            self.events.append(Closed(lifecycle.reason))

    def _establish(self, now: float) -> None:
        """The handshake is done, or the peer did it anew."""
        lifecycle, config = self.lifecycle, self._config
        peering = lifecycle.peering
        if peering is None:
            return
        streams = peering.inbound_streams, peering.outbound_streams
        earlier = self.inbound
        if self._generation:
            self.events.append(Restarted(*streams))
            self._begin_anew(peering.local_tsn)
        else:
            self.events.append(Connected(*streams))
        self._generation = lifecycle.generation
        self.header = Header(config.remote_port, config.local_port, peering.local_tag)
        self.streams = peering.outbound_streams
        interleaving = bool(peering.capabilities & Capability.INTERLEAVING)
        kind = InterleavedInbound if interleaving else DataInbound
        self.inbound = kind(config, peering, self._counters, self.outbox.chunks)
        if earlier is not None:
            self.inbound.take_over(earlier.unread)
        self._data = int(self.inbound.chunk_type)
        self.outbound.release(
            window=peering.peer_window,
            partial_reliability=bool(peering.capabilities & Capability.FORWARD_TSN),
            interleaving=interleaving,
        )
        self.heartbeat.start(now)
        self.path_mtu.establish(padding=bool(peering.capabilities & Capability.PAD))
        self.reset = StreamReset(
            config, self.outbound, self.inbound, peering, self.outbox, self.events
        )
        early, self._early_resets = self._early_resets, ()
        self.request_reset(early)

    def _begin_anew(self, initial_tsn: int) -> None:
        """The peer has: what is queued is gone, what it sent before is still to be read."""
        threshold = self.outbound.low_threshold
        self.outbound = Outbound(
            self._config, initial_tsn, self._counters, self.path_mtu, self.events
        )
        self.outbound.low_threshold = threshold
        if threshold >= 0:
            self.events.append(SendBufferLow())
        self.outbox.chunks.clear()
        self.outbox.chunks.append(COOKIE_ACK)
        if self.inbound is not None:
            self.left.extend(self.inbound.messages)
        self.restarting = True

    def on_init_ack(self, _: int, value: bytes, now: float) -> None:
        self.lifecycle.handle_init_ack(value, now)

    def on_heartbeat(self, _: int, value: bytes, now: float) -> None:
        answer = self.heartbeat.echo(value, now)
        if answer is not None and self.receiving is not None:
            self.outbox.answer(answer)

    def on_heartbeat_ack(self, _: int, value: bytes, now: float) -> None:
        if not self.path_mtu.handle_ack(value, now):
            self.outbound.rto.measure(self.heartbeat.handle_ack(value, now))

    def on_abort(self, flags: int, value: bytes, _: float) -> None:
        if self.state is not State.CLOSED:
            self.lifecycle.handle_abort(Abort.decode(flags, value))

    def on_shutdown(self, _: int, value: bytes, now: float) -> None:
        cumulative = decode_shutdown(value)
        if self.receiving is not None:
            self.outbound.acknowledge(cumulative, now)
        self.lifecycle.handle_shutdown(now)

    def on_shutdown_ack(self, _flags: int, _value: bytes, now: float) -> None:
        if self.lifecycle.handle_shutdown_ack():
            return
        if not self.lifecycle.open:
            self.lifecycle.handle_stray_shutdown_ack(self.header.tag, now)

    def on_error(self, _: int, value: bytes, now: float) -> None:
        self.lifecycle.handle_error(decode_causes(value), now)

    def on_cookie_echo(self, _: int, value: bytes, now: float) -> None:
        self.lifecycle.handle_cookie_echo(value, self.header.tag, now)
        self.settle(now)

    def on_cookie_ack(self, _flags: int, _value: bytes, now: float) -> None:
        self.lifecycle.handle_cookie_ack()
        self.settle(now)

    def on_shutdown_complete(self, _flags: int, _value: bytes, _now: float) -> None:
        self.lifecycle.handle_shutdown_complete()

    def on_reconfig(self, _: int, value: bytes, now: float) -> None:
        if self.reset is not None and self.receiving is not None:
            self.reset.handle_chunk(value, now, open_=self.state is ESTABLISHED)

    def on_forward_tsn(self, _flags: int, value: bytes, _now: float) -> None:
        self._forward(ChunkType.DATA, value)

    def on_i_forward_tsn(self, _flags: int, value: bytes, _now: float) -> None:
        self._forward(ChunkType.I_DATA, value)

    def _forward(self, data: ChunkType, value: bytes) -> None:
        """FORWARD-TSN or I-FORWARD-TSN, which go with `data`. RFC 8260 §2.3.1."""
        if self.receiving is None:
            return
        if data != self._data or not self.outbound.partial_reliability:
            raise violation(f"FORWARD-TSN for {data.name} was not negotiated")
        self.receiving.handle_forward_tsn(value)

    def on_other_data(self, _flags: int, _value: bytes, _now: float) -> None:
        """DATA where I-DATA was negotiated, or the reverse. RFC 8260 §2.2.1."""
        if self.receiving is not None:
            raise violation(f"user messages come in {ChunkType(self._data).name} only")

    def on_init(self, _flags: int, _value: bytes, _now: float) -> None:
        raise DecodeError("INIT with a tag or other chunks")


_HANDLERS: dict[int, Handler] = {
    ChunkType.DATA: Session.on_other_data,
    ChunkType.INIT: Session.on_init,
    ChunkType.INIT_ACK: Session.on_init_ack,
    ChunkType.HEARTBEAT: Session.on_heartbeat,
    ChunkType.HEARTBEAT_ACK: Session.on_heartbeat_ack,
    ChunkType.ABORT: Session.on_abort,
    ChunkType.SHUTDOWN: Session.on_shutdown,
    ChunkType.SHUTDOWN_ACK: Session.on_shutdown_ack,
    ChunkType.ERROR: Session.on_error,
    ChunkType.COOKIE_ECHO: Session.on_cookie_echo,
    ChunkType.COOKIE_ACK: Session.on_cookie_ack,
    ChunkType.SHUTDOWN_COMPLETE: Session.on_shutdown_complete,
    ChunkType.RE_CONFIG: Session.on_reconfig,
    ChunkType.FORWARD_TSN: Session.on_forward_tsn,
    ChunkType.I_DATA: Session.on_other_data,
    ChunkType.I_FORWARD_TSN: Session.on_i_forward_tsn,
}
