"""The interceptors of a session in their order."""

from collections.abc import Iterable
from typing import NamedTuple

from webrtc.interceptor.info import StreamInfo
from webrtc.interceptor.noop import Forward, Interceptor, Slot
from webrtc.rtcp import RtcpPacket


class Entry(NamedTuple):
    """Where packets of a stream come into the chain."""

    first: Forward
    repaired: Forward
    """For packets that were lost and are restored: behind whoever records arrivals."""


class Chain:
    """Binds streams to interceptors, and gives RTCP packets to those who read them.

    Inbound is bound from the application to the wire, outbound from the wire to the application,
    so that each interceptor gets what is behind it. It meets no packets itself.
    """

    def __init__(self, interceptors: Iterable[Interceptor]) -> None:
        self._interceptors = sorted(interceptors, key=lambda each: each.slot)
        self.rtcp: list[RtcpPacket] = []
        """What is to be sent."""
        self._readers: dict[type, list[Interceptor]] = {}
        for each in self._interceptors:
            each.attach(self.rtcp)
            for kind in each.reads:
                self._readers.setdefault(kind, []).append(each)

    def bind_inbound(self, stream: StreamInfo, end: Forward) -> Entry:
        """Where received packets enter on their way to `end`."""
        forward = repaired = end
        for each in reversed(self._interceptors):
            forward = each.bind_inbound(stream, forward)
            if each.slot >= Slot.REPAIR:
                repaired = forward
        return Entry(forward, repaired)

    def bind_outbound(self, stream: StreamInfo, end: Forward) -> Forward:
        """Where packets to send enter on their way to `end`."""
        forward = end
        for each in self._interceptors:
            forward = each.bind_outbound(stream, forward)
        return forward

    def unbind(self, ssrc: int) -> None:
        """Let every interceptor forget a stream."""
        for each in self._interceptors:
            each.unbind(ssrc)

    def handle_rtcp(self, packet: RtcpPacket, now: float) -> None:
        """Give a packet to who reads its kind."""
        for each in self._readers.get(type(packet), ()):
            each.handle_rtcp(packet, now)

    def handle_timeout(self, now: float) -> None:
        """Let those act whose time has come."""
        for each in self._interceptors:
            if each.deadline is not None and each.deadline <= now:
                each.handle_timeout(now)

    def poll_timeout(self) -> float | None:
        """When the first of them has to act."""
        soonest = None
        for each in self._interceptors:
            deadline = each.deadline
            if deadline is not None and (soonest is None or deadline < soonest):
                soonest = deadline
        return soonest
