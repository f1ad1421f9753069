"""RTCDTMFSender. webrtc-pc §7."""

import asyncio
from typing import Final

from webrtc.aio.loop.emitter import Emitter, EventHandler
from webrtc.aio.loop.tasks import Tasks
from webrtc.aio.net.driver import Driver
from webrtc.errors import InvalidCharacterError, InvalidStateError
from webrtc.peer import PeerConnection
from webrtc.peer.events import RTCPeerConnectionState
from webrtc.peer.tones import Tone
from webrtc.peer.transceiver import Transceiver
from webrtc.util.webidl import number, text

DURATION: Final = (40, 6000)
"""Milliseconds of a tone, at least and at most."""
GAP: Final = (30, 6000)
"""Milliseconds between two tones."""
PAUSE: Final = 2.0
"""Seconds of a comma."""
_KEYS: Final = frozenset("0123456789ABCD#*,")


class RTCDTMFSender(Emitter):
    """Presses the keys of a telephone; sound is held back while one is down.

    Events: `tonechange` (the tone that begins, "" after the last).
    """

    ontonechange = EventHandler("tonechange")

    def __init__(self, core: PeerConnection, driver: Driver, transceiver: Transceiver) -> None:
        super().__init__(Tasks())
        self._core = core
        self._driver = driver
        self._transceiver = transceiver
        self._buffer = ""
        self._duration = self._gap = 0.0
        self._playing: asyncio.Handle | None = None
        self._tone: Tone | None = None
        self._sending: asyncio.Handle | None = None

    @property
    def can_insert_dtmf(self) -> bool:
        """Whether there is a connection, and sound that the peer takes telephone events beside."""
        connected = self._core.connection_state is RTCPeerConnectionState.CONNECTED
        return connected and self._core.media.can_press_keys(self._transceiver)

    @property
    def tone_buffer(self) -> str:
        """The tones that are still to come."""
        return self._buffer

    def insert_dtmf(self, tones: str, duration: float = 100, inter_tone_gap: float = 70) -> None:
        """Play tones, in place of those that are still to come; none ends it.

        `duration` and `inter_tone_gap` are milliseconds, bounded to 40 to 6000 and to 30 to 6000;
        a comma waits for two seconds. Raises InvalidStateError unless `can_insert_dtmf`,
        InvalidCharacterError for what is no key.
        """
        text("tones", tones)
        number("duration", duration)
        number("inter_tone_gap", inter_tone_gap)
        if not self.can_insert_dtmf:
            raise InvalidStateError("insert_dtmf() where no telephone events can be sent")
        tones = tones.upper()
        if wrong := set(tones) - _KEYS:
            raise InvalidCharacterError(f"no key of a telephone: {', '.join(sorted(wrong))!r:.80}")
        self._buffer = tones
        self._duration = _bounded(duration, DURATION)
        self._gap = _bounded(inter_tone_gap, GAP)
        if tones and self._playing is None:
            self._playing = self._loop.call_soon(self._play)

    def close(self) -> None:
        """Called by the connection: nothing is played any more."""
        for handle in (self._playing, self._sending):
            if handle is not None:
                handle.cancel()
        self._playing = self._sending = None
        if self._tone is not None:
            self._tone.stop()

    def _play(self) -> None:
        self._playing = None
        if not self.can_insert_dtmf:
            return
        if not self._buffer:
            self.emit("tonechange", "")
            return
        tone, self._buffer = self._buffer[0], self._buffer[1:]
        wait = PAUSE
        if tone != ",":
            wait = self._duration + self._gap
            now = self._driver.time()
            self._tone = self._core.media.press_key(self._transceiver, tone, self._duration, now)
            self._send()
        self._playing = self._loop.call_later(wait, self._play)
        self.emit("tonechange", tone)

    def _send(self) -> None:
        self._sending = None
        tone, now = self._tone, self._driver.time()
        if tone is None or tone.due is None:
            return
        tone.send(max(tone.due, now))  # a timer may be early by less than the clock can tell
        self._driver.flush_soon()
        if tone.due is not None:
            self._sending = self._loop.call_at(tone.due, self._send)


def _bounded(milliseconds: float, bounds: tuple[int, int]) -> float:
    """In seconds."""
    least, most = bounds
    return min(max(milliseconds, least), most) / 1000
