"""Asking for key frames: PLI where it is agreed on, else FIR. RFC 4585 §6.3.1, RFC 5104 §4.3.1."""

from typing import Final

from webrtc.interceptor.info import SessionInfo, StreamInfo
from webrtc.interceptor.noop import Forward, Interceptor, Slot
from webrtc.rtcp import FullIntraRequest, PictureLossIndication

LEAST_INTERVAL: Final = 0.05
"""Seconds between two requests, however short the way is."""
_PATIENT: Final = 10
_SLOW: Final = 1.0


class KeyFrameRequests(Interceptor):
    """Repeats a request once a round trip until a key frame comes.

    After ten tries it asks once a second: whoever has not answered is not there, or cannot.
    """

    slot: int = Slot.KEY_FRAMES

    def __init__(self, session: SessionInfo) -> None:
        self._session = session
        self._full: dict[int, bool] = {}  # by source: whether it takes FIR alone
        self._wanted: dict[int, _Request] = {}
        self._numbers: dict[int, int] = {}
        self._free: dict[int, float] = {}  # by source: when it may be asked again
        self._sent: dict[int, int] = {}

    def bind_inbound(self, stream: StreamInfo, onward: Forward) -> Forward:
        if stream.repairs is None:
            if stream.wants("nack pli"):
                self._full[stream.ssrc] = False
            elif stream.wants("ccm fir"):
                self._full[stream.ssrc] = True
        return onward

    def unbind(self, ssrc: int) -> None:
        self._full.pop(ssrc, None)
        self._wanted.pop(ssrc, None)
        self._numbers.pop(ssrc, None)
        self._free.pop(ssrc, None)
        self._sent.pop(ssrc, None)

    @property
    def sent(self) -> int:
        """Requests for all sources that are bound."""
        return sum(self._sent.values())

    def sent_for(self, ssrc: int) -> tuple[int, int]:
        """How many PLIs and how many FIRs a source was sent."""
        count = self._sent.get(ssrc, 0)
        return (0, count) if self._full.get(ssrc) else (count, 0)

    def request(self, ssrc: int, now: float) -> None:
        """Ask for a key frame of a source, unless that is being done."""
        if ssrc in self._full and ssrc not in self._wanted:
            self._numbers[ssrc] = self._numbers.get(ssrc, -1) + 1 & 0xFF
            request = self._wanted[ssrc] = _Request()
            request.due = self._free.get(ssrc, now)
            if request.due <= now:
                self._send(ssrc, request, now)
            else:
                self._arm(request.due)

    def asks(self, ssrc: int) -> bool:
        """Whether a key frame of a source is being asked for."""
        return ssrc in self._wanted

    def satisfied(self, ssrc: int) -> None:
        """Stop asking: a key frame has come, or is coming."""
        self._wanted.pop(ssrc, None)

    def handle_timeout(self, now: float) -> None:
        self.deadline = None
        for ssrc, request in self._wanted.items():
            if request.due <= now:
                self._send(ssrc, request, now)
            else:
                self._arm(request.due)

    def _send(self, ssrc: int, request: "_Request", now: float) -> None:
        if self._full[ssrc]:
            number = self._numbers[ssrc]
            self.rtcp.append(FullIntraRequest(self._session.ssrc, ((ssrc, number),)))
        else:
            self.rtcp.append(PictureLossIndication(self._session.ssrc, ssrc))
        self._sent[ssrc] = self._sent.get(ssrc, 0) + 1
        wait = self._session.round_trip
        if request.tries >= _PATIENT and wait < _SLOW:
            wait = _SLOW
        request.tries += 1
        request.due = now + (wait if wait > LEAST_INTERVAL else LEAST_INTERVAL)
        self._free[ssrc] = request.due
        self._arm(request.due)

    def _arm(self, due: float) -> None:
        if self.deadline is None or due < self.deadline:
            self.deadline = due


class _Request:
    __slots__ = ("due", "tries")

    def __init__(self) -> None:
        self.due = 0.0
        self.tries = 0
