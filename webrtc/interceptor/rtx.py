"""Sending again what a receiver misses, as a stream of its own. RFC 4588."""

from collections.abc import Callable
from random import Random

from webrtc.interceptor.history import History
from webrtc.interceptor.info import SessionInfo, StreamInfo
from webrtc.interceptor.noop import Forward, Interceptor, Slot
from webrtc.rtcp import GenericNack, RtcpPacket


class RtxResponder(Interceptor):
    """Keeps what was sent, and sends it again on request.

    The stream that repairs is bound behind the one that it repairs. A packet is sent again once a
    round trip at most, and all of them together take no more than the stream itself has taken in
    the last seconds.
    """

    slot: int = Slot.REPAIR
    reads = frozenset({GenericNack})

    def __init__(
        self, session: SessionInfo, random: Random, resend: Callable[[int, int], bool]
    ) -> None:
        """`resend`: send a packet once more as it was, by source and number, if it is still kept.

        It is for streams that nothing repairs.
        """
        self._session = session
        self._resend = resend
        self._random = random
        self._streams: dict[int, History] = {}

    def bind_outbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        if stream.repairs is not None:
            repaired = self._streams.get(stream.repairs)
            if repaired is not None:
                repaired.rtx, repaired.rtx_onward = stream, onward
            return onward
        if not stream.wants("nack"):
            return onward
        first = self._random.randrange(1, 0x8000)
        history = self._streams[stream.ssrc] = History(
            self._session, stream, first, onward, self._resend
        )
        return history.take

    def unbind(self, ssrc: int) -> None:
        self._streams.pop(ssrc, None)

    def resent(self, ssrc: int) -> tuple[int, int]:
        """Packets, and bytes of their payloads, that were sent again of a stream."""
        history = self._streams.get(ssrc)
        return (history.packets, history.octets) if history is not None else (0, 0)

    def requests(self, ssrc: int) -> int:
        """Messages that asked for packets of a stream."""
        history = self._streams.get(ssrc)
        return history.requests if history is not None else 0

    def handle_rtcp(self, packet: RtcpPacket, now: float) -> None:
        if isinstance(packet, GenericNack):
            history = self._streams.get(packet.media_ssrc)
            if history is not None:
                history.repair(packet.lost, now)
