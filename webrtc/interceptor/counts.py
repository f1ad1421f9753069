"""How often feedback was sent and received about each stream. webrtc-stats §8."""

from collections.abc import Iterator

from webrtc.interceptor.info import StreamInfo
from webrtc.interceptor.noop import Forward, Interceptor, Slot
from webrtc.rtcp import FullIntraRequest, GenericNack, PictureLossIndication, RtcpPacket


class Counts:
    """Messages about one stream."""

    __slots__ = ("firs", "nacks", "plis")

    def __init__(self) -> None:
        self.firs = self.nacks = self.plis = 0


class FeedbackCounts(Interceptor):
    """Counts messages about streams that are bound, and about no others."""

    slot: int = Slot.REPORTS
    reads = frozenset({FullIntraRequest, GenericNack, PictureLossIndication})

    def __init__(self) -> None:
        self.sent: dict[int, Counts] = {}
        """By the source that we receive."""
        self.received: dict[int, Counts] = {}
        """By the source that we send."""

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        self.sent.setdefault(stream.ssrc, Counts())
        return onward

    def bind_outbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        self.received.setdefault(stream.ssrc, Counts())
        return onward

    def unbind(self, ssrc: int) -> None:
        self.sent.pop(ssrc, None)
        self.received.pop(ssrc, None)

    def handle_rtcp(self, packet: RtcpPacket, now: float) -> None:  # noqa: ARG002
        _count(self.received, packet)

    def handle_sent(self, packet: RtcpPacket) -> None:
        """Called by the session with what it sends."""
        _count(self.sent, packet)


def _count(found: dict[int, Counts], packet: RtcpPacket) -> None:
    for counts in _about(found, packet):
        match packet:
            case GenericNack():
                counts.nacks += 1
            case PictureLossIndication():
                counts.plis += 1
            case FullIntraRequest():
                counts.firs += 1


def _about(found: dict[int, Counts], packet: RtcpPacket) -> Iterator[Counts]:
    """The streams that a message is about."""
    match packet:
        case GenericNack(media_ssrc=ssrc) | PictureLossIndication(media_ssrc=ssrc):
            ssrcs = [ssrc]
        case FullIntraRequest(requests=requests):
            ssrcs = [ssrc for ssrc, _ in requests]
        case _:
            ssrcs = []
    return (found[ssrc] for ssrc in ssrcs if ssrc in found)
