"""One direction of a wire: delay, jitter, loss, duplication, reordering, rate, queue and MTU."""

from collections import Counter, deque
from dataclasses import dataclass, field, replace
from math import ceil
from random import Random
from typing import Literal, Self

_IP_HEADER = 20
"""Bytes that every further fragment costs. RFC 791 §3.2."""

Loss = Literal["outage", "mtu", "loss", "burst", "queue"]


@dataclass(slots=True, eq=False)
class GilbertElliott:
    """Loss in bursts: a good and a bad state, each with a loss rate of its own.

    The state may change at each packet, before it is decided whether that packet is lost.
    """

    to_bad: float
    """Probability to leave the good state."""
    to_good: float
    """Probability to leave the bad state."""
    good_loss: float = 0.0
    bad_loss: float = 1.0
    bad: bool = False

    @classmethod
    def average(cls, loss: float, length: float) -> Self:
        """Lose the fraction `loss` of all packets, in bursts of `length` packets on average."""
        to_good = 1.0 / length
        return cls(to_bad=to_good * loss / (1.0 - loss), to_good=to_good)

    def lost(self, random: Random) -> bool:
        """Whether the next packet is lost."""
        if random.random() < (self.to_good if self.bad else self.to_bad):
            self.bad = not self.bad
        return random.random() < (self.bad_loss if self.bad else self.good_loss)


@dataclass(slots=True, eq=False, kw_only=True)
class Link:
    """Decides when, how often and whether a packet comes out at the other end.

    Every field may be changed at any time; packets that entered before keep their fate. The
    default is a perfect wire. One `Link` used in two places is one shared bottleneck.
    """

    delay: float = 0.0
    """Seconds from the end of the queue to the other end."""
    jitter: float = 0.0
    """Up to so many seconds more, uniform. Jitter alone never reorders."""
    loss: float = 0.0
    """Probability of independent loss."""
    burst: GilbertElliott | None = None
    """Loss in bursts, on top of `loss`."""
    duplicate: float = 0.0
    """Probability that a packet comes out more than once."""
    copies: int = 1
    """Largest number of extra copies of a duplicated packet, uniform from 1."""
    reorder: float = 0.0
    """Probability that a packet is held back for later ones to overtake it."""
    reorder_delay: float = 0.1
    """Up to so many seconds is such a packet held back, uniform."""
    rate: float | None = None
    """Bits per second, IP and UDP headers included; None is infinitely fast."""
    queue: int = 65536
    """Bytes that may wait for `rate`; what does not fit is dropped. An idle link takes anything."""
    bucket: int = 0
    """Bytes that pass at once after a pause, before `rate` applies: a token bucket."""
    mtu: int | None = None
    """Largest IP packet in bytes. Larger ones are fragmented where that is allowed, else they
    vanish without an ICMP message."""
    fragments: bool = True
    """Whether fragments get through; firewalls like to drop them."""
    interrupts: float = 0.0
    """Seconds between the moments at which the other end looks: all that arrived meanwhile comes
    out together, as of a network card, or for a busy process. 0 is at once."""
    outages: list[tuple[float, float]] = field(default_factory=list)
    """(start, end) of the windows in which nothing gets in, in network time."""

    entered: int = field(default=0, init=False)
    dropped: Counter[Loss] = field(default_factory=Counter, init=False)
    """How many packets were lost, by cause."""
    cause: Loss | None = field(default=None, init=False)
    """Why the most recent lost packet was lost."""
    _last: float = field(default=0.0, init=False)
    _busy: float = field(default=0.0, init=False)
    _queued: int = field(default=0, init=False)
    _departures: deque[tuple[float, int]] = field(default_factory=deque, init=False)

    def __post_init__(self) -> None:
        for name in ("loss", "duplicate", "reorder"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} {getattr(self, name)} is no probability")
        if self.rate is not None and self.rate <= 0:
            raise ValueError(f"rate {self.rate} is not positive")

    def copy(self) -> "Link":
        """A link with the same settings and nothing on it."""
        burst = self.burst and replace(self.burst)
        return replace(self, burst=burst, outages=list(self.outages))

    def blackhole(self, start: float, seconds: float) -> None:
        """Let nothing in from `start` on, in network time, for `seconds`."""
        self.outages.append((start, start + seconds))

    def accept(
        self, size: int, now: float, random: Random, *, dont_fragment: bool = True
    ) -> tuple[float, ...]:
        """Take a packet of `size` bytes; return when its copies come out, () when it is lost."""
        self.entered += 1
        pieces = 1
        if self.mtu is not None and size > self.mtu and self.fragments and not dont_fragment:
            pieces = _pieces(size, self.mtu)
            size += (pieces - 1) * _IP_HEADER
        cause = self._loss(size, now, random, pieces)
        leave = now
        if cause is None and self.rate is not None:
            leave = self._shape(size, now, self.rate)
            if leave < now:
                cause = "queue"
        if cause is not None:
            self.cause = cause
            self.dropped[cause] += 1
            return ()
        arrival = leave + self.delay
        if self.jitter:
            arrival += random.random() * self.jitter
        if self.reorder and random.random() < self.reorder:
            arrival += random.random() * self.reorder_delay
        elif arrival < self._last:
            arrival = self._last
        else:
            self._last = arrival
        if self.interrupts:
            arrival = ceil(arrival / self.interrupts) * self.interrupts
        if self.duplicate and random.random() < self.duplicate:
            return (arrival,) * (1 + random.randint(1, self.copies))
        return (arrival,)

    def _loss(self, size: int, now: float, random: Random, pieces: int) -> Loss | None:
        if self.outages and any(start <= now < end for start, end in self.outages):
            return "outage"
        if self.mtu is not None and size > self.mtu and pieces == 1:
            return "mtu"
        for _ in range(pieces):  # without all its fragments a packet is nothing
            if self.loss and random.random() < self.loss:
                return "loss"
            if self.burst is not None and self.burst.lost(random):
                return "burst"
        return None

    def _shape(self, size: int, now: float, rate: float) -> float:
        """When the last bit has left, or -1.0 when the queue is full."""
        departures = self._departures
        while departures and departures[0][0] <= now:
            self._queued -= departures.popleft()[1]
        if departures and self._queued + size > self.queue:
            return -1.0
        finish = max(self._busy, now - self.bucket * 8 / rate) + size * 8 / rate
        self._busy = finish
        leave = max(finish, now)
        departures.append((leave, size))
        self._queued += size
        return leave


def _pieces(size: int, mtu: int) -> int:
    """Fragments of a packet of `size` bytes: all but the last carry a multiple of 8. RFC 791."""
    return -(-(size - _IP_HEADER) // (mtu - _IP_HEADER & ~7))
