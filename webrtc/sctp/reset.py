"""Resetting streams, one request at a time in each direction. RFC 6525 §5."""

from collections import deque
from typing import Final

from webrtc.sctp.config import Config
from webrtc.sctp.cookie import Peering
from webrtc.sctp.events import (
    Event,
    StreamResetDone,
    StreamResetFailed,
    StreamResetGivenUp,
    StreamsReset,
)
from webrtc.sctp.inbound import Inbound
from webrtc.sctp.outbound import Outbound
from webrtc.sctp.packet import HEADER_SIZE
from webrtc.sctp.reconfig import (
    IncomingReset,
    OtherRequest,
    OutgoingReset,
    Reconfiguration,
    Response,
    Result,
    decode_reconfig,
    encode_reconfig,
)
from webrtc.sctp.state import Outbox
from webrtc.sctp.tsns import SACK_SIZE

IN_PROGRESS_TIMEOUT: Final = 60.0
"""Seconds in which a peer that answers "in progress" must acknowledge more of what it waits for."""

_MASK = 0xFFFF_FFFF
_OVERHEAD = HEADER_SIZE + SACK_SIZE + 4 + 4 + 12  # and chunk, parameter and request headers


class StreamReset:
    """Our requests to the peer and the peer's to us."""

    def __init__(
        self,
        config: Config,
        outbound: Outbound,
        inbound: Inbound,
        peering: Peering,
        outbox: Outbox,
        events: deque[Event],
    ) -> None:
        self._outbound = outbound
        self._inbound = inbound
        self._outbox = outbox
        self._events = events
        self._inbound_streams = peering.inbound_streams
        self._rto_max = config.rto_max
        self._max_ids = (config.min_plpmtu - _OVERHEAD) // 4 * 2  # it may have to be repeated
        self._sequence = peering.local_tsn
        self._expected = peering.peer_tsn
        self.wanted: dict[int, None] = {}
        """Streams that wait for a request to be sent."""
        self._request: OutgoingReset | None = None
        self._end = 0
        """The TSN after those that the peer must have for our request."""
        self._acknowledged = 0
        """Up to where it had them when it last had more of them, which was at `_moved_at`."""
        self._moved_at: float | None = None
        self._last_result = Result.BAD_SEQUENCE
        self.deferred: OutgoingReset | None = None
        """A request of the peer that waits for data sent before it."""
        self.deadline: float | None = None
        self.errors = 0

    def request(self, ids: tuple[int, ...]) -> None:
        """Reset our outgoing streams when all that was sent on them has left."""
        for stream_id in ids:
            self._outbound.queue.stream(stream_id).closing = True
            if self._request is None or stream_id not in self._request.ids:
                self.wanted[stream_id] = None

    def poll(self, now: float) -> None:
        """Send the next request if none is under way and some stream is ready."""
        if self._request is not None or not self.wanted:
            return
        is_empty = self._outbound.queue.is_empty
        ready = [stream_id for stream_id in self.wanted if is_empty(stream_id)][: self._max_ids]
        if not ready:
            return
        for stream_id in ready:
            del self.wanted[stream_id]
        self._end = self._outbound.outstanding.next_tsn
        self._moved_at = None
        heard = self._expected - 1 & _MASK
        self._request = OutgoingReset(self._sequence, heard, self._end - 1 & _MASK, tuple(ready))
        self._send(now)

    def handle_timeout(self, now: float) -> None:
        """Repeat the request that got no answer."""
        if self.deadline is not None and now >= self.deadline:
            self.errors += 1
            self._send(now)

    def handle_chunk(self, value: bytes, now: float, *, open_: bool) -> None:
        """Take a RE-CONFIG; when the association is not `open_` requests are denied."""
        answers: list[Reconfiguration] = []
        for parameter in decode_reconfig(value):
            if isinstance(parameter, Response):
                self._on_response(parameter, now)
            else:
                result = self._on_request(parameter, open_=open_)
                answers.append(Response(parameter.sequence, result))
        if answers:
            self._outbox.answer(encode_reconfig(answers))

    def catch_up(self) -> None:
        """More data came: perhaps what a deferred request waits for."""
        request = self.deferred
        if request is None or not self._reached(request):
            return
        self.deferred = None
        self._last_result = self._perform(request)
        self._outbox.answer(encode_reconfig((Response(request.sequence, self._last_result),)))

    def _send(self, now: float) -> None:
        if self._request is None:
            return
        self._outbox.chunks.append(encode_reconfig((self._request,)))
        rto = self._outbound.rto
        self.deadline = now + min(rto.rto * 2 ** min(self.errors, 16), self._rto_max)

    def _on_response(self, response: Response, now: float) -> None:
        request = self._request
        if request is None or response.sequence != request.sequence:
            return
        self.errors = 0
        if response.result == Result.IN_PROGRESS:
            self.deadline = now + self._outbound.rto.rto
            if not self._is_stalled(now):
                return
        self._request = self.deadline = None
        self._sequence = self._sequence + 1 & _MASK
        if response.result in (Result.NOTHING_TO_DO, Result.PERFORMED):
            for stream_id in request.ids:
                self._outbound.queue.forget(stream_id)
            self._events.append(StreamResetDone(request.ids))
            return
        if response.result == Result.IN_PROGRESS:
            self._events.append(StreamResetGivenUp(request.ids))
            return
        for stream_id in request.ids:
            self._outbound.queue.stream(stream_id).closing = False
        self._events.append(StreamResetFailed(request.ids))

    def _is_stalled(self, now: float) -> bool:
        """Whether the peer, which waits for data, has not had more of it for too long."""
        first = self._outbound.outstanding.first
        acknowledged = first if first < self._end else self._end
        if self._moved_at is None or acknowledged > self._acknowledged:
            self._acknowledged, self._moved_at = acknowledged, now
        return now - self._moved_at >= IN_PROGRESS_TIMEOUT

    def _on_request(
        self, request: OutgoingReset | IncomingReset | OtherRequest, *, open_: bool
    ) -> Result:
        """RFC 6525 §5.2.1: a repeated request gets the same answer, one out of turn an error."""
        if request.sequence == (self._expected - 1) & _MASK:
            if self.deferred is None:
                return self._last_result
        elif request.sequence == self._expected:
            self._expected = self._expected + 1 & _MASK
            self.deferred = None
        else:
            return Result.BAD_SEQUENCE
        self._last_result = self._decide(request) if open_ else Result.DENIED
        return self._last_result

    def _decide(self, request: OutgoingReset | IncomingReset | OtherRequest) -> Result:
        match request:
            case OutgoingReset(ids=ids):
                if ids and max(ids) >= self._inbound_streams:
                    return Result.WRONG_SSN
                if not self._reached(request):
                    self.deferred = request
                    return Result.IN_PROGRESS
                self.deferred = None
                return self._perform(request)
            case IncomingReset():
                return Result.NOTHING_TO_DO  # whose our streams are is for us to say
            case _:
                return Result.DENIED

    def _reached(self, request: OutgoingReset) -> bool:
        tsns = self._inbound.tsns
        return tsns.unwrap(request.last_tsn) <= tsns.cumulative

    def _perform(self, request: OutgoingReset) -> Result:
        self._inbound.reset(frozenset(request.ids))
        self._events.append(StreamsReset(request.ids))
        return Result.PERFORMED
