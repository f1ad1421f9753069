"""The receiving half where messages are interleaved: I-DATA and I-FORWARD-TSN. RFC 8260 §2."""

from collections import deque
from typing import Final

from webrtc.sctp.causes import no_user_data
from webrtc.sctp.chunks import I_DATA, IMMEDIATE, UNORDERED, ChunkType, IForwardTsn
from webrtc.sctp.config import Config
from webrtc.sctp.cookie import Peering
from webrtc.sctp.counters import Counters
from webrtc.sctp.inbound import WHOLE, Inbound
from webrtc.sctp.interleaved_reassembly import InterleavedReassembly, flow_of

_MASK: Final = 0xFFFF_FFFF
_HALF: Final = 0x8000_0000


class InterleavedInbound(Inbound):
    """Messages in I-DATA: their fragments have numbers of their own."""

    chunk_type = ChunkType.I_DATA
    number_mask = _MASK

    def __init__(
        self, config: Config, peering: Peering, counters: Counters, control: deque[bytes]
    ) -> None:
        self._reassembly = InterleavedReassembly(config.max_message_size)
        super().__init__(config, peering, counters, control, self._reassembly)
        self._given_up: dict[int, int] = {}
        """First MID after the unordered messages of a stream that the peer gave up last."""

    def handle_data(self, packet: bytes, flags: int, start: int, stop: int) -> None:
        """Take the I-DATA chunk whose header is 4 bytes before `start`."""
        size = stop - start - 16
        if size <= 0:
            raise no_user_data(int.from_bytes(packet[start : start + 4], "big"))
        _, _, _, wire, stream_id, _, mid, last_word = I_DATA.unpack_from(packet, start - 4)
        tsns = self.tsns
        if flags & IMMEDIATE:
            self.immediate = True
        if wire == self._next and size <= self._credit and not tsns.gaps:
            tsns.cumulative += 1
            self._next = wire + 1 & _MASK
            self._credit -= size
        elif not self._accept(tsns.unwrap(wire), size):
            return
        if stream_id >= self._streams and not self._is_stream(stream_id):
            return
        unordered = flags & UNORDERED
        if unordered:
            over = stream_id in self._given_up and self._was_given_up(stream_id, mid)
        else:
            expected = self._expected.get(stream_id, 0)
            over = mid != expected and mid - expected & _MASK >= _HALF
        if over:
            return  # it was delivered, or this is late
        payload = packet[start + 16 : stop]
        if flags & WHOLE == WHOLE:
            self._complete(stream_id, mid, last_word, unordered, payload)
            return
        flow = stream_id << 3 | unordered  # `flow_of` without the call
        whole = self._reassembly.add(flow, mid, flags, last_word, payload)
        if whole is not None:
            ppid, data = whole
            self._complete(stream_id, mid, ppid, unordered, data)

    def handle_forward_tsn(self, value: bytes) -> None:
        """Stop waiting for what the peer gave up. RFC 8260 §2.3.1."""
        chunk = IForwardTsn.decode(value)
        before, tsn, _ = self._forward(chunk.cumulative_tsn)
        if tsn <= before:
            return
        # Each flow once, however often it is listed: the work is bounded by what is held.
        flows = {(stream_id, unordered): mid for stream_id, unordered, mid in chunk.skipped}
        for (stream_id, unordered), mid in flows.items():
            if stream_id >= self._streams:
                continue
            self._reassembly.skip(flow_of(stream_id, unordered), mid)
            if unordered:
                self._given_up[stream_id] = mid + 1 & _MASK
            else:
                self._skip(stream_id, mid)

    def reset(self, ids: frozenset[int]) -> None:
        """The next message of these streams, of all when empty, has MID 0, ordered or not."""
        super().reset(ids)
        if not ids:
            self._reassembly.clear()
            self._given_up.clear()
            return
        self._reassembly.reset(ids)
        for stream_id in self._given_up.keys() & ids:
            del self._given_up[stream_id]

    def _was_given_up(self, stream_id: int, mid: int) -> bool:
        """Whether an unordered message is one of those that the peer gave up."""
        ahead = mid - self._given_up[stream_id] & _MASK
        if _HALF // 2 <= ahead < _HALF:
            del self._given_up[stream_id]  # long ago; it must be gone when the numbers wrap
        return ahead >= _HALF
