"""Telephone events: the digits of a keypad as packets. RFC 4733."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from webrtc.errors import DecodeError
from webrtc.rtp.payload.whole import whole_format

TELEPHONE_EVENT: Final = whole_format("telephone-event", 8000, sound=False)
TONES: Final = "0123456789*#ABCD"
"""The keys, each at the place of its event code. §3.2."""
VOLUME: Final = 10
"""In -dBm0, what a tone has unless the caller wants another."""
LONGEST: Final = 0xFFFF
"""Ticks of one segment. §2.5.1.3: what lasts longer goes on in another."""
REPETITIONS: Final = 3
"""How often the end is sent. §2.5.1.4"""

_PAYLOAD: Final = struct.Struct("!BBH")


@dataclass(frozen=True, slots=True)
class TelephoneEvent:
    """What one payload says."""

    code: int
    """0 to 15 are the `TONES`."""
    duration: int
    """So far, in ticks of the clock, from the timestamp of the packet on."""
    end: bool = False
    volume: int = VOLUME
    """In -dBm0, 0 to 63."""

    @classmethod
    def decode(cls, payload: bytes) -> Self:
        """Take a payload, of which the first event counts. Raises DecodeError."""
        if len(payload) < _PAYLOAD.size:
            raise DecodeError(f"telephone event of {len(payload)} bytes")
        code, flags, duration = _PAYLOAD.unpack_from(payload)
        return cls(code, duration, flags > 0x7F, flags & 0x3F)

    def encode(self) -> bytes:
        """The payload. Raises ValueError for what is out of range."""
        if not 0 <= self.volume <= 63:
            raise ValueError(f"volume of -{self.volume} dBm0")
        try:
            return _PAYLOAD.pack(self.code, self.end << 7 | self.volume, self.duration)
        except struct.error as error:
            raise ValueError(f"{self}: {error}") from None


class Update(NamedTuple):
    """One packet of an event."""

    due: int
    """When to send it, in ticks after the event's beginning."""
    offset: int
    """Of its timestamp, in ticks from that of the event's beginning."""
    marker: bool
    payload: bytes


def updates(code: int, duration: int, interval: int, volume: int = VOLUME) -> Iterator[Update]:
    """The packets of one event that lasts `duration` ticks, one in every `interval`.

    Each tells how long the event will have lasted when the next is due. The last one is there three
    times, an interval apart so that no burst of loss takes all: §2.5.1.4. Raises ValueError.
    """
    if duration < 1 or not 1 <= interval <= LONGEST:
        raise ValueError(f"event of {duration} ticks, told of every {interval}")
    offset = 0
    for due in range(0, duration + (REPETITIONS - 1) * interval, interval):
        lasted = min(due + interval, duration)
        if lasted - offset > LONGEST:
            # What another segment follows has no E bit: §2.5.1.3.
            whole = TelephoneEvent(code, LONGEST, volume=volume)
            yield Update(due, offset, False, whole.encode())  # noqa: FBT003 (a field)
            offset += LONGEST
        event = TelephoneEvent(code, lasted - offset, lasted == duration, volume)
        yield Update(due, offset, due == 0, event.encode())


class Listener:
    """Tells of each event once, by the first of its packets that comes."""

    def __init__(self) -> None:
        self._timestamp = 0
        self._last: TelephoneEvent | None = None

    def heard(self, timestamp: int, payload: bytes) -> TelephoneEvent | None:
        """The event of a packet if it is a new one. Raises DecodeError."""
        event, last = TelephoneEvent.decode(payload), self._last
        if last is not None:
            later = (timestamp - self._timestamp) & 0xFFFFFFFF
            if later >= 0x80000000:
                return None
            if later == 0 or (not last.end and event.code == last.code and not later % LONGEST):
                # More of it, perhaps in another segment.
                self._last = event if event.end or not last.end else last
                self._timestamp = timestamp
                return None
        self._timestamp, self._last = timestamp, event
        return event
