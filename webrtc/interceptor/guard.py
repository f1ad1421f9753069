"""A fence around an application's interceptor."""

import logging

from webrtc.interceptor.info import StreamInfo
from webrtc.interceptor.noop import Forward, Interceptor
from webrtc.rtcp import RtcpPacket
from webrtc.rtp.packet import RtpPacket

_log = logging.getLogger("webrtc.interceptor")


class Guard(Interceptor):
    """Keeps an interceptor that raises from stopping the media.

    It is then switched off for good, which is logged once, and packets go past it.
    """

    def __init__(self, guarded: Interceptor) -> None:
        self.slot = guarded.slot
        self.reads = guarded.reads
        self.off = False
        self._guarded = guarded

    def attach(self, rtcp: list[RtcpPacket]) -> None:
        super().attach(rtcp)
        try:
            self._guarded.attach(rtcp)
        except Exception:
            self._switch_off()

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        beyond = _Beyond(onward)
        try:
            forward = self._guarded.bind_inbound(stream, beyond.take)
        except Exception:
            self._switch_off()
            return onward
        return self._fenced(forward, beyond)

    def bind_outbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        beyond = _Beyond(onward)
        try:
            forward = self._guarded.bind_outbound(stream, beyond.take)
        except Exception:
            self._switch_off()
            return onward
        return self._fenced(forward, beyond)

    def unbind(self, ssrc: int) -> None:
        if not self.off:
            try:
                self._guarded.unbind(ssrc)
            except Exception:
                self._switch_off()

    def handle_rtcp(self, packet: RtcpPacket, now: float) -> None:
        if not self.off:
            try:
                self._guarded.handle_rtcp(packet, now)
                self.deadline = self._guarded.deadline
            except Exception:
                self._switch_off()

    def handle_timeout(self, now: float) -> None:
        if not self.off:
            try:
                self._guarded.handle_timeout(now)
                self.deadline = self._guarded.deadline
            except Exception:
                self._switch_off()

    def _fenced(self, forward: Forward, beyond: "_Beyond") -> Forward:
        if forward == beyond.take:
            return beyond.onward  # it does not want this stream

        def take(packet: RtpPacket, now: float) -> None:
            if self.off:
                beyond.onward(packet, now)
                return
            beyond.passed = False
            try:
                forward(packet, now)
                self.deadline = self._guarded.deadline
            except Exception:
                if beyond.inside:  # raised by somebody further on: not its fault
                    raise
                self._switch_off()
                if not beyond.passed:
                    beyond.onward(packet, now)

        return take

    def _switch_off(self) -> None:
        """Log the exception that is being handled, the first time."""
        if not self.off:
            self.off = True
            self.deadline = None
            _log.exception(
                "interceptor %s raised and is switched off", type(self._guarded).__name__
            )


class _Beyond:
    """What is behind the fence, and whether a packet has got there."""

    __slots__ = ("inside", "onward", "passed")

    def __init__(self, onward: Forward) -> None:
        self.onward = onward
        self.inside = False
        self.passed = False

    def take(self, packet: RtpPacket, now: float) -> None:
        self.passed = self.inside = True
        self.onward(packet, now)
        self.inside = False
