"""Puts the packets of a stream in order."""

from collections.abc import Callable
from typing import Final

from webrtc.interceptor.info import SessionInfo
from webrtc.interceptor.noop import Forward
from webrtc.rtp.packet import RtpPacket

MAX_PACKETS: Final = 2048
"""Packets that may wait behind a gap."""
MAX_BYTES: Final = 16 << 20
MAX_GAP: Final = 450
"""Packets that may be missing at once; a longer gap is given up where it is found."""
OUTAGE: Final = 0.5
"""Seconds of silence after which nobody has kept what is missing."""
STUCK: Final = (0.3, 1.0)
"""Seconds that a gap lasts at least, and at most, before a key frame is asked for beside it."""
_STUCK_ROUND_TRIPS: Final = 6


class PacketBuffer:
    """Hands on at once what comes in order, and holds back what comes behind a gap.

    A gap ends when its packets come, when nobody waits for them any longer, or when a key frame
    makes them needless. Nothing else is delayed.
    """

    def __init__(
        self,
        session: SessionInfo,
        kind: str,
        onward: Forward,
        starts_anew: Callable[[RtpPacket], bool],
        stuck: Callable[[float], None],
    ) -> None:
        """`starts_anew`: whether a decoder can begin with it; `stuck`: a gap lasts too long."""
        self.late = 0
        """Packets that came when they were given up."""
        self.given_up = 0
        """Packets that were waited for in vain."""
        self.deadline: float | None = None
        self.limit: float | None = None
        """Seconds that the longest wait is bounded to."""
        self._session = session
        self._kind = kind
        self._onward = onward
        self._starts_anew = starts_anew
        self._stuck = stuck
        self._expected = -1
        self._at = 0.0
        self._held: dict[int, tuple[RtpPacket, float]] = {}
        self._bytes = 0
        self._since = 0.0
        self._is_stuck = False

    @property
    def held(self) -> int:
        """How many packets wait."""
        return len(self._held)

    def take(self, packet: RtpPacket, now: float) -> None:
        """Take a packet as it comes."""
        sequence = packet.sequence_number
        if sequence == self._expected and not self._held:
            self._expected = sequence + 1 & 0xFFFF
            self._at = now
            self._onward(packet, now)
            return
        self._take_out_of_order(packet, sequence, now)
        self._at = now

    def handle_timeout(self, now: float) -> None:
        """Give up what is not worth waiting for. Harmless before the deadline."""
        while self.deadline is not None and self.deadline <= now:
            if not self._is_stuck and now < self._since + self._patience():
                self._set_stuck(now)
                self._arm()
            else:
                self._skip(now)

    def _take_out_of_order(self, packet: RtpPacket, sequence: int, now: float) -> None:
        if self._expected < 0:
            self._expected = sequence
        ahead = sequence - self._expected & 0xFFFF
        if ahead >= 0x8000 or sequence in self._held:
            self.late += 1
            return
        if ahead == 0:
            self._expected = sequence + 1 & 0xFFFF
            self._onward(packet, now)
            self._release(now)
            return
        if not self._held:
            self._open_gap(ahead, now)
        if self._is_stuck and self._starts_anew(packet):
            self._restart(sequence)
            self._expected = sequence + 1 & 0xFFFF
            self._onward(packet, now)
            self._release(now)
            return
        self._hold(packet, sequence, now)
        if ahead > MAX_GAP + len(self._held) or self._is_full():
            self._skip(now)
        elif self.deadline is None:
            self._arm()

    def _open_gap(self, ahead: int, now: float) -> None:
        self._since = now
        self._is_stuck = False
        if ahead > MAX_GAP or now - self._at > OUTAGE:
            self._set_stuck(now)

    def _hold(self, packet: RtpPacket, sequence: int, now: float) -> None:
        self._held[sequence] = packet, now
        self._bytes += len(packet.payload)

    def _is_full(self) -> bool:
        return len(self._held) > MAX_PACKETS or self._bytes > MAX_BYTES

    def _release(self, now: float) -> None:
        """Hand on what is in order up to the next gap."""
        held = self._held
        while held:
            entry = held.pop(self._expected, None)
            if entry is None:
                break
            self._bytes -= len(entry[0].payload)
            self._expected = self._expected + 1 & 0xFFFF
            self._onward(entry[0], now)
        self.deadline = None
        if held:
            self._since = held[self._first_held()][1]
            self._is_stuck = False
            self._arm()

    def _first_held(self) -> int:
        expected, held = self._expected, self._held
        for sequence in range(expected, expected + MAX_GAP):
            if sequence & 0xFFFF in held:
                return sequence & 0xFFFF
        # Behind a gap that no loss explains: there are fewer packets than numbers to look at.
        return min(held, key=lambda each: each - expected & 0xFFFF)

    def _skip(self, now: float) -> None:
        """Give up the oldest gap."""
        first = self._first_held()
        self.given_up += first - self._expected & 0xFFFF
        self._expected = first
        self._release(now)

    def _restart(self, sequence: int) -> None:
        """Give up all that is older than a packet."""
        self.given_up += sequence - self._expected & 0xFFFF
        for older in [each for each in self._held if sequence - each & 0xFFFF < 0x8000]:
            self._bytes -= len(self._held.pop(older)[0].payload)
            self.given_up -= 1

    def _set_stuck(self, now: float) -> None:
        self._is_stuck = True
        self._stuck(now)

    def _patience(self) -> float:
        patience = self._session.patience(self._kind)
        return patience if self.limit is None or patience < self.limit else self.limit

    def _arm(self) -> None:
        wait = self._patience()
        if not self._is_stuck:
            soon = _STUCK_ROUND_TRIPS * self._session.round_trip
            least, most = STUCK
            if soon < least:
                soon = least
            elif soon > most:
                soon = most
            if soon < wait:
                wait = soon
        self.deadline = self._since + wait
