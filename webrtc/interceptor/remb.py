"""Telling a peer how much it may send: REMB. draft-alvestrand-rmcat-remb-03."""

from typing import Final

from webrtc.interceptor.info import SessionInfo, StreamInfo
from webrtc.interceptor.noop import Forward, Interceptor, Slot
from webrtc.rtcp import ReceiverEstimatedMaximumBitrate

MAX_RECEIVE_BITRATE: Final = 2_500_000
"""Bits a second, where the application says nothing."""
INTERVAL: Final = 1.0
"""Seconds between two messages."""
MAX_SOURCES: Final = 255


class BitrateLimit(Interceptor):
    """Repeats once a second what a peer may send, if it has offered goog-remb and nothing better.

    It is a limit and not an estimate: what the way can carry the peer does not learn from it.
    """

    slot: int = Slot.REPORTS

    def __init__(self, session: SessionInfo) -> None:
        self._session = session
        self._bitrate = MAX_RECEIVE_BITRATE
        self._sources: dict[int, None] = {}

    @property
    def bitrate(self) -> int:
        """Bits a second, of all sources together."""
        return self._bitrate

    @bitrate.setter
    def bitrate(self, bitrate: int) -> None:
        if bitrate != self._bitrate:
            self._bitrate = bitrate
            self._soon()

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        if (
            stream.repairs is None
            and stream.wants("goog-remb")
            and not stream.wants("transport-cc")
        ):
            self._sources[stream.ssrc] = None
            self._soon()
        return onward

    def unbind(self, ssrc: int) -> None:
        self._sources.pop(ssrc, None)
        if not self._sources:
            self.deadline = None

    def handle_timeout(self, now: float) -> None:
        self.deadline = None
        if self._sources:
            sources = tuple(self._sources)[:MAX_SOURCES]
            self.rtcp.append(
                ReceiverEstimatedMaximumBitrate(self._session.ssrc, self._bitrate, sources)
            )
            self.deadline = now + INTERVAL

    def _soon(self) -> None:
        """At the next occasion: whoever binds a stream has just met its first packet."""
        if self._sources:
            self.deadline = 0.0
