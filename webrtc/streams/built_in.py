"""The interceptors that every session has."""

from collections.abc import Callable
from random import Random

from webrtc.clock import Clock
from webrtc.interceptor.info import SessionInfo
from webrtc.interceptor.nack import NackGenerator
from webrtc.interceptor.noop import Interceptor
from webrtc.interceptor.pli import KeyFrameRequests
from webrtc.interceptor.remb import BitrateLimit
from webrtc.interceptor.reports import Reports
from webrtc.interceptor.rtx import RtxResponder
from webrtc.interceptor.send_time import SendTimes
from webrtc.interceptor.twcc import ArrivalRecorder, TransportNumbers


class BuiltIn:
    """Each by its name. They are in the way of those streams alone that have agreed on them."""

    def __init__(
        self,
        session: SessionInfo,
        random: Random,
        clock: Clock,
        resend: Callable[[int, int], bool],
    ) -> None:
        """`resend`: sends a packet once more as it was, by source and number."""
        self.recorder = ArrivalRecorder(session)
        self.reports = Reports(session, clock)
        self.nack = NackGenerator(session)
        self.rtx = RtxResponder(session, random, resend)
        self.keyframes = KeyFrameRequests(session)
        self.limit = BitrateLimit(session)
        self._stamps: list[Interceptor] = [TransportNumbers(), SendTimes(clock)]

    @property
    def all(self) -> list[Interceptor]:
        """All of them."""
        return [
            *self._stamps,
            self.recorder,
            self.reports,
            self.nack,
            self.rtx,
            self.keyframes,
            self.limit,
        ]
