"""The keys of a telephone, pressed one by one while sound is held back. RFC 4733, webrtc-pc §7."""

from typing import Final

from webrtc.peer.media_section import MediaSection
from webrtc.rtp.codec import Codec
from webrtc.rtp.payload.events import TONES, Update, updates

INTERVAL: Final = 0.05
"""Seconds between two packets of one event. RFC 4733 §2.5.1.2"""
EVENT: Final = "telephone-event"


class Tone:
    """One key that is pressed: call `send` when it is `due`, until that is None."""

    def __init__(self, section: MediaSection, key: str, duration: float, now: float) -> None:
        """`duration` is in seconds. There has to be an `event_codec`."""
        self.due: float | None = now
        self._section = section
        self._began = now
        codec = event_codec(section)
        stream = section.sender.encodings[0].stream
        self._payload_type = -1 if codec is None else codec.payload_type
        self._timestamp = 0 if stream is None else stream.timestamp(now)
        self._rate = 8000 if codec is None else codec.clock_rate
        ticks, interval = round(duration * self._rate), round(INTERVAL * self._rate)
        self._updates = updates(TONES.index(key), ticks, interval)
        self._next: Update | None = next(self._updates)
        section.held = True

    def send(self, now: float) -> None:
        """Send what is due. The last packet lets the sound go on."""
        while self._next is not None and self.due is not None and self.due <= now:
            update = self._next
            timestamp = self._timestamp + update.offset & 0xFFFFFFFF
            sender, kind = self._section.sender, self._payload_type
            sent = sender.send_event(update.payload, timestamp, kind, now, marker=update.marker)
            self._next = next(self._updates, None) if sent else None
            self.due = None if self._next is None else self._began + self._next.due / self._rate
        if self.due is None:
            self.stop()

    def stop(self) -> None:
        """Release the key, whether or not the peer hears of it."""
        self.due = self._next = None
        self._section.held = False


def event_codec(section: MediaSection) -> Codec | None:
    """What keys are told with, at the clock rate of the sound or else 8000 Hz, if agreed on."""
    codecs = section.sender.terms.codecs if section.sends else ()
    found = {each.clock_rate: each for each in codecs if each.name.lower() == EVENT}
    return found.get(codecs[0].clock_rate, found.get(8000)) if found else None
